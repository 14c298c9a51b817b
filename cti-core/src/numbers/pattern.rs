//! Patterns of numbers, and maps from patterns to whatever is decided by a number.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use serde::{Deserialize, Serialize};

use super::{
    normal::{NormalNumber, NumberKind},
    plan,
    rules::NumberRules,
    spelling::is_digits,
};
use crate::address::MaskPolicy;

/// At most this many different places of `?` are in use in one map; each costs a probe per lookup.
const MAX_SHAPES: usize = 64;
/// Numbers in normal form have at most this many characters.
const LONGEST: usize = 40;

/// Which numbers are meant; made from text by [`NumberRules::pattern`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberPattern {
    /// One number.
    Number(NormalNumber),
    /// Numbers whose normal form has this length and these characters, with `?` for any digit.
    Mask(String),
    /// Numbers whose normal form begins with this.
    Prefix(String),
    /// All numbers of a kind: withheld ones, those from abroad.
    Kind(NumberKind),
}

/// Why a text is not a pattern of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// There is nothing.
    #[error("is empty")]
    Empty,
    /// The text holds something else than a number.
    #[error(
        "is not a telephone number, a prefix like 0531*, a pattern like 138????0000 or a kind of number"
    )]
    NotANumber,
    /// A spreadsheet has rounded the number.
    #[error("was rounded by a spreadsheet (1.38E+10); format the column as text")]
    Rounded,
    /// The pattern fits every number.
    #[error("fits every number")]
    Everything,
}

impl NumberPattern {
    /// Returns the pattern with its digits, as [`NumberRules::pattern`] reads it. Call it only where a person with the
    /// right to see them gets them.
    #[must_use]
    pub fn reveal(&self) -> String {
        match self {
            Self::Number(number) => number.reveal().to_owned(),
            Self::Mask(mask) => mask.clone(),
            Self::Prefix(prefix) => format!("{prefix}*"),
            Self::Kind(kind) => kind.to_string(),
        }
    }

    /// How closely it describes a number: the greater, the closer. One number is closest, then the pattern or prefix
    /// with most digits, then a kind.
    pub(super) fn closeness(&self) -> (u8, usize) {
        match self {
            Self::Number(_) => (3, 0),
            Self::Mask(mask) => (2, mask.bytes().filter(|b| *b != b'?').count()),
            Self::Prefix(prefix) => (1, prefix.len()),
            Self::Kind(_) => (0, 0),
        }
    }
}

impl fmt::Display for NumberPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Mask(mask) => MaskPolicy::MiddleFour.write(mask, f),
            // Country, area and the first digits; more would show a person.
            Self::Prefix(prefix) if prefix.len() <= 10 => write!(f, "{prefix}*"),
            Self::Prefix(prefix) => {
                MaskPolicy::MiddleFour.write(prefix, f)?;
                f.write_str("*")
            }
            Self::Kind(kind) => kind.fmt(f),
        }
    }
}

