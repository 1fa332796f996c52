//! Over how many connections one large file comes in, and which part each of them fetches.

use super::{ByteCount, Extent, Millis, Record};

/// Less is not worth a request.
const SHORTEST_PART: ByteCount = ByteCount(256 << 10);
/// A number of connections is measured for so long, or for so many bytes.
const MEASURED_TIME: Millis = Millis(150);
const MEASURED_BYTES: ByteCount = ByteCount::from_mebibytes(16);
/// What a number of connections has to bring, in percent of what fewer have brought.
const GROWTH: u64 = 110;
/// The same where each connection has a limit of its own: the next step is larger then.
const FULL_GROWTH: u64 = 160;
/// A connection that has become faster by so much, in percent, is still becoming faster.
const STEADY: u64 = 120;
/// A number that did not help is tried again after so long.
const TRIED_AGAIN_AFTER: Millis = Millis::from_seconds(20);
/// Bytes per second of all connections. At this rate it is the script's work for each piece that takes the time.
const FAST: u64 = 100_000_000;
/// The same where the server answers within this time, so that many requests cost little: on a slow device, or in a page
/// that has just been loaded, the script takes the time much earlier.
const FAST_NEARBY: u64 = 25_000_000;
const NEARBY: Millis = Millis(50);
/// Parts that are taken as a whole are as long as all connections take for so long, or for so many latencies: a crash
/// loses no more.
const WHOLE_PART_TIME: Millis = Millis(100);
const WHOLE_PART_LATENCIES: u64 = 10;
const LONGEST_WHOLE_PART: ByteCount = ByteCount::from_mebibytes(16);

/// What a connection is to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub id: PartId,
    pub start: ByteCount,
    /// May become less while the part comes in, unless it is taken as a whole.
    pub end: ByteCount,
    /// To be taken as a whole, and not piece by piece.
    pub is_whole: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartId(pub u32);

/// The response that came first. It may go on to the end of the file.
pub const STREAM: PartId = PartId(0);

/// What is to become of the first response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamNext {
    /// It is not needed any more.
    End,
    /// It brings what nobody else does.
    GoOn,
    /// Whether somebody else does will be known soon.
    Wait,
}

/// Bytes in a row that are not there yet.
#[derive(Clone, Debug)]
struct Missing {
    start: ByteCount,
    end: ByteCount,
    /// The connection that fetches them.
    holder: Option<Holder>,
}

#[derive(Clone, Debug)]
struct Holder {
    id: PartId,
    is_whole: bool,
    /// The server has begun to answer with it.
    is_answered: bool,
    /// When its first bytes came.
    since: Option<Millis>,
    received: ByteCount,
}

impl Holder {
    fn new(id: PartId, is_whole: bool, is_answered: bool) -> Self {
        Self { id, is_whole, is_answered, since: None, received: ByteCount::ZERO }
    }

    fn rate(&self, now: Millis) -> u64 {
        self.since.map_or(0, |since| rate_of(self.received, now.saturating_sub(since)))
    }
}

impl Missing {
    fn length(&self) -> ByteCount {
        self.end.saturating_sub(self.start)
    }

    fn is_free(&self) -> bool {
        self.holder.is_none()
    }
}

/// In bytes per second.
fn rate_of(count: ByteCount, time: Millis) -> u64 {
    count.0.saturating_mul(1000) / time.0.max(1)
}

/// Whether a rate is so many percent of another.
fn is_percent(rate: u64, percent: u64, other: u64) -> bool {
    rate.saturating_mul(100) >= other.saturating_mul(percent)
}

/// Decides how one file is fetched. Times are those of a clock that only goes forward.
#[derive(Clone, Debug)]
pub struct Splitter {
    /// In the order of the bytes.
    missing: Vec<Missing>,
    most: u32,
    /// From a request to its answer.
    latency: Millis,
    /// How many connections there are to be.
    wanted: u32,
    /// The number that was measured last, and its rate.
    measured: (u32, u64),
    /// When what is wanted was there, and what had come by then.
    since: Option<(Millis, ByteCount)>,
    /// When it was found that more do not help.
    settled_at: Option<Millis>,
    received: ByteCount,
    count: u32,
}

impl Splitter {
    /// `record`: what is there already of the `total`. `most`: how many connections there may be. `latency`: how long the
    /// server took to begin its first answer.
    pub fn new(record: &Record, total: ByteCount, most: u32, latency: Millis) -> Self {
        let mut missing = Vec::new();
        let mut start = record.length;
        let end = Extent { start: total, end: total };
        for extent in record.ahead.iter().chain([&end]) {
            missing.push(Missing { start, end: extent.start, holder: None });
            start = extent.end;
        }
        missing.retain(|missing| missing.start < missing.end);
        if let Some(first) = missing.first_mut() {
            first.holder = Some(Holder::new(STREAM, false, true));
        }
        Self {
            missing,
            most,
            latency,
            wanted: 1,
            measured: (1, 0),
            since: None,
            settled_at: None,
            received: ByteCount::ZERO,
            count: 0,
        }
    }

