//! What a number tells: its area, its region, its country.

use serde::Serialize;

use super::{
    areas::{Region, country},
    normal::{NormalNumber, NumberKind},
    plan,
    rules::NumberRules,
};

/// What is known of a number by its digits alone.
///
/// # Examples
///
/// ```
/// use cti_core::numbers::NumberRules;
///
/// let rules = NumberRules::china("0531")?;
/// let caller = rules.analyse(&rules.normalize("0532-8234-5678"));
/// assert_eq!(caller.area.as_deref(), Some("0532"));
/// assert_eq!(caller.region.unwrap().city, "青岛");
/// assert_eq!(rules.analyse(&rules.normalize("+852 2123 4567")).country, Some("中国香港"));
/// # Ok::<(), cti_core::numbers::InvalidNumbering>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Analysis {
    /// What sort of number it is.
    pub kind: NumberKind,
    /// The area code with its 0, of a number that has one.
    pub area: Option<String>,
    /// Where the number is at home: by its area code, or a mobile one by the
    /// [table of prefixes](super::MobilePrefixes) that was loaded.
    pub region: Option<Region>,
    /// Who gave a mobile number out, when the table says so.
    pub operator: Option<String>,
    /// The country of a number of the public network.
    pub country: Option<&'static str>,
}

impl NumberRules {
    /// Returns what a number tells.
    #[must_use]
    pub fn analyse(&self, number: &NormalNumber) -> Analysis {
        let kind = number.kind();
        let mut analysis =
            Analysis { kind, area: None, region: None, operator: None, country: None };
        let global = number.reveal().strip_prefix('+');
        if let Some((_, name)) = global.and_then(country) {
            analysis.country = Some(name);
        }
        let national = global.and_then(|it| it.strip_prefix(plan::COUNTRY));
        match (kind, national) {
            (NumberKind::Mobile, Some(digits)) => {
                if let Some(segment) = self.mobiles.segment(digits) {
                    analysis.region = Some(segment.region.clone());
                    analysis.operator.clone_from(&segment.operator);
                }
            }
            (NumberKind::Fixed | NumberKind::Service, Some(digits)) => {
                let area = self.areas.split(digits).map(|(area, _)| area);
                self.locate(&mut analysis, area);
            }
            (NumberKind::Service, None) if !plan::is_nationwide(number.reveal()) => {
                self.locate(&mut analysis, Some(&self.area));
            }
            (
                NumberKind::Mobile
                | NumberKind::Fixed
                | NumberKind::NonGeographic
                | NumberKind::Service
                | NumberKind::International
                | NumberKind::Extension
                | NumberKind::Withheld
                | NumberKind::Unknown,
                _,
            ) => (),
        }
        analysis
    }

    fn locate(&self, analysis: &mut Analysis, area: Option<&str>) {
        analysis.area = area.map(|area| format!("0{area}"));
        analysis.region = area.and_then(|area| self.areas.region(area)).cloned();
    }
}
