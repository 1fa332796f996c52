use serde::{Serialize, Serializer};

use super::{FromRow, Row};

/// A [header list](https://fetch.spec.whatwg.org/#concept-header-list): names and values in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct HeaderList(Vec<(String, String)>);

impl FromRow for HeaderList {
    /// Of lines, or of a sequence of pairs.
    fn from_row(row: &impl Row) -> Option<Self> {
        let Some(lines) = row.text() else { return Vec::from_row(row).map(Self) };
        lines.lines().all(|line| line.contains(':')).then(|| Self::from_lines(&lines))
    }
}

impl HeaderList {
    /// Parses lines as XMLHttpRequest's
    /// [getAllResponseHeaders()](https://xhr.spec.whatwg.org/#the-getallresponseheaders%28%29-method) gives them.
    pub fn from_lines(text: &str) -> Self {
        text.lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name, value.trim()))
            .collect()
    }

    /// As [`HeaderList::from_lines`] reads them: one value, and not three for each header.
    pub fn serialize_lines<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut lines = String::new();
        for (name, value) in &self.0 {
            for part in [name, ": ", value, "\r\n"] {
                lines.push_str(part);
            }
        }
        serializer.serialize_str(&lines)
    }

    pub fn append(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// The values of all headers with this name, joined by a comma and a space, as in
    /// [Fetch's "get"](https://fetch.spec.whatwg.org/#concept-header-list-get). So a list is noticed where one value is
    /// due.
    pub fn value(&self, name: &str) -> Option<String> {
        let mut values =
            self.0.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let mut combined = values.next()?.clone();
        for value in values {
            combined.push_str(", ");
            combined.push_str(value);
        }
        Some(combined)
    }

    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for HeaderList {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        Self(headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_one_name_are_combined_whatever_their_case() {
        let headers: HeaderList = [("ETag", "\"a\""), ("etag", "\"b\""), ("x", "y")].into_iter().collect();
        assert_eq!(headers.value("eTag").as_deref(), Some("\"a\", \"b\""));
        assert_eq!(headers.value("missing"), None);
    }

    #[test]
    fn lines_are_headers() {
        let headers =
            HeaderList::from_lines("content-type: text/plain\r\nx-time: 10:20\r\nx-empty: \r\n\r\nnone");
        let expected = [("content-type", "text/plain"), ("x-time", "10:20"), ("x-empty", "")];
        assert_eq!(headers.iter().collect::<Vec<_>>(), expected);
    }
}
