//! Where mobile telephones are at home: a table of prefixes that an administrator loads.

use std::collections::BTreeMap;

use super::areas::Region;
use crate::import::{self, Column, ImportReport, Row};

/// Room for every segment of seven digits that is given out, twice over.
const MAX_PREFIXES: usize = 1_000_000;

/// What is known of the mobile numbers behind a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MobileSegment {
    /// Where numbers of this segment are at home.
    pub region: Region,
    /// Who gave the number out. Numbers can be taken along to another operator, so it is a guess.
    pub operator: Option<String>,
}

/// Mobile prefixes with the places where their numbers are at home (号段归属地).
///
/// No table is shipped: the segments are not published by a body that would let them be passed on. An operator or a
/// supplier delivers one.
///
/// # Examples
///
/// ```
/// use cti_core::numbers::MobilePrefixes;
///
/// let (mobiles, report) = MobilePrefixes::import("prefix,region,operator\n1381234,山东 济南,移动\n".as_bytes());
/// assert!(report.is_clean());
/// assert_eq!(mobiles.segment("13812341234").unwrap().region.to_string(), "山东 济南");
/// ```
#[derive(Clone, Debug, Default)]
pub struct MobilePrefixes {
    /// Sorted by prefix; the number is an index of `segments`.
    prefixes: Vec<(u64, u32)>,
    segments: Vec<MobileSegment>,
}

impl MobilePrefixes {
    /// Reads a table with the columns `prefix,region,operator` (号段,归属地,运营商): three to eleven digits, province
    /// and city with a space between, and who gave the numbers out, which may be left out.
    #[must_use]
    pub fn import(text: &[u8]) -> (Self, ImportReport) {
        const COLUMNS: [Column; 3] = [
            Column::required("prefix", "号段"),
            Column::required("region", "归属地"),
            Column::optional("operator", "运营商"),
        ];
        let mut reading = Reading::default();
        let report = import::read(text, &COLUMNS, MAX_PREFIXES, |_, row| reading.take(row));
        let all =
            Self { prefixes: reading.prefixes.into_iter().collect(), segments: reading.segments };
        (all, report)
    }

    /// Returns what is known of a mobile number of eleven digits, by its longest prefix.
    #[must_use]
    pub fn segment(&self, digits: &str) -> Option<&MobileSegment> {
        (3..=11).rev().find_map(|length| {
            let key = key(digits.get(..length)?)?;
            let at = self.prefixes.binary_search_by_key(&key, |(prefix, _)| *prefix).ok()?;
            self.segments.get(usize::try_from(self.prefixes.get(at)?.1).ok()?)
        })
    }

    /// Returns how many prefixes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.prefixes.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.prefixes.is_empty()
    }
}

#[derive(Default)]
struct Reading {
    prefixes: BTreeMap<u64, u32>,
    segments: Vec<MobileSegment>,
    /// Few regions have many prefixes.
    known: BTreeMap<(String, String), u32>,
}

impl Reading {
    fn take(&mut self, row: &Row) -> Result<(), import::Refusal> {
        let prefix = row.cell("prefix");
        let mobile = matches!(prefix.as_bytes(), [b'1', b'3'..=b'9', ..]);
        let key =
            key(prefix).filter(|_| mobile && matches!(prefix.len(), 3..=11)).ok_or_else(|| {
                (
                    "prefix",
                    "is not the beginning of a mobile number, three to eleven digits".to_owned(),
                )
            })?;
        if self.prefixes.contains_key(&key) {
            return Err(("prefix", "is there already".to_owned()));
        }
        let name = (row.cell("region").to_owned(), row.cell("operator").to_owned());
        let segment = match self.known.get(&name) {
            Some(segment) => *segment,
            None => self.add(name)?,
        };
        self.prefixes.insert(key, segment);
        Ok(())
    }

    fn add(&mut self, name: (String, String)) -> Result<u32, import::Refusal> {
        let mut words = name.0.split_whitespace();
        let province = words.next().unwrap_or_default().to_owned();
        let city = words.next().map_or_else(|| province.clone(), str::to_owned);
        if words.next().is_some() {
            return Err(("region", "is a province and a city with one space between".to_owned()));
        }
        let operator = (!name.1.is_empty()).then(|| name.1.clone());
        let index =
            u32::try_from(self.segments.len()).expect("there are fewer segments than lines");
        self.segments.push(MobileSegment { region: Region { province, city }, operator });
        self.known.insert(name, index);
        Ok(index)
    }
}

/// A prefix as a number, with a 1 before it so that its length counts.
fn key(prefix: &str) -> Option<u64> {
    let digits = prefix.bytes().all(|b| b.is_ascii_digit());
    format!("1{prefix}").parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_decides() {
        let table =
            "号段,归属地,运营商\n138,全国,移动\n1381234,山东 济南,移动\n13812345,山东 青岛,\n";
        let (mobiles, report) = MobilePrefixes::import(table.as_bytes());
        assert!(report.is_clean(), "{report}");
        let at = |number| mobiles.segment(number).map(|it| it.region.to_string());
        assert_eq!(at("13812341234").as_deref(), Some("山东 济南"));
        assert_eq!(at("13812345678").as_deref(), Some("山东 青岛"));
        assert_eq!(at("13899999999").as_deref(), Some("全国"));
        assert_eq!(at("13999999999"), None);
        assert_eq!(mobiles.segment("13812341234").unwrap().operator.as_deref(), Some("移动"));
        assert_eq!(mobiles.segment("13812345678").unwrap().operator, None);
    }

    #[test]
    fn lines_that_are_no_mobile_prefix_are_named_by_line_and_field() {
        let table = "prefix,region\n1381234,济南\n0531,济南\n13,济南\n1381234,青岛\n1391234,\n1391235,山东 济南 历下\n";
        let (mobiles, report) = MobilePrefixes::import(table.as_bytes());
        assert_eq!(mobiles.len(), 1);
        let lines: Vec<(u64, &str)> =
            report.errors.iter().map(|error| (error.line, error.field.as_str())).collect();
        assert_eq!(
            lines,
            [(3, "prefix"), (4, "prefix"), (5, "prefix"), (6, "region"), (7, "region")]
        );
    }
}
