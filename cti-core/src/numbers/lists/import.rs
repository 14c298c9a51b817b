//! Blacklist and whitelist as a table that an administrator imports.

use std::time::Duration;

use jiff::{civil, tz::TimeZone};
use serde::Deserialize;

use super::{BlackLevel, ListEntry, ListError, ListLevel, ListScope, MAX_ENTRIES, NumberLists};
use crate::{
    id::{AgentId, FlowId, QueueId},
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

impl<'a> ListImport<'a> {
    /// Returns an import by somebody at a moment; dates are those of mainland China.
    #[must_use]
    pub fn new(rules: &'a NumberRules, by: &'a str, now: Timestamp) -> Self {
        let zone = TimeZone::get("Asia/Shanghai").expect("the table of zones is compiled in");
        Self { rules, zone, by, now }
    }
}

impl NumberLists {
    /// Adds the entries of a table with the columns `list,number,level,scope,expires,reason,entered_by`
    /// (名单,号码,级别,范围,到期,原因,录入人), and says which lines were not taken and why.
    ///
    /// | column | values |
    /// |---|---|
    /// | `list` | `black` (黑名单), `white` (白名单), `agent` (专属坐席) |
    /// | `number` | a number in any spelling, `0531*`, `138????0000`, `withheld`, `international` |
    /// | `level` | black: `refuse` (拒接), `flow:night`, `warn` (提醒); white: `free` (免费), `priority:5`, `free priority:5`; agent: `8001`, `8001 for:30` (who waits 30 s for him alone, 60 when nothing is said) |
    /// | `scope` | empty or `centre` (全局), `called:12345`, `queue:general` |
    /// | `expires` | empty, `2026-12-31` (until the end of that day), `2026-12-31T12:00` or RFC 3339 with an offset |
    /// | `reason` | 1 to 200 characters |
    /// | `entered_by` | empty for who imports |
    ///
    /// ```
    /// # use cti_core::{numbers::{ListImport, NumberLists, NumberRules}, time::Timestamp};
    /// let rules = NumberRules::china("0531")?;
    /// let import = ListImport::new(&rules, "8000", Timestamp::from_secs(1_000_000));
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

/// An entry as an administrator writes it, in the words of the [table](NumberLists::import).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListDraft {
    /// `black`, `white` or `agent`.
    pub list: String,
    /// A number in any spelling, a prefix, a pattern or a kind of number.
    pub number: String,
    /// What follows: `refuse`, `flow:night`, `warn`; `free`, `priority:5`; `8001`, `8001 for:30`.
    pub level: String,
    /// Of which calls it speaks: `centre`, `called:12345`, `queue:general`; all when empty.
    pub scope: String,
    /// Until when; for ever when empty.
    pub expires: String,
    /// Why.
    pub reason: String,
}

/// Why a draft is no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InvalidDraft {
    /// Which field.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl ListDraft {
    /// Returns the entry that is meant.
    ///
    /// # Errors
    /// When a field cannot be read; whether the lists take the entry they say themselves.
    pub fn read(&self, import: &ListImport<'_>) -> Result<ListEntry, InvalidDraft> {
        let invalid = |field, reason| InvalidDraft { field, reason };
        let level = match self.list.as_str() {
            "black" | "黑名单" => black(&self.level),
            "white" | "白名单" => white(&self.level),
            "agent" | "专属坐席" => agent(&self.level),
            _ => return Err(invalid("list", "is none of black, white, agent".to_owned())),
        };
        let number = import.rules.pattern(&self.number);
        Ok(ListEntry {
            number: number.map_err(|error| invalid("number", error.to_string()))?,
            scope: scope(&self.scope, import.rules).map_err(|reason| invalid("scope", reason))?,
            level: level.map_err(|reason| invalid("level", reason))?,
            expires: expires(&self.expires, &import.zone)
                .map_err(|(field, reason)| invalid(field, reason))?,
            reason: self.reason.clone(),
            entered_by: import.by.to_owned(),
            entered_at: import.now,
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
        ListError::AgentTime => "level",
        ListError::NoReason | ListError::LongReason { .. } => "reason",
        ListError::Expired => "expires",
    };
    (field, reason)
}

fn read(row: &Row, import: &ListImport<'_>) -> Result<ListEntry, Refusal> {
    let cell = |column| row.cell(column).to_owned();
    let draft = ListDraft {
        list: cell("list"),
        number: cell("number"),
        level: cell("level"),
        scope: cell("scope"),
        expires: cell("expires"),
        reason: cell("reason"),
    };
    let entry = draft.read(import).map_err(|error| (error.field, error.reason))?;
    Ok(match row.cell("entered_by") {
        "" => entry,
        name => ListEntry { entered_by: name.to_owned(), ..entry },
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

/// How long a customer waits for his agent alone where the entry does not say.
const FOR_AGENT: Duration = Duration::from_secs(60);

fn agent(text: &str) -> Result<ListLevel, String> {
    let (id, time) = match text.split_once(' ') {
        None => (text, FOR_AGENT),
        Some((id, rest)) => {
            let seconds = rest.trim().strip_prefix("for:").and_then(|it| it.parse().ok());
            (id, Duration::from_secs(seconds.ok_or("is no agent with for:<seconds> behind it")?))
        }
    };
    let agent = AgentId::new(id).map_err(|error| error.to_string())?;
    Ok(ListLevel::Agent { agent, only_for: time })
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
