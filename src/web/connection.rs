use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::{Either, select};
use wasm_bindgen::prelude::*;
use web_sys::IdbDatabase;

use super::clock::BrowserClock;
use super::database::open;
use super::lifetime::LastCall;
use super::running_transactions::RunningTransactions;
use crate::engine::{Connection, Interruption, StoreError, call, unanswered};
use crate::model::ByteCount;

/// The connection of this realm to the database: opened when it is first needed, and again after it was given up, or closed
/// for another context that upgrades or deletes the database.
#[derive(Default)]
pub struct DatabaseConnection {
    opened: Rc<RefCell<Option<Opened>>>,
    pub running: Rc<RunningTransactions>,
    /// Those that were given up.
    count: Cell<u32>,
    /// What transactions under way have been given to write.
    unwritten: Cell<ByteCount>,
}

struct Opened {
    database: IdbDatabase,
    _last_call: Option<LastCall>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.database.set_onversionchange(None);
        self.database.set_onclose(None);
        // What is under way is ended in order.
        self.database.close();
    }
}

impl DatabaseConnection {
    pub async fn database(&self) -> Result<IdbDatabase, StoreError> {
        if let Some(opened) = &*self.opened.borrow() {
            return Ok(opened.database.clone());
        }
        let database = open().await?;
        // Another call may have been quicker.
        if let Some(opened) = &*self.opened.borrow() {
            database.close();
            return Ok(opened.database.clone());
        }
        let forget = Closure::<dyn FnMut()>::new({
            let (current, database) = (Rc::downgrade(&self.opened), database.clone());
            let running = Rc::downgrade(&self.running);
            move || {
                let is_current = |opened: &mut Opened| opened.database == database;
                let opened = current.upgrade().and_then(|current| current.borrow_mut().take_if(is_current));
                if let (Some(_), Some(running)) = (opened, running.upgrade()) {
                    // The other waits for them.
                    running.abort_all();
                }
            }
        });
        let forget = forget.into_js_value();
        database.set_onversionchange(Some(forget.unchecked_ref()));
        database.set_onclose(Some(forget.unchecked_ref()));
        let last_call = LastCall::to_method(&database, "close");
        self.opened.borrow_mut().replace(Opened { database: database.clone(), _last_call: last_call });
        Ok(database)
    }

    /// See [`call`].
    pub async fn call<T>(&self, work: impl AsyncFn() -> Result<T, StoreError>) -> Result<T, StoreError> {
        call(self, &Cell::new(false), work).await
    }

    /// What takes time to write.
    pub fn writing(&self, length: ByteCount) -> Writing<'_> {
        self.unwritten.set(self.unwritten.get() + length);
        Writing(self, length)
    }
}

pub struct Writing<'a>(&'a DatabaseConnection, ByteCount);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.unwritten.set(self.0.unwritten.get().saturating_sub(self.1));
    }
}

impl Connection for DatabaseConnection {
    async fn usable(&self) {
        self.running.until_suspended_is(false).await;
    }

    async fn interrupted(&self) -> Interruption {
        let suspended = std::pin::pin!(self.running.until_suspended_is(true));
        let unanswered = std::pin::pin!(unanswered(&BrowserClock, || self.unwritten.get()));
        match select(suspended, unanswered).await {
            Either::Left(_) => Interruption::Suspended,
            Either::Right(_) => Interruption::Unanswered,
        }
    }

    fn number(&self) -> u32 {
        self.count.get()
    }

    fn give_up(&self, number: u32, aborts: bool) {
        if number != self.count.get() {
            return;
        }
        self.count.set(number.wrapping_add(1));
        if aborts {
            if let Some(stores) = self.running.first_stores() {
                let message = format!(
                    "background-fetch-polyfill: the database does not answer, and is opened anew. What waits longest is a \
                     transaction over {stores}."
                );
                web_sys::console::error_1(&message.into());
            }
            self.running.abort_all();
        }
        self.opened.take();
    }
}
