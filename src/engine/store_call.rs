use std::cell::Cell;

use super::StoreError;
use super::notify::{First, Task, race};
use crate::model::{ByteCount, Millis};

/// A call that was given up before it had its answer.
pub enum Interruption {
    /// The page is left: what was asked for is done when it is back.
    Suspended,
    /// The database does not answer.
    Unanswered,
}

/// A realm's way to its database. Browsers end connections while pages live, and do not tell: WebKit on iOS above all
/// (<https://bugs.webkit.org/show_bug.cgi?id=197050>, <https://bugs.webkit.org/show_bug.cgi?id=277615>).
#[allow(async_fn_in_trait)]
pub trait Connection {
    /// Returns as soon as the database may be used.
    async fn usable(&self);

    /// Returns when what is under way is to be given up.
    async fn interrupted(&self) -> Interruption;

    /// What the calls under way have been given to write.
    fn unwritten(&self) -> &Cell<ByteCount>;

    /// Which connection it is: counts those that were given up.
    fn number(&self) -> u32;

    /// Gives up the connection: the next call opens another. With `aborts`, what is under way is undone, so that it
    /// cannot be stored after it was reported as failed. Does nothing where the connection with this number is given up
    /// already.
    fn give_up(&self, number: u32, aborts: bool);
}

/// What a call does. It may be done more than once.
pub trait Work {
    fn begin(&mut self) -> Task<'_, Result<(), StoreError>>;

    /// Whether it may be done already, and must not be done twice.
    fn is_final(&self) -> bool {
        false
    }
}

/// A call of the database. After an error it is made once more, with another connection, unless it is final.
pub async fn call(connection: &impl Connection, work: &mut dyn Work) -> Result<(), StoreError> {
    let mut is_repeated = false;
    loop {
        connection.usable().await;
        let number = connection.number();
        let error = match race(work.begin(), connection.interrupted()).await {
            First::Left(Err(error @ StoreError::Failed(_))) => error,
            First::Left(result) => return result,
            First::Right(Interruption::Suspended) => continue,
            First::Right(Interruption::Unanswered) => StoreError::Unanswered,
        };
        let is_unanswered = error == StoreError::Unanswered;
        connection.give_up(number, is_unanswered);
        if is_repeated || is_unanswered || work.is_final() {
            return Err(error);
        }
        is_repeated = true;
    }
}

/// Returns when the database counts as one that does not answer. `unwritten`: what it has been given to write. Counts
/// ticks, not time: timers of hidden pages come late, and those of frozen ones not at all.
pub async fn unanswered(sleep: impl AsyncFn(Millis), unwritten: &Cell<ByteCount>) {
    /// The upgrade of a large database takes a few seconds, and so does a busy disk.
    const LONGEST: Millis = Millis::from_seconds(30);
    /// The slowest disk.
    const BYTES_PER_MILLI: u64 = 256;
    const TICK: Millis = Millis::from_seconds(5);
    let (mut waited, mut longest) = (Millis::default(), LONGEST);
    while waited < longest {
        sleep(TICK).await;
        waited = waited + TICK;
        longest = longest.max(LONGEST + Millis(unwritten.get().0 / BYTES_PER_MILLI));
    }
}
