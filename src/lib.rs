//! The Background Fetch API for browsers that lack it.
//!
//! Four layers: the JavaScript facade (`src/js`) calls [`web`], which adapts the browser to the ports of [`engine`],
//! which asks [`model`] for every decision. Calls upward go through the ports and `Host` only. ARCHITECTURE.md tells
//! the life of one fetch.

#![cfg_attr(all(target_family = "wasm", not(test)), deny(clippy::disallowed_macros))]

pub mod engine;
pub mod model;
#[cfg(target_family = "wasm")]
pub mod web;

/// 2 kB smaller with brotli than the one that Rust has for wasm.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
