use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::bus::BroadcastBus;
use super::clock::BrowserClock;
use super::host::Host;
use super::realm::HostRealm;
use super::{Bytes, FetchNetwork, IndexedDb, WebLocks};
use crate::engine::{Store, World};

/// The engine's world in a browser.
pub struct Browser {
    network: FetchNetwork,
    store: Store<IndexedDb>,
    locks: WebLocks,
    bus: Rc<BroadcastBus>,
    clock: BrowserClock,
    realm: HostRealm,
}

impl Browser {
    pub fn new(host: Host) -> Result<Self, JsValue> {
        Ok(Self {
            network: FetchNetwork::new(),
            store: Store::new(IndexedDb::default()),
            locks: WebLocks::default(),
            bus: Rc::new(BroadcastBus::open()?),
            clock: BrowserClock,
            realm: HostRealm::new(host),
        })
    }

    pub fn shared_bus(&self) -> Rc<BroadcastBus> {
        Rc::clone(&self.bus)
    }
}

impl World for Browser {
    type Bytes = Bytes;
    type Network = FetchNetwork;
    type Database = IndexedDb;
    type Locks = WebLocks;
    type Bus = BroadcastBus;
    type Clock = BrowserClock;
    type Realm = HostRealm;

    fn network(&self) -> &FetchNetwork {
        &self.network
    }

    fn store(&self) -> &Store<IndexedDb> {
        &self.store
    }

    fn locks(&self) -> &WebLocks {
        &self.locks
    }

    fn bus(&self) -> &BroadcastBus {
        &self.bus
    }

    fn clock(&self) -> &BrowserClock {
        &self.clock
    }

    fn realm(&self) -> &HostRealm {
        &self.realm
    }
}
