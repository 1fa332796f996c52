use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use super::sorted_map::SortedMap;

/// Limits the requests to one origin. Browsers have a limit, too, and queue what exceeds it without telling. Time in
/// that queue would look like a server that does not answer.
#[derive(Default)]
pub struct Connections {
    /// By origin. There are few.
    origins: RefCell<SortedMap<String, Origin>>,
}

#[derive(Default)]
struct Origin {
    open: u32,
    /// First come, first served: of the many files that wait, only the first is woken.
    waiting: Vec<Waiting>,
    last_number: u32,
    /// With more than these the server refused one that it could do without.
    borne: Option<u32>,
}

struct Waiting {
    number: u32,
    waker: Waker,
}

/// The right to have one request on its way. Dropping it gives it to another.
pub struct Connection {
    connections: Rc<Connections>,
    origin: String,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Waiting(u32),
    Open,
}

impl Connections {
    /// Returns when there are fewer than `at_most()` to this origin.
    pub async fn open(self: &Rc<Self>, origin: &str, at_most: impl Fn() -> u32) -> Connection {
        let mut connection = self.connection(origin);
        poll_fn(|context| connection.poll_open(at_most(), context.waker())).await;
        connection
    }

    /// `None` where there are as many already, or more than the server bears, or somebody waits.
    pub fn try_open(self: &Rc<Self>, origin: &str, at_most: u32) -> Option<Connection> {
        let borne = self.origins.borrow().get(origin).and_then(|origin| origin.borne);
        let at_most = at_most.min(borne.unwrap_or(at_most));
        let mut connection = self.connection(origin);
        connection.poll_open(at_most, Waker::noop()).is_ready().then_some(connection)
    }

    /// Whether somebody waits for one to this origin.
    pub fn are_wanted(&self, origin: &str) -> bool {
        self.origins.borrow().get(origin).is_some_and(|origin| !origin.waiting.is_empty())
    }

    /// The server has answered one of the open ones with "not now". As long as this page lives, it is not asked for what
    /// it can do without over as many.
    pub fn handle_refusal(&self, origin: &str) {
        if let Some(origin) = self.origins.borrow_mut().get_mut(origin) {
            origin.borne = Some(origin.open.saturating_sub(1).max(1));
        }
    }

    fn connection(self: &Rc<Self>, origin: &str) -> Connection {
        Connection { connections: Rc::clone(self), origin: origin.into(), state: State::New }
    }
}

impl Connection {
    fn poll_open(&mut self, at_most: u32, waker: &Waker) -> Poll<()> {
        let (connections, origin, state) = (&self.connections, self.origin.clone(), self.state);
        let open = |origin: &mut Origin| origin.open(state, at_most.max(1), waker);
        let (state, next) = connections.origins.borrow_mut().change(origin, open);
        next.iter().for_each(Waker::wake_by_ref);
        self.state = state;
        if state == State::Open { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut origins = self.connections.origins.borrow_mut();
        let next = origins.get_mut(&self.origin).and_then(|origin| origin.close(self.state));
        drop(origins);
        next.iter().for_each(Waker::wake_by_ref);
    }
}

impl Origin {
    /// The state after it, and whom to wake.
    fn open(&mut self, state: State, at_most: u32, waker: &Waker) -> (State, Option<Waker>) {
        let State::Waiting(number) = state else {
            if self.open < at_most && self.waiting.is_empty() {
                self.open += 1;
                return (State::Open, None);
            }
            self.last_number = self.last_number.wrapping_add(1);
            self.waiting.push(Waiting { number: self.last_number, waker: waker.clone() });
            return (State::Waiting(self.last_number), None);
        };
        let position = self.position(number);
        if position == Some(0) && self.open < at_most {
            self.waiting.remove(0);
            self.open += 1;
            // More may have become possible than the one that was closed.
            return (State::Open, self.first().filter(|_| self.open < at_most));
        }
        if let Some(waiting) = position.and_then(|position| self.waiting.get_mut(position)) {
            waiting.waker.clone_from(waker);
        }
        (state, None)
    }

    /// Whom to wake.
    fn close(&mut self, state: State) -> Option<Waker> {
        match state {
            State::New => return None,
            State::Waiting(number) => {
                drop(self.position(number).map(|position| self.waiting.remove(position)))
            }
            State::Open => self.open -= 1,
        }
        self.first()
    }

    fn position(&self, number: u32) -> Option<usize> {
        self.waiting.iter().position(|waiting| waiting.number == number)
    }

    fn first(&self) -> Option<Waker> {
        self.waiting.first().map(|first| first.waker.clone())
    }
}
