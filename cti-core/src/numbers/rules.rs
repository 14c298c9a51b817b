//! The rules by which spellings become normal numbers, and normal numbers what a trunk wants.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    areas::AreaCodes,
    mobiles::MobilePrefixes,
    normal::{NormalNumber, NumberKind, ReadNumber},
    plan,
    spelling::{Spelling, cleaned, is_digits},
    trunk::{Rewrite, TrunkRule},
};
use crate::{address::PhoneNumber, id::TrunkId};

/// An extension with more digits could not be told from a local number.
const LONGEST_EXTENSION: usize = 6;
/// More trunks than a centre has.
const MAX_TRUNKS: usize = 1_000;

/// The extensions of the house from one to another, both included, of equal length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionRange {
    /// The first one.
    pub from: String,
    /// The last one.
    pub to: String,
}

impl ExtensionRange {
    fn holds(&self, digits: &str) -> bool {
        digits.len() == self.from.len() && (self.from.as_str()..=self.to.as_str()).contains(&digits)
    }
}

/// What an administrator decides about numbers; a document `cti.numbers/1` holds the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NumberingConfig {
    /// The area code of the place, with its 0: `0531`.
    pub area: String,
    /// The extensions of the house.
    pub extensions: Vec<ExtensionRange>,
    /// What stands before an extension when it is called from outside, beginning with +: `+865318234`.
    pub direct_dial: Option<String>,
    /// What is peculiar to a trunk. One that is not here delivers and wants numbers as they are dialled nationally.
    pub trunks: BTreeMap<TrunkId, TrunkRule>,
}

/// Rules of numbers that cannot be used; names the field and the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNumbering {
    /// The text is not JSON of the right shape; the reason ends with line and column.
    #[error("{file}: {reason}")]
    Syntax {
        /// Which file.
        file: String,
        /// What is wrong, and where.
        reason: String,
    },
    /// A value cannot be used.
    #[error("{field}: {reason}")]
    Value {
        /// Which field, as a path of names.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    area: String,
    #[serde(default)]
    extensions: Vec<ExtensionRange>,
    #[serde(default)]
    direct_dial: Option<String>,
    #[serde(default)]
    trunks: BTreeMap<TrunkId, TrunkRule>,
}

fn invalid(field: impl Into<String>, reason: impl Into<String>) -> InvalidNumbering {
    InvalidNumbering::Value { field: field.into(), reason: reason.into() }
}

/// The rules of numbers of one centre in mainland China: what is local, what an extension, what each trunk does.
///
/// # Examples
///
/// ```
/// use cti_core::numbers::{NumberKind, NumberRules};
///
/// let rules = NumberRules::china("0531")?;
/// let customer = rules.normalize("138-1234-1234");
/// for spelling in ["013812341234", "+86 138 1234 1234", "tel:+8613812341234", "sip:13812341234@10.0.0.1"] {
///     assert_eq!(rules.normalize(spelling), customer);
/// }
/// assert_eq!(customer.reveal(), "+8613812341234");
/// assert_eq!(rules.normalize("8234 5678").reveal(), "+8653182345678");
/// assert_eq!(rules.normalize("0531-12345").kind(), NumberKind::Service);
/// # Ok::<(), cti_core::numbers::InvalidNumbering>(())
/// ```
#[derive(Clone, Debug)]
pub struct NumberRules {
    /// Without its 0.
    pub(super) area: String,
    extensions: Vec<ExtensionRange>,
    pub(super) direct_dial: Option<String>,
    trunks: BTreeMap<TrunkId, TrunkRule>,
    pub(super) areas: Arc<AreaCodes>,
    pub(super) mobiles: Arc<MobilePrefixes>,
}

impl NumberRules {
    /// Returns rules for a place by its area code, without extensions and with trunks that have no peculiarities.
    ///
    /// # Errors
    /// When there is no such area code.
    pub fn china(area: &str) -> Result<Self, InvalidNumbering> {
        let config = NumberingConfig { area: area.to_owned(), ..NumberingConfig::default() };
        Self::new(config, AreaCodes::china())
    }

