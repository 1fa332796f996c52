use super::fetch::reject;
use super::{Clock, Engine, HintKind, ObservedFetch, Realm, StoreError, WorkerState, World};
use crate::model::{BackgroundFetch, Error, UniqueId};

impl<W: World> Engine<W> {
    /// [get()](https://wicg.github.io/background-fetch/#background-fetch-manager-get). Like Chromium, it finds nothing
    /// without an active worker, and refuses the empty id.
    pub async fn get(
        &self,
        scope: &str,
        has_active_worker: bool,
        id: &str,
    ) -> Result<Option<ObservedFetch>, Error> {
        if !self.is_active(scope, has_active_worker).await {
            return Ok(None);
        }
        if id.is_empty() {
            return Err(Error::EmptyId);
        }
        match self.store().find(scope, id).await.map_err(reject)? {
            Some(uid) => self.observe(&uid).await.map_err(reject),
            None => Ok(None),
        }
    }

    /// [getIds()](https://wicg.github.io/background-fetch/#background-fetch-manager-get-ids).
    pub async fn ids(&self, scope: &str, has_active_worker: bool) -> Result<Vec<String>, Error> {
        if !self.is_active(scope, has_active_worker).await {
            return Ok(Vec::new());
        }
        let active = self.store().active(scope).await.map_err(reject)?;
        Ok(active.into_iter().map(|fetch| fetch.id).collect())
    }

    /// Whether a call may use a registration: it had an active worker at the call, while the engine may have been started
    /// long after that, and it has not been unregistered since.
    pub(super) async fn is_active(&self, scope: &str, has_active_worker: bool) -> bool {
        has_active_worker && self.realm().worker_state(scope).await == WorkerState::Active
    }

    /// [abort()](https://wicg.github.io/background-fetch/#background-fetch-registration-abort): whether this call is
    /// the one that ended the fetch.
    pub async fn abort(&self, uid: &UniqueId) -> Result<bool, Error> {
        self.command(uid, BackgroundFetch::abort).await
    }

    /// Stops a fetch until it is resumed, also over restarts: whether this call is the one that did. What came up to now
    /// is kept. A request that cannot be sent again and is on its way goes on.
    pub async fn pause(&self, uid: &UniqueId) -> Result<bool, Error> {
        self.command(uid, BackgroundFetch::pause).await
    }

    /// Lets a paused fetch go on: whether this call is the one that did.
    pub async fn resume_fetch(&self, uid: &UniqueId) -> Result<bool, Error> {
        self.command(uid, |fetch| fetch.resume(self.clock().now())).await
    }

    async fn command(
        &self,
        uid: &UniqueId,
        change: impl Fn(&mut BackgroundFetch) -> bool,
    ) -> Result<bool, Error> {
        let changed = self.store().update(uid, |fetch, progress| {
            // Who paused it for long knows why nothing came.
            progress.doubted_at = None;
            change(fetch)
        });
        let changed = changed.await.map_err(reject)?;
        // Told also where nothing has changed: a page that was left before it could tell finds its own change done.
        let Some(changed) = changed else { return Ok(false) };
        self.0.commanded.notify(uid);
        self.tell(HintKind::Commanded, uid);
        // A pause is shown also where nobody runs the fetch.
        self.refresh_instance(uid).await;
        self.tell_progress(uid, Some(Vec::new()));
        Ok(changed)
    }

    /// Forgets the fetches of a registration that is no more, without events.
    pub async fn purge_scope(&self, scope: &str) -> Result<(), Error> {
        let fetches: Vec<BackgroundFetch> = self.store().all().await.map_err(reject)?;
        for fetch in fetches.iter().filter(|fetch| fetch.scope == scope) {
            self.purge(&fetch.uid).await.map_err(reject)?;
        }
        Ok(())
    }

    /// Ends the runner, the instances and whoever waits for a response, in every context.
    pub(super) async fn purge(&self, uid: &UniqueId) -> Result<(), StoreError> {
        self.store().purge(uid).await?;
        self.end_records(uid);
        self.0.commanded.notify(uid);
        self.tell(HintKind::Commanded, uid);
        self.tell_progress(uid, None);
        Ok(())
    }
}
