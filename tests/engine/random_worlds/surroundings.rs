use std::collections::BTreeSet;

use background_fetch_polyfill::engine::ObservedFetch;
use background_fetch_polyfill::model::{ByteCount, Error, Millis, Options, UniqueId};

use crate::world::{
    Fault, Page, Promise, Read, RealmId, ServedFile, Simulation, Validator, get, post, reads_all,
};

/// A world, and what was asked of it.
pub struct RandomWorld {
    pub simulation: Simulation,
    pub files: Vec<String>,
    pub uploads: Vec<String>,
    /// The file of each record.
    pub asked_for: Vec<String>,
    /// Those that are alive, suspended or not.
    pub pages: Vec<Page>,
    pub suspended: Vec<Page>,
    pub frozen: Vec<Page>,
    /// Those that were suspended or frozen once.
    pub disturbed: BTreeSet<RealmId>,
    pub fetches: Vec<Promise<Result<ObservedFetch, Error>>>,
    pub aborts: Vec<(UniqueId, Promise<Result<bool, Error>>)>,
    /// Promises of those pages that have lived to the end.
    pub waiting: Vec<(Page, Promise<()>)>,
    pub reading: Vec<(Page, Promise<Result<Read, Error>>)>,
    pub kills_workers: bool,
    pub fails_commits: bool,
    pub breaks_store: bool,
    pub takes_locks_away: bool,
    pub freezes_pages: bool,
    /// Workers have not enough time for the next events.
    pub hurries_workers: bool,
    pub recovered_at: Millis,
}

impl RandomWorld {
    pub fn new(seed: u64) -> Self {
        let simulation = Simulation::new(seed);
        let recovered_at = simulation.now();
        let mut world = Self {
            simulation,
            files: Vec::new(),
            uploads: Vec::new(),
            asked_for: Vec::new(),
            pages: Vec::new(),
            suspended: Vec::new(),
            frozen: Vec::new(),
            disturbed: BTreeSet::new(),
            fetches: Vec::new(),
            aborts: Vec::new(),
            waiting: Vec::new(),
            reading: Vec::new(),
            kills_workers: false,
            fails_commits: false,
            breaks_store: false,
            takes_locks_away: false,
            freezes_pages: false,
            hurries_workers: false,
            recovered_at,
        };
        world.kills_workers = world.once_in(2);
        world.fails_commits = world.once_in(3);
        world.breaks_store = world.once_in(3);
        world.takes_locks_away = world.once_in(4);
        world.freezes_pages = world.once_in(3);
        world.hurries_workers = world.kills_workers && world.once_in(8);
        world.choose_settings();
        for _ in 0..1 + world.below(4) {
            world.serve_file();
        }
        let pages = 1 + world.below(3);
        world.pages.extend((0..pages).map(|_| world.simulation.open_page()).collect::<Vec<_>>());
        world
    }

    pub fn below(&self, limit: u64) -> u64 {
        self.simulation.origin.executor.below(limit)
    }

    pub fn once_in(&self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// One of them all.
    pub fn pick<'a, T>(&self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len() as u64) as usize)
    }

    fn choose_settings(&self) {
        let takes = if self.once_in(4) { self.below(40_000) } else { self.below(300) };
        self.simulation.origin.handler.replace(Some(reads_all(Millis(takes))));
        self.simulation.origin.transactions.longest_commit.set(1 + self.below(60));
        let mut settings = self.simulation.origin.settings.borrow_mut();
        settings.connections = 1 + self.below(4) as u32;
        settings.unstored_time = Millis(50 + self.below(500));
        settings.unstored_bytes = ByteCount::from_mebibytes(1 + self.below(4));
        if self.once_in(4) {
            self.simulation.origin.tables.borrow_mut().quota = Some(100_000 + self.below(3_000_000));
        }
    }

    fn length(&self) -> u64 {
        match self.below(6) {
            0 => self.below(3),
            1 => self.below(1000),
            _ => self.below(1_500_000),
        }
    }

    fn serve_file(&mut self) {
        let name = format!("file-{}", self.files.len());
        let validators = [Validator::StrongEtag, Validator::WeakEtag, Validator::Date, Validator::None];
        let is_cross_origin = self.once_in(4);
        // The one that can be read there.
        let usual = if is_cross_origin { Validator::Date } else { Validator::StrongEtag };
        let validator = if self.once_in(2) { usual } else { *self.pick(&validators).unwrap() };
        let length = self.length();
        let file = ServedFile {
            length,
            status: if self.once_in(10) { 404 } else { 200 },
            validator,
            announces_length: !self.once_in(6),
            takes_ranges: !self.once_in(6),
            tells_complete_length: !self.once_in(6),
            coded_length: self.once_in(8).then(|| length / 3 + self.below(20)),
            cuts_code: self.once_in(2),
            is_cross_origin,
            exposes_headers: is_cross_origin && self.once_in(2),
            hides_coding: self.once_in(2),
            is_forbidden: self.once_in(25),
            bytes_per_milli: 20 + self.below(3000),
            piece: 5_000 + self.below(100_000),
            latency: 1 + self.below(300),
            ..ServedFile::default()
        };
        let is_truncated_unseen = can_confirm_its_end(&file) && self.once_in(2);
        let fault = || if is_truncated_unseen { self.unseen_fault(&file) } else { self.fault(&file) };
        let mut faults: Vec<Option<Fault>> =
            (0..self.below(5)).map(|_| self.once_in(2).then(fault)).collect();
        if is_truncated_unseen {
            answer_every_third_question(&mut faults);
        }
        let second_server = (!is_truncated_unseen && self.once_in(4)).then(|| self.second_server(&file));
        self.simulation.serve(&name, file);
        self.simulation.resource(&name, |resource| {
            resource.faults.extend(faults);
            resource.second_server = second_server;
        });
        self.files.push(name);
    }

