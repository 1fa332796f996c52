use std::cell::{Cell, RefCell};

use futures_channel::oneshot::{Receiver, Sender, channel};
use futures_util::FutureExt;
use futures_util::future::Shared;

use super::Run;
use super::sorted_map::SortedMap;
use crate::model::{BackgroundFetch, ByteCount, Millis, Progress, RegistrationState};

/// A background fetch while this realm runs it.
pub struct Performance {
    pub fetch: BackgroundFetch,
    pub runner: u32,
    /// When something came of it for the last time.
    pub active_at: Cell<Millis>,
    /// When somebody found that nothing had come for long.
    pub doubted_at: Cell<Option<Millis>>,
    /// Bytes of each record that were received, stored or not.
    received: RefCell<SortedMap<u32, ByteCount>>,
    received_total: Cell<ByteCount>,
    is_paused: Cell<bool>,
    /// Records without a result.
    unfinished: Cell<u32>,
    /// Those of them that wait for the network.
    waiting: Cell<u32>,
    /// Whether that was told.
    is_waiting: Cell<bool>,
    interrupt: RefCell<Option<Sender<()>>>,
    interrupted: Shared<Receiver<()>>,
}

impl Performance {
    pub fn new(run: &Run) -> Self {
        let received: SortedMap<u32, ByteCount> =
            run.records.iter().map(|(index, record)| (*index, record.length)).collect();
        let received_total = run.records.iter().map(|(_, record)| record.length).sum();
        let finished = run.records.iter().filter(|(_, record)| record.result.is_some()).count();
        let (interrupt, interrupted) = channel();
        Self {
            fetch: run.fetch.clone(),
            runner: run.progress.runner,
            active_at: Cell::new(run.fetch.active_at(&run.progress)),
            doubted_at: Cell::new(run.progress.doubted_at),
            received: RefCell::new(received),
            received_total: Cell::new(received_total),
            is_paused: Cell::new(run.fetch.is_paused),
            unfinished: Cell::new(run.fetch.request_count.saturating_sub(finished as u32)),
            waiting: Cell::default(),
            is_waiting: Cell::default(),
            interrupt: RefCell::new(Some(interrupt)),
            interrupted: interrupted.shared(),
        }
    }

    /// Notes how much of a record is received; whether the caller's `downloadTotal` admits so much.
    pub fn admits(&self, index: u32, received: ByteCount) -> bool {
        let before = self.received.borrow_mut().insert(index, received).unwrap_or_default();
        self.received_total.set(self.received_total.get().saturating_sub(before) + received);
        self.fetch.admits(self.received_total.get())
    }

    /// Whether a record of this length could be received in full.
    pub fn would_admit(&self, index: u32, total: ByteCount) -> bool {
        let before = self.received.borrow().get(&index).copied().unwrap_or_default();
        self.fetch.admits(self.received_total.get().saturating_sub(before) + total)
    }

    pub fn handle_pause(&self, is_paused: bool) {
        self.is_paused.set(is_paused);
    }

    /// A record begins to wait for the network, or something is heard of it.
    pub fn count_waiting(&self, waits: bool) {
        let waiting = self.waiting.get();
        self.waiting.set(if waits { waiting + 1 } else { waiting.saturating_sub(1) });
    }

    pub fn count_finished(&self) {
        self.unfinished.set(self.unfinished.get().saturating_sub(1));
    }

    /// Whether all that are on their way at the same time wait for the network, where that was not told yet.
    pub fn news_of_waiting(&self, connections: u32) -> Option<bool> {
        let at_once = self.unfinished.get().min(connections.max(1));
        let is_waiting = at_once > 0 && self.waiting.get() >= at_once;
        (self.is_waiting.replace(is_waiting) != is_waiting).then_some(is_waiting)
    }

    /// What the instances are to show.
    pub fn state(&self, progress: &Progress) -> RegistrationState {
        let is_paused = self.is_paused.get();
        let is_waiting = self.is_waiting.get() && !is_paused;
        RegistrationState { is_paused, is_waiting, ..self.fetch.state(progress) }
    }

    /// What nobody is to see: bytes that are on their way to the disk.
    pub fn unstored_state(&self) -> RegistrationState {
        let progress = Progress { downloaded: self.received_total.get(), ..Progress::default() };
        self.fetch.state(&progress)
    }

    /// Stops it in order: what has come is stored, and what cannot be sent again is waited for.
    pub fn interrupt(&self) {
        // A dropped sender wakes its receivers.
        self.interrupt.take();
    }

    pub fn is_interrupted(&self) -> bool {
        self.interrupt.borrow().is_none()
    }

    pub fn interrupted(&self) -> Shared<Receiver<()>> {
        self.interrupted.clone()
    }
}
