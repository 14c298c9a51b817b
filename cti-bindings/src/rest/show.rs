//! How values look to the one who asks: times in the zone, numbers masked unless he may see them.

use std::time::Duration;

use cti_core::{address::PhoneNumber, event::CallKind, id::AgentId, time::Timestamp};
use jiff::tz::TimeZone;

use super::{
    RestState,
    authorize::{Action, Principal},
    problem::Problem,
};

/// Prints a moment in RFC 3339 with milliseconds and the zone's offset.
#[must_use]
pub fn time(zone: &TimeZone, at: Timestamp) -> String {
    let micros = i64::try_from(at.as_micros()).unwrap_or(i64::MAX);
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(moment) => {
            moment.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
        }
        Err(_) => at.to_string(),
    }
}

/// Reads a moment in RFC 3339.
///
/// # Errors
/// When the text is none, or lies before 1970.
pub fn parse_time(field: &str, text: &str) -> Result<Timestamp, Problem> {
    let moment: jiff::Timestamp = text
        .parse()
        .map_err(|_| Problem::invalid(field, "a time looks like 2026-11-22T09:00:00+08:00"))?;
    u64::try_from(moment.as_microsecond())
        .map(Timestamp::from_micros)
        .map_err(|_| Problem::invalid(field, "times begin in 1970"))
}

/// Returns whole milliseconds.
#[must_use]
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Returns the serialised name of a plain enum value.
pub fn plain(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

impl RestState {
    /// Prints a moment.
    pub(super) fn time(&self, at: Timestamp) -> String {
        time(&self.zone, at)
    }

    /// Prints a citizen's number as this principal may see it; empty when it is withheld.
    pub(super) fn number<'a>(
        &self,
        who: &Principal,
        number: &PhoneNumber,
        agents: impl IntoIterator<Item = &'a AgentId>,
    ) -> String {
        let may = |agent| self.authorizer.may(who, Action::SeeNumber { agent });
        if number.is_withheld() {
            String::new()
        } else if may(None) || agents.into_iter().any(|agent| may(Some(agent))) {
            number.reveal().to_owned()
        } else {
            number.to_string()
        }
    }

    /// Prints the number dialled: the centre's own is no secret, a citizen's is.
    pub(super) fn called<'a>(
        &self,
        who: &Principal,
        kind: CallKind,
        called: &PhoneNumber,
        agents: impl IntoIterator<Item = &'a AgentId>,
    ) -> String {
        match kind {
            CallKind::Service | CallKind::Internal | CallKind::Feature | CallKind::Refused => {
                called.reveal().to_owned()
            }
            CallKind::Outgoing | CallKind::Consult => self.number(who, called, agents),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_printed_with_the_zones_offset_and_read_back() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let at = Timestamp::from_micros(1_795_309_200_123_000);
        assert_eq!(time(&zone, at), "2026-11-22T09:00:00.123+08:00");
        assert_eq!(parse_time("from", &time(&zone, at)), Ok(at));
        assert_eq!(parse_time("from", "yesterday").unwrap_err().field.as_deref(), Some("from"));
    }
}
