use serde::Serialize;

use super::{ByteCount, FailureReason};

/// What a [BackgroundFetchRegistration](https://wicg.github.io/background-fetch/#background-fetch-registration) shows
/// at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationState {
    pub id: String,
    pub upload_total: ByteCount,
    pub uploaded: ByteCount,
    pub download_total: ByteCount,
    pub downloaded: ByteCount,
    pub settled: bool,
    pub is_paused: bool,
    /// It runs, and nothing of it can go on without the network.
    pub is_waiting: bool,
    pub failure_reason: Option<FailureReason>,
    pub records_available: bool,
}

impl RegistrationState {
    /// [BackgroundFetchResult](https://wicg.github.io/background-fetch/#enumdef-backgroundfetchresult).
    pub fn result(&self) -> &'static str {
        match (self.settled, self.failure_reason) {
            (false, _) => "",
            (true, None) => "success",
            (true, Some(_)) => "failure",
        }
    }

    pub fn failure_reason(&self) -> &'static str {
        self.failure_reason.filter(|_| self.settled).map_or("", FailureReason::as_str)
    }

    /// What `progress` events tell of: the bytes downloaded and uploaded, and the result.
    pub fn told(&self) -> (ByteCount, ByteCount, &'static str) {
        (self.downloaded, self.uploaded, self.result())
    }
}

/// What an instance has to show next, and whether a `progress` event tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceUpdate {
    pub state: RegistrationState,
    pub fires_progress: bool,
}

/// [Update background fetch instances](https://wicg.github.io/background-fetch/#update-background-fetch-instances), for
/// one instance: `None` where nothing of it changes. Nothing but the records' availability changes after the result.
/// Of that, of pauses and of waiting for the network, no event tells.
pub fn update_instance(shown: &RegistrationState, current: &RegistrationState) -> Option<InstanceUpdate> {
    let records_available = shown.records_available && current.records_available;
    if shown.settled || shown.told() == current.told() {
        let RegistrationState { is_paused, is_waiting, .. } = *if shown.settled { shown } else { current };
        let state = RegistrationState { records_available, is_paused, is_waiting, ..shown.clone() };
        return (state != *shown).then_some(InstanceUpdate { state, fires_progress: false });
    }
    Some(InstanceUpdate {
        state: RegistrationState { records_available, ..current.clone() },
        fires_progress: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(downloaded: u64, settled: bool, records_available: bool) -> RegistrationState {
        RegistrationState {
            id: "a".into(),
            upload_total: ByteCount::ZERO,
            uploaded: ByteCount::ZERO,
            download_total: ByteCount::ZERO,
            downloaded: ByteCount(downloaded),
            settled,
            is_paused: false,
            is_waiting: false,
            failure_reason: None,
            records_available,
        }
    }

    #[test]
    fn an_event_tells_of_bytes_and_of_the_result_only() {
        let fires = |shown, current| update_instance(&shown, &current).map(|update| update.fires_progress);
        assert_eq!(fires(state(1, false, true), state(1, false, true)), None);
        assert_eq!(fires(state(1, false, true), state(2, false, true)), Some(true));
        assert_eq!(fires(state(2, false, true), state(2, true, true)), Some(true));
        assert_eq!(fires(state(2, true, true), state(2, true, false)), Some(false));
        assert_eq!(fires(state(2, true, false), state(2, true, true)), None);
    }

    #[test]
    fn that_it_does_not_go_on_is_shown_without_an_event() {
        let paused = RegistrationState { is_paused: true, ..state(2, false, true) };
        let waiting = RegistrationState { is_waiting: true, ..state(2, false, true) };
        for stopped in [paused, waiting] {
            let update = update_instance(&state(2, false, true), &stopped);
            assert_eq!(update, Some(InstanceUpdate { state: stopped, fires_progress: false }));
        }
    }

    #[test]
    fn nothing_changes_after_the_result_but_the_availability() {
        let update = update_instance(&state(2, true, true), &state(9, true, false));
        assert_eq!(update.map(|update| update.state), Some(state(2, true, false)));
    }
}
