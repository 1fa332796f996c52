//! What the owner of a fetch tells of it: shown in its own realm, and told to the others.

use std::rc::Rc;

use super::local_fetch::LocalFetch;
use super::{Clock, World};
use crate::model::{Millis, RegistrationState};

/// The newest state of a fetch that this realm owns, and what of it is not shown yet.
#[derive(Default)]
pub struct ProgressThrottle {
    /// To be shown when the interval is over.
    due: Option<RegistrationState>,
    /// The records that changed since; `None` where it may be any of them.
    records: Option<Vec<u32>>,
    shown_at: Option<Millis>,
}

impl<W: World> LocalFetch<W> {
    /// Shows a state here and in the other realms. A result is shown at once, and so is a state if none was shown for
    /// the progress interval. Any other is shown when the interval is over. `record`: the one that changed.
    pub fn publish(self: &Rc<Self>, state: RegistrationState, record: Option<u32>) {
        let now = self.context.clock().monotonic();
        let interval = self.context.settings.progress_interval;
        let is_settled = state.settled;
        let (wait, is_timed) = {
            let throttle = &mut *self.throttle.borrow_mut();
            let is_timed = throttle.due.replace(state).is_some();
            if !is_timed {
                throttle.records = Some(Vec::new());
            }
            throttle.records = throttle.records.take().zip(record).map(|(mut records, index)| {
                if !records.contains(&index) {
                    records.push(index);
                }
                records
            });
            let next = throttle.shown_at.map(|shown_at| shown_at + interval);
            (next.unwrap_or_default().saturating_sub(now), is_timed)
        };
        if is_settled || wait == Millis::default() {
            self.show_progress();
        } else if !is_timed {
            let fetch = Rc::clone(self);
            self.context.spawn(async move {
                fetch.context.clock().sleep(wait).await;
                fetch.show_progress();
            });
        }
    }

    /// Shows what is due: this realm does not own the fetch any more.
    pub fn end_progress(&self) {
        self.show_progress();
        self.throttle.take();
    }

    fn show_progress(&self) {
        let (state, records) = {
            let throttle = &mut *self.throttle.borrow_mut();
            let Some(state) = throttle.due.take() else { return };
            throttle.shown_at = Some(self.context.clock().monotonic());
            (state, throttle.records.take())
        };
        self.show(&state);
        self.tell_progress(records);
    }
}
