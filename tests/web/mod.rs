//! One suite for every kind of realm.

mod locks;
mod network;
mod store;
