//! The hours of a week: spans of work and lunch per day; what no span covers is off.

use std::collections::BTreeMap;

use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};

use super::{DayPart, holidays::DaysOff};

/// The document `cti.schedules/1`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) schema: String,
    #[serde(default = "shanghai")]
    pub(super) zone: String,
    pub(super) schedules: BTreeMap<String, Schedule>,
}

impl Default for Document {
    fn default() -> Self {
        let schema = "cti.schedules/1".to_owned();
        Self { schema, zone: shanghai(), schedules: BTreeMap::new() }
    }
}

fn shanghai() -> String {
    "Asia/Shanghai".to_owned()
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Schedule {
    pub(super) name: String,
    days: Days,
    /// The hours of a make-up working day; those of Monday when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    make_up_day: Option<Vec<RawSpan>>,
    /// Whether public holidays are days off and make-up days are not.
    #[serde(default = "yes")]
    pub(super) observes_holidays: bool,
    /// Days off that only this schedule has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) days_off: Vec<DaysOff>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Days {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mon: Vec<RawSpan>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tue: Vec<RawSpan>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    wed: Vec<RawSpan>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    thu: Vec<RawSpan>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fri: Vec<RawSpan>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sat: Vec<RawSpan>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sun: Vec<RawSpan>,
}

/// From, to, and what it is.
#[derive(Debug, Deserialize, Serialize)]
struct RawSpan(String, String, Part);

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Work,
    Lunch,
}

/// Minutes of the day from (included) to (excluded).
#[derive(Clone, Copy, Debug)]
struct Span {
    from: i32,
    to: i32,
    part: Part,
}

#[derive(Clone, Debug)]
pub(super) struct Week {
    /// Monday first.
    days: [Vec<Span>; 7],
    make_up_day: Vec<Span>,
}

impl Week {
    /// Returns the week, or the field and the reason why there is none.
    pub(super) fn new(schedule: &Schedule) -> Result<Self, (String, String)> {
        let days = &schedule.days;
        let day = |name: &str, spans: &[RawSpan]| check(&format!("days.{name}"), spans);
        let monday = day("mon", &days.mon)?;
        let make_up_day = match &schedule.make_up_day {
            Some(spans) => check("make_up_day", spans)?,
            None => monday.clone(),
        };
        let days = [
            monday,
            day("tue", &days.tue)?,
            day("wed", &days.wed)?,
            day("thu", &days.thu)?,
            day("fri", &days.fri)?,
            day("sat", &days.sat)?,
            day("sun", &days.sun)?,
        ];
        Ok(Self { days, make_up_day })
    }

    pub(super) fn weekday(&self, day: Weekday, minute: i32) -> DayPart {
        let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or_default();
        self.days.get(index).map_or(DayPart::Off, |spans| part(spans, minute))
    }

    pub(super) fn make_up_day(&self, minute: i32) -> DayPart {
        part(&self.make_up_day, minute)
    }

    /// Returns the spans of work of a day of the week, in minutes of the day.
    pub(super) fn work_on_weekday(&self, day: Weekday) -> impl Iterator<Item = (i32, i32)> + '_ {
        let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or_default();
        self.days.get(index).into_iter().flat_map(|spans| work(spans))
    }

    /// Returns the spans of work of a make-up working day, in minutes of the day.
    pub(super) fn work_on_make_up_day(&self) -> impl Iterator<Item = (i32, i32)> + '_ {
        work(&self.make_up_day)
    }
}

fn work(spans: &[Span]) -> impl Iterator<Item = (i32, i32)> + '_ {
    let work = spans.iter().filter(|span| match span.part {
        Part::Work => true,
        Part::Lunch => false,
    });
    work.map(|span| (span.from, span.to))
}

fn part(spans: &[Span], minute: i32) -> DayPart {
    match spans.iter().find(|span| (span.from..span.to).contains(&minute)).map(|span| span.part) {
        Some(Part::Work) => DayPart::Work,
        Some(Part::Lunch) => DayPart::Lunch,
        None => DayPart::Off,
    }
}

fn check(field: &str, raw: &[RawSpan]) -> Result<Vec<Span>, (String, String)> {
    let mut spans: Vec<Span> = Vec::with_capacity(raw.len());
    for (index, RawSpan(from, to, part)) in raw.iter().enumerate() {
        let invalid = |reason: String| (format!("{field}[{index}]"), reason);
        let time = |text: &str| {
            minutes(text)
                .ok_or_else(|| invalid(format!("{text:?} is not a time between 00:00 and 24:00")))
        };
        let span = Span { from: time(from)?, to: time(to)?, part: *part };
        if span.to <= span.from {
            return Err(invalid("ends before it begins; split a span at midnight".to_owned()));
        }
        if spans.last().is_some_and(|last| span.from < last.to) {
            return Err(invalid("begins before the span before it ends".to_owned()));
        }
        spans.push(span);
    }
    Ok(spans)
}

/// Reads `HH:MM`, with `24:00` for the end of the day.
fn minutes(text: &str) -> Option<i32> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<i32>().ok())
            .flatten()
    };
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= 24 * 60).then_some(total)
}
