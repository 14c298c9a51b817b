//! The holidays and make-up working days of each year, as a government announces them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;

use super::{InvalidCalendar, parse_json};

/// No holiday is longer than this many days.
const LONGEST: i32 = 60;

/// Holidays by date, with the years that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays {
    years: BTreeSet<i16>,
    holidays: BTreeMap<Date, String>,
    make_up: BTreeSet<Date>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    #[serde(default, rename = "region")]
    _region: String,
    #[serde(default, rename = "source")]
    _source: String,
    years: BTreeMap<i16, Year>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    holidays: Vec<Span>,
    make_up: Vec<Date>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    name: String,
    from: Date,
    to: Date,
}

impl Holidays {
    /// Reads a document of holidays, `cti.holidays/1`; `file` is the name that errors show.
    ///
    /// # Errors
    /// When the text is not such a document, or a date is out of its year, or a day is both holiday and make-up day.
    pub fn parse(file: &str, text: &str) -> Result<Self, InvalidCalendar> {
        let document: Document = parse_json(file, text)?;
        let invalid = |field: String, reason: String| InvalidCalendar::Value {
            file: file.to_owned(),
            field,
            reason,
        };
        if document.schema != "cti.holidays/1" {
            return Err(invalid("schema".to_owned(), "must be \"cti.holidays/1\"".to_owned()));
        }
        let mut all = Self::default();
        for (year, days) in document.years {
            all.years.insert(year);
            for (index, span) in days.holidays.into_iter().enumerate() {
                all.add_span(year, span)
                    .map_err(|reason| invalid(format!("years.{year}.holidays[{index}]"), reason))?;
            }
            for (index, date) in days.make_up.into_iter().enumerate() {
                all.add_make_up(year, date)
                    .map_err(|reason| invalid(format!("years.{year}.make_up[{index}]"), reason))?;
            }
        }
        Ok(all)
    }

    fn add_span(&mut self, year: i16, span: Span) -> Result<(), String> {
        if span.from.year() != year {
            return Err(format!("{} is not in this year", span.from));
        }
        if span.to < span.from {
            return Err("ends before it begins".to_owned());
        }
        let length = (span.to - span.from).get_days() + 1;
        if length > LONGEST {
            return Err(format!("lasts {length} days, more than {LONGEST}"));
        }
        for date in span.from.series(jiff::ToSpan::days(1)).take_while(|date| *date <= span.to) {
            if self.holidays.insert(date, span.name.clone()).is_some() {
                return Err(format!("{date} is a holiday already"));
            }
        }
        Ok(())
    }

    fn add_make_up(&mut self, year: i16, date: Date) -> Result<(), String> {
        if date.year() != year {
            return Err(format!("{date} is not in this year"));
        }
        if self.holidays.contains_key(&date) {
            return Err(format!("{date} is a holiday"));
        }
        self.make_up.insert(date);
        Ok(())
    }

    /// Returns the name of the holiday on a date.
    #[must_use]
    pub fn holiday(&self, date: Date) -> Option<&str> {
        self.holidays.get(&date).map(String::as_str)
    }

    /// Returns whether people work on this date although it is at a weekend (调休上班).
    #[must_use]
    pub fn is_make_up(&self, date: Date) -> bool {
        self.make_up.contains(&date)
    }

    /// Returns whether the holidays of a year are known.
    #[must_use]
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains(&year)
    }
}
