use std::time::{Duration, SystemTime};

use background_fetch_polyfill::model::{
    ByteCount, HeaderList, IntegrityCheck, Millis, Previous, ResponseHead, validate_partial_response,
};
use base64ct::{Base64, Base64Unpadded, Base64Url, Base64UrlUnpadded, Encoding};
use proptest::prelude::*;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::config;

/// The year 10000 has no HTTP-date.
const LAST_SECOND: u64 = 253_402_300_799;

/// What can be a header's value, as XMLHttpRequest gives it: bytes as code points, none of which ends a line.
fn value() -> impl Strategy<Value = String> {
    "[!-~\u{80}-\u{ff}]([\t -~\u{80}-\u{ff}]{0,20}[!-~\u{a1}-\u{ff}])?|[!-~]?"
        // It is trimmed as text is, which takes more than HTTP's white space.
        .prop_map(|text: String| text.trim().to_owned())
}

/// Something like a date, more often than not.
fn date() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..=LAST_SECOND).prop_map(http_date),
        "(Sun|Mon|Sunday),? [0-9]{1,2}( |-)(Jan|Feb|Nov)( |-)[0-9]{2,4} [0-9]{2}:[0-9]{2}:[0-9]{2} (GMT|UTC)",
        "(Sun|Mon) (Feb|Nov) [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4}",
        written_date(),
        "[0-9]{1,25}",
        ".{0,30}",
    ]
}

/// In one of the three formats, on a day that the calendar may have, and now and then with something wrong.
fn written_date() -> impl Strategy<Value = String> {
    const WEEKDAYS: [&str; 7] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = prop::sample::select(&MONTHS[..]);
    let year = prop_oneof![1960..2110_u32, 0..10_000_u32];
    let time = prop_oneof![Just("08:49:37".to_owned()), "[0-2][0-9]:[0-6][0-9]:[0-6][0-9]"];
    let change = prop::option::weighted(0.1, (any::<prop::sample::Index>(), "[ -~é]?"));
    (0..3, 0..32_u32, month, year, time, change).prop_flat_map(|(format, day, month, year, time, change)| {
        // One of the seven is right.
        prop::sample::select(&WEEKDAYS[..]).prop_map(move |weekday| {
            let short = &weekday[..3];
            let text = match format {
                0 => format!("{short}, {day:02} {month} {year:04} {time} GMT"),
                1 => format!("{weekday}, {day:02}-{month}-{:02} {time} GMT", year % 100),
                _ => format!("{short} {month} {day:2} {time} {year:04}"),
            };
            change.as_ref().map_or(text.clone(), |(place, other)| {
                let place = place.index(text.len());
                format!("{}{other}{}", &text[..place], &text[place + 1..])
            })
        })
    })
}

fn http_date(second: u64) -> String {
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(second))
}

fn head(headers: Vec<(&str, String)>) -> ResponseHead {
    ResponseHead { headers: headers.into_iter().collect(), ..ResponseHead::default() }
}

/// A digest of `bytes` as metadata can name it.
fn metadata(bytes: &[u8], bits: u16, spelling: u8) -> String {
    let digest = match bits {
        256 => Sha256::digest(bytes).to_vec(),
        384 => Sha384::digest(bytes).to_vec(),
        _ => Sha512::digest(bytes).to_vec(),
    };
    let text = match spelling % 4 {
        0 => Base64::encode_string(&digest),
        1 => Base64Unpadded::encode_string(&digest),
        2 => Base64Url::encode_string(&digest),
        _ => Base64UrlUnpadded::encode_string(&digest),
    };
    format!(
        "{}{bits}-{text}{}",
        if spelling < 128 { "sha" } else { "SHA" },
        if spelling.is_multiple_of(3) { "?x-y" } else { "" }
    )
}

