use background_fetch_polyfill::model::{Error, EventKind, FailureReason, Stage, UniqueId};

use super::surroundings::RandomWorld;
use crate::world::{Content, Fault, ServedFile, Told, is_of_store};

impl RandomWorld {
    pub fn check_promises(&self) {
        self.check_nothing_is_left();
        self.check_bodies();
        let uids: Vec<UniqueId> = self.simulation.origin.tables.borrow().history.keys().cloned().collect();
        let begun = self.fetches.iter().filter_map(|promise| promise.take()?.ok());
        let begun: Vec<UniqueId> = begun.map(|fetch| fetch.uid).collect();
        assert!(begun.iter().all(|uid| uids.contains(uid)), "fetch() resolved and nothing is stored");
        for uid in uids {
            let is_told_of = self.simulation.told().iter().any(|told| told.uid == uid);
            // One that was stored and could not be read again was refused, and deleted.
            let is_refused = self.breaks_store && !begun.contains(&uid);
            if is_told_of || !is_refused {
                self.check_fetch(&uid);
            }
        }
        for name in &self.uploads {
            let requests = self.simulation.resource(name, |resource| resource.requests.len());
            assert!(requests <= 1, "an upload is sent twice");
        }
    }

    /// Some time after the trouble is over, and while those that are frozen still are.
    pub fn check_all_are_told(&self) {
        let tables = self.simulation.origin.tables.borrow();
        for rows in tables.fetches.values() {
            assert_eq!(rows.fetch.stage, Stage::Delivered, "it takes too long: {:?}", rows.fetch);
        }
    }

    /// What is being read of a fetch stays until it is read, unless a page could not hold it.
    fn check_bodies(&self) {
        let told = self.simulation.told();
        for (realm, uid, error) in self.simulation.origin.broken_bodies.borrow().iter() {
            let last = told.iter().rfind(|told| told.uid == *uid);
            // Of a record that began anew, or a body that was not begun to be read before the event was over.
            let is_rightful = matches!(error, Error::RecordRestarted | Error::RecordsUnavailable)
                || self.breaks_store && is_of_store(error);
            let was_held = !self.disturbed.contains(realm) && !is_rightful;
            let is_success = last.is_some_and(|told| told.kind == EventKind::Success);
            assert!(!(was_held && is_success), "a body in {realm:?} ends with {error:?}");
        }
    }

    fn check_nothing_is_left(&self) {
        let origin = &self.simulation.origin;
        assert!(self.simulation.is_empty(), "rows are left in the database");
        assert!(origin.servers.connections.borrow().is_empty(), "a connection is left open");
        assert_eq!(origin.locks.names(), Vec::<String>::new(), "a lock is left");
        for (page, promise) in &self.waiting {
            assert!(promise.is_settled(), "a promise of {:?} never settles", page.realm);
        }
        for (page, promise) in &self.reading {
            let Some(read) = promise.get() else { panic!("a body in {:?} never ends", page.realm) };
            assert!(read.is_err() || read.is_ok_and(|read| read.is_whole), "a body is cut short");
        }
    }

    fn check_fetch(&self, uid: &UniqueId) {
        let told: Vec<Told> = self.simulation.told().into_iter().filter(|told| told.uid == *uid).collect();
        let Some(last) = told.last() else { panic!("nothing is told of {uid}") };
        assert!(last.is_handled, "the handler of {uid} did not come to its end");
        for other in &told {
            assert_eq!(
                (other.kind, &other.state),
                (last.kind, &last.state),
                "told differently the second time"
            );
        }
        let may_repeat = self.kills_workers || self.fails_commits || self.breaks_store;
        assert!(told.len() == 1 || may_repeat, "an event is dispatched {} times", told.len());
        self.check_abort(uid, last.kind);
        let expected = match last.kind {
            EventKind::Success => last.state.failure_reason.is_none(),
            EventKind::Abort => last.state.failure_reason == Some(FailureReason::Aborted),
            EventKind::Fail => !matches!(last.state.failure_reason, None | Some(FailureReason::Aborted)),
        };
        assert!(expected, "{last:?}");
        let is_lost = last.state.failure_reason == Some(FailureReason::FetchError);
        assert!(!is_lost || self.may_lose_requests(), "what the network did has ended {uid}: {last:?}");
        if last.kind == EventKind::Success {
            let read: u64 = last.lengths().iter().sum();
            assert_eq!((last.state.downloaded.0, last.state.uploaded), (read, last.state.upload_total));
            assert!(last.responses.iter().flatten().all(|response| response.status < 300));
        }
        for response in last.responses.iter().flatten() {
            let length = response.content.map_or(0, Content::len);
            assert!(response.is_whole, "a file is cut short after {length} bytes");
        }
    }

    /// The servers forbid them or stay with what cannot be used: a file that had bytes and has none looks like one
    /// whose headers were cut. Uploads are not sent a second time.
    fn may_lose_requests(&self) -> bool {
        let is_useless = |file: &ServedFile| file.is_forbidden || file.is_changed && file.length == 0;
        let loses = |name: &String| {
            self.simulation.resource(name, |resource| match &resource.second_server {
                _ if is_useless(&resource.file) => true,
                // Two servers that have different files are not asked for ever.
                Some(Fault::OtherFile(_)) => true,
                // While another record comes to the good server, one may come to the other as often as it tries.
                Some(_) => self.asked_for.iter().filter(|other| *other == name).count() > 1,
                None => false,
            })
        };
        !self.uploads.is_empty() || self.files.iter().any(loses)
    }

    /// Who died while it waited for its answer may have aborted or not, and so may whom the database did not answer.
    fn check_abort(&self, uid: &UniqueId, kind: EventKind) {
        let aborts = self.aborts.iter().filter(|(other, _)| other == uid);
        let answers: Vec<_> = aborts.map(|(_, promise)| promise.get()).collect();
        let times = answers.iter().filter(|answer| **answer == Some(Ok(true))).count();
        assert!(times <= 1, "aborted twice");
        let is_unknown = answers.iter().any(|answer| matches!(answer, None | Some(Err(_))));
        assert!(kind == EventKind::Abort || times == 0, "aborted, and told {kind:?}");
        assert!(kind != EventKind::Abort || times == 1 || is_unknown, "nobody aborted it");
    }
}
