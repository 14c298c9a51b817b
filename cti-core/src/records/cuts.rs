//! Intervals of reports: the day from midnight to midnight, cut into equal parts.

use jiff::{Zoned, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

const MINUTES_OF_A_DAY: u16 = 24 * 60;

/// Cuts time into intervals that begin at midnight of the centre's zone.
///
/// Each day is cut anew: where clocks are changed, the day has more or fewer intervals, or a shorter last one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Cuts {
    zone: TimeZone,
    name: String,
    minutes: u16,
}

/// From one cut to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interval {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

/// Cuts that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCuts {
    /// No such zone.
    #[error("zone: there is no time zone named {zone}")]
    Zone {
        /// The name.
        zone: String,
    },
    /// The day is no multiple of the interval.
    #[error("minutes: an interval lasts 1 to 1440 minutes and divides the day, not {minutes}")]
    Minutes {
        /// How many were asked for.
        minutes: u16,
    },
}

#[derive(Serialize, Deserialize)]
struct Document {
    zone: String,
    minutes: u16,
}

impl Cuts {
    /// Cuts the days of a zone, for example `Asia/Shanghai`, into intervals of so many minutes.
    ///
    /// # Errors
    /// When there is no such zone, or the day is no multiple of the interval.
    pub fn new(zone: &str, minutes: u16) -> Result<Self, InvalidCuts> {
        if minutes == 0 || !MINUTES_OF_A_DAY.is_multiple_of(minutes) {
            return Err(InvalidCuts::Minutes { minutes });
        }
        let name = zone.to_owned();
        let zone = TimeZone::get(zone).map_err(|_| InvalidCuts::Zone { zone: name.clone() })?;
        Ok(Self { zone, name, minutes })
    }

    /// Returns the interval that a moment lies in.
    #[must_use]
    pub fn around(&self, at: Timestamp) -> Interval {
        self.within_day(at)
            .unwrap_or(Interval { from: at, until: Timestamp::from_micros(u64::MAX) })
    }

    /// None beyond the calendar, that is after the year 9999.
    fn within_day(&self, at: Timestamp) -> Option<Interval> {
        let micros = i64::try_from(at.as_micros()).ok()?;
        let day = jiff::Timestamp::from_microsecond(micros).ok()?.to_zoned(self.zone.clone());
        let midnight = stamp(&day.start_of_day().ok()?);
        let next = stamp(&day.tomorrow().ok()?.start_of_day().ok()?);
        let every = u64::from(self.minutes) * 60_000_000;
        // A zone's midnight before 1970 is cut off at the epoch, and may not be before the interval.
        let index = at.as_micros().checked_sub_signed(midnight)? / every;
        let from = midnight + i64::try_from(index * every).ok()?;
        let until = (from + i64::try_from(every).ok()?).min(next);
        Some(Interval {
            from: Timestamp::from_micros(u64::try_from(from).unwrap_or(0)),
            until: Timestamp::from_micros(u64::try_from(until).ok()?),
        })
    }
}

fn stamp(moment: &Zoned) -> i64 {
    moment.timestamp().as_microsecond()
}

impl TryFrom<Document> for Cuts {
    type Error = InvalidCuts;
    fn try_from(document: Document) -> Result<Self, InvalidCuts> {
        Self::new(&document.zone, document.minutes)
    }
}

impl From<Cuts> for Document {
    fn from(cuts: Cuts) -> Self {
        Self { zone: cuts.name, minutes: cuts.minutes }
    }
}

impl Interval {
    /// Returns whether a moment lies in it.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let moment: Zoned = text.parse().unwrap();
        Timestamp::from_micros(u64::try_from(stamp(&moment)).unwrap())
    }

    #[test]
    fn intervals_begin_at_midnight_of_the_zone_and_meet_without_a_gap() {
        let cuts = Cuts::new("Asia/Shanghai", 15).unwrap();
        let before = cuts.around(at("2026-11-22T23:59:59.999999[Asia/Shanghai]"));
        let after = cuts.around(at("2026-11-23T00:00[Asia/Shanghai]"));
        assert_eq!(before.from, at("2026-11-22T23:45[Asia/Shanghai]"));
        assert_eq!(before.until, after.from);
        assert_eq!(after.until, at("2026-11-23T00:15[Asia/Shanghai]"));
    }

    #[test]
    fn days_on_which_clocks_change_are_cut_without_gap_or_overlap() {
        for (zone, minutes, first) in [
            ("Europe/Berlin", 60, "2026-10-24T12:00[Europe/Berlin]"),
            ("Australia/Lord_Howe", 60, "2026-04-04T12:00[Australia/Lord_Howe]"),
            ("America/New_York", 1440, "2026-03-07T12:00[America/New_York]"),
        ] {
            let cuts = Cuts::new(zone, minutes).unwrap();
            let mut moment = at(first);
            for _ in 0..72 {
                let interval = cuts.around(moment);
                assert!(interval.contains(moment), "{zone}: {interval:?} holds {moment}");
                let last = Timestamp::from_micros(interval.until.as_micros() - 1);
                assert_eq!(cuts.around(last), interval, "{zone}");
                assert_eq!(cuts.around(interval.until).from, interval.until, "{zone}");
                moment = interval.until;
            }
        }
    }

    #[test]
    fn the_ends_of_time_have_an_interval_too() {
        let cuts = Cuts::new("Asia/Shanghai", 30).unwrap();
        assert!(cuts.around(Timestamp::ZERO).contains(Timestamp::ZERO));
        let late = Timestamp::from_micros(u64::MAX - 5);
        assert!(cuts.around(late).contains(late));
    }

    #[test]
    fn cuts_that_do_not_divide_the_day_are_refused_and_good_ones_are_read_back() {
        assert_eq!(Cuts::new("Asia/Shanghai", 7), Err(InvalidCuts::Minutes { minutes: 7 }));
        assert!(Cuts::new("Asia/Nowhere", 15).unwrap_err().to_string().contains("Asia/Nowhere"));
        let cuts = Cuts::new("Asia/Shanghai", 15).unwrap();
        let text = serde_json::to_string(&cuts).unwrap();
        assert_eq!(text, r#"{"zone":"Asia/Shanghai","minutes":15}"#);
        assert_eq!(serde_json::from_str::<Cuts>(&text).unwrap(), cuts);
    }
}