    /// Somebody else needs a connection.
    pub fn handle_want(&mut self, now: Millis) {
        self.want(self.connections().saturating_sub(1).max(1), now);
        self.release_slowest(now);
    }

    /// Whether all is there.
    pub fn is_complete(&self) -> bool {
        self.missing.iter().all(|missing| missing.length().is_zero())
    }

    /// Where a connection has to stop. `None` where it has nothing to fetch any more.
    pub fn end_of(&self, id: PartId) -> Option<ByteCount> {
        self.missing.get(self.position_of(id)?).map(|missing| missing.end)
    }

    /// More bytes of a part have come.
    pub fn handle_bytes(&mut self, id: PartId, count: ByteCount, now: Millis) {
        self.received += count;
        let Some(position) = self.position_of(id) else { return };
        let Some(missing) = self.missing.get_mut(position) else { return };
        missing.start = (missing.start + count).min(missing.end);
        let is_through = missing.length().is_zero() && id != STREAM;
        if let Some(holder) = &mut missing.holder {
            holder.since.get_or_insert(now);
            holder.received += count;
        }
        if is_through {
            self.missing.remove(position);
        }
        self.measure(now);
    }

    /// The server begins to answer with a part.
    pub fn handle_answer(&mut self, id: PartId) {
        let missing = self.position_of(id).and_then(|position| self.missing.get_mut(position));
        if let Some(holder) = missing.and_then(|missing| missing.holder.as_mut()) {
            holder.is_answered = true;
        }
    }

    /// What is to become of the first response, which has come to where another connection was to go on.
    pub fn next_of_stream(&mut self) -> StreamNext {
        let Some(position) = self.position_of(STREAM) else { return StreamNext::End };
        let (before, behind) = self.missing.split_at_mut(position + 1);
        let (Some(stream), Some(next)) = (before.last_mut(), behind.first()) else { return StreamNext::End };
        match &next.holder {
            _ if next.start != stream.end => StreamNext::End,
            Some(holder) if holder.is_answered => StreamNext::End,
            Some(_) => StreamNext::Wait,
            None => {
                // Nobody fetches it.
                stream.end = next.end;
                self.missing.remove(position + 1);
                StreamNext::GoOn
            }
        }
    }

    /// The first response is not read any further.
    pub fn handle_end_of_stream(&mut self) {
        self.handle_failure(STREAM);
        self.missing.retain(|missing| !missing.length().is_zero());
    }

    /// The connection has ended before its part was through.
    pub fn handle_failure(&mut self, id: PartId) {
        if let Some(position) = self.position_of(id)
            && let Some(missing) = self.missing.get_mut(position)
        {
            missing.holder = None;
        }
        self.since = None;
    }

    /// There is no connection for a part.
    pub fn handle_no_connection(&mut self, id: PartId, now: Millis) {
        self.handle_failure(id);
        self.want(self.connections().max(1), now);
    }

    /// The server does not want so many connections.
    pub fn handle_refusal(&mut self, id: PartId) {
        self.handle_failure(id);
        self.most = self.connections().max(1);
        self.wanted = self.wanted.min(self.most);
    }

    /// Whether there is to be another connection.
    pub fn wants_more(&mut self, now: Millis) -> bool {
        if self.settled_at.is_some_and(|at| now.saturating_sub(at) >= TRIED_AGAIN_AFTER) {
            self.settled_at = None;
            self.since = None;
        }
        self.connections() < self.wanted
    }

    /// The part for another connection; `None` where there is to be no other, or nothing is left for it.
    pub fn next_part(&mut self, now: Millis) -> Option<Part> {
        if !self.wants_more(now) {
            return None;
        }
        let is_whole = self.is_fast(self.measured.1);
        let position = match self.missing.iter().position(Missing::is_free) {
            Some(position) => position,
            None => self.divide(is_whole, now)?,
        };
        if is_whole {
            self.shorten(position);
        }
        self.count += 1;
        let id = PartId(self.count);
        let missing = self.missing.get_mut(position)?;
        missing.holder = Some(Holder::new(id, is_whole, false));
        Some(Part { id, start: missing.start, end: missing.end, is_whole })
    }

    /// Whether it is the script's work that takes the time.
    fn is_fast(&self, rate: u64) -> bool {
        rate >= if self.latency <= NEARBY { FAST_NEARBY } else { FAST }
    }

