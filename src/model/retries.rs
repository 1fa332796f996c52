use super::{Millis, RetryPolicy};

/// What was last heard of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contact {
    /// An answer, or nothing has been asked yet.
    Reached,
    /// There is no network.
    Offline,
    /// Nothing, so many times in a row.
    Unreachable(u32),
}

/// Counts failures that may pass, and tells how long to wait after them and when to give up.
#[derive(Clone, Debug)]
pub struct Retries {
    policy: RetryPolicy,
    contact: Contact,
    failures: u32,
    forbidden: u32,
    silences: u32,
    unanswered_questions: u32,
    empty_bodies: u32,
    empty_parts: u32,
    unlike_heads: u32,
    truncated_bodies: u32,
}

impl Retries {
    pub fn new(policy: RetryPolicy) -> Self {
        Self {
            policy,
            contact: Contact::Reached,
            failures: 0,
            forbidden: 0,
            silences: 0,
            unanswered_questions: 0,
            empty_bodies: 0,
            empty_parts: 0,
            unlike_heads: 0,
            truncated_bodies: 0,
        }
    }

    pub fn policy(&self) -> &RetryPolicy {
        &self.policy
    }

    /// There are more bytes than there ever were.
    pub fn handle_progress(&mut self) {
        self.failures = 0;
        self.forbidden = 0;
    }

    /// The server has said something about the end. What it is asked next is another thing.
    pub fn handle_answered_question(&mut self) {
        self.failures = 0;
        self.unanswered_questions = 0;
    }

    /// Something was heard of the server; whether it could not be reached before.
    pub fn handle_contact(&mut self) -> bool {
        std::mem::replace(&mut self.contact, Contact::Reached) != Contact::Reached
    }

    pub fn handle_offline(&mut self) {
        self.contact = Contact::Offline;
    }

    pub fn is_out_of_contact(&self) -> bool {
        self.contact != Contact::Reached
    }

    /// A request was answered.
    pub fn handle_response(&mut self) {
        self.silences = 0;
        self.handle_contact();
    }

    /// The next attempt comes before its time, so it is not counted.
    pub fn handle_retry_signal(&mut self) {
        for count in [&mut self.failures, &mut self.forbidden, &mut self.unanswered_questions] {
            *count = count.saturating_sub(1);
        }
        self.contact = Contact::Reached;
    }

    /// A request had no answer for as long as one is waited for.
    pub fn handle_silence(&mut self) {
        self.silences += 1;
    }

    /// How long an answer is waited for: `base`, doubled after each silence. What looks like a silent server may be a
    /// slow one, or the browser's own queue, where other tabs' requests come first.
    pub fn answer_timeout(&self, base: Millis) -> Millis {
        const LONGEST: Millis = Millis::from_seconds(3600);
        Millis(base.0.saturating_mul(1 << self.silences.min(20))).min(LONGEST.max(base))
    }

    /// Time to the next attempt while the server cannot be reached, which is no failure of the request's.
    pub fn delay_while_unreachable(&mut self) -> Millis {
        let times = if let Contact::Unreachable(times) = self.contact { times.saturating_add(1) } else { 1 };
        self.contact = Contact::Unreachable(times);
        self.forbidden = 0;
        self.policy.delay(times)
    }

    /// Time to the next attempt; `None` after too many failures in a row.
    pub fn delay_after_failure(&mut self, is_under_way: bool) -> Option<Millis> {
        let limit =
            if is_under_way { self.policy.attempts_to_resume } else { self.policy.attempts_to_connect };
        self.failures += 1;
        (self.failures < limit).then(|| self.policy.delay(self.failures))
    }

    /// Counts requests that failed although the server could be reached; true where that is enough to take them for
    /// forbidden, and the count begins anew. To a script, what CORS forbids looks like a broken network.
    pub fn count_forbidden(&mut self) -> bool {
        self.forbidden += 1;
        let is_forbidden = self.forbidden >= self.policy.attempts_against_policy;
        if is_forbidden {
            self.forbidden = 0;
        }
        is_forbidden
    }

    /// Counts questions that the server left open: whether there is more. Time until it is asked again; `None` where
    /// the end is to be believed. The body looks complete, so it is not given up for want of an answer.
    pub fn delay_of_question(&mut self) -> Option<Millis> {
        const BELIEVED_AT: u32 = 3;
        self.unanswered_questions += 1;
        (self.unanswered_questions < BELIEVED_AT).then(|| self.policy.delay(self.unanswered_questions))
    }

    /// Bytes of a part came, or there is none to judge any more.
    pub fn handle_part_with_bytes(&mut self) {
        self.empty_parts = 0;
    }

    /// Counts consecutive range requests that failed without a new byte; true from the third.
    pub fn count_empty_part(&mut self, is_empty: bool) -> bool {
        const GIVEN_UP_AT: u32 = 3;
        self.empty_parts = if is_empty { self.empty_parts + 1 } else { 0 };
        self.empty_parts >= GIVEN_UP_AT
    }

    /// Counts consecutive heads that are unlike that of the stored bytes; true before the third. They may be truncated,
    /// so the answer is ignored until then.
    pub fn count_unlike_head(&mut self, is_unlike: bool) -> bool {
        const BELIEVED_AT: u32 = 3;
        self.unlike_heads = if is_unlike { self.unlike_heads + 1 } else { 0 };
        (1..BELIEVED_AT).contains(&self.unlike_heads)
    }

    /// Counts truncated bodies that have to begin anew; true where there were more than may be. New bytes do not reset
    /// the count: each time the body may get a little further.
    pub fn count_truncated_body(&mut self) -> bool {
        self.truncated_bodies += 1;
        self.truncated_bodies > self.policy.restarts
    }

    /// A body had no byte, and its head did not say so: how many there were of them.
    pub fn count_empty_body(&mut self) -> u32 {
        self.empty_bodies += 1;
        self.empty_bodies
    }
}
