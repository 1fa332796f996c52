//! The algorithms of the draft that take time, over ports to the world: network, store, locks, bus, clock and the
//! realm's JavaScript. What to do is decided by [`crate::model`]. Runs on the host against a simulated world.
//!
//! Calls go down this list, and never up.

#[expect(clippy::module_inception, reason = "it is what the folder is named after")]
mod engine;

mod ownership;

mod deliver;
mod read;
mod run;

mod complete_record;
mod damage;
mod overlap;
mod receive;
mod silence;
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
    Read, Realm, ResponseBody, StoreError, StoredRow, Table, Transaction, WorkerState, World,
};
pub use read::{BodyReader, ReadyBody, ReadyResponse};
pub use sorted_map::SortedMap;
pub use store::{RecordChange, RequestedRecord, Store, StoredChunk, StoredResponse, StoredRun};
pub use store_call::{Connection, Interruption, Work, call, unanswered};
