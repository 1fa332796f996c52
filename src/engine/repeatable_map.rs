use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;

use crate::model::UniqueId;

/// In the same order in every run, so that a simulated world can be replayed, and much smaller in wasm than a
/// `BTreeMap`.
pub type RepeatableMap<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// What a realm knows of each background fetch.
pub type UidMap<V> = RepeatableMap<UniqueId, V>;
