//! What a ticket is about (诉求分类): a tree of two levels.

use serde::{Deserialize, Serialize};

/// One entry of the classification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// The code that is stored with tickets.
    pub code: String,
    /// The code of the entry above; the top level has none.
    pub parent: Option<String>,
    /// What people see, in Chinese.
    pub label_zh: String,
    /// What people see, in English.
    pub label_en: String,
}

/// The classification of one centre.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Categories(Vec<Category>);

impl Categories {
    /// Returns a classification of these entries.
    #[must_use]
    pub fn new(entries: Vec<Category>) -> Self {
        Self(entries)
    }

    /// Returns the entries with which a new centre starts.
    #[must_use]
    pub fn standard() -> Self {
        let entry = |&(code, parent, label_zh, label_en): &(&str, &str, &str, &str)| Category {
            code: code.to_owned(),
            parent: (!parent.is_empty()).then(|| parent.to_owned()),
            label_zh: label_zh.to_owned(),
            label_en: label_en.to_owned(),
        };
        Self(STANDARD.iter().map(entry).collect())
    }

    /// Returns whether tickets can be filed under this code.
    #[must_use]
    pub fn contains(&self, code: &str) -> bool {
        self.0.iter().any(|entry| entry.code == code)
    }

    /// Returns the entries, parents before children.
    #[must_use]
    pub fn entries(&self) -> &[Category] {
        &self.0
    }
}

/// Code, parent, Chinese, English.
const STANDARD: &[(&str, &str, &str, &str)] = &[
    ("city", "", "城市管理", "City management"),
    ("noise", "city", "噪声扰民", "Noise"),
    ("street-light", "city", "路灯照明", "Street lighting"),
    ("sanitation", "city", "环境卫生", "Sanitation"),
    ("illegal-building", "city", "违法建设", "Illegal building"),
    ("traffic", "", "交通出行", "Traffic"),
    ("road-damage", "traffic", "道路破损", "Damaged road"),
    ("parking", "traffic", "停车管理", "Parking"),
    ("public-transport", "traffic", "公共交通", "Public transport"),
    ("utilities", "", "公用事业", "Utilities"),
    ("water", "utilities", "供水排水", "Water and drainage"),
    ("power", "utilities", "供电", "Electricity"),
    ("gas", "utilities", "燃气", "Gas"),
    ("heating", "utilities", "供暖", "Heating"),
    ("housing", "", "住房保障", "Housing"),
    ("housing-fund", "housing", "住房公积金", "Housing fund"),
    ("property-management", "housing", "物业管理", "Property management"),
    ("social", "", "社会保障", "Social security"),
    ("pension", "social", "养老保险", "Pension"),
    ("medical-insurance", "social", "医疗保险", "Medical insurance"),
    ("wages", "social", "劳动工资", "Wages"),
    ("market", "", "市场监管", "Market supervision"),
    ("consumer", "market", "消费维权", "Consumer rights"),
    ("education", "", "教育", "Education"),
    ("health", "", "医疗卫生", "Health"),
    ("environment", "", "生态环境", "Environment"),
    ("other", "", "其他", "Other"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entry_has_its_own_code_and_follows_its_parent() {
        let mut seen = BTreeSet::new();
        for entry in Categories::standard().entries() {
            assert!(entry.parent.as_ref().is_none_or(|parent| seen.contains(parent)));
            assert!(seen.insert(entry.code.clone()), "{} is there twice", entry.code);
        }
    }
}
