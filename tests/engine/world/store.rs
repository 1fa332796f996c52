use std::cell::Cell;
use std::rc::Rc;

use background_fetch_polyfill::engine::{
    Connection, Database, Interruption, Mode, StoreError, Table, unanswered,
};
use background_fetch_polyfill::model::{ByteCount, UniqueId};

use super::transactions::SimulatedTransaction;
use super::{BrokenPort, Content, Origin, RealmId, Version};

/// The database as one realm sees it.
pub struct SimulatedDatabase {
    origin: Rc<Origin>,
    realm: RealmId,
    unwritten: Cell<ByteCount>,
}

impl SimulatedDatabase {
    pub fn new(origin: Rc<Origin>, realm: RealmId) -> Self {
        Self { origin, realm, unwritten: Cell::default() }
    }
}

impl Connection for SimulatedDatabase {
    async fn usable(&self) {}

    async fn interrupted(&self) -> Interruption {
        if BrokenPort::SilenceIsNotNoticed.is_broken() {
            std::future::pending::<()>().await;
        }
        let sleep = async |time| self.origin.executor.sleep_in(self.realm, time).await;
        unanswered(sleep, &self.unwritten).await;
        Interruption::Unanswered
    }

    fn unwritten(&self) -> &Cell<ByteCount> {
        &self.unwritten
    }

    fn number(&self) -> u32 {
        self.origin.transactions.connection_number(self.realm)
    }

    fn give_up(&self, number: u32, aborts: bool) {
        if !BrokenPort::ConnectionsAreKept.is_broken() {
            self.origin.transactions.give_up_connection(self.realm, number, aborts);
        }
    }
}

impl Database for SimulatedDatabase {
    type Bytes = Content;
    type Transaction = SimulatedTransaction;

    async fn begin(&self, tables: &[Table], mode: Mode) -> Result<SimulatedTransaction, StoreError> {
        SimulatedTransaction::begin(&self.origin, self.realm, tables, mode).await
    }

    async fn join(&self, _: &UniqueId, pieces: &[Content]) -> Result<Content, StoreError> {
        Content::join(pieces.iter().copied()).ok_or(StoreError::Failed("a chunk without pieces".into()))
    }

    async fn in_other_form(&self, _: &Content) -> Result<Option<Content>, StoreError> {
        Ok(None)
    }

    fn prefer_other_form(&self, _: &UniqueId) {}

    fn unreadable(&self) -> Content {
        Content { version: Version(0), start: 0, end: 0, is_torn: true }
    }

    fn report_dropped(&self, table: Table, key: &str) {
        self.origin.reports.borrow_mut().push(format!("{table:?}: {key}"));
    }
}
