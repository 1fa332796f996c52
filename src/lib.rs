//! The Background Fetch API for browsers that lack it.
//!
//! Four layers, and data flows one way: the JavaScript facade (`src/js`) calls [`web`], which adapts the browser to the
//! ports of [`engine`], which asks [`model`] for every decision. ARCHITECTURE.md tells the life of one fetch.

pub mod engine;
pub mod model;
#[cfg(target_family = "wasm")]
pub mod web;
