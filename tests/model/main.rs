//! What the draft decides, asked as the engine asks it.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod complete_record;
mod properties;
mod record;
mod splitting;
