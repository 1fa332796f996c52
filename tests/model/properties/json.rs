use background_fetch_polyfill::model::{FromRow, Row};
use serde::Serialize;
use serde_json::Value;

/// JSON in place of the browser's objects; `None` is `undefined`.
pub struct Json(Option<Value>);

impl Json {
    pub fn undefined() -> Self {
        Self(None)
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self(Some(value))
    }
}

impl Row for Json {
    fn property(&self, name: &'static str) -> Option<Self> {
        match self.0.as_ref()? {
            Value::Object(fields) => Some(Self(fields.get(name).cloned())),
            // An array is an object, which has none of our properties.
            Value::Array(_) => Some(Self::undefined()),
            _ => None,
        }
    }

    fn items(&self) -> Option<impl Iterator<Item = Self>> {
        Some(self.0.as_ref()?.as_array()?.iter().cloned().map(Self::from))
    }

    fn is_undefined(&self) -> bool {
        self.0.is_none()
    }

    fn is_null(&self) -> bool {
        self.0.as_ref().is_some_and(Value::is_null)
    }

    fn boolean(&self) -> Option<bool> {
        self.0.as_ref()?.as_bool()
    }

    fn number(&self) -> Option<f64> {
        self.0.as_ref()?.as_f64()
    }

    fn text(&self) -> Option<String> {
        self.0.as_ref()?.as_str().map(Into::into)
    }
}

pub fn read<T: FromRow>(row: Value) -> Option<T> {
    T::from_row(&Json::from(row))
}

/// What comes of a value that is written, and read again.
pub fn written_and_read<T: Serialize + FromRow>(value: &T) -> Option<T> {
    read(serde_json::to_value(value).unwrap())
}
