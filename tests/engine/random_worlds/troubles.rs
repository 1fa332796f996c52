use background_fetch_polyfill::model::{Command, Millis, UniqueId};

use super::surroundings::RandomWorld;
use crate::world::{Page, Transactions};

const LONGEST_HOLD_UP: u64 = 200_000;

impl RandomWorld {
    pub fn make_trouble(&mut self) {
        self.begin_fetch();
        for _ in 0..3 + self.below(25) {
            self.pass_time();
            match self.below(28) {
                0 | 1 => self.begin_fetch(),
                2 => self.open_page(),
                3 => self.kill_page(),
                4 => {
                    self.kill_page();
                    self.open_page();
                }
                5 => self.suspend_page(),
                6 => self.resume_page(),
                7 => self.abort(),
                8 if self.kills_workers => self.simulation.worker().kill(),
                9 => self.toggle_network(),
                10 if self.fails_commits => self.fail_commits(),
                11 | 20 => self.wait_for_response(),
                12 => self.observe(),
                13 if self.takes_locks_away => self.take_lock_away(),
                14 | 15 => self.pause_or_resume(),
                16 => self.close_page(),
                17 if self.freezes_pages => self.freeze_page(),
                18 if self.kills_workers => self.crash_browser(),
                19 => self.simulation.origin.servers.signal_retry(),
                21 => self.set_clock(),
                22 | 23 => self.lose_servers(),
                24 if self.breaks_store => self.end_connection(),
                25 if self.breaks_store => self.hold_store_up(),
                26 if self.breaks_store => self.silence_commits(),
                27 if std::mem::take(&mut self.hurries_workers) => self.kill_handlers(),
                _ => {}
            }
        }
    }

    /// All is well from now on, and somebody is there to see to it.
    pub fn recover(&mut self) {
        self.simulation.origin.servers.set_offline(false);
        self.simulation.origin.servers.are_unreachable.set(false);
        self.simulation.origin.transactions.failures.set(0);
        self.simulation.origin.transactions.silences.set(0);
        while !self.suspended.is_empty() {
            self.resume_page();
        }
        // What was registered in the moment of its realm's death is found by a page that loads.
        self.pages.push(self.simulation.open_page());
        if self.breaks_store {
            // Those who hold it up come to an end.
            self.simulation.run_for(Millis(LONGEST_HOLD_UP + 60_000));
        }
        self.recovered_at = self.simulation.now();
        self.resume_all();
        // Those that are frozen hold nobody up but those that wait for what they read.
        self.simulation.run_for(Millis::from_seconds(2 * 3600));
        self.check_all_are_told();
        self.frozen.drain(..).for_each(|page| page.thaw());
        self.simulation.run();
    }

    fn resume_all(&self) {
        let uids: Vec<UniqueId> = self.simulation.origin.tables.borrow().fetches.keys().cloned().collect();
        let Some(page) = self.pages.last() else { return };
        for uid in uids {
            page.resume_fetch(&uid);
        }
    }

    fn pass_time(&self) {
        match self.below(4) {
            0 => self.simulation.run_for(Millis(self.below(3000))),
            1 => self.take_steps(self.below(500)),
            _ => self.take_steps(self.below(60)),
        }
    }

    /// Where there is nothing to do, time does not jump to when the fetches have become stale.
    fn take_steps(&self, count: u64) {
        let limit = self.simulation.now() + Millis::from_seconds(600);
        (0..count).all(|_| self.simulation.origin.executor.step(limit));
    }

    fn open_page(&mut self) {
        if self.pages.len() < 5 {
            self.pages.push(self.simulation.open_page());
        }
    }

    fn kill_page(&mut self) {
        if self.pages.is_empty() {
            return;
        }
        let killed = self.pages.remove(self.below(self.pages.len() as u64) as usize);
        killed.kill();
        self.forget(&killed);
    }

    fn close_page(&mut self) {
        if self.pages.is_empty() {
            return;
        }
        let closed = self.pages.remove(self.below(self.pages.len() as u64) as usize);
        closed.close();
        self.forget(&closed);
    }

    fn forget(&mut self, gone: &Page) {
        self.waiting.retain(|(page, _)| page.realm != gone.realm);
        self.reading.retain(|(page, _)| page.realm != gone.realm);
    }

    /// Thawed at the end, or by chance before.
    fn freeze_page(&mut self) {
        if let Some(page) = self.frozen.pop() {
            page.thaw();
        } else if let Some(page) = self.pick(&self.pages).cloned() {
            self.disturbed.insert(page.realm);
            page.freeze();
            self.frozen.push(page);
        }
    }

    fn pause_or_resume(&mut self) {
        let Some((page, uid)) = self.page_and_uid() else { return };
        let engine = page.engine.clone();
        let pauses = self.once_in(2);
        let promise = page.begin(async move {
            let _ = if pauses {
                engine.command(&uid, Command::Pause).await
            } else {
                engine.command(&uid, Command::Resume).await
            };
        });
        self.waiting.push((page, promise));
    }

