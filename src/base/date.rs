//! Dates and times as authors write them.
//!
//! In: ISO 8601 text (`2026-08-01`, `2026-08-01T12:00:00`,
//! `2026-08-01T12:00:00+02:00`). Out: a value that is a real day of the
//! calendar, or the reason why it is none. Only ISO 8601: no other notation is
//! guessed. Must not know what today is.

use jiff::civil;
use jiff::tz::Offset;

/// A date, or a date and time, as written: `2026-08-01`,
/// `2026-08-01T12:00:00`, `2026-08-01T12:00:00Z`. Valid by construction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    /// Seconds since 1970 in UTC (a value without an offset is taken as UTC),
    /// for ordering.
    pub timestamp: i64,
    /// ISO 8601, as templates see it.
    pub text: String,
    /// Year, month (1–12) and day (1–31) as written.
    pub ymd: (i16, u8, u8),
}

/// What a date looks like, for hints.
pub const EXAMPLES: &str =
    "write a date as `2026-08-01`, `2026-08-01T12:00:00` or `2026-08-01T12:00:00+02:00`";

impl DateTime {
    /// Reads a whole text. The error is one phrase saying what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        match Self::prefix(text)? {
            (date, "") => Ok(date),
            (_, rest) => Err(format!("`{}` follows the date", shortened(rest))),
        }
    }

    /// Reads a date, or a date and time, at the start of a text; gives what
    /// follows it too. A time counts only when it is complete.
    pub fn prefix(text: &str) -> Result<(Self, &str), String> {
        let mut cursor = Cursor(text);
        let not_iso = || "not an ISO 8601 date".to_owned();
        let year = cursor.digits(4).ok_or_else(not_iso)?;
        cursor.eat("-").ok_or_else(not_iso)?;
        let month = cursor.digits(2).ok_or_else(not_iso)?;
        cursor.eat("-").ok_or_else(not_iso)?;
        let day = cursor.digits(2).ok_or_else(not_iso)?;
        if !(1..=12).contains(&month) {
            return Err(format!("there is no month {month}"));
        }
        let civil_date = i16::try_from(year)
            .ok()
            .zip(i8::try_from(month).ok().zip(i8::try_from(day).ok()))
            .and_then(|(year, (month, day))| civil::Date::new(year, month, day).ok())
            .ok_or_else(|| format!("{year:04}-{month:02} has no day {day}"))?;

        let mut iso = format!("{year:04}-{month:02}-{day:02}");
        let mut seconds = 0;
        let rest = match cursor.0.strip_prefix(['T', 't', ' ']) {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
                let mut time = Cursor(rest);
                seconds = time.time(&mut iso)?;
                time.0
            }
            _ => cursor.0,
        };
        let midnight = Offset::UTC
            .to_timestamp(civil_date.at(0, 0, 0, 0))
            .map_err(|_| format!("the year {year} is out of range"))?;
        let ymd = (civil_date.year(), civil_date.month().unsigned_abs(), civil_date.day().unsigned_abs());
        Ok((Self { timestamp: midnight.as_second() + seconds, text: iso, ymd }, rest))
    }
}

