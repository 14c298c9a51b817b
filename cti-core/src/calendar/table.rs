//! Holidays and make-up working days as a table that an administrator imports.

use jiff::civil::Date;

use super::holidays::{DaysOff, Holidays};
use crate::import::{self, Column, ImportReport, Refusal, Row};

/// More lines than the notices of a century have.
const MAX_LINES: usize = 5_000;

impl Holidays {
    /// Reads a table with the columns `from,to,kind,name,route` (开始,结束,类型,名称,路由): a holiday or a make-up
    /// working day a line. `to` is empty for a single day; `kind` is `holiday` (放假) or `make_up` (上班); `route` may
    /// be left out. Use [`merge`](Self::merge) to put it to what is known already.
    ///
    /// # Examples
    ///
    /// ```
    /// use cti_core::calendar::Holidays;
    ///
    /// let (holidays, report) = Holidays::import("开始,结束,类型,名称
    /// 2026-02-15,2026-02-23,放假,春节
    /// 2026-02-14,,上班,
    /// 2026-02-30,,放假,\n".as_bytes());
    /// assert_eq!(holidays.holiday("2026-02-17".parse()?), Some("春节"));
    /// assert!(holidays.is_make_up("2026-02-14".parse()?));
    /// assert_eq!(report.accepted, 2);
    /// assert_eq!(report.errors[0].to_string(), "line 4: from: \"2026-02-30\" is not a date such as 2026-10-01");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn import(text: &[u8]) -> (Self, ImportReport) {
        const COLUMNS: [Column; 5] = [
            Column::required("from", "开始"),
            Column::optional("to", "结束"),
            Column::required("kind", "类型"),
            Column::optional("name", "名称"),
            Column::optional("route", "路由"),
        ];
        let mut all = Self::default();
        let report = import::read(text, &COLUMNS, MAX_LINES, |_, row| take(&mut all, row));
        (all, report)
    }
}

fn take(all: &mut Holidays, row: &Row) -> Result<(), Refusal> {
    let date = |column: &'static str| match row.cell(column).parse::<Date>() {
        Ok(date) => Ok(date),
        Err(_) => {
            let text = row.cell(column);
            Err((column, format!("{text:?} is not a date such as 2026-10-01")))
        }
    };
    let from = date("from")?;
    let to = if row.cell("to").is_empty() { from } else { date("to")? };
    match row.cell("kind") {
        "holiday" | "放假" | "节假日" => {
            let name = row.cell("name").to_owned();
            if name.is_empty() {
                return Err(("name", "is empty; a holiday has a name".to_owned()));
            }
            let route = Some(row.cell("route").to_owned()).filter(|route| !route.is_empty());
            all.add_holiday(DaysOff { name, from, to, route }).map_err(|reason| ("from", reason))
        }
        "make_up" | "上班" | "调休" => {
            if from != to {
                return Err(("to", "a make-up working day is one day".to_owned()));
            }
            all.add_make_up(from).map_err(|reason| ("from", reason))
        }
        _ => Err(("kind", "is neither holiday nor make_up".to_owned())),
    }
}
