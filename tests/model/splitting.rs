//! The number of connections and the parts, on simulated networks, against the best fixed choice on each.

use background_fetch_polyfill::model::{ByteCount, Millis, PartId, Record, STREAM, Splitter, StreamNext};

const TICK: u64 = 10;
const MOST: u32 = 4;
const MEGABYTE: u64 = 1_000_000;

/// A way to a server. Rates are in bytes per second.
#[derive(Clone, Copy)]
struct Network {
    /// From a request to the first byte of its answer, in milliseconds.
    latency: u64,
    /// Of all connections together.
    total: u64,
    /// Of the connection with this number, at this time.
    each: fn(usize, u64) -> u64,
    /// A connection breaks when it is so many milliseconds old.
    breaks_after: u64,
    /// More are refused.
    most: usize,
}

const LINE: Network =
    Network { latency: 30, total: u64::MAX, each: |_, _| u64::MAX, breaks_after: u64::MAX, most: usize::MAX };

/// A connection with the part that it fetches.
struct Connection {
    id: PartId,
    at: u64,
    number: usize,
    begun: u64,
    /// Its bytes are told of at its end.
    is_whole: bool,
    untold: u64,
}

/// What decides who fetches what.
trait Plan {
    /// The connection's part, where it begins, and whether it is taken as a whole.
    fn next(&mut self, now: u64) -> Option<(PartId, u64, bool)>;
    fn end_of(&self, id: PartId) -> u64;
    fn handle_bytes(&mut self, id: PartId, count: u64, now: u64);
    fn handle_failure(&mut self, id: PartId);
    fn handle_refusal(&mut self, id: PartId);
    fn is_complete(&self) -> bool;

    fn handle_answer(&mut self, _id: PartId) {}

    /// Whether a connection that has come to the end of its part is kept.
    fn keeps(&mut self, _id: PartId) -> bool {
        false
    }
}

impl Plan for Splitter {
    fn next(&mut self, now: u64) -> Option<(PartId, u64, bool)> {
        self.next_part(Millis(now)).map(|part| (part.id, part.start.0, part.is_whole))
    }

    fn end_of(&self, id: PartId) -> u64 {
        Splitter::end_of(self, id).map_or(0, |end| end.0)
    }

    fn handle_bytes(&mut self, id: PartId, count: u64, now: u64) {
        Splitter::handle_bytes(self, id, ByteCount(count), Millis(now));
    }

    fn handle_failure(&mut self, id: PartId) {
        Splitter::handle_failure(self, id);
    }

    fn handle_refusal(&mut self, id: PartId) {
        Splitter::handle_refusal(self, id);
    }

    fn is_complete(&self) -> bool {
        Splitter::is_complete(self)
    }

    fn handle_answer(&mut self, id: PartId) {
        Splitter::handle_answer(self, id);
    }

    fn keeps(&mut self, id: PartId) -> bool {
        let is_kept = id == STREAM && self.next_of_stream() != StreamNext::End;
        if id == STREAM && !is_kept {
            self.handle_end_of_stream();
        }
        is_kept
    }
}

/// So many connections, and parts of one length, the first of which comes first.
struct Fixed {
    connections: usize,
    /// The last one first.
    waiting: Vec<(u64, u64)>,
    open: Vec<(PartId, u64, u64)>,
    count: u32,
}

impl Fixed {
    fn new(total: u64, connections: usize, length: u64) -> Self {
        let starts = (0..total).step_by(length as usize);
        let mut waiting: Vec<_> = starts.map(|start| (start, (start + length).min(total))).collect();
        waiting.reverse();
        let open = waiting.pop().map(|(start, end)| (STREAM, start, end));
        Self { connections, waiting, open: open.into_iter().collect(), count: 0 }
    }
}

impl Plan for Fixed {
    fn next(&mut self, _now: u64) -> Option<(PartId, u64, bool)> {
        if self.open.len() >= self.connections {
            return None;
        }
        let (start, end) = self.waiting.pop()?;
        self.count += 1;
        self.open.push((PartId(self.count), start, end));
        Some((PartId(self.count), start, false))
    }

    fn end_of(&self, id: PartId) -> u64 {
        self.open.iter().find(|part| part.0 == id).map_or(0, |part| part.2)
    }

    fn handle_bytes(&mut self, id: PartId, count: u64, _now: u64) {
        self.open.iter_mut().filter(|part| part.0 == id).for_each(|part| part.1 += count);
        self.open.retain(|part| part.1 < part.2);
    }

    fn handle_failure(&mut self, id: PartId) {
        let failed = self.open.iter().filter(|part| part.0 == id).map(|part| (part.1, part.2));
        self.waiting.extend(failed);
        self.open.retain(|part| part.0 != id);
    }

    fn handle_refusal(&mut self, id: PartId) {
        self.handle_failure(id);
        self.connections = self.open.len().max(1);
    }

