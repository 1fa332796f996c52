use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;

use crate::model::UniqueId;

/// What a realm knows of each background fetch. In the same order in every run, so that a simulated world can be
/// replayed, and much smaller in wasm than a `BTreeMap`.
pub type UidMap<V> = HashMap<UniqueId, V, BuildHasherDefault<DefaultHasher>>;