    /// Reads a document of rules, `cti.numbers/1`; `file` is the name that errors show.
    ///
    /// # Errors
    /// When the text is not such a document, or a value in it cannot be used.
    pub fn parse(file: &str, text: &str, areas: Arc<AreaCodes>) -> Result<Self, InvalidNumbering> {
        let document: Document = serde_json::from_str(text).map_err(|error| {
            InvalidNumbering::Syntax { file: file.to_owned(), reason: error.to_string() }
        })?;
        if document.schema != "cti.numbers/1" {
            return Err(invalid("schema", "must be \"cti.numbers/1\""));
        }
        let Document { area, extensions, direct_dial, trunks, .. } = document;
        let config = NumberingConfig { area, extensions, direct_dial, trunks };
        Self::new(config, areas)
    }

    /// Returns the rules that a configuration describes, with these area codes.
    ///
    /// # Errors
    /// When an area code is unknown, an extension could not be told from a service number, or a rewriting rule would
    /// make something else than a number.
    pub fn new(config: NumberingConfig, areas: Arc<AreaCodes>) -> Result<Self, InvalidNumbering> {
        let area = |field: String, code: &str| {
            let digits = code.strip_prefix('0').filter(|_| areas.region(code).is_some());
            digits
                .map(str::to_owned)
                .ok_or_else(|| invalid(field, format!("there is no area code {code:?}")))
        };
        let home = area("area".to_owned(), &config.area)?;
        for (index, range) in config.extensions.iter().enumerate() {
            check_range(range).map_err(|reason| invalid(format!("extensions[{index}]"), reason))?;
        }
        let country = format!("+{}", plan::COUNTRY);
        let prefix = config.direct_dial.as_ref();
        if prefix.is_some_and(|it| !it.starts_with(&country) || !is_digits(&it[1..])) {
            return Err(invalid("direct_dial", format!("must be {country} and digits")));
        }
        if config.trunks.len() > MAX_TRUNKS {
            return Err(invalid("trunks", format!("there are more than {MAX_TRUNKS}")));
        }
        let mut trunks = config.trunks;
        for (id, rule) in &mut trunks {
            if let Some(code) = &rule.area {
                rule.area = Some(area(format!("trunks.{id}.area"), code)?);
            }
            check_trunk(id, rule)?;
        }
        let mobiles = Arc::default();
        let (extensions, direct_dial) = (config.extensions, config.direct_dial);
        Ok(Self { area: home, extensions, direct_dial, trunks, areas, mobiles })
    }

    /// Returns the rules with a table of where mobile telephones are at home.
    #[must_use]
    pub fn with_mobiles(self, mobiles: Arc<MobilePrefixes>) -> Self {
        Self { mobiles, ..self }
    }

    /// Returns the normal form of a number as a person, a file or another program writes it. What cannot be
    /// understood is [`NumberKind::Unknown`], with its text.
    #[must_use]
    pub fn normalize(&self, text: &str) -> NormalNumber {
        self.read(text).number
    }

    /// Returns the normal form of a number, and the extension written behind it.
    #[must_use]
    pub fn read(&self, text: &str) -> ReadNumber {
        let spelling = Spelling::read(text);
        let mut number = self.understand(&spelling, &spelling.body, &self.area);
        let mut behind = spelling.behind.as_deref();
        // 0531-82345678-801: only where all of it is no number is the last group an extension.
        if let (NumberKind::Unknown, Some((shorter, last))) =
            (number.kind(), &spelling.without_last_group)
        {
            let without = self.understand(&spelling, shorter, &self.area);
            if matches!(without.kind(), NumberKind::Fixed | NumberKind::NonGeographic) {
                number = without;
                behind = behind.or(Some(last));
            }
        }
        let behind = behind.and_then(|digits| PhoneNumber::parse(digits).ok());
        ReadNumber { number, behind }
    }

    /// Returns the normal form of a caller's number as a trunk, or a phone of the house, delivered it. Who comes by a
    /// trunk and shows an extension is [`NumberKind::Unknown`], unless the trunk is one of the
    /// [house](TrunkRule::house).
    #[must_use]
    pub fn caller(&self, trunk: Option<&TrunkId>, received: &PhoneNumber) -> NormalNumber {
        let caller = self.delivered(trunk, received, |rule| &rule.incoming_caller);
        let house = trunk.is_none_or(|trunk| self.trunk(trunk).is_some_and(|rule| rule.house));
        if caller.kind() == NumberKind::Extension && !house {
            return NormalNumber::new(NumberKind::Unknown, &format!("{}_outside", caller.reveal()));
        }
        caller
    }

