use super::{ByteHandle, Engine, HintKind, ObservedFetch, Realm, StoreError, World};
use crate::model::{BackgroundFetch, ByteCount, Error, Options, RawRequest, StoredRequest, check_requests};

/// A request as the facade took it over from the caller.
pub struct IncomingRequest {
    pub request: StoredRequest,
    /// The text that the caller gave, if it was a text.
    pub text: Option<String>,
}

impl<W: World> Engine<W> {
    /// The checks of [fetch()](https://wicg.github.io/background-fetch/#background-fetch-manager-fetch) that come before
    /// the bodies are read. `is_whole` is false where the requests end because the next one could not be built.
    pub fn check_fetch(&self, requests: &[IncomingRequest], is_whole: bool) -> Result<(), Error> {
        if is_whole && requests.is_empty() {
            return Err(Error::NoRequests);
        }
        check_requests(
            requests.iter().map(|raw| RawRequest { request: &raw.request, text: raw.text.as_deref() }),
        )
    }

    /// Whether a fetch with this id could begin: everything that is known before the bodies are read.
    /// `has_active_worker`: of the registration, at the call.
    pub async fn admit_fetch(
        &self,
        scope: &str,
        has_active_worker: bool,
        id: &str,
        options: &Options,
    ) -> Result<(), Error> {
        if id.is_empty() {
            return Err(Error::EmptyId);
        }
        if !self.is_active(scope, has_active_worker).await {
            return Err(Error::NoActiveWorker);
        }
        if !self.realm().is_permitted().await {
            return Err(Error::PermissionDenied);
        }
        if self.store().find(scope, id).await.map_err(reject)?.is_some() {
            return Err(Error::DuplicateId);
        }
        let available = self.realm().available_storage().await;
        if available.is_some_and(|available| options.download_total > available) {
            return Err(Error::QuotaExceeded);
        }
        Ok(())
    }

    /// The last part of [fetch()](https://wicg.github.io/background-fetch/#background-fetch-manager-fetch): stores the
    /// fetch and starts it. Two contexts that come with the same id at the same time are told apart by the database.
    pub async fn fetch(
        &self,
        scope: String,
        id: String,
        mut requests: Vec<(StoredRequest, Option<W::Bytes>)>,
        options: Options,
    ) -> Result<ObservedFetch, Error> {
        for (request, body) in &mut requests {
            request.body_length = body.as_ref().map_or(ByteCount::ZERO, ByteHandle::length);
        }
        let (uid, created) = self.new_uid();
        let mut fetch = BackgroundFetch::new(uid, scope, id, options, created);
        fetch.request_count = u32::try_from(requests.len()).unwrap_or(u32::MAX);
        fetch.has_uploads = requests.iter().any(|(request, _)| !request.is_get());
        fetch.upload_total = requests.iter().map(|(request, _)| request.body_length).sum();
        if let Err(error) = self.store().register(&fetch, &requests).await {
            if error == StoreError::Unanswered {
                // It may be stored all the same, a moment from now.
                let (engine, uid) = (self.clone(), fetch.uid.clone());
                self.realm().spawn(async move {
                    let _ = engine.store().purge(&uid).await;
                });
            }
            return Err(reject(error));
        }
        let observed = match self.observe(&fetch.uid).await {
            Ok(observed) => observed.ok_or(Error::StorageFailed)?,
            Err(error) => {
                // What was refused must not be there. Where it cannot be helped, it is at least run.
                if self.store().purge(&fetch.uid).await.is_err() {
                    self.join_queue(fetch.uid);
                }
                return Err(reject(error));
            }
        };
        // This context first, then the others wait behind it.
        self.join_queue(fetch.uid.clone());
        self.tell(HintKind::Registered, &fetch.uid);
        Ok(observed)
    }
}

/// A store's error as a promise's rejection.
pub(super) fn reject(error: StoreError) -> Error {
    match error {
        StoreError::Duplicate => Error::DuplicateId,
        StoreError::QuotaExceeded => Error::QuotaExceeded,
        StoreError::Newer => Error::NewerDatabase,
        StoreError::Unanswered => Error::StorageUnanswered,
        StoreError::Fenced | StoreError::Failed(_) => Error::StorageFailed,
    }
}
