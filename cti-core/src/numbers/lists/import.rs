//! Blacklist and whitelist as a table that an administrator imports.

use jiff::{civil, tz::TimeZone};

use super::{BlackLevel, ListEntry, ListError, ListLevel, ListScope, MAX_ENTRIES, NumberLists};
use crate::{
    id::{FlowId, QueueId},
    import::{self, Column, ImportReport, Refusal, Row},
    numbers::{NumberPattern, NumberRules},
    time::Timestamp,
};

/// What an import of lists needs to know besides the table.
#[derive(Clone, Debug)]
pub struct ListImport<'a> {
    /// By which numbers are understood.
    pub rules: &'a NumberRules,
    /// The zone of dates without one.
    pub zone: TimeZone,
    /// Who imports; the entries name him unless the table names somebody.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
}

impl NumberLists {
    /// Adds the entries of a table with the columns `list,number,level,scope,expires,reason,entered_by`
    /// (名单,号码,级别,范围,到期,原因,录入人), and says which lines were not taken and why.
    ///
    /// | column | values |
    /// |---|---|
    /// | `list` | `black` (黑名单), `white` (白名单) |
    /// | `number` | a number in any spelling, `0531*`, `138????0000`, `withheld`, `international` |
    /// | `level` | black: `refuse` (拒接), `flow:night`, `warn` (提醒); white: `free` (免费), `priority:5`, `free priority:5` |
    /// | `scope` | empty or `centre` (全局), `called:12345`, `queue:general` |
    /// | `expires` | empty, `2026-12-31` (until the end of that day), `2026-12-31T12:00` or RFC 3339 with an offset |
    /// | `reason` | 1 to 200 characters |
    /// | `entered_by` | empty for who imports |
    ///
    /// ```
    /// # use cti_core::{numbers::{ListImport, NumberLists, NumberRules}, time::Timestamp};
    /// let rules = NumberRules::china("0531")?;
    /// let zone = jiff::tz::TimeZone::get("Asia/Shanghai")?;
    /// let import = ListImport { rules: &rules, zone, by: "8000", now: Timestamp::from_secs(1_000_000) };
    /// let mut lists = NumberLists::default();
    /// let report = lists.import("list,number,level,reason\n\
    ///     black,138-1234-1234,refuse,骚扰\n\
    ///     black,13x12341234,refuse,骚扰\n".as_bytes(), &import);
    /// assert_eq!(lists.len(), 1);
    /// assert!(report.errors[0].to_string().starts_with("line 3: number: is not a telephone number"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn import(&mut self, text: &[u8], import: &ListImport<'_>) -> ImportReport {
        const COLUMNS: [Column; 7] = [
            Column::required("list", "名单"),
            Column::required("number", "号码"),
            Column::required("level", "级别"),
            Column::optional("scope", "范围"),
            Column::optional("expires", "到期"),
            Column::required("reason", "原因"),
            Column::optional("entered_by", "录入人"),
        ];
        import::read(text, &COLUMNS, MAX_ENTRIES, |_, row| {
            let entry = read(row, import)?;
            match self.add(entry) {
                Ok(_) => Ok(()),
                Err(error) => Err(refusal(&error)),
            }
        })
    }
}

/// An error of the lists names its field before the colon.
fn refusal(error: &ListError) -> Refusal {
    let text = error.to_string();
    let reason = text.split_once(": ").map_or(text.as_str(), |(_, reason)| reason).to_owned();
    let field = match error {
        ListError::Full => "line",
        ListError::Listed { .. } | ListError::Shapes(_) => "number",
        ListError::NoReason | ListError::LongReason { .. } => "reason",
        ListError::Expired => "expires",
    };
    (field, reason)
}

fn read(row: &Row, import: &ListImport<'_>) -> Result<ListEntry, Refusal> {
    let level = match row.cell("list") {
        "black" | "黑名单" => black(row.cell("level")),
        "white" | "白名单" => white(row.cell("level")),
        _ => return Err(("list", "is neither black nor white".to_owned())),
    };
    let number = import.rules.pattern(row.cell("number"));
    let by = match row.cell("entered_by") {
        "" => import.by,
        name => name,
    };
    Ok(ListEntry {
        number: number.map_err(|error| ("number", error.to_string()))?,
        scope: scope(row.cell("scope"), import.rules).map_err(|reason| ("scope", reason))?,
        level: level.map_err(|reason| ("level", reason))?,
        expires: expires(row.cell("expires"), &import.zone)?,
        reason: row.cell("reason").to_owned(),
        entered_by: by.to_owned(),
        entered_at: import.now,
    })
}

fn black(text: &str) -> Result<ListLevel, String> {
    let level = match text {
        "refuse" | "拒接" => BlackLevel::Refuse,
        "warn" | "提醒" => BlackLevel::Warn,
        _ => {
            let flow = text.strip_prefix("flow:").ok_or("is none of refuse, flow:<name>, warn")?;
            BlackLevel::Divert(FlowId::new(flow).map_err(|error| error.to_string())?)
        }
    };
    Ok(ListLevel::Black(level))
}

fn white(text: &str) -> Result<ListLevel, String> {
    let (mut free, mut priority) = (false, 0);
    for word in text.split_whitespace() {
        match word {
            "free" | "免费" => free = true,
            _ => {
                let number = word.strip_prefix("priority:").and_then(|it| it.parse().ok());
                priority = number.ok_or("is none of free, priority:<number>")?;
            }
        }
    }
    Ok(ListLevel::White { free, priority })
}

fn scope(text: &str, rules: &NumberRules) -> Result<ListScope, String> {
    if matches!(text, "" | "centre" | "全局") {
        return Ok(ListScope::Centre);
    }
    if let Some(number) = text.strip_prefix("called:") {
        return match rules.pattern(number) {
            Ok(NumberPattern::Number(number)) => Ok(ListScope::Called(number)),
            Ok(_) | Err(_) => Err("names no called number".to_owned()),
        };
    }
    let queue =
        text.strip_prefix("queue:").ok_or("is none of centre, called:<number>, queue:<name>")?;
    QueueId::new(queue).map(ListScope::Queue).map_err(|error| error.to_string())
}

fn expires(text: &str, zone: &TimeZone) -> Result<Option<Timestamp>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let moment = if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        Some(moment)
    } else if text.contains(':') {
        text.parse::<civil::DateTime>()
            .ok()
            .and_then(|it| it.to_zoned(zone.clone()).ok())
            .map(|it| it.timestamp())
    } else {
        let end = text.parse::<civil::Date>().and_then(civil::Date::tomorrow);
        end.and_then(|end| end.to_zoned(zone.clone())).ok().map(|it| it.timestamp())
    };
    moment
        .and_then(|moment| u64::try_from(moment.as_microsecond()).ok())
        .map(|micros| Some(Timestamp::from_micros(micros)))
        .ok_or_else(|| {
            ("expires", format!("{text:?} is no date such as 2026-12-31 or 2026-12-31T12:00"))
        })
}
