use std::cell::{Cell, RefCell};

use super::notify::Notify;
use super::run::Run;
use super::{RequestAndBody, StoreError, World};

/// The next requests of a run, which are read many at a time.
pub struct LoadedRequests<B> {
    loaded: RefCell<Vec<(u32, RequestAndBody<B>)>>,
    is_loading: Cell<bool>,
    has_loaded: Notify,
}

impl<B> Default for LoadedRequests<B> {
    fn default() -> Self {
        Self { loaded: RefCell::default(), is_loading: Cell::default(), has_loaded: Notify::default() }
    }
}

impl<B> LoadedRequests<B> {
    /// The request of a record. Each is asked for once, and about in the order of their indices. One that cannot be
    /// read fails when it is sent.
    pub async fn take<W: World<Bytes = B>>(
        &self,
        run: &Run<W>,
        index: u32,
    ) -> Result<RequestAndBody<B>, StoreError> {
        const MOST: u32 = 64;
        loop {
            let has_loaded = self.has_loaded.notified();
            if let Some(request) = self.loaded_request(index) {
                return Ok(request);
            }
            if !self.is_loading.replace(true) {
                break;
            }
            has_loaded.await;
        }
        // Bodies may be large.
        let most = if run.row.upload_total.is_zero() { MOST } else { 1 };
        let loaded = run.store().requests(&run.fetch.uid, index, most).await;
        self.is_loading.set(false);
        self.has_loaded.notify();
        self.loaded.replace(loaded?);
        Ok(self.loaded_request(index).unwrap_or_default())
    }

    fn loaded_request(&self, index: u32) -> Option<RequestAndBody<B>> {
        let mut loaded = self.loaded.borrow_mut();
        let position = loaded.iter().position(|(other, _)| *other == index)?;
        Some(loaded.remove(position).1)
    }
}