    fn is_complete(&self) -> bool {
        self.open.is_empty() && self.waiting.is_empty()
    }
}

/// What it took, and how many connections there were at most.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    millis: u64,
    connections: usize,
    requests: usize,
}

fn fetch(network: Network, plan: &mut dyn Plan) -> Outcome {
    let mut now = 0;
    let mut open = vec![Connection { id: STREAM, at: 0, number: 0, begun: 0, is_whole: false, untold: 0 }];
    let mut outcome = Outcome { millis: 0, connections: 1, requests: 1 };
    while !plan.is_complete() {
        now += TICK;
        assert!(now < 3_600_000, "never complete");
        let answered = open.iter().filter(|connection| now >= connection.begun + network.latency).count();
        let share = network.total / answered.max(1) as u64;
        open.retain_mut(|connection| {
            if now < connection.begun + network.latency {
                return true;
            }
            if now > connection.begun.saturating_add(network.breaks_after) {
                plan.handle_failure(connection.id);
                return false;
            }
            plan.handle_answer(connection.id);
            let rate = (network.each)(connection.number, now).min(share);
            let rest = plan.end_of(connection.id).saturating_sub(connection.at);
            let count = (rate / 1000 * TICK).min(rest);
            connection.at += count;
            connection.untold += count;
            let is_through = connection.at >= plan.end_of(connection.id);
            if connection.untold > 0 && (is_through || !connection.is_whole) {
                plan.handle_bytes(connection.id, std::mem::take(&mut connection.untold), now);
            }
            connection.at < plan.end_of(connection.id) || plan.keeps(connection.id)
        });
        while let Some((id, at, is_whole)) = plan.next(now) {
            outcome.requests += 1;
            if open.len() >= network.most {
                plan.handle_refusal(id);
                continue;
            }
            let number = (0..).find(|number| open.iter().all(|other| other.number != *number)).unwrap();
            open.push(Connection { id, at, number, begun: now, is_whole, untold: 0 });
            outcome.connections = outcome.connections.max(open.len());
        }
    }
    outcome.millis = now;
    outcome
}

/// The best of all fixed settings.
fn best_fixed(network: Network, total: u64) -> Outcome {
    let whole = [(1, total)];
    let parts = (1..=MOST as usize)
        .flat_map(|count| [256 << 10, 1 << 20, 4 << 20, 16 << 20].map(|length| (count, length)));
    let all = whole.into_iter().chain(parts);
    all.map(|(count, length)| fetch(network, &mut Fixed::new(total, count, length)))
        .min_by_key(|outcome| outcome.millis)
        .unwrap()
}

fn split(network: Network, total: u64) -> Outcome {
    fetch(network, &mut Splitter::new(&Record::default(), ByteCount(total), MOST, Millis(network.latency)))
}

#[test]
fn it_takes_little_longer_than_the_best_fixed_choice() {
    let networks = [
        (
            "0.25 MB/s, and breaks",
            20,
            Network { latency: 150, total: MEGABYTE / 4, breaks_after: 20_000, ..LINE },
        ),
        ("4 MB/s each", 64, Network { latency: 100, each: |_, _| 4 * MEGABYTE, ..LINE }),
        ("8 MB/s for all", 64, Network { total: 8 * MEGABYTE, ..LINE }),
        (
            "two fast, the others slow",
            64,
            Network { each: |number, _| if number < 2 { 4 * MEGABYTE } else { MEGABYTE / 5 }, ..LINE },
        ),
        (
            "half as fast from 3 s on",
            64,
            Network { each: |_, now| if now < 3000 { 4 * MEGABYTE } else { 2 * MEGABYTE }, ..LINE },
        ),
        ("far away and fast", 512, Network { latency: 300, total: 50 * MEGABYTE, ..LINE }),
        ("near", 256, Network { latency: 10, total: 40 * MEGABYTE, ..LINE }),
        ("10 MB/s each", 256, Network { latency: 50, each: |_, _| 10 * MEGABYTE, ..LINE }),
        (
            "25 MB/s, and breaks",
            256,
            Network { latency: 20, total: 25 * MEGABYTE, breaks_after: 3000, ..LINE },
        ),
        ("the same machine", 1024, Network { latency: 0, total: 400 * MEGABYTE, ..LINE }),
        ("two connections at most", 64, Network { each: |_, _| 4 * MEGABYTE, most: 2, ..LINE }),
    ];
    let mut slow = Vec::new();
    for (name, megabytes, network) in networks {
        let total = megabytes * MEGABYTE;
        let (best, ours) = (best_fixed(network, total), split(network, total));
        println!("{name}: {ours:?}, the best {best:?}");
        if ours.millis * 10 > best.millis * 11 {
            slow.push(name);
        }
    }
    assert_eq!(slow, Vec::<&str>::new());
}
