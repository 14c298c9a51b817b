//! Digits by INFO: `application/dtmf-relay` and `application/dtmf`.

use std::time::Duration;

use crate::sip::{
    DialogKey, SipEvent,
    engine::{
        Engine,
        client::{Outcome, Owner},
    },
    flow::Flow,
    message::{Method, Request, value},
};

const RELAY: &str = "application/dtmf-relay";
const PLAIN: &str = "application/dtmf";

/// Digits told apart by their lengths are never longer than this.
const LONGEST: u64 = 60_000;

impl Engine {
    pub(crate) fn on_info(&mut self, now: Duration, flow: Flow, key: DialogKey, request: &Request) {
        let kind = value(&request.headers, "Content-Type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let known = kind.eq_ignore_ascii_case(RELAY) || kind.eq_ignore_ascii_case(PLAIN);
        if !request.body.is_empty() && !known {
            let accept = format!("Accept: {RELAY}, {PLAIN}\r\n");
            self.refuse(flow, request, 415, "", &accept);
            return;
        }
        let body = String::from_utf8_lossy(&request.body);
        let digit = match kind.eq_ignore_ascii_case(RELAY) {
            true => relayed_digit(&body),
            false => digit_of(body.trim()).map(|digit| (digit, None)),
        };
        if !request.body.is_empty() && digit.is_none() {
            self.refuse(flow, request, 400, "Bad Digit", "");
            return;
        }
        let info = self.begin_server(flow, request, None, "");
        self.respond(now, info, 200, "", "", None);
        let confirmed = self.dialogs.get(&key).is_some_and(super::dialog::Dialog::is_confirmed);
        if let Some((digit, duration)) = digit.filter(|_| confirmed) {
            self.emit(SipEvent::Info { dialog: key, digit, duration });
        }
    }

    pub(crate) fn send_info_digit(&mut self, now: Duration, key: DialogKey, digit: char, ms: u32) {
        let Some(digit) = digit_of(digit.encode_utf8(&mut [0; 4])) else { return };
        if self.dialogs.get(&key).is_some_and(super::dialog::Dialog::is_confirmed) {
            let body = format!("Signal={digit}\r\nDuration={ms}\r\n");
            let body = Some((RELAY, body.as_bytes()));
            self.request_in_dialog(now, key, Method::Info, Owner::Info(key), "", body);
        }
    }

    pub(crate) fn info_done(&mut self, now: Duration, key: DialogKey, outcome: &Outcome<'_>) {
        if matches!(outcome.status(), 408 | 481) {
            self.peer_lost(now, key);
        }
    }
}

fn relayed_digit(body: &str) -> Option<(char, Option<Duration>)> {
    let field = |wanted: &str| {
        body.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    let duration = field("Duration").and_then(|text| text.parse().ok());
    let duration = duration.map(|ms: u64| Duration::from_millis(ms.min(LONGEST)));
    Some((digit_of(field("Signal")?)?, duration))
}

fn digit_of(text: &str) -> Option<char> {
    let digit = match text {
        "10" => '*',
        "11" => '#',
        one => {
            let mut characters = one.chars();
            let first = characters.next()?.to_ascii_uppercase();
            characters.next().is_none().then_some(first)?
        }
    };
    matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D').then_some(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_a_digit_are_read() {
        let long = Some(Duration::from_millis(160));
        assert_eq!(relayed_digit("Signal= 5\r\nDuration=160\r\n"), Some(('5', long)));
        assert_eq!(relayed_digit("Signal=*"), Some(('*', None)));
        assert_eq!(relayed_digit("Signal=11\n"), Some(('#', None)));
        assert_eq!(relayed_digit("Signal=xy"), None);
        assert_eq!(relayed_digit("Duration=3"), None);
        assert_eq!(digit_of("d"), Some('D'));
        assert_eq!(digit_of("E"), None);
    }
}
