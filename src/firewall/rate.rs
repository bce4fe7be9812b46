//! How many per time.

use std::{fmt, num::NonZeroU32};

use serde::{Deserialize, Serialize};

use super::{ParseError, parse_error::text_form};

/// The span that a rate counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Per {
    /// 1 s.
    Second,
    /// 60 s.
    Minute,
    /// 3,600 s.
    Hour,
    /// 86,400 s.
    Day,
}

impl Per {
    const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::Hour, Self::Day];

    /// The word after the slash.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The span's length.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }
}

/// A rate with the number that may come at once. Written `6/minute burst 10`; without the burst it is the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate {
    count: NonZeroU32,
    per: Per,
    burst: NonZeroU32,
}

text_form!(Rate);

impl Rate {
    /// The most that count and burst may be: far above any use, far below what overflows the kernel's arithmetic.
    pub const MOST: u32 = 100_000;

    /// Reads `6/minute` or `6/minute burst 10`.
    ///
    /// # Errors
    /// When a number is 0 or above [`Self::MOST`], or the span is unknown.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::new(text, "isn't a rate like 6/minute or 30/second burst 60 (numbers 1 to 100000)");
        let (rate, burst) = text.split_once(" burst ").map_or((text, None), |(rate, burst)| (rate, Some(burst)));
        let (count, per) = rate.split_once('/').ok_or_else(wrong)?;
        let count = parse_count(count).ok_or_else(wrong)?;
        let burst = burst.map_or(Some(count), parse_count).ok_or_else(wrong)?;
        let per = Per::ALL.into_iter().find(|known| known.as_str() == per).ok_or_else(wrong)?;
        Ok(Self { count, per, burst })
    }

    /// How many in each span.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count.get()
    }

    /// The span.
    #[must_use]
    pub const fn per(self) -> Per {
        self.per
    }

    /// How many may come at once.
    #[must_use]
    pub const fn burst(self) -> u32 {
        self.burst.get()
    }
}

fn parse_count(text: &str) -> Option<NonZeroU32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let number: NonZeroU32 = if plain { text.parse().ok()? } else { return None };
    (number.get() <= Rate::MOST).then_some(number)
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.count, self.per.as_str())?;
        if self.burst == self.count { Ok(()) } else { write!(out, " burst {}", self.burst) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_printed_back() {
        for text in ["6/minute", "30/second burst 60", "1/day", "100000/hour burst 1"] {
            assert_eq!(Rate::parse(text).map(|rate| rate.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(Rate::parse("6/minute burst 6").map(|rate| rate.to_string()), Ok("6/minute".to_owned()));
    }

    #[test]
    fn wrong_rates_are_refused() {
        for text in ["", "6", "0/minute", "6/fortnight", "-1/second", "+1/second", "100001/second", "6/minute burst 0"]
        {
            assert!(Rate::parse(text).is_err(), "{text}");
        }
    }
}