    /// Returns the normal form of a called number as a trunk, or a phone of the house, delivered it.
    #[must_use]
    pub fn called(&self, trunk: Option<&TrunkId>, received: &PhoneNumber) -> NormalNumber {
        self.delivered(trunk, received, |rule| &rule.incoming_called)
    }

    fn delivered(
        &self,
        trunk: Option<&TrunkId>,
        received: &PhoneNumber,
        rewrites: impl Fn(&TrunkRule) -> &Vec<Rewrite>,
    ) -> NormalNumber {
        let spelling = Spelling::read(received.reveal());
        let Some(rule) = trunk.and_then(|trunk| self.trunk(trunk)) else {
            return self.understand(&spelling, &spelling.body, &self.area);
        };
        let body = Rewrite::apply(rewrites(rule), &spelling.body);
        self.understand(&spelling, &body, rule.area.as_ref().unwrap_or(&self.area))
    }

    pub(super) fn trunk(&self, trunk: &TrunkId) -> Option<&TrunkRule> {
        self.trunks.get(trunk)
    }

    pub(super) fn is_extension(&self, digits: &str) -> bool {
        self.extensions.iter().any(|range| range.holds(digits))
    }

    fn understand(&self, spelling: &Spelling, body: &str, area: &str) -> NormalNumber {
        if spelling.withheld || body.is_empty() {
            return NormalNumber::withheld();
        }
        let understood = match &spelling.context {
            None => self.in_area(body, Some(area)),
            Some(context) => self.in_context(body, context),
        };
        understood.unwrap_or_else(|| {
            // What means nothing in its context must not be taken for a number of this place later on.
            let context = spelling.context.as_ref().map(|it| format!("_{it}")).unwrap_or_default();
            NormalNumber::new(NumberKind::Unknown, &cleaned(&format!("{body}{context}")))
        })
    }

    /// RFC 3966 §5.1.5: a local number is to be understood where the global numbers begin with the context.
    fn in_context(&self, body: &str, context: &str) -> Option<NormalNumber> {
        let area = context.strip_prefix('+')?.strip_prefix(plan::COUNTRY)?;
        let area = area.strip_prefix('0').unwrap_or(area);
        if area.is_empty() {
            return self.in_area(body, None).filter(|it| it.kind() != NumberKind::Extension);
        }
        self.areas.region(area)?;
        // Extensions are numbers of this house, not of another place's network.
        self.in_area(body, Some(area)).filter(|it| it.kind() != NumberKind::Extension)
    }

    fn in_area(&self, body: &str, area: Option<&str>) -> Option<NormalNumber> {
        match body.strip_prefix('+') {
            Some(digits) if is_digits(digits) && digits.starts_with('0') => {
                self.dialled(digits, area)
            }
            Some(digits) if is_digits(digits) => self.global(digits),
            Some(_) => None,
            None if is_digits(body) => self.dialled(body, area),
            None => None,
        }
    }

    /// Digits as they are dialled in an area.
    fn dialled(&self, digits: &str, area: Option<&str>) -> Option<NormalNumber> {
        if self.is_extension(digits) {
            return Some(NormalNumber::new(NumberKind::Extension, digits));
        }
        if let Some(global) = digits.strip_prefix("00") {
            return self.global(global);
        }
        if let Some(national) = digits.strip_prefix('0') {
            return self.national(national);
        }
        let carried = plan::CARRIERS.iter().find_map(|carrier| digits.strip_prefix(carrier));
        if let Some(rest) = carried.filter(|rest| rest.len() >= 7) {
            return self.dialled(rest, area);
        }
        if plan::is_mobile(digits) || plan::is_non_geographic(digits) {
            return self.national(digits);
        }
        if plan::is_service(digits) && digits.len() <= 8 {
            return Some(self.service(digits, area.unwrap_or(&self.area)));
        }
        if plan::is_subscriber(digits) {
            return self.national(&format!("{}{digits}", area?));
        }
        // People leave out the 0 of an area code and the + of a country code.
        if let Some(fixed) = self.national(digits).filter(|it| it.kind() == NumberKind::Fixed) {
            return Some(fixed);
        }
        if let Some(rest) = digits.strip_prefix(plan::COUNTRY) {
            return self.national(rest.strip_prefix('0').unwrap_or(rest));
        }
        plan::is_service(digits).then(|| self.service(digits, area.unwrap_or(&self.area)))
    }

