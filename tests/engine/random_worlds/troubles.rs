use background_fetch_polyfill::model::{Millis, UniqueId};

use super::surroundings::RandomWorld;
use crate::world::Page;

impl RandomWorld {
    pub fn make_trouble(&mut self) {
        self.begin_fetch();
        for _ in 0..3 + self.below(25) {
            self.pass_time();
            match self.below(15) {
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
                11 => self.wait_for_response(),
                12 => self.observe(),
                13 if self.takes_locks_away => self.take_lock_away(),
                _ => {}
            }
        }
    }

    /// All is well from now on, and somebody is there to see to it.
    pub fn recover(&mut self) {
        self.simulation.origin.servers.set_offline(false);
        self.simulation.origin.transactions.failures.set(0);
        while !self.suspended.is_empty() {
            self.resume_page();
        }
        // What was registered in the moment of its realm's death is found by a page that loads.
        self.pages.push(self.simulation.open_page());
        self.recovered_at = self.simulation.now();
        self.simulation.run();
    }

    fn pass_time(&self) {
        match self.below(4) {
            0 => self.simulation.run_for(Millis(self.below(3000))),
            1 => drop(self.simulation.take_steps(self.below(500))),
            _ => drop(self.simulation.take_steps(self.below(60))),
        }
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
        self.waiting.retain(|(page, _)| page.realm != killed.realm);
        self.reading.retain(|(page, _)| page.realm != killed.realm);
    }

    fn suspend_page(&mut self) {
        if self.pages.is_empty() {
            return;
        }
        let page = self.pages.remove(self.below(self.pages.len() as u64) as usize);
        page.suspend();
        self.suspended.push(page);
    }

    fn resume_page(&mut self) {
        if let Some(page) = self.suspended.pop() {
            page.resume();
            self.pages.push(page);
        }
    }

    fn toggle_network(&self) {
        let servers = &self.simulation.origin.servers;
        servers.set_offline(!servers.is_offline());
    }

    fn fail_commits(&self) {
        self.simulation.origin.transactions.failures.set(1 + self.below(3) as u32);
    }

    /// The runner does not notice, and goes on.
    fn take_lock_away(&self) {
        if let Some((_, uid)) = self.page_and_uid() {
            self.simulation.origin.locks.steal(&format!("background-fetch:{uid}"));
        }
    }

    fn abort(&mut self) {
        let Some((page, uid)) = self.page_and_uid() else { return };
        let (engine, target) = (page.engine.clone(), uid.clone());
        let promise = page.begin(async move { engine.abort(&target).await });
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
