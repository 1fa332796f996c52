use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::{Event, IdbDatabase};

use super::clock::BrowserClock;
use super::database::open;
use super::errors::report;
use super::lifetime::Held;
use super::running_transactions::RunningTransactions;
use crate::engine::{Clock, Connection, First, Interruption, StoreError, race, unanswered};
use crate::model::ByteCount;

/// The connection of this realm to the database: opened when it is first needed, and again after it was given up, or
/// closed for another context that upgrades or deletes the database.
#[derive(Default)]
pub struct DatabaseConnection {
    opened: Rc<RefCell<Option<Opened>>>,
    pub running: Rc<RunningTransactions>,
    has_opened: Cell<bool>,
    /// Those that were given up.
    count: Cell<u32>,
    /// What transactions under way have been given to write.
    unwritten: Cell<ByteCount>,
    handle_loss: LossHandler,
}

/// Called when the database is gone, or may be.
type LossHandler = Rc<RefCell<Option<Box<dyn Fn()>>>>;

struct Opened {
    database: IdbDatabase,
    _held: Held,
}

impl DatabaseConnection {
    pub async fn database(&self) -> Result<IdbDatabase, StoreError> {
        if let Some(opened) = &*self.opened.borrow() {
            return Ok(opened.database.clone());
        }
        let (database, is_new) = open().await?;
        // Another call may have been quicker.
        if let Some(opened) = &*self.opened.borrow() {
            database.close();
            return Ok(opened.database.clone());
        }
        // It is another than before.
        if is_new && self.has_opened.replace(true) {
            call_handler(&self.handle_loss);
        }
        self.has_opened.set(true);
        let forget = Closure::<dyn FnMut(Event)>::new({
            let (current, database) = (Rc::downgrade(&self.opened), database.clone());
            let (running, handle_loss) = (Rc::downgrade(&self.running), Rc::downgrade(&self.handle_loss));
            move |event: Event| {
                let is_current = |opened: &mut Opened| opened.database == database;
                let opened = current.upgrade().and_then(|current| current.borrow_mut().take_if(is_current));
                if let (Some(_), Some(running)) = (opened, running.upgrade()) {
                    // The other waits for them.
                    running.abort_all();
                }
                database.close();
                // A newer version of the package keeps what is there.
                let is_upgrade =
                    Reflect::get(&event, &"newVersion".into()).is_ok_and(|version| version.is_truthy());
                if let Some(handle_loss) = handle_loss.upgrade().filter(|_| !is_upgrade) {
                    call_handler(&handle_loss);
                }
            }
        });
        let forget = forget.into_js_value();
        database.set_onversionchange(Some(forget.unchecked_ref()));
        database.set_onclose(Some(forget.unchecked_ref()));
        let opened = Opened { database: database.clone(), _held: Held::new(&database) };
        self.opened.borrow_mut().replace(opened);
        Ok(database)
    }

    /// `handle_loss` is called when the database is deleted, or the browser has closed it.
    pub fn watch(&self, handle_loss: impl Fn() + 'static) {
        self.handle_loss.replace(Some(Box::new(handle_loss)));
    }
}

fn call_handler(handler: &LossHandler) {
    if let Some(handler) = &*handler.borrow() {
        handler();
    }
}

impl Connection for DatabaseConnection {
    async fn usable(&self) {
        self.running.is_suspended.until(false).await;
    }

    async fn interrupted(&self) -> Interruption {
        let unanswered = unanswered(async |time| BrowserClock.sleep(time).await, &self.unwritten);
        match race(self.running.is_suspended.until(true), unanswered).await {
            First::Left(()) => Interruption::Suspended,
            First::Right(()) => Interruption::Unanswered,
        }
    }

    fn unwritten(&self) -> &Cell<ByteCount> {
        &self.unwritten
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
                report(&[
                    "the database does not answer, and is opened anew. What waits longest is a transaction over ",
                    &stores,
                    ".",
                ]);
            }
            self.running.abort_all();
        }
        // Not closed, so that it can still tell that the database is deleted. It is closed then.
        self.opened.take();
    }
}
