use background_fetch_polyfill::engine::ByteHandle;
use background_fetch_polyfill::model::{
    BodyEnd, CompleteRecord, FailureReason, NetworkFailure, Next, Probe, Record, RecordResult, RetryPolicy,
    StoredRequest,
};
use proptest::prelude::*;

use super::served_file::{Answer, Break, Fault, ServedFile, Validator};
use super::{Content, Version, config};

/// An error page is a file of its own.
const PAGE: Version = Version(usize::MAX);

fn file() -> impl Strategy<Value = ServedFile> {
    let validator = prop::sample::select(vec![
        Validator::StrongEtag,
        Validator::StrongEtag,
        Validator::WeakEtag,
        Validator::Date,
        Validator::None,
    ]);
    let coded = prop::option::weighted(0.2, 0..400_u64);
    let habits = any::<(bool, bool, bool, bool, bool)>();
    (
        prop_oneof![0..100_u64, 0..300_u64],
        validator,
        coded,
        habits,
        prop::sample::select(vec![200_u16, 200, 200, 404]),
    )
        .prop_map(
            |(length, validator, coded_length, (announces, ranges, tells, crosses, cuts_code), status)| {
                ServedFile {
                    length,
                    status,
                    validator,
                    announces_length: announces,
                    takes_ranges: ranges,
                    tells_complete_length: tells,
                    coded_length,
                    cuts_code,
                    is_cross_origin: crosses,
                    ..ServedFile::default()
                }
            },
        )
}

/// What goes wrong and can be made good again.
fn fault() -> impl Strategy<Value = Option<Fault>> {
    prop_oneof![
        Just(None),
        Just(Some(Fault::NoAnswer)),
        (0..100_u64).prop_map(|place| Some(Fault::CutAfter(place))),
        (0..100_u64).prop_map(|place| Some(Fault::CutAfter(place))),
        (0..100_u64).prop_map(|place| Some(Fault::EndAfter(place))),
        Just(Some(Fault::RangeIgnored)),
        Just(Some(Fault::OtherRange)),
        Just(Some(Fault::ShorterRange)),
        Just(Some(Fault::OverlongRange)),
        Just(Some(Fault::MislabelledRange)),
        Just(Some(Fault::UnlabelledRange)),
        Just(Some(Fault::RefusesIfRange)),
        Just(Some(Fault::RefusesRange)),
        Just(Some(Fault::Page)),
        (0..100_u64).prop_map(|length| Some(Fault::Changed(length))),
    ]
}

/// Pieces that are stored together.
const AT_ONCE: usize = 3;

/// The machine, a server that errs and never lies, and what is stored of what it sent.
struct Download {
    machine: CompleteRecord,
    request: StoredRequest,
    file: ServedFile,
    faults: std::vec::IntoIter<Option<Fault>>,
    /// The whole file in each of its versions.
    versions: Vec<Content>,
    stored: Vec<Content>,
    /// What is stored while another body comes in.
    before: Vec<Content>,
    /// The end of it, which has to come again first.
    recalled: Option<Content>,
    /// Pieces of a body until the realm dies.
    life: Option<u32>,
    /// A part ended before its range, which nobody could tell where the complete length is not told.
    has_ended_early: bool,
}

impl Download {
    fn new(file: ServedFile, faults: Vec<Option<Fault>>, life: Option<u32>) -> Self {
        let request = StoredRequest {
            method: "GET".into(),
            url: "https://a.example/".into(),
            ..StoredRequest::default()
        };
        let machine = CompleteRecord::new(request.clone(), Record::default(), RetryPolicy::default());
        let versions = vec![Content::whole(file.version, file.length)];
        Self {
            machine,
            request,
            file,
            faults: faults.into_iter(),
            versions,
            stored: Vec::new(),
            before: Vec::new(),
            recalled: None,
            life,
            has_ended_early: false,
        }
    }

    fn run(&mut self) -> RecordResult {
        let mut next = self.machine.start();
        let mut answer = None;
        loop {
            next = match next {
                Next::Recall(at_most) => {
                    self.recalled = self.content();
                    let end = self.recalled.as_mut().expect("something is stored");
                    end.split_off_front(end.len().saturating_sub(at_most.0));
                    self.machine.handle_recalled(end.length())
                }
                Next::Send(attempt) => match self.next_fault() {
                    Some(Fault::NoAnswer) => self.machine.handle_failure(NetworkFailure::Failed),
                    fault => {
                        let sent = self.file.answer(&attempt, fault.as_ref(), PAGE);
                        let next = self.machine.handle_response(sent.head.clone());
                        answer = Some(sent);
                        next
                    }
                },
                Next::Read { restart } => {
                    if restart {
                        self.before = std::mem::take(&mut self.stored);
                        self.recalled = None;
                    }
                    let next = self.read(answer.take().expect("it was sent"));
                    if next.is_another_try() {
                        self.return_to_stored();
                    }
                    self.machine.handle_replacement();
                    next
                }
                Next::Probe => {
                    let probe = Probe { reachable: false, cross_origin: false, redirects: false };
                    self.machine.handle_probe(probe)
                }
                Next::Wait(_) | Next::WaitAsAsked(_) | Next::WaitUntilOnline => self.machine.handle_waited(),
                Next::Verify => unreachable!("nothing is promised of the bytes"),
                Next::Settle(result) => return result,
            };
        }
    }