fn bits() -> impl Strategy<Value = u16> {
    prop::sample::select(vec![256, 384, 512])
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn any_text_is_lines_of_headers(text in "(.|[a-z]{1,3}:? ?[a-z]{0,3}(\r|\n|\r\n)?){0,12}") {
        let headers = HeaderList::from_lines(&text);
        for (name, value) in headers.iter() {
            prop_assert!(!name.contains([':', '\n']) && !value.contains('\n'));
            prop_assert_eq!(value, value.trim());
            prop_assert!(headers.contains(name) && headers.value(name).is_some_and(|all| all.contains(value)));
        }
    }

    #[test]
    fn lines_of_headers_round_trip(headers in prop::collection::vec(("[a-z-]{1,12}", value()), 0..6)) {
        let text: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let expected: HeaderList = headers.into_iter().collect();
        prop_assert_eq!(HeaderList::from_lines(&text), expected);
    }

    #[test]
    fn any_retry_after_can_be_read(asked in date(), now in date()) {
        let head = head(vec![("retry-after", asked.clone()), ("date", now)]);
        if let Some(time) = head.retry_after() {
            let is_number = asked.trim().bytes().all(|byte| byte.is_ascii_digit());
            prop_assert!(is_number || time.0 <= LAST_SECOND * 1000, "{:?}", time);
        }
    }

    #[test]
    fn a_date_is_read_as_a_known_parser_reads_it(asked in date()) {
        let is_number = !asked.trim().is_empty() && asked.trim().bytes().all(|byte| byte.is_ascii_digit());
        if is_number {
            return Ok(());
        }
        let known = httpdate::parse_http_date(asked.trim());
        // It does not look at what is between year and time where the weekday is written out.
        let is_overlooked = asked.contains("day, ") && asked.trim().bytes().nth_back(12) != Some(b' ');
        let expected = known
            .ok()
            .filter(|_| !is_overlooked)
            .map(|date| Millis::from_seconds(date.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()));
        let head = head(vec![("retry-after", asked), ("date", http_date(0))]);
        prop_assert_eq!(head.retry_after(), expected);
    }

    #[test]
    fn a_retry_after_is_the_time_between_two_dates_or_the_seconds_it_names(
        now in 0..=LAST_SECOND,
        then in 0..=LAST_SECOND,
        seconds: u64,
    ) {
        let head = head(vec![("retry-after", http_date(then)), ("date", http_date(now))]);
        prop_assert_eq!(head.retry_after(), Some(Millis::from_seconds(then.saturating_sub(now))));
        let head = self::head(vec![("retry-after", seconds.to_string())]);
        prop_assert_eq!(head.retry_after(), Some(Millis::from_seconds(seconds)));
    }

    #[test]
    fn a_content_length_round_trips(length: u64, etag in value()) {
        let head = head(vec![("content-length", length.to_string()), ("etag", etag.clone())]);
        prop_assert_eq!(head.body_length(), Some(ByteCount(length)));
        prop_assert_eq!(head.has_validator(), head.if_range().is_some());
        prop_assert!(head.if_range().is_none_or(|validator| validator == etag && !validator.starts_with("W/")));
    }

    #[test]
    fn any_part_that_is_taken_is_the_one_that_was_asked_for(
        start: u64,
        total in prop::option::of(any::<u64>()),
        range in "bytes [0-9]{1,20}-[0-9]{1,20}/([0-9]{1,20}|\\*)|.{0,20}",
        length in prop::option::of("[0-9]{1,21}|.{0,5}"),
    ) {
        let mut headers = vec![("content-range", range)];
        headers.extend(length.map(|length| ("content-length", length)));
        let whole = ResponseHead::default();
        let previous = Previous { response: &whole, total: total.map(ByteCount) };
        let part = head(headers);
        let start = background_fetch_polyfill::model::ContentRange::from_headers(&part.headers)
            .map_or(ByteCount(start), |range| range.first);
        let Some(valid) = validate_partial_response(start, &part, Some(previous)) else { return Ok(()) };
        prop_assert!(valid.end > start);
        prop_assert!(valid.total.is_none_or(|all| valid.end <= all));
        prop_assert!(part.body_length().is_none_or(|length| Some(length) == valid.end.checked_sub(start)));
    }

    #[test]
    fn any_integrity_metadata_can_be_asked_for(metadata in "((sha|SHA)(256|384|512)?-?[A-Za-z0-9+/_=-]{0,9}[? \t]?|.){0,6}") {
        if let Some(mut check) = IntegrityCheck::new(&metadata) {
            check.handle_bytes(metadata.as_bytes());
            prop_assert!(!check.is_valid(), "no text holds its own digest");
        }
    }

    #[test]
    fn integrity_metadata_admits_its_bytes_and_no_others(
        bytes in prop::collection::vec(any::<u8>(), 1..50),
        cut in any::<prop::sample::Index>(),
        (bits, spelling) in (bits(), any::<u8>()),
        others in "( |md5-x |sha1-|x-y\t){0,3}",
        weaker in prop::option::of(bits()),
        changed in any::<prop::sample::Index>(),
    ) {
        let mut text = format!("{others} {}", metadata(&bytes, bits, spelling));
        // A weaker one does not count, right or wrong.
        if let Some(weaker) = weaker.filter(|weaker| *weaker < bits) {
            text = format!("sha{weaker}-wrong {text}");
        }
        let is_valid = |pieces: [&[u8]; 2]| {
            let mut check = IntegrityCheck::new(&text).unwrap();
            pieces.into_iter().for_each(|piece| check.handle_bytes(piece));
            check.is_valid()
        };
        let (first, second) = bytes.split_at(cut.index(bytes.len()));
        prop_assert!(is_valid([first, second]));
        let mut damaged = bytes.clone();
        damaged[changed.index(bytes.len())] ^= 1;
        prop_assert!(!is_valid([&damaged, &[]]));
        prop_assert!(!is_valid([&bytes, &[0]]));
    }
}
