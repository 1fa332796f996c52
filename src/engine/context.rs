use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::body_reader::Holds;
use super::connections::Connections;
use super::delivery::Delivery;
use super::instances::{Instance, Publication};
use super::signals::Signals;
use super::sorted_map::UidMap;
use super::suspension::Suspension;
use super::turns::Turn;
use super::{Bus, Clock, Hint, HintKind, Locks, Realm, Store, World};
use crate::model::{Millis, Settings, UniqueId};

/// The engine of one realm. Any number of realms of an origin run one each, over the same database.
pub struct Engine<W: World>(pub(super) Rc<Context<W>>);

impl<W: World> Clone for Engine<W> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

pub(super) struct Context<W: World> {
    pub world: W,
    pub settings: Settings,
    pub instances: RefCell<UidMap<Instance<<W::Locks as Locks>::Guard>>>,
    pub publications: RefCell<UidMap<Publication>>,
    /// What keeps the bytes of a fetch for those who read them in this realm.
    pub holds: RefCell<Holds<<W::Locks as Locks>::Guard>>,
    pub deliveries: RefCell<UidMap<Delivery>>,
    /// Progress of a fetch, in this realm or told by another.
    pub progressed: Signals,
    /// A command to the runner of a fetch.
    pub commanded: Signals,
    pub turns: RefCell<UidMap<Turn>>,
    pub connections: Rc<Connections>,
    pub suspension: Suspension,
    last_created: Cell<Millis>,
}

impl<W: World> Engine<W> {
    pub fn new(world: W, settings: Settings) -> Self {
        Self(Rc::new(Context {
            world,
            settings,
            instances: RefCell::default(),
            publications: RefCell::default(),
            holds: RefCell::default(),
            deliveries: RefCell::default(),
            progressed: Signals::default(),
            commanded: Signals::default(),
            turns: RefCell::default(),
            connections: Rc::default(),
            suspension: Suspension::default(),
            last_created: Cell::default(),
        }))
    }

    pub fn world(&self) -> &W {
        &self.0.world
    }

    /// Gives up every lock and connection: the page is going away, for ever or into the back/forward cache. Whether it
    /// ran a fetch.
    pub fn suspend(&self) -> bool {
        self.0.suspension.begin();
        let ran = self.give_up_turns();
        self.0.publications.borrow_mut().clear();
        let holds = std::mem::take(&mut *self.0.holds.borrow_mut());
        holds.values().filter_map(Weak::upgrade).for_each(|hold| hold.release());
        self.stop_observing();
        ran
    }

    /// The page is back from the back/forward cache, and knows it at once: it may go again before the future is polled.
    pub fn resume(&self) -> impl Future<Output = ()> + 'static {
        self.0.suspension.end();
        let engine = self.clone();
        async move {
            // What was said meanwhile was not heard here.
            engine.0.progressed.notify_all();
            engine.observe_again().await;
            engine.adopt().await;
        }
    }

    pub async fn handle_hint(&self, hint: Hint) {
        match hint.kind {
            HintKind::Registered if self.realm().adopts() => {
                // A page lives longer than the worker that may have begun it.
                self.claim(hint.uid);
            }
            HintKind::Registered => {}
            HintKind::Progressed => {
                self.hear_of_runner(&hint.uid);
                self.refresh_instance(&hint.uid).await;
                self.wake(&hint.uid, hint.records);
            }
            HintKind::Commanded => self.0.commanded.notify(&hint.uid),
            HintKind::Claimed => self.make_room(&hint.uid),
            HintKind::RollCall => self.answer_roll_call(&hint.uid),
            HintKind::Present => self.hear_of_runner(&hint.uid),
        }
    }

    /// A new uid. The time in it never repeats within a realm, so that the order of creation is that of the uids.
    pub(super) fn new_uid(&self) -> (UniqueId, Millis) {
        let created = self.clock().now().max(self.0.last_created.get() + Millis(1));
        self.0.last_created.set(created);
        (UniqueId::new(created, self.clock().random()), created)
    }

    pub(super) fn tell(&self, kind: HintKind, uid: &UniqueId) {
        self.0.world.bus().post(&Hint { kind, uid: uid.clone(), records: None });
    }

    /// There is news of these records, or of the fetch as a whole: wakes who waits for it, here and in the other realms.
    pub(super) fn tell_progress(&self, uid: &UniqueId, records: Option<Vec<u32>>) {
        self.0.world.bus().post(&Hint {
            kind: HintKind::Progressed,
            uid: uid.clone(),
            records: records.clone(),
        });
        self.wake(uid, records);
    }

    fn wake(&self, uid: &UniqueId, records: Option<Vec<u32>>) {
        match records {
            Some(indices) => self.0.progressed.notify_records(uid, indices),
            None => self.0.progressed.notify(uid),
        }
    }

    pub(super) fn store(&self) -> &Store<W::Database> {
        self.0.world.store()
    }

    pub(super) fn network(&self) -> &W::Network {
        self.0.world.network()
    }

    pub(super) fn locks(&self) -> &W::Locks {
        self.0.world.locks()
    }

    pub(super) fn clock(&self) -> &W::Clock {
        self.0.world.clock()
    }

    pub(super) fn realm(&self) -> &W::Realm {
        self.0.world.realm()
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }
}
