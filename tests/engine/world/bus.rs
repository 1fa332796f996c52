use std::rc::Rc;

use background_fetch_polyfill::engine::{Bus, Clock, Hint};
use background_fetch_polyfill::model::Millis;

use super::{Port, RealmId};

impl Bus for Port {
    fn post(&self, hint: &Hint) {
        let origin = &self.origin;
        let time = Millis(1 + origin.executor.below(15));
        // A channel keeps the order of its messages.
        let at = (origin.executor.now() + time).max(origin.last_hint.get());
        origin.last_hint.set(at);
        let receivers: Vec<RealmId> = origin.living_realms().filter(|realm| *realm != self.realm).collect();
        for realm in receivers {
            let (origin, hint) = (Rc::clone(origin), hint.clone());
            self.origin.executor.call_after(at.saturating_sub(self.origin.executor.now()), move || {
                // A page in the cache does not hear what was said meanwhile. One that is just frozen hears it later.
                if origin.suspended.borrow().contains(&realm) {
                    return;
                }
                if let Some(engine) = origin.engine(realm) {
                    origin.spawn(realm, async move { engine.handle_hint(hint).await });
                }
            });
        }
    }
}

impl Clock for Port {
    fn now(&self) -> Millis {
        let by = self.origin.clock_is_off_by.get();
        Millis(self.origin.executor.now().0.saturating_add_signed(by))
    }

    fn monotonic(&self) -> Millis {
        self.origin.executor.since_begin()
    }

    async fn sleep(&self, time: Millis) {
        self.origin.executor.sleep_in(self.realm, time).await;
    }

    fn random(&self) -> u32 {
        self.origin.executor.random() as u32
    }
}
