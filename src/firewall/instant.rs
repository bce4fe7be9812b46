//! Moments as people write them: `2026-11-23T10:00:00Z`, always UTC.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Moment, ParseError};

const DAY: i64 = 86_400_000;

/// Prints a moment; milliseconds only where there are some.
#[must_use]
pub fn print(moment: Moment) -> String {
    let (days, rest) = (moment.as_millis().div_euclid(DAY), moment.as_millis().rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (hour, minute, second, millis) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// Reads what [`print()`] prints, for the years 1970 to 9999.
///
/// # Errors
/// When it isn't such a moment.
pub fn parse(text: &str) -> Result<Moment, ParseError> {
    read(text).ok_or_else(|| ParseError::new(text, "isn't a moment like 2026-11-23T10:00:00Z (always UTC)"))
}

fn read(text: &str) -> Option<Moment> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = split(date, '-', [4, 2, 2])?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "000"));
    let [hour, minute, second] = split(time, ':', [2, 2, 2])?;
    let [millis] = split(fraction, '.', [3])?;
    let days = days(year, month, day);
    let in_range = year >= 1970 && hour < 24 && minute < 60 && second < 60;
    (in_range && civil(days) == (year, month, day))
        .then(|| Moment::from_millis(days * DAY + ((hour * 60 + minute) * 60 + second) * 1000 + millis))
}

fn split<const N: usize>(text: &str, separator: char, lengths: [usize; N]) -> Option<[i64; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(separator);
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part =
            parts.next().filter(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Days since 1970-01-01 of a date in the Gregorian calendar, counted in years that begin in March.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The reverse of [`days`].
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
}

/// For optional fields: `#[serde(with = "instant::optional")]`.
pub mod optional {
    use super::{Deserialize, Deserializer, Moment, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "the signature serde asks for")]
    pub(crate) fn serialize<S: Serializer>(moment: &Option<Moment>, serializer: S) -> Result<S::Ok, S::Error> {
        moment.map(super::print).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Moment>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.as_deref().map(super::parse).transpose().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_moments_are_right() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00Z", 951_825_600_000),
            ("2026-11-22T19:24:42.007Z", 1_795_375_482_007),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] {
            assert_eq!(parse(text), Ok(Moment::from_millis(millis)));
            assert_eq!(print(Moment::from_millis(millis)), text);
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2026-11-22",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T10:00:00+01:00",
            "2026-11-22 10:00:00Z",
            "2026-11-22T10:00:00",
            "2026-11-22T10:00:00.1Z",
            "+026-11-22T10:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-11-22T10:00:00:00Z",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_gives_the_same_moment(millis in 0i64..253_402_300_800_000) {
            prop_assert_eq!(parse(&print(Moment::from_millis(millis))), Ok(Moment::from_millis(millis)));
        }
    }
}