    fn next_fault(&mut self) -> Option<Fault> {
        let fault = self.faults.next().flatten();
        let is_length_known = self.file.announces_length && self.file.coded_length.is_none();
        let is_shorter = |length| length <= self.machine.record().length.0;
        match fault {
            // After such a part, the end of a shorter version looks like that of the file.
            Some(Fault::Changed(length)) if self.has_ended_early && is_shorter(length) => None,
            Some(Fault::Changed(length)) => {
                self.file.version.0 += 1;
                self.file.length = length;
                self.file.is_changed = true;
                self.versions.push(Content::whole(self.file.version, length));
                fault
            }
            // Nobody could tell.
            Some(Fault::EndAfter(_)) if !is_length_known || self.file.is_cross_origin => None,
            // Without validators, nor that this is not a new file.
            Some(Fault::UnlabelledRange)
                if !self.file.announces_length || self.file.coded_length.is_some() =>
            {
                None
            }
            // Nor that a part is not the rest, where its range is hidden and the length of the file is not known.
            Some(Fault::ShorterRange) if !is_length_known && self.file.is_cross_origin => None,
            Some(Fault::ShorterRange) => {
                self.has_ended_early |= !is_length_known && !self.file.tells_complete_length;
                fault
            }
            fault => fault,
        }
    }

    fn read(&mut self, answer: Answer) -> Next {
        let mut recalled = self.recalled.take();
        let mut rest = answer.body;
        let mut until_break = answer.broken.map_or(u64::MAX, |(count, _)| count);
        while rest.len().min(until_break) > 0 {
            if self.dies() {
                return self.machine.start();
            }
            let mut piece = rest.split_off_front(7.min(until_break));
            until_break -= piece.len();
            let expected = recalled.as_mut().map(|end| end.split_off_front(piece.len()));
            if let Some(expected) = expected {
                let repeated = piece.split_off_front(expected.len());
                if expected.len() > 0 && expected != repeated {
                    return self.machine.handle_mismatch();
                }
                self.machine.handle_repeated(expected.length());
                if piece.len() == 0 {
                    continue;
                }
            }
            if let Some(next) = self.machine.handle_bytes(piece.length()) {
                return next;
            }
            self.stored.push(piece);
            self.check_stored();
            if self.stored.len() > AT_ONCE {
                self.machine.handle_replacement();
            }
        }
        match answer.broken {
            Some((_, Break::Error)) if until_break == 0 => {
                self.machine.handle_failure(NetworkFailure::Failed)
            }
            _ => self.machine.handle_end(BodyEnd::Unconfirmed),
        }
    }

    /// All that is left then is the record and its bytes.
    fn dies(&mut self) -> bool {
        let Some(life) = &mut self.life else { return false };
        if *life > 0 {
            *life -= 1;
            return false;
        }
        self.life = None;
        self.return_to_stored();
        let record = self.machine.record().clone();
        self.machine = CompleteRecord::new(self.request.clone(), record, RetryPolicy::default());
        true
    }

    /// Where nothing of a new body was stored.
    fn return_to_stored(&mut self) {
        if self.machine.keeps_stored() {
            self.machine.handle_return();
            self.stored = std::mem::take(&mut self.before);
        }
    }

    fn check_stored(&self) {
        let joined = Content::join(self.stored.iter().copied()).expect("there is a piece");
        assert_eq!((joined.start, joined.end), (0, self.machine.record().length.0));
    }

    fn content(&self) -> Option<Content> {
        Content::join(self.stored.iter().copied())
    }

    /// Which may have been replaced by the time it was through.
    fn has_a_whole_version(&self) -> bool {
        match self.content() {
            Some(content) => self.versions.contains(&content),
            None => self.versions.iter().any(|version| version.len() == 0),
        }
    }
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn the_stored_bytes_are_one_version_of_the_file_whatever_goes_wrong(
        file in file(),
        faults in prop_oneof![
            1 => Just(Vec::new()),
            4 => prop::collection::vec(fault(), 0..25),
        ],
        life in prop::option::of(0..100_u32),
    ) {
        let is_faultless = faults.iter().all(Option::is_none);
        let mut download = Download::new(file, faults, life);
        let result = download.run();
        prop_assert!(!is_faultless || result != RecordResult::Failure(FailureReason::FetchError));
        if result != RecordResult::Failure(FailureReason::FetchError) {
            prop_assert!(download.has_a_whole_version(), "{:?}", download.stored);
            let expected = if download.file.status == 200 {
                RecordResult::Success
            } else {
                RecordResult::Failure(FailureReason::BadStatus)
            };
            prop_assert_eq!(result, expected);
        }
    }

    #[test]
    fn a_death_at_any_piece_changes_nothing_of_the_outcome(
        file in file(),
        faults in prop::collection::vec(fault(), 0..4),
        life in 0..40_u32,
    ) {
        // Which of two versions it is, goes by when it was asked for.
        let may_differ = faults.iter().any(|fault| matches!(fault, Some(Fault::Changed(_))));
        let mut uncut = Download::new(file.clone(), faults.clone(), None);
        let mut cut = Download::new(file, faults, Some(life));
        let (result, cut_result) = (uncut.run(), cut.run());
        prop_assert_eq!(cut.content().map_or(0, Content::len), cut.machine.record().length.0);
        if !may_differ {
            prop_assert_eq!(result, cut_result);
            prop_assert_eq!(uncut.content(), cut.content());
        }
        if cut_result != RecordResult::Failure(FailureReason::FetchError) {
            prop_assert!(cut.has_a_whole_version(), "{:?}", cut.stored);
        }
    }
}