    /// Digits behind a + or 00.
    fn global(&self, digits: &str) -> Option<NormalNumber> {
        if let Some(national) = digits.strip_prefix(plan::COUNTRY) {
            // +86 (0)531 …
            let national = national.strip_prefix('0').unwrap_or(national);
            return self.national(national).or_else(|| {
                plan::is_service(national).then(|| self.service(national, &self.area))
            });
        }
        // ITU-T E.164 §6: at most 15 digits.
        let known = super::areas::country(digits).is_some() && (7..=15).contains(&digits.len());
        known.then(|| NormalNumber::new(NumberKind::International, &format!("+{digits}")))
    }

    /// Digits that are complete but for country code and trunk prefix.
    fn national(&self, digits: &str) -> Option<NormalNumber> {
        let kind = plan::national(digits, &self.areas)?;
        if kind == NumberKind::Service {
            let (area, service) = self.areas.split(digits)?;
            return Some(self.service(service, area));
        }
        Some(NormalNumber::new(kind, &format!("+{}{digits}", plan::COUNTRY)))
    }

    fn service(&self, service: &str, area: &str) -> NormalNumber {
        if area == self.area || plan::is_nationwide(service) {
            NormalNumber::new(NumberKind::Service, service)
        } else {
            NormalNumber::new(NumberKind::Service, &format!("+{}{area}{service}", plan::COUNTRY))
        }
    }
}

fn check_range(range: &ExtensionRange) -> Result<(), String> {
    let ExtensionRange { from, to } = range;
    if !is_digits(from)
        || !is_digits(to)
        || from.len() != to.len()
        || from.len() > LONGEST_EXTENSION
    {
        return Err(format!("from and to are digits of equal length, at most {LONGEST_EXTENSION}"));
    }
    if from > to {
        return Err("ends before it begins".to_owned());
    }
    if from.starts_with('0') {
        return Err("an extension cannot begin with 0, which begins an area code".to_owned());
    }
    // Service numbers of any length begin with 10, 11, 12, 95 or 96.
    let service = ["10", "11", "12", "95", "96"].into_iter().find(|start| {
        let lowest = format!("{start:0<width$}", width = from.len());
        let highest = format!("{start:9<width$}", width = from.len());
        plan::is_service(&lowest) && *from <= highest && lowest <= *to
    });
    match service {
        Some(start) => {
            Err(format!("holds numbers that begin with {start}, as services like 110 do"))
        }
        None => Ok(()),
    }
}

fn check_trunk(id: &TrunkId, rule: &TrunkRule) -> Result<(), InvalidNumbering> {
    if rule.main_number_only && rule.main_number.is_none() {
        return Err(invalid(
            format!("trunks.{id}.main_number"),
            "is missing, and no other caller is allowed",
        ));
    }
    let lists = [
        ("incoming_caller", &rule.incoming_caller),
        ("incoming_called", &rule.incoming_called),
        ("outgoing_caller", &rule.outgoing_caller),
        ("outgoing_called", &rule.outgoing_called),
    ];
    for (name, rewrites) in lists {
        for (index, rewrite) in rewrites.iter().enumerate() {
            let field = || format!("trunks.{id}.{name}[{index}]");
            let allowed =
                |text: &str| text.chars().all(|c| c.is_ascii_digit() || "+*#".contains(c));
            if !allowed(&rewrite.prefix) || !allowed(&rewrite.prepend) {
                return Err(invalid(field(), "prefix and prepend hold digits, +, * and #"));
            }
            if rewrite.prepend.len() > 20 {
                return Err(invalid(field(), "prepend has at most 20 characters"));
            }
        }
    }
    Ok(())
}
