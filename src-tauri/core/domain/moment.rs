//! Times: the instant something happened, and the moment a post is about (an instant with the zone it was lived in).

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// An instant in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// Clamped to the years -9999 to 9999, which every part of the program can print.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(jiff::Timestamp::MIN.as_millisecond(), jiff::Timestamp::MAX.as_millisecond()))
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant some milliseconds later (or earlier).
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// RFC 3339 in UTC.
    pub fn to_rfc3339(self) -> String {
        self.to_jiff().to_string()
    }

    /// As the calendar library's type.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

/// The moment a post is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// The instant.
    pub at: Timestamp,
    /// Where the clock on the wall stood: an IANA zone (`Asia/Shanghai`) or a fixed offset (`+08:00`).
    pub zone: String,
}

impl Moment {
    /// The moment as shown on a clock in its zone; an unknown zone counts as UTC.
    pub fn to_zoned(&self) -> jiff::Zoned {
        self.at.to_jiff().to_zoned(zone(&self.zone).unwrap_or(TimeZone::UTC))
    }

    /// RFC 3339 with the moment's offset, as feeds want it.
    pub fn to_rfc3339(&self) -> String {
        let zoned = self.to_zoned();
        self.at.to_jiff().display_with_offset(zoned.offset()).to_string()
    }

    /// The same without what is less than a second.
    pub fn to_second(self) -> Self {
        let at = Timestamp::from_millis(self.at.as_millis().div_euclid(1000) * 1000);
        Self { at, ..self }
    }

    /// Whether the zone is one we know.
    pub fn has_known_zone(&self) -> bool {
        zone(&self.zone).is_some()
    }

    /// Reads RFC 3339 (`2025-01-07T16:40:00+08:00`), optionally with a bracketed zone (`[Asia/Shanghai]`, RFC 9557).
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(zoned) = text.parse::<jiff::Zoned>() {
            let name = zoned.time_zone().iana_name().map(str::to_owned);
            let at = Timestamp::from_millis(zoned.timestamp().as_millisecond());
            return Some(Self { at, zone: name.unwrap_or_else(|| offset_name(zoned.offset())) });
        }
        let at = text.parse::<jiff::Timestamp>().ok()?;
        let pieces = jiff::fmt::temporal::DateTimeParser::new().parse_pieces(text).ok()?;
        let offset = pieces.to_numeric_offset().unwrap_or(jiff::tz::Offset::UTC);
        // RFC 3339 has offsets up to 23:59; no feed's reader would take a larger one.
        if offset.seconds().abs() >= 24 * 3600 {
            return None;
        }
        Some(Self { at: Timestamp::from_millis(at.as_millisecond()), zone: offset_name(offset) })
    }
}

fn offset_name(offset: jiff::tz::Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

fn zone(name: &str) -> Option<TimeZone> {
    if let Some((sign, rest)) = name.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-")) {
        let (hours, minutes) = rest.split_once(':')?;
        let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        let offset = jiff::tz::Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()?;
        return Some(TimeZone::fixed(offset));
    }
    TimeZone::get(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_keeps_the_zone_it_was_lived_in() {
        let moment = Moment::parse("2025-01-07T16:40:00+08:00").unwrap();
        assert_eq!(moment.zone, "+08:00");
        assert_eq!(moment.to_rfc3339(), "2025-01-07T16:40:00+08:00");
        let named = Moment::parse("2025-01-07T16:40:00+08:00[Asia/Shanghai]").unwrap();
        assert_eq!((named.at, named.zone.as_str()), (moment.at, "Asia/Shanghai"));
        assert_eq!(named.to_rfc3339(), "2025-01-07T16:40:00+08:00", "a named zone prints its offset");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in ["", "yesterday", "2025-13-01T00:00:00Z", "2025-01-07", "2025-01-07T00:00:00+25:00"] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
