use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Event, IdbDatabase, IdbTransaction, IdbTransactionMode};

use super::lifetime::Held;
use crate::engine::Flag;

/// The transactions of this realm that have not ended, and those that wait for the page to be back.
///
/// A transaction that is under way when its page goes into the back/forward cache stays under way in WebKit (2.50) as
/// long as the page is kept there, and holds up every other page. In Firefox (153) it ends, and its events are lost
/// (<https://github.com/w3c/IndexedDB/issues/381>). So it is aborted, and what it was for is done when the page is
/// back.
pub struct RunningTransactions {
    running: Rc<RefCell<Vec<Running>>>,
    has_ended: Closure<dyn FnMut(Event)>,
    /// The page is in the back/forward cache, or on its way there.
    pub is_suspended: Flag,
}

/// One that breaks off in the middle of a transaction must not leave it: the half that was asked for would be stored.
struct Running {
    transaction: IdbTransaction,
    stores: String,
    _held: Held,
}

impl RunningTransactions {
    pub fn new() -> Self {
        let running = Rc::<RefCell<Vec<Running>>>::default();
        let has_ended = Closure::<dyn FnMut(Event)>::new({
            let running = Rc::clone(&running);
            move |event: Event| {
                let ended = event.current_target();
                running.borrow_mut().retain(|running| Some(running.transaction.as_ref()) != ended.as_ref());
            }
        });
        Self { running, has_ended, is_suspended: Flag::default() }
    }

    pub fn begin(
        &self,
        database: &IdbDatabase,
        stores: &[&str],
        mode: IdbTransactionMode,
    ) -> Result<IdbTransaction, JsValue> {
        let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
        let transaction = database.transaction_with_str_sequence_and_mode(&names, mode)?;
        for end in ["complete", "abort"] {
            transaction.add_event_listener_with_callback(end, self.has_ended.as_ref().unchecked_ref())?;
        }
        self.running.borrow_mut().push(Running {
            _held: Held::new(&transaction),
            transaction: transaction.clone(),
            stores: stores.join(", "),
        });
        Ok(transaction)
    }

    /// Aborts them all, at once: what comes after an await may come too late.
    pub fn suspend(&self) {
        self.abort_all();
        self.is_suspended.set(true);
    }

    pub fn resume(&self) {
        self.is_suspended.set(false);
    }

    pub fn abort_all(&self) {
        for running in self.running.take() {
            // Fails where it has just ended.
            let _ = running.transaction.abort();
        }
    }

    /// The stores of the one that was begun first.
    pub fn first_stores(&self) -> Option<String> {
        self.running.borrow().first().map(|running| running.stores.clone())
    }
}

impl Default for RunningTransactions {
    fn default() -> Self {
        Self::new()
    }
}
