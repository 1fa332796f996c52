//! The algorithms of the draft that take time, over ports to the world: network, store, locks, bus, clock and the
//! realm's JavaScript. What to do is decided by [`crate::model`]. Runs on the host against a simulated world.

mod complete_record;
mod context;
mod delivery;
mod fetch;
mod instances;
mod perform;
mod ports;
mod records;
mod registrations;
mod signals;
mod uid_map;
mod unstored;

pub use context::Engine;
pub use fetch::IncomingRequest;
pub use instances::ObservedFetch;
pub use ports::{
    Bus, ByteLength, Clock, Hint, HintKind, LockMode, Locks, Network, Realm, RecordChange, RequestedRecord,
    Run, Store, StoreError, StoredChunk, StoredResponse, WorkerState, World,
};
pub use records::ReadyResponse;
