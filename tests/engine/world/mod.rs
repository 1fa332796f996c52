//! A browser, its disk and its servers, all of them simulated: any number of pages and one worker of one origin, in
//! virtual time. The ports check each write and each update of an instance against what must never happen, so that
//! every test does.

mod body;
mod broken_port;
mod bus;
mod content;
mod database;
mod executor;
mod handler;
mod locks;
mod network;
mod origin;
mod page;
mod realm;
mod served_file;
mod simulation;
mod store;
mod transactions;

pub use broken_port::BrokenPort;
pub use content::{Content, Version};
pub use database::{History, Tables};
pub use executor::{Executor, RealmId};
pub use handler::{Handler, Read, Told, is_of_store, never_settles, reads_all};
pub use network::Resource;
pub use origin::{Origin, Port};
pub use page::{Page, Promise, fetch, get, post, url};
pub use realm::Shown;
pub use served_file::{Fault, ServedFile, Validator};
pub use simulation::Simulation;
pub use store::SimulatedDatabase;
pub use transactions::Transactions;

pub const SCOPE: &str = "https://a.example/";