impl fmt::Debug for NumberPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl NumberRules {
    /// Reads a pattern: a number in any spelling, a prefix `0531*`, a pattern `138????0000` whose `?` stand for one
    /// digit each, or a kind: `withheld`, `international`, `mobile` …
    ///
    /// A prefix is what one dials: `138*` and `0531*` mean Chinese numbers, `82*` local ones, `00852*` and `+852*`
    /// Hong Kong.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn pattern(&self, text: &str) -> Result<NumberPattern, InvalidPattern> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidPattern::Empty);
        }
        if let Some(kind) = kind(text) {
            return Ok(NumberPattern::Kind(kind));
        }
        // 1.38E+10 and 1.38E10
        if text.contains('.') && text.contains(['E', 'e']) {
            return Err(InvalidPattern::Rounded);
        }
        let dialled: String =
            text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
        if let Some(prefix) = dialled.strip_suffix('*') {
            return self.prefix(prefix).map(NumberPattern::Prefix);
        }
        if dialled.contains('?') {
            return self.mask(&dialled).map(NumberPattern::Mask);
        }
        let number = self.normalize(text);
        match number.kind() {
            NumberKind::Mobile
            | NumberKind::Fixed
            | NumberKind::NonGeographic
            | NumberKind::Service
            | NumberKind::International
            | NumberKind::Extension => Ok(NumberPattern::Number(number)),
            NumberKind::Withheld => Ok(NumberPattern::Kind(NumberKind::Withheld)),
            NumberKind::Unknown => Err(InvalidPattern::NotANumber),
        }
    }

    fn prefix(&self, dialled: &str) -> Result<String, InvalidPattern> {
        let home = format!("+{}", plan::COUNTRY);
        let prefix = if let Some(global) = dialled.strip_prefix('+').or(dialled.strip_prefix("00"))
        {
            format!("+{global}")
        } else if let Some(national) = dialled.strip_prefix('0') {
            format!("{home}{national}")
        } else {
            match dialled.as_bytes() {
                [b'1', b'3'..=b'9', ..] => format!("{home}{dialled}"),
                [b'1' | b'9', ..] => dialled.to_owned(),
                _ if dialled.starts_with("400") || dialled.starts_with("800") => {
                    format!("{home}{dialled}")
                }
                _ if dialled.starts_with(plan::COUNTRY) && dialled.len() > 8 => {
                    format!("+{dialled}")
                }
                [] => return Err(InvalidPattern::Everything),
                _ => format!("{home}{}{dialled}", self.area),
            }
        };
        match prefix.strip_prefix('+').unwrap_or(&prefix) {
            "" => Err(InvalidPattern::Everything),
            digits if is_digits(digits) && prefix.len() <= LONGEST => Ok(prefix),
            _ => Err(InvalidPattern::NotANumber),
        }
    }

    /// The digit that stands for `?` while the number is understood is none that would change its kind behind the
    /// first three.
    fn mask(&self, dialled: &str) -> Result<String, InvalidPattern> {
        let number = self.normalize(&dialled.replace('?', "5"));
        if matches!(number.kind(), NumberKind::Unknown | NumberKind::Withheld) {
            return Err(InvalidPattern::NotANumber);
        }
        let mut mask: Vec<u8> = number.reveal().bytes().collect();
        let (normal, written) = (mask.len(), dialled.len());
        for (place, _) in dialled.bytes().rev().enumerate().filter(|(_, b)| *b == b'?') {
            // What was cut from the front, a trunk prefix, cannot be left open.
            match normal.checked_sub(place + 1).and_then(|at| mask.get_mut(at)) {
                Some(digit) if place + 3 < written && digit.is_ascii_digit() => *digit = b'?',
                Some(_) | None => return Err(InvalidPattern::NotANumber),
            }
        }
        String::from_utf8(mask).map_err(|_| InvalidPattern::NotANumber)
    }
}

fn kind(text: &str) -> Option<NumberKind> {
    Some(match text.to_ascii_lowercase().as_str() {
        "withheld" | "匿名" => NumberKind::Withheld,
        "international" | "国际" => NumberKind::International,
        "mobile" | "手机" => NumberKind::Mobile,
        "fixed" | "固话" => NumberKind::Fixed,
        "service" => NumberKind::Service,
        "extension" | "分机" => NumberKind::Extension,
        "unknown" | "未知" => NumberKind::Unknown,
        _ => return None,
    })
}

/// There are too many different places of `?` in one map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("patterns have ? at more than {MAX_SHAPES} different places; use prefixes")]
pub struct TooManyShapes;

/// Values by patterns of numbers: which flow a called number starts, which rules speak of a caller.
///
/// A lookup probes once for the number, once per character for prefixes and once per shape of the patterns with `?`,
/// however many patterns there are.
///
/// # Examples
///
/// ```
/// use cti_core::numbers::{NumberRules, PatternMap};
///
/// let rules = NumberRules::china("0531")?;
/// let mut flow_of_callers = PatternMap::default();
/// flow_of_callers.insert(rules.pattern("0532*")?, "qingdao")?;
/// flow_of_callers.insert(rules.pattern("0532-8234-5678")?, "town-hall")?;
/// flow_of_callers.insert(rules.pattern("withheld")?, "identify-yourself")?;
///
/// let flow = |caller| flow_of_callers.closest(&rules.normalize(caller)).copied();
/// assert_eq!(flow("0532 1234 5678"), None, "no such number");
/// assert_eq!(flow("0532 2234 5678"), Some("qingdao"));
/// assert_eq!(flow("053282345678"), Some("town-hall"));
/// assert_eq!(flow("anonymous"), Some("identify-yourself"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PatternMap<T> {
    numbers: HashMap<NormalNumber, Vec<T>>,
    /// By the places of `?` and the length, then by the text.
    masks: BTreeMap<(u64, usize), HashMap<String, Vec<T>>>,
    prefixes: HashMap<String, Vec<T>>,
    kinds: BTreeMap<NumberKind, Vec<T>>,
}

impl<T> Default for PatternMap<T> {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            masks: BTreeMap::new(),
            prefixes: HashMap::new(),
            kinds: BTreeMap::new(),
        }
    }
}

impl<T: PartialEq> PatternMap<T> {
    /// Adds a value for the numbers a pattern describes.
    ///
    /// # Errors
    /// When its `?` are at places that no other pattern has and there are too many such shapes.
    pub fn insert(&mut self, pattern: NumberPattern, value: T) -> Result<(), TooManyShapes> {
        self.has_room_for(&pattern)?;
        let values = match pattern {
            NumberPattern::Number(number) => self.numbers.entry(number).or_default(),
            NumberPattern::Mask(mask) => {
                self.masks.entry(shape(&mask)).or_default().entry(mask).or_default()
            }
            NumberPattern::Prefix(prefix) => self.prefixes.entry(prefix).or_default(),
            NumberPattern::Kind(kind) => self.kinds.entry(kind).or_default(),
        };
        values.push(value);
        Ok(())
    }

