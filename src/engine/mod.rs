//! The algorithms of the draft that take time, over ports to the world: network, store, locks, bus, clock and the
//! realm's JavaScript. What to do is decided by [`crate::model`]. Runs on the host against a simulated world.
//!
//! The files are listed in the order from the API to the ports, and calls go down this list. The exceptions:
//! - `local_fetch` holds the `Ownership` of its fetch, and `run` asks it whether to hand over, and tells it what is
//!   stored.
//! - `run` has the requests that are loaded, and `loaded_requests` asks it which they are.
//! - `complete_record` and `receive` call one another, and both call `run`: `run` keeps what records have in common.
//! - `local_fetch` and `progress` use each other: both are parts of `LocalFetch`.
//! - `ports` names types of `store` and `store_call`: a world has a store, and a database is a connection.

#[expect(clippy::module_inception, reason = "it is what the folder is named after")]
mod engine;

mod ownership;

mod deliver;
mod read;
mod run;

mod commits;
mod complete_record;
mod damage;
mod loaded_requests;
mod overlap;
mod parts;
mod receive;
mod sample;
mod silence;
mod slots;
mod split;
mod unstored;

mod local_fetch;
mod progress;

mod context;

mod store;
mod store_call;

mod connections;
mod notify;
mod ports;
mod sorted_map;

pub use engine::{Engine, FetchCall, IncomingRequest, Shown};
pub use local_fetch::ObservedFetch;
pub use notify::{First, Flag, Notified, Notify, Task, race};
pub use ports::{
    Bus, ByteHandle, Clock, Database, Found, Hint, HintKind, Keys, Limit, LockMode, Locks, Mode, Network,
    Read, Realm, ResponseBody, SMALLEST_FILE, StoreError, StoredRow, Table, Transaction, WorkerState, World,
};
pub use read::{BodyReader, ReadyBody, ReadyResponse};
pub use sorted_map::SortedMap;
pub use store::{
    Commit, RecordChange, RequestAndBody, RequestedRecord, Store, StoredChunk, StoredResponse, StoredRun,
};
pub use store_call::{Connection, Interruption, Work, call, unanswered};
