use super::context::Context;
use super::{Locks, World};

/// The connections beyond the first of each file, which all contexts of the website share: a browser opens only so many
/// to a host, and lets the others wait without telling. Each of them is a lock.
const NAME: &str = "background-fetch-connection:";

pub type Slot<W> = <<W as World>::Locks as Locks>::Guard;

/// A slot that nobody has.
pub async fn free_slot<W: World>(context: &Context<W>, origin: &str, at_most: u32) -> Option<Slot<W>> {
    for number in 0..at_most {
        let name = [NAME, origin, ":", &number.to_string()].concat();
        if let Some(slot) = context.world().locks().acquire_if_free(&name).await {
            return Some(slot);
        }
    }
    None
}
