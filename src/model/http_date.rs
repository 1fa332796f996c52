use super::Millis;
use super::content_range::digits;

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
/// What follows where the name is written out.
const ENDS_OF_WEEKDAYS: [&str; 7] = ["rsday", "day", "urday", "day", "day", "sday", "nesday"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// An [HTTP-date](https://www.rfc-editor.org/rfc/rfc9110#http.date), in any of its three formats. `None` for a date
/// that the calendar does not have, that is before 1970, or whose weekday is wrong.
pub fn http_date(text: &str) -> Option<Millis> {
    let mut text = Scanner(text.trim());
    let weekday = text.name(&WEEKDAYS)?;
    let (year, month, day, time);
    if text.literal(" ").is_some() {
        // Sun Nov  6 08:49:37 1994
        month = text.name(&MONTHS)?;
        text.literal(" ")?;
        day = if text.literal(" ").is_some() { text.number(1)? } else { text.number(2)? };
        text.literal(" ")?;
        time = text.time()?;
        text.literal(" ")?;
        year = text.number(4)?;
    } else {
        // Sun, 06 Nov 1994 08:49:37 GMT, or Sunday, 06-Nov-94 08:49:37 GMT
        let is_long = text.literal(ENDS_OF_WEEKDAYS.get(weekday as usize)?).is_some();
        let separator = if is_long { "-" } else { " " };
        text.literal(", ")?;
        day = text.number(2)?;
        text.literal(separator)?;
        month = text.name(&MONTHS)?;
        text.literal(separator)?;
        year = if is_long { full_year(text.number(2)?) } else { text.number(4)? };
        text.literal(" ")?;
        time = text.time()?;
        text.literal(" GMT")?;
    }
    let days = days_since_epoch(year, month, day)?;
    (text.0.is_empty() && days % 7 == weekday).then(|| Millis::from_seconds(days * 86_400 + time))
}

/// The rest of a text.
struct Scanner<'a>(&'a str);

impl Scanner<'_> {
    fn literal(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// The position of the name that comes next.
    fn name(&mut self, names: &[&str]) -> Option<u64> {
        names.iter().position(|name| self.literal(name).is_some()).map(|position| position as u64)
    }

    fn number(&mut self, length: usize) -> Option<u64> {
        let (number, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        digits(number).map(|number| number.0)
    }

    /// In seconds.
    fn time(&mut self) -> Option<u64> {
        let hours = self.number(2)?;
        self.literal(":")?;
        let minutes = self.number(2)?;
        self.literal(":")?;
        let seconds = self.number(2)?;
        (hours < 24 && minutes < 60 && seconds < 60).then_some((hours * 60 + minutes) * 60 + seconds)
    }
}

fn full_year(two_digits: u64) -> u64 {
    two_digits + if two_digits < 70 { 2000 } else { 1900 }
}

/// Of a day in the Gregorian calendar. Months count from 0, days from 1.
fn days_since_epoch(year: u64, month: u64, day: u64) -> Option<u64> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days_of_month = match month {
        1 => 28 + u64::from(is_leap),
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    };
    if year < 1970 || !(1..=days_of_month).contains(&day) {
        return None;
    }
    // In years that begin with March the day that leap years add is the last.
    let (year, month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let days_before_year = year * 365 + year / 4 - year / 100 + year / 400;
    let days_before_month = (month * 153 + 2) / 5;
    (days_before_year + days_before_month + day).checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_formats_name_the_same_second() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "\tSun Nov 06 08:49:37 1994 ",
        ] {
            assert_eq!(http_date(text), Some(Millis::from_seconds(784_111_777)), "{text}");
        }
    }

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        assert!(http_date("Thu, 29 Feb 2024 00:00:00 GMT").is_some());
        for text in [
            "",
            "Wed, 29 Feb 2023 00:00:00 GMT",
            "Mon, 29 Feb 2100 00:00:00 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 GMT, x",
            "Sunday, 06-Nov-94T08:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }
}
