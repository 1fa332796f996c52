use std::collections::BTreeMap;

use background_fetch_polyfill::engine::SortedMap;
use proptest::prelude::*;

use super::config;

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, u32),
    Change(u8, u32),
    Raise(u8),
    Remove(u8),
    Retain,
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..20_u8;
    prop_oneof![
        8 => (key.clone(), any::<u32>()).prop_map(|(key, value)| Step::Insert(key, value)),
        8 => (key.clone(), any::<u32>()).prop_map(|(key, value)| Step::Change(key, value)),
        4 => key.clone().prop_map(Step::Raise),
        8 => key.prop_map(Step::Remove),
        1 => Just(Step::Retain),
    ]
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn a_map_has_what_a_tree_has_after_any_steps(steps in prop::collection::vec(step(), 0..60)) {
        let mut map = SortedMap::<u8, u32>::default();
        let mut tree = BTreeMap::new();
        for step in steps {
            match step {
                Step::Insert(key, value) => prop_assert_eq!(map.insert(key, value), tree.insert(key, value)),
                Step::Change(key, value) => {
                    let before = map.change(key, |old| std::mem::replace(old, value));
                    prop_assert_eq!(before, tree.insert(key, value).unwrap_or_default());
                }
                Step::Raise(key) => {
                    map.get_mut(&key).into_iter().for_each(|value| *value ^= 1);
                    tree.get_mut(&key).into_iter().for_each(|value| *value ^= 1);
                }
                Step::Remove(key) => prop_assert_eq!(map.remove(&key), tree.remove(&key)),
                Step::Retain => {
                    map.retain(|value| value % 2 == 0);
                    tree.retain(|_, value| *value % 2 == 0);
                }
            }
            prop_assert!(map.values().eq(tree.values()));
            prop_assert!((0..20).all(|key| map.get(&key) == tree.get(&key)));
        }
    }

    #[test]
    fn a_map_of_entries_in_any_order_has_the_last_of_each_key(
        entries in prop::collection::vec((0..20_u8, any::<u32>()), 0..60),
    ) {
        let map: SortedMap<u8, u32> = entries.iter().copied().collect();
        let tree: BTreeMap<u8, u32> = entries.into_iter().collect();
        prop_assert!(map.values().eq(tree.values()));
    }
}
