use super::{Millis, RetryPolicy};

/// Counts what may be otherwise the next time, and says for how long it is given the chance.
pub struct Patience {
    policy: RetryPolicy,
    failures: u32,
    policy_failures: u32,
    unreachable: u32,
    silences: u32,
    unconfirmed: u32,
    empty_answers: u32,
    barren_parts: u32,
    bare_answers: u32,
    cut_bodies: u32,
}

impl Patience {
    pub fn new(policy: RetryPolicy) -> Self {
        Self {
            policy,
            failures: 0,
            policy_failures: 0,
            unreachable: 0,
            silences: 0,
            unconfirmed: 0,
            empty_answers: 0,
            barren_parts: 0,
            bare_answers: 0,
            cut_bodies: 0,
        }
    }

    pub fn policy(&self) -> &RetryPolicy {
        &self.policy
    }

    /// There are more bytes than there ever were.
    pub fn handle_progress(&mut self) {
        self.failures = 0;
        self.policy_failures = 0;
    }

    /// The server has said something about the end. What it is asked next is another thing.
    pub fn handle_answer(&mut self) {
        self.failures = 0;
        self.unconfirmed = 0;
    }

    /// Something was heard of the server; whether it could not be reached before.
    pub fn handle_contact(&mut self) -> bool {
        std::mem::take(&mut self.unreachable) > 0
    }

    /// A request was answered.
    pub fn handle_response(&mut self) {
        self.silences = 0;
        self.handle_contact();
    }

    /// The next attempt comes before its time, and is none of those that are counted.
    pub fn handle_encouragement(&mut self) {
        for count in [&mut self.failures, &mut self.policy_failures, &mut self.unconfirmed] {
            *count = count.saturating_sub(1);
        }
        self.unreachable = 0;
    }

    /// A request had no answer for as long as that is borne.
    pub fn handle_silence(&mut self) {
        self.silences += 1;
    }

    /// For how long an answer is waited for. What looks like a silent server may be a slow one, or the browser's own queue,
    /// where other tabs' requests come first: each time the answer has twice the time.
    pub fn longest_silence(&self, first: Millis) -> Millis {
        const LONGEST: Millis = Millis::from_seconds(3600);
        Millis(first.0.saturating_mul(1 << self.silences.min(20))).min(LONGEST.max(first))
    }

    /// Time to the next attempt while the server cannot be reached, which is no failure of the request's.
    pub fn delay_while_unreachable(&mut self) -> Millis {
        self.unreachable = self.unreachable.saturating_add(1);
        self.policy_failures = 0;
        self.policy.delay(self.unreachable)
    }

    pub fn is_unreachable(&self) -> bool {
        self.unreachable > 0
    }

    /// Parts have bytes, or there are none to judge any more.
    pub fn forgive_parts(&mut self) {
        self.barren_parts = 0;
    }

    /// Time to the next attempt; `None` after too many failures in a row.
    pub fn delay_after_failure(&mut self, is_under_way: bool) -> Option<Millis> {
        let limit =
            if is_under_way { self.policy.attempts_to_resume } else { self.policy.attempts_to_connect };
        self.failures += 1;
        (self.failures < limit).then(|| self.policy.delay(self.failures))
    }

    /// A script sees one and the same error where CORS forbids and where a cable broke. Where the server can be reached time
    /// and again and the request fails each time, it is forbidden.
    pub fn seems_forbidden(&mut self) -> bool {
        self.policy_failures += 1;
        let seems_forbidden = self.policy_failures >= self.policy.attempts_against_policy;
        if seems_forbidden {
            self.policy_failures = 0;
        }
        seems_forbidden
    }

    /// The server was there, and did not say whether there is more. Time until it is asked again; `None` where the end is
    /// to be believed: the body looked whole, so it is not given up for a server that does not answer the question.
    pub fn delay_of_question(&mut self) -> Option<Millis> {
        const BELIEVED_AT: u32 = 3;
        self.unconfirmed += 1;
        (self.unconfirmed < BELIEVED_AT).then(|| self.policy.delay(self.unconfirmed))
    }

    /// A part broke off after its headers, before its first byte, or it did not: whether such parts are given up.
    pub fn gives_up_parts(&mut self, is_barren: bool) -> bool {
        const GIVEN_UP_AT: u32 = 3;
        self.barren_parts = if is_barren { self.barren_parts + 1 } else { 0 };
        self.barren_parts >= GIVEN_UP_AT
    }

    /// An answer may be headers that were cut, or it cannot: whether it is doubted.
    pub fn doubts_headers(&mut self, may_be_cut: bool) -> bool {
        const BELIEVED_AT: u32 = 3;
        self.bare_answers = if may_be_cut { self.bare_answers + 1 } else { 0 };
        (1..BELIEVED_AT).contains(&self.bare_answers)
    }

    /// A body that has to be begun anew was cut: whether that is no use. Bytes do not change it: each time it may get a little
    /// further.
    pub fn gives_up_cut_bodies(&mut self) -> bool {
        self.cut_bodies += 1;
        self.cut_bodies > self.policy.restarts
    }

    /// An answer had no byte, and did not say that there is none: how many there were of them.
    pub fn count_empty_answer(&mut self) -> u32 {
        self.empty_answers += 1;
        self.empty_answers
    }
}