    /// All at once. What was handed over to the disk last may be there by half.
    fn crash_browser(&mut self) {
        let pages = std::mem::take(&mut self.pages);
        for page in pages.iter().chain(&self.suspended) {
            page.kill();
            self.waiting.retain(|(other, _)| other.realm != page.realm);
            self.reading.retain(|(other, _)| other.realm != page.realm);
        }
        self.suspended.clear();
        self.frozen.clear();
        loop {
            self.simulation.worker().kill();
            self.simulation.run_for(Millis::from_seconds(1));
            // A message that was on its way may have started it once more.
            if !self.simulation.worker_runs() {
                break;
            }
        }
        let uids: Vec<UniqueId> = self.simulation.origin.tables.borrow().fetches.keys().cloned().collect();
        if let Some(uid) = self.pick(&uids) {
            self.simulation.origin.tables.borrow_mut().tear_last(uid);
        }
        self.open_page();
    }

    fn suspend_page(&mut self) {
        if self.pages.is_empty() {
            return;
        }
        let page = self.pages.remove(self.below(self.pages.len() as u64) as usize);
        if self.frozen.iter().any(|frozen| frozen.realm == page.realm) {
            self.pages.push(page);
            return;
        }
        self.disturbed.insert(page.realm);
        page.suspend();
        self.suspended.push(page);
    }

    fn resume_page(&mut self) {
        if let Some(page) = self.suspended.pop() {
            page.resume();
            self.pages.push(page);
        }
    }

    /// Every worker ends while it handles an event, thirty times.
    fn kill_handlers(&self) {
        for _ in 0..30 {
            let told = self.simulation.origin.told.borrow().len();
            let limit = self.simulation.now() + Millis::from_seconds(2 * 3600);
            while self.simulation.origin.told.borrow().len() == told {
                if !self.simulation.origin.executor.step(limit) {
                    return;
                }
            }
            self.simulation.worker().kill();
        }
    }

    fn toggle_network(&self) {
        let servers = &self.simulation.origin.servers;
        servers.set_offline(!servers.is_offline());
    }

    /// For longer than any attempts are counted, often.
    fn lose_servers(&mut self) {
        let servers = &self.simulation.origin.servers;
        servers.are_unreachable.set(!servers.are_unreachable.get());
        if self.once_in(2) {
            self.simulation.run_for(Millis::from_seconds(self.below(3600)));
        }
    }

    /// As users and time servers do it.
    fn set_clock(&self) {
        const DAY: u64 = 24 * 3600 * 1000;
        self.simulation.origin.clock_is_off_by.set(self.below(2 * DAY).cast_signed() - DAY.cast_signed());
    }

    fn fail_commits(&self) {
        self.simulation.origin.transactions.failures.set(1 + self.below(3) as u32);
    }

    fn end_connection(&self) {
        let Some(page) = self.pick(&self.pages) else { return };
        self.simulation.origin.transactions.end_connection(page.realm, || self.once_in(2));
    }

    fn hold_store_up(&self) {
        Transactions::hold_up(&self.simulation.origin, Millis(self.below(LONGEST_HOLD_UP)));
    }

    fn silence_commits(&self) {
        self.simulation.origin.transactions.silences.set(1 + self.below(2) as u32);
    }

    /// The runner does not notice, and goes on.
    fn take_lock_away(&self) {
        if let Some((_, uid)) = self.page_and_uid() {
            self.simulation.origin.locks.take_away(&format!("background-fetch:{uid}"));
        }
    }

    fn abort(&mut self) {
        let Some((page, uid)) = self.page_and_uid() else { return };
        let (engine, target) = (page.engine.clone(), uid.clone());
        let promise = page.begin(async move { engine.command(&target, Command::Abort).await });
        self.aborts.push((uid, promise));
    }

    fn observe(&mut self) {
        let Some((page, uid)) = self.page_and_uid() else { return };
        let engine = page.engine.clone();
        let promise = page.begin(async move { drop(engine.observe(&uid).await) });
        self.waiting.push((page, promise));
    }

    fn wait_for_response(&mut self) {
        let Some((page, uid)) = self.page_and_uid() else { return };
        let (index, takes) = (self.below(4) as u32, Millis(self.below(3000)));
        let promise = page.begin_slow_response(&uid, index, takes);
        self.reading.push((page, promise));
    }

    fn page_and_uid(&self) -> Option<(Page, UniqueId)> {
        let uids: Vec<UniqueId> = self.simulation.origin.tables.borrow().history.keys().cloned().collect();
        Some((self.pick(&self.pages)?.clone(), self.pick(&uids)?.clone()))
    }
}
