use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::Serialize;

/// A number of bytes. Stored and handed to JavaScript as a double: exact up to 2^53, saturating where a foreign value
/// is out of range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "f64")]
pub struct ByteCount(pub u64);

impl ByteCount {
    pub const ZERO: Self = Self(0);
    pub const MAX: Self = Self(u64::MAX);

    pub const fn from_mebibytes(mebibytes: u64) -> Self {
        Self(mebibytes << 20)
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

// Saturating: a sum of lengths that a server or a database row made up must not wrap around.
impl Add for ByteCount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for ByteCount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for ByteCount {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::ZERO, Add::add)
    }
}

impl From<f64> for ByteCount {
    /// NaN and negative numbers become 0.
    fn from(number: f64) -> Self {
        Self(number as u64)
    }
}

impl From<ByteCount> for f64 {
    fn from(count: ByteCount) -> Self {
        count.0 as f64
    }
}

/// A time span, or a point in time counted from the Unix epoch, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "f64")]
pub struct Millis(pub u64);

impl Millis {
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for Millis {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl From<f64> for Millis {
    fn from(number: f64) -> Self {
        Self(number as u64)
    }
}

impl From<Millis> for f64 {
    fn from(millis: Millis) -> Self {
        millis.0 as f64
    }
}