    /// Returns whether a pattern can be added.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn has_room_for(&self, pattern: &NumberPattern) -> Result<(), TooManyShapes> {
        match pattern {
            NumberPattern::Mask(mask)
                if self.masks.len() >= MAX_SHAPES && !self.masks.contains_key(&shape(mask)) =>
            {
                Err(TooManyShapes)
            }
            NumberPattern::Mask(_)
            | NumberPattern::Number(_)
            | NumberPattern::Prefix(_)
            | NumberPattern::Kind(_) => Ok(()),
        }
    }

    /// Removes a value of a pattern, and returns whether it was there.
    pub fn remove(&mut self, pattern: &NumberPattern, value: &T) -> bool {
        fn take<T: PartialEq>(values: Option<&mut Vec<T>>, value: &T) -> (bool, bool) {
            let Some(values) = values else { return (false, false) };
            let before = values.len();
            values.retain(|it| it != value);
            (values.len() < before, values.is_empty())
        }
        match pattern {
            NumberPattern::Number(number) => {
                let (found, empty) = take(self.numbers.get_mut(number), value);
                if empty {
                    self.numbers.remove(number);
                }
                found
            }
            NumberPattern::Mask(mask) => {
                let shape = shape(mask);
                let Some(masks) = self.masks.get_mut(&shape) else { return false };
                let (found, empty) = take(masks.get_mut(mask), value);
                if empty {
                    masks.remove(mask);
                }
                if masks.is_empty() {
                    self.masks.remove(&shape);
                }
                found
            }
            NumberPattern::Prefix(prefix) => {
                let (found, empty) = take(self.prefixes.get_mut(prefix), value);
                if empty {
                    self.prefixes.remove(prefix);
                }
                found
            }
            NumberPattern::Kind(kind) => {
                let (found, empty) = take(self.kinds.get_mut(kind), value);
                if empty {
                    self.kinds.remove(kind);
                }
                found
            }
        }
    }

    /// Returns the values of the pattern itself, not of numbers it describes.
    #[must_use]
    pub fn values(&self, pattern: &NumberPattern) -> &[T] {
        let values = match pattern {
            NumberPattern::Number(number) => self.numbers.get(number),
            NumberPattern::Mask(mask) => self.masks.get(&shape(mask)).and_then(|it| it.get(mask)),
            NumberPattern::Prefix(prefix) => self.prefixes.get(prefix),
            NumberPattern::Kind(kind) => self.kinds.get(kind),
        };
        values.map_or(&[], Vec::as_slice)
    }

    /// Returns the values of all patterns that describe a number, the closest description first; among equals the one
    /// added first.
    #[must_use]
    pub fn all(&self, number: &NormalNumber) -> Vec<&T> {
        let text = number.reveal();
        let mut found: Vec<&[T]> = Vec::new();
        found.extend(self.numbers.get(number).map(Vec::as_slice));
        let mut masked: Vec<(usize, &[T])> = self
            .masks
            .iter()
            .filter(|((_, length), _)| *length == text.len())
            .filter_map(|((places, _), masks)| {
                let mask = open(text, *places);
                let fixed = mask.len() - usize::try_from(places.count_ones()).unwrap_or_default();
                masks.get(&mask).map(|values| (fixed, values.as_slice()))
            })
            .collect();
        masked.sort_by_key(|(fixed, _)| std::cmp::Reverse(*fixed));
        found.extend(masked.into_iter().map(|(_, values)| values));
        let prefixes =
            (1..=text.len()).rev().filter_map(|length| self.prefixes.get(text.get(..length)?));
        found.extend(prefixes.map(Vec::as_slice));
        found.extend(self.kinds.get(&number.kind()).map(Vec::as_slice));
        found.into_iter().flatten().collect()
    }

    /// Returns the value of the pattern that describes a number closest.
    #[must_use]
    pub fn closest(&self, number: &NormalNumber) -> Option<&T> {
        self.all(number).into_iter().next()
    }
}

/// The places of `?` as bits, and the length.
fn shape(mask: &str) -> (u64, usize) {
    let places = mask.bytes().take(64).enumerate().filter(|(_, b)| *b == b'?');
    (places.fold(0, |bits, (place, _)| bits | 1 << place), mask.len())
}

/// Puts `?` at the places.
fn open(text: &str, places: u64) -> String {
    text.char_indices()
        .map(|(at, c)| if at < 64 && places >> at & 1 == 1 { '?' } else { c })
        .collect()
}
