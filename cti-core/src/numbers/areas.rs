//! Area codes of mainland China and country codes of the world, with the names of the places.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, LazyLock},
};

use serde::{Deserialize, Serialize};

use crate::import::{self, Column, ImportReport, Row};

/// No country has more area codes that differ.
const MAX_AREAS: usize = 1_000;

/// Where a number is at home.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Region {
    /// The province: 山东.
    pub province: String,
    /// The city, or several that share the code: 济南. Empty when only the province is known.
    pub city: String,
}

impl fmt::Display for Region {
    /// Prints `山东 济南`, or one name where province and city are the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.province)?;
        if !self.city.is_empty() && self.city != self.province {
            write!(f, " {}", self.city)?;
        }
        Ok(())
    }
}

/// Area codes with the places they stand for.
///
/// # Examples
///
/// ```
/// use cti_core::numbers::AreaCodes;
///
/// let codes = AreaCodes::china();
/// assert_eq!(codes.region("0531").unwrap().to_string(), "山东 济南");
/// assert_eq!(codes.region("010").unwrap().to_string(), "北京");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AreaCodes {
    /// Without trunk prefix.
    codes: BTreeMap<Box<str>, Region>,
}

impl AreaCodes {
    /// Returns the area codes of mainland China, those too that were merged into others and still stand in files.
    #[must_use]
    pub fn china() -> Arc<Self> {
        static CHINA: LazyLock<Arc<AreaCodes>> = LazyLock::new(|| {
            let (codes, report) = AreaCodes::import(include_bytes!("data/area-codes-cn.csv"));
            debug_assert!(report.is_clean(), "{report}");
            Arc::new(codes)
        });
        Arc::clone(&CHINA)
    }

    /// Reads a table with the columns `code,province,city` (区号,省份,城市), a code a line, with or without the 0.
    #[must_use]
    pub fn import(text: &[u8]) -> (Self, ImportReport) {
        const COLUMNS: [Column; 3] = [
            Column::required("code", "区号"),
            Column::required("province", "省份"),
            Column::optional("city", "城市"),
        ];
        let mut all = Self::default();
        let report = import::read(text, &COLUMNS, MAX_AREAS, |_, row| all.take(row));
        (all, report)
    }

    fn take(&mut self, row: &Row) -> Result<(), import::Refusal> {
        let code = row.cell("code");
        let digits = code.strip_prefix('0').unwrap_or(code);
        if !matches!(digits.len(), 2 | 3) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err((
                "code",
                format!("{code:?} is not an area code of two or three digits after the 0"),
            ));
        }
        if self.codes.contains_key(digits) {
            return Err(("code", format!("{code} is there already")));
        }
        let region =
            Region { province: row.cell("province").to_owned(), city: row.cell("city").to_owned() };
        self.codes.insert(digits.into(), region);
        Ok(())
    }

    /// Returns the place of an area code, given with or without the 0.
    #[must_use]
    pub fn region(&self, code: &str) -> Option<&Region> {
        self.codes.get(code.strip_prefix('0').unwrap_or(code))
    }

    /// Returns how many codes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Cuts the longest area code from the front of digits.
    pub(super) fn split<'d>(&self, digits: &'d str) -> Option<(&'d str, &'d str)> {
        [3, 2].into_iter().find_map(|length| {
            let code = digits.get(..length)?;
            self.codes.contains_key(code).then(|| (code, &digits[length..]))
        })
    }
}

/// Returns the country code that digits begin with, and the country's name.
pub(super) fn country(digits: &str) -> Option<(&'static str, &'static str)> {
    static COUNTRIES: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
        let lines = include_str!("data/country-codes.csv").lines().skip(1);
        lines.filter_map(|line| line.split_once(',')).collect()
    });
    // ITU-T E.164: country codes have one to three digits and none begins another.
    (1..=3).find_map(|length| {
        COUNTRIES.get_key_value(digits.get(..length)?).map(|(code, name)| (*code, *name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_shipped_tables_is_taken() {
        let (codes, report) = AreaCodes::import(include_bytes!("data/area-codes-cn.csv"));
        assert!(report.is_clean(), "{report}");
        assert_eq!(codes.len(), 328);
        let lines = include_str!("data/country-codes.csv").lines().skip(1);
        for code in lines.filter_map(|line| line.split_once(',')).map(|(code, _)| code) {
            assert_eq!(country(&format!("{code}123456")).unwrap().0, code);
        }
    }

    #[test]
    fn the_capitals_of_all_provinces_and_the_cities_of_shandong_have_their_codes() {
        let codes = AreaCodes::china();
        let rows = [
            "010 北京",
            "022 天津",
            "0311 石家庄",
            "0351 太原",
            "0471 呼和浩特",
            "024 沈阳",
            "0431 长春",
            "0451 哈尔滨",
            "021 上海",
            "025 南京",
            "0571 杭州",
            "0551 合肥",
            "0591 福州",
            "0791 南昌",
            "0531 济南",
            "0371 郑州",
            "027 武汉",
            "0731 长沙",
            "020 广州",
            "0771 南宁",
            "0898 海南",
            "023 重庆",
            "028 成都",
            "0851 贵阳",
            "0871 昆明",
            "0891 拉萨",
            "029 西安",
            "0931 兰州",
            "0971 西宁",
            "0951 银川",
            "0991 乌鲁木齐",
            "0532 青岛",
            "0533 淄博",
            "0632 枣庄",
            "0546 东营",
            "0535 烟台",
            "0536 潍坊",
            "0537 济宁",
            "0538 泰安",
            "0631 威海",
            "0633 日照",
            "0539 临沂",
            "0534 德州",
            "0635 聊城",
            "0543 滨州",
            "0530 菏泽",
        ];
        for row in rows {
            let (code, city) = row.split_once(' ').unwrap();
            assert!(codes.region(code).unwrap().city.contains(city), "{row}");
        }
    }

    #[test]
    fn a_line_that_is_no_area_code_is_named() {
        let (codes, report) =
            AreaCodes::import("区号,省份\n0531,山东\n531,山东\n05311,山东\n0532,\n".as_bytes());
        assert_eq!(codes.len(), 1);
        let lines: Vec<String> = report.errors.iter().map(ToString::to_string).collect();
        assert_eq!(lines[0], "line 3: code: 531 is there already");
        assert!(lines[1].starts_with("line 4: code: \"05311\" is not an area code"));
        assert_eq!(lines[2], "line 5: province: is empty");
    }
}