/// What is left to read.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn eat(&mut self, word: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(word)?;
        Some(())
    }

    /// Exactly `n` digits.
    fn digits(&mut self, n: usize) -> Option<u32> {
        let digits = self.0.get(..n).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
        self.0 = &self.0[n..];
        digits.parse().ok()
    }

    /// `12:00`, `12:00:00`, `12:00:00.5`, each with an offset or without:
    /// appends it to `iso` and gives the seconds to add to midnight UTC.
    fn time(&mut self, iso: &mut String) -> Result<i64, String> {
        let not_iso = || "not an ISO 8601 time".to_owned();
        let hour = self.digits(2).ok_or_else(not_iso)?;
        self.eat(":").ok_or_else(not_iso)?;
        let minute = self.digits(2).ok_or_else(not_iso)?;
        let second = match self.eat(":") {
            Some(()) => self.digits(2).ok_or_else(not_iso)?,
            None => 0,
        };
        // 60 is a leap second.
        if hour > 23 || minute > 59 || second > 60 {
            return Err(format!("there is no time {hour:02}:{minute:02}:{second:02}"));
        }
        iso.push_str(&format!("T{hour:02}:{minute:02}:{second:02}"));
        if let Some(rest) = self.0.strip_prefix('.') {
            let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=9).contains(&n_digits) {
                return Err("a fraction of a second has 1 to 9 digits".to_owned());
            }
            iso.push_str(&self.0[..=n_digits]);
            self.0 = &rest[n_digits..];
        }
        let offset = self.offset(iso)?;
        Ok(i64::from(hour * 3600 + minute * 60 + second.min(59)) - offset)
    }

    /// `Z`, `+02:00` or nothing; gives it in seconds.
    fn offset(&mut self, iso: &mut String) -> Result<i64, String> {
        if let Some(rest) = self.0.strip_prefix(['Z', 'z']) {
            self.0 = rest;
            iso.push('Z');
            return Ok(0);
        }
        let sign = match self.0.as_bytes().first() {
            Some(b'+') => '+',
            Some(b'-') => '-',
            _ => return Ok(0),
        };
        let mut ahead = Cursor(&self.0[1..]);
        let parts = ahead.digits(2).and_then(|hours| {
            ahead.eat(":")?;
            Some((hours, ahead.digits(2)?))
        });
        match parts {
            Some((hours, minutes)) if hours <= 23 && minutes <= 59 => {
                self.0 = ahead.0;
                iso.push_str(&format!("{sign}{hours:02}:{minutes:02}"));
                let seconds = i64::from(hours * 3600 + minutes * 60);
                Ok(if sign == '-' { -seconds } else { seconds })
            }
            Some((hours, minutes)) => Err(format!("there is no offset {sign}{hours:02}:{minutes:02}")),
            // In a file name, `-` may follow a time without an offset.
            None => Ok(0),
        }
    }
}

/// At most 24 characters of a text, for messages.
pub(crate) fn shortened(text: &str) -> String {
    let mut out: String = text.chars().take(24).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_of_the_calendar() {
        for (text, expected) in [
            ("2026-08-01", "2026-08-01 @1785542400"),
            ("2024-02-29", "2024-02-29 @1709164800"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z @0"),
            ("1970-01-01T02:00:00+02:00", "1970-01-01T02:00:00+02:00 @0"),
            ("1970-01-01 00:01", "1970-01-01T00:01:00 @60"),
            ("1970-01-01t00:00:01.250z", "1970-01-01T00:00:01.250Z @1"),
            ("1969-12-31", "1969-12-31 @-86400"),
            ("2026-13-45", "there is no month 13"),
            ("2026-00-01", "there is no month 0"),
            ("2026-02-30", "2026-02 has no day 30"),
            ("2023-02-29", "2023-02 has no day 29"),
            ("2026-01-00", "2026-01 has no day 0"),
            ("2026-01-01T25:00:00", "there is no time 25:00:00"),
            ("2026-01-01T12:00:00+25:00", "there is no offset +25:00"),
            ("2026-01-01T12", "not an ISO 8601 time"),
            ("2026-1-1", "not an ISO 8601 date"),
            ("1 August 2026", "not an ISO 8601 date"),
            ("01.08.2026", "not an ISO 8601 date"),
            ("2026-08-01x", "`x` follows the date"),
            ("2026-08-01T", "`T` follows the date"),
            ("", "not an ISO 8601 date"),
            ("２０２６-08-01", "not an ISO 8601 date"),
        ] {
            let found = match DateTime::parse(text) {
                Ok(date) => format!("{} @{}", date.text, date.timestamp),
                Err(reason) => reason,
            };
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_hundred_kilobytes_of_brackets_are_no_date() {
        assert!(DateTime::parse(&"(".repeat(100_000)).is_err());
        assert!(DateTime::parse(&format!("2026-08-01T12:00:00.{}", "9".repeat(100_000))).is_err());
    }
}
