use std::cell::Cell;
use std::rc::Rc;

use background_fetch_polyfill::engine::Store;
use background_fetch_polyfill::model::{Millis, UniqueId};

#[path = "../store_contract/mod.rs"]
mod contract;

use crate::world::{Content, Origin, RealmId, SimulatedDatabase, Simulation, Version};

struct InMemory {
    origin: Rc<Origin>,
    realm: RealmId,
    count: Cell<u32>,
}

impl contract::Surroundings for InMemory {
    type Database = SimulatedDatabase;

    fn store(&self) -> Store<SimulatedDatabase> {
        Store::new(SimulatedDatabase::new(Rc::clone(&self.origin), self.realm))
    }

    fn uid(&self) -> UniqueId {
        self.count.set(self.count.get() + 1);
        UniqueId::new(Millis(1), self.count.get())
    }

    fn bytes(&self, start: u64, length: u64) -> Content {
        let bytes = Content { start, ..Content::whole(Version(0), start + length) };
        assert_eq!(bytes.version.byte_at(start), contract::byte_at(start));
        bytes
    }
}

macro_rules! test_each {
    ($($name:ident,)*) => {
        $(
            #[test]
            fn $name() {
                let simulation = Simulation::new(1);
                simulation.origin.tables.borrow_mut().is_unchecked = true;
                let page = simulation.open_realm();
                let in_memory =
                    InMemory { origin: Rc::clone(&simulation.origin), realm: page.realm, count: Cell::new(0) };
                page.run(contract::$name(in_memory));
            }
        )*
    };
}

contract::for_each_test!(test_each);
