//! The algorithms of the draft that take time, over ports to the world: network, store, locks, bus, clock and the
//! realm's JavaScript. What to do is decided by [`crate::model`]. Runs on the host against a simulated world.

mod body_reader;
mod complete_record;
mod connections;
mod context;
mod damage;
mod delivery;
mod fetch;
mod instances;
mod overlap;
mod perform;
mod performance;
mod ports;
mod receive;
mod records;
mod registrations;
mod signals;
mod silence;
mod sorted_map;
mod store;
mod store_call;
mod suspension;
mod turns;
mod unstored;

pub use body_reader::BodyReader;
pub use context::Engine;
pub use fetch::IncomingRequest;
pub use instances::{ObservedFetch, Shown};
pub use ports::{
    Bus, ByteHandle, Clock, Database, Found, Hint, HintKind, Keys, Limit, LockMode, Locks, Mode, Network,
    Read, Realm, StoreError, StoredRow, Table, Transaction, WorkerState, World,
};
pub use records::{ReadyBody, ReadyResponse};
pub use sorted_map::SortedMap;
pub use store::{RecordChange, RequestedRecord, Run, Store, StoredChunk, StoredResponse};
pub use store_call::{Connection, Interruption, Work, call, unanswered};