    fn fault(&self, file: &ServedFile) -> Fault {
        let place = self.below(file.length + 1);
        // Nobody can tell that it is not the end of a file whose length is not known.
        let hides_early_end = !file.announces_length || file.coded_length.is_some();
        // Across origins, two such ends at the same place are taken for the end of a coded body.
        let hides_early_end = hides_early_end || file.is_cross_origin && file.length < 10_000;
        match self.below(19) {
            0 => Fault::NoAnswer,
            1 => Fault::Silence,
            2 if !hides_early_end => Fault::EndAfter(place),
            2..=4 => Fault::CutAfter(place),
            5 => Fault::SilenceAfter(place),
            6 => Fault::RangeIgnored,
            7 => Fault::OtherRange,
            // Nor that a part is not the rest, where its range is hidden, too.
            8 if !file.is_cross_origin || !hides_early_end => Fault::ShorterRange,
            8 | 9 => Fault::OverlongRange,
            // Nor that there is more, where the server says that there is not.
            10 if file.tells_complete_length || !hides_early_end => Fault::Unsatisfiable,
            11 => Fault::Status(*self.pick(&[400, 404, 500, 502]).unwrap()),
            12 => Fault::Busy(self.below(100)),
            13 => Fault::MislabelledRange,
            // Nor that this is not a new file, where no length is known.
            14 if file.announces_length && file.coded_length.is_none() => Fault::UnlabelledRange,
            14 | 15 => Fault::RefusesIfRange,
            16 => Fault::RefusesRange,
            17 => Fault::Page,
            _ => Fault::Changed(self.length()),
        }
    }

    /// What is wrong with it once is wrong with it always.
    fn second_server(&self, file: &ServedFile) -> Fault {
        match self.fault(file) {
            Fault::Changed(length) => Fault::OtherFile(self.simulation.origin.servers.new_version(length)),
            // Across origins, two such ends at the same place are taken for the end of a coded body.
            Fault::EndAfter(place) if file.is_cross_origin => Fault::CutAfter(place),
            fault => fault,
        }
    }

    /// The end may be another one than it seems, and whoever asks what is behind it is told the truth, if anything.
    fn unseen_fault(&self, file: &ServedFile) -> Fault {
        // Across origins fewer bytes than are compared are not resumed.
        let least = if file.is_cross_origin { 65 } else { 1 };
        let place = least + self.below(file.length + 1);
        match self.below(8) {
            0 => Fault::NoAnswer,
            // Across origins nothing tells that such a part is not the rest.
            1 if !file.is_cross_origin => Fault::ShorterRange,
            1..=2 => Fault::CutAfter(place),
            3 => Fault::SilenceAfter(place),
            4 => Fault::Busy(self.below(100)),
            _ => Fault::EndAfter(place),
        }
    }

    pub fn begin_fetch(&mut self) {
        let page =
            if self.once_in(8) { Some(self.simulation.worker()) } else { self.pick(&self.pages).cloned() };
        let Some(page) = page else { return };
        let names: Vec<String> =
            (0..1 + self.below(4)).filter_map(|_| self.pick(&self.files).cloned()).collect();
        let mut requests: Vec<_> = names.iter().map(|name| (get(name), None)).collect();
        self.asked_for.extend(names);
        if self.once_in(4) {
            let name = format!("upload-{}", self.uploads.len());
            self.simulation.serve(&name, ServedFile::of(100));
            requests.push(post(&name, self.simulation.upload(1 + self.below(5000))));
            self.uploads.push(name);
        }
        let download_total = if self.once_in(6) { ByteCount(self.below(4_000_000)) } else { ByteCount::ZERO };
        let options = Options { download_total, ..Options::default() };
        let id = format!("id-{}", self.below(4));
        self.fetches.push(page.begin_fetch(&id, requests, options));
    }
}

/// After three questions without an answer the end is believed.
fn answer_every_third_question(faults: &mut [Option<Fault>]) {
    let unanswered =
        faults.iter_mut().filter(|fault| matches!(fault, Some(Fault::NoAnswer | Fault::Busy(_))));
    unanswered.skip(2).for_each(|fault| *fault = None);
}

fn can_confirm_its_end(file: &ServedFile) -> bool {
    let is_coded = file.coded_length.is_some();
    let is_recognised = match file.validator {
        Validator::StrongEtag => file.tells_complete_length && !file.is_cross_origin,
        // Across origins it is the repeated bytes that tell, not the length.
        Validator::Date if !is_coded => file.tells_complete_length || file.is_cross_origin,
        Validator::Date | Validator::WeakEtag => file.tells_complete_length && !file.is_cross_origin,
        Validator::None => false,
    };
    file.status == 200
        && !file.announces_length
        && !(is_coded && file.cuts_code)
        && file.takes_ranges
        && is_recognised
}
