use super::{ByteCount, Millis};

/// A value that somebody else may have written: a row of the database, a message, an object of the page.
///
/// Only what a type asks for is read: such a value may be of any size, and contain itself.
pub trait Row: Sized {
    /// A property of an object, [undefined](Self::is_undefined) where it has none with this name. `None` where this is
    /// no object, or throws.
    fn property(&self, name: &'static str) -> Option<Self>;

    /// The elements of a list, each looked at when its turn comes: one may claim any length, and have nothing in it.
    fn items(&self) -> Option<impl Iterator<Item = Self>>;

    fn is_undefined(&self) -> bool;
    fn is_null(&self) -> bool;
    fn boolean(&self) -> Option<bool>;
    fn number(&self) -> Option<f64>;
    fn text(&self) -> Option<String>;

    /// A field that has to be there, unless `T` is an `Option`.
    fn read<T: FromRow>(&self, name: &'static str) -> Option<T> {
        T::from_row(&self.property(name)?)
    }

    /// A field that rows of an earlier version may lack.
    fn read_or_default<T: FromRow + Default>(&self, name: &'static str) -> Option<T> {
        let value = self.property(name)?;
        if value.is_undefined() { Some(T::default()) } else { T::from_row(&value) }
    }

    /// A number from 0 on that JavaScript can count with.
    fn whole_number(&self) -> Option<u64> {
        let number = self.number()?;
        let whole = number as u64;
        (whole as f64 == number && whole <= MAX_SAFE_INTEGER).then_some(whole)
    }
}

/// [Number.MAX_SAFE_INTEGER](https://tc39.es/ecma262/#sec-number.max_safe_integer).
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// What can be read from a [`Row`] as it was written. It never panics: what no version of this package wrote is `None`.
/// Properties with other names are passed over, as a later version may have more.
///
/// Written by hand, as serde's way makes the module larger by an eighth: its errors tell what was found instead.
pub trait FromRow: Sized {
    fn from_row(row: &impl Row) -> Option<Self>;
}

impl FromRow for bool {
    fn from_row(row: &impl Row) -> Option<Self> {
        row.boolean()
    }
}

impl FromRow for u16 {
    fn from_row(row: &impl Row) -> Option<Self> {
        Self::try_from(row.whole_number()?).ok()
    }
}

impl FromRow for u32 {
    fn from_row(row: &impl Row) -> Option<Self> {
        Self::try_from(row.whole_number()?).ok()
    }
}

impl FromRow for ByteCount {
    fn from_row(row: &impl Row) -> Option<Self> {
        row.number().map(Self::from)
    }
}

impl FromRow for Millis {
    fn from_row(row: &impl Row) -> Option<Self> {
        row.number().map(Self::from)
    }
}

impl FromRow for String {
    fn from_row(row: &impl Row) -> Option<Self> {
        row.text()
    }
}

impl<T: FromRow> FromRow for Option<T> {
    fn from_row(row: &impl Row) -> Option<Self> {
        if row.is_undefined() || row.is_null() { Some(None) } else { T::from_row(row).map(Some) }
    }
}

impl<T: FromRow> FromRow for Vec<T> {
    fn from_row(row: &impl Row) -> Option<Self> {
        row.items()?.map(|item| T::from_row(&item)).collect()
    }
}

impl<A: FromRow, B: FromRow> FromRow for (A, B) {
    fn from_row(row: &impl Row) -> Option<Self> {
        let mut items = row.items()?;
        Some((A::from_row(&items.next()?)?, B::from_row(&items.next()?)?))
    }
}

/// Names of an enum's variants, by which they are written and read.
macro_rules! by_name {
    ($type:ident { $($name:literal => $variant:ident),+ $(,)? }) => {
        impl $type {
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl $crate::model::FromRow for $type {
            fn from_row(row: &impl $crate::model::Row) -> Option<Self> {
                match row.text()?.as_str() {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use by_name;