    fn connections(&self) -> u32 {
        self.missing.iter().filter(|missing| !missing.is_free()).count() as u32
    }

    /// Takes from the connection that would be through last what it would fetch last. Gives the position of that.
    fn divide(&mut self, is_whole: bool, now: Millis) -> Option<usize> {
        let average = self.measured.1 / u64::from(self.connections().max(1));
        let mut slowest = None;
        let mut longest = 0;
        for (position, missing) in self.missing.iter().enumerate() {
            let Some(holder) = missing.holder.as_ref().filter(|holder| !holder.is_whole) else { continue };
            // One that has brought nothing yet will be like the others.
            let rate = if holder.since.is_some() { holder.rate(now) } else { average }.max(1);
            let time = missing.length().0.saturating_mul(1000) / rate;
            if missing.length().0 >= 2 * SHORTEST_PART.0 && time > longest {
                longest = time;
                slowest = Some((position, rate));
            }
        }
        let (position, rate) = slowest?;
        let divided = self.missing.get_mut(position)?;
        let length = divided.length().0;
        // Both are through at the same time.
        let kept = (length as f64 * (rate as f64 / (rate + average.max(1)) as f64)) as u64;
        let kept = if is_whole { SHORTEST_PART.0 } else { kept };
        let kept = kept.clamp(SHORTEST_PART.0, length - SHORTEST_PART.0);
        let middle = divided.start + ByteCount(kept);
        let taken = Missing { start: middle, end: divided.end, holder: None };
        divided.end = middle;
        self.missing.insert(position + 1, taken);
        Some(position + 1)
    }

    /// Leaves the rest of what is free to others.
    fn shorten(&mut self, position: usize) {
        let time = WHOLE_PART_TIME.max(Millis(WHOLE_PART_LATENCIES * self.latency.min(NEARBY).0));
        let rate = ByteCount(self.measured.1.saturating_mul(time.0) / 1000);
        let length =
            ByteCount(rate.0 / u64::from(self.wanted.max(1))).clamp(SHORTEST_PART, LONGEST_WHOLE_PART);
        let Some(free) = self.missing.get_mut(position) else { return };
        if free.length() < length + SHORTEST_PART {
            return;
        }
        let rest = Missing { start: free.start + length, end: free.end, holder: None };
        free.end = rest.start;
        self.missing.insert(position + 1, rest);
    }

    /// Compares what this number of connections brings with what fewer have brought.
    fn measure(&mut self, now: Millis) {
        if self.settled_at.is_some() || self.connections() != self.wanted || !self.all_bring_bytes() {
            return;
        }
        let (since, before) = *self.since.get_or_insert((now, self.received));
        let (time, count) = (now.saturating_sub(since), self.received.saturating_sub(before));
        if time < MEASURED_TIME && count < MEASURED_BYTES {
            return;
        }
        self.since = None;
        let rate = rate_of(count, time);
        let (fewer, rate_before) = self.measured;
        let connections = self.wanted;
        if connections == fewer {
            let is_steady = !is_percent(rate, STEADY, rate_before) || self.is_fast(rate);
            self.measured = (connections, rate);
            if is_steady {
                self.want(connections + 1, now);
            }
        } else if is_percent(rate, GROWTH, rate_before) {
            self.measured = (connections, rate);
            let is_full = is_percent(rate, FULL_GROWTH, rate_before);
            self.want(if is_full { 2 * connections } else { connections + 1 }, now);
        } else {
            self.want(fewer, now);
            self.release_slowest(now);
        }
    }

    /// Gives up the connections that are too many.
    fn release_slowest(&mut self, now: Millis) {
        while self.connections() > self.wanted {
            let with_rates = self.missing.iter_mut().filter_map(|missing| {
                let holder = missing.holder.as_ref().filter(|holder| holder.id != STREAM)?;
                Some((holder.rate(now), missing))
            });
            let Some((_, slowest)) = with_rates.min_by_key(|(rate, _)| *rate) else { return };
            slowest.holder = None;
        }
    }

    fn want(&mut self, connections: u32, now: Millis) {
        let connections = connections.min(self.most);
        if connections <= self.wanted {
            self.settled_at = Some(now);
        }
        self.wanted = connections;
    }

    fn all_bring_bytes(&self) -> bool {
        let mut holders = self.missing.iter().filter_map(|missing| missing.holder.as_ref());
        holders.all(|holder| holder.is_whole || holder.since.is_some())
    }

    fn position_of(&self, id: PartId) -> Option<usize> {
        let is_it = |missing: &Missing| missing.holder.as_ref().is_some_and(|holder| holder.id == id);
        self.missing.iter().position(is_it)
    }
}
