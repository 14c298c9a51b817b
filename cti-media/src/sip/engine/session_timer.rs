//! Session timers (RFC 4028): a call whose peer has vanished ends, even if nobody speaks.
//!
//! Whoever is the refresher sends UPDATE, or a re-INVITE with the same description to a peer that does not know
//! UPDATE, after half of the interval. Without one in time the other side hangs up.

use std::time::Duration;

use crate::sip::{
    DialogKey,
    address::comma_separated,
    engine::{
        Engine, SDP,
        client::{ClientId, Outcome, Owner},
        reliable::lists,
        timers::Timer,
    },
    flow::Flow,
    message::{Method, Request, Response, find, value, values},
};

/// RFC 4028 §4: the shortest interval there is.
const LEAST: u64 = 90;
/// When a refresh is tried again that another change of the session was in the way of.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// The timer of one dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionTimer {
    interval: Duration,
    /// We refresh.
    ours: bool,
    refresh_at: Option<Duration>,
    ends_at: Duration,
}

/// What both sides agree on.
pub(crate) type Agreed = Option<(Duration, bool)>;

struct Stated<'a> {
    seconds: u64,
    refresher: Option<&'a str>,
}

/// Reads `Session-Expires`.
fn stated<'a>(headers: &'a rsipstack::sip::Headers) -> Option<Stated<'a>> {
    let line = value(headers, "Session-Expires").or_else(|| value(headers, "x"))?;
    let (seconds, parameters) = line.split_once(';').unwrap_or((line, ""));
    let refresher = crate::sip::address::parameter(parameters, "refresher");
    Some(Stated { seconds: seconds.trim().parse().ok()?, refresher })
}

/// The least interval a message asks for.
fn least(headers: &rsipstack::sip::Headers) -> u64 {
    value(headers, "Min-SE")
        .and_then(|line| line.split(';').next()?.trim().parse().ok())
        .unwrap_or(LEAST)
        .clamp(LEAST, 86_400)
}

/// The header lines of a 2xx for what was agreed on.
pub(crate) fn agreed_lines(agreed: Agreed) -> String {
    let Some((interval, ours)) = agreed else { return String::new() };
    let seconds = interval.as_secs();
    if ours {
        format!("Session-Expires: {seconds};refresher=uas\r\n")
    } else {
        // RFC 4028 §9: the caller must know that he is to refresh.
        format!("Require: timer\r\nSession-Expires: {seconds};refresher=uac\r\n")
    }
}

impl Engine {
    /// The header lines of an INVITE that begins a call.
    pub(crate) fn session_wish(&self) -> String {
        let wanted = self.config.session_expires.as_secs();
        if wanted < LEAST {
            return String::new();
        }
        format!("Session-Expires: {wanted}\r\nMin-SE: {LEAST}\r\n")
    }

    /// The header lines of a change of the session, which renews it; who refreshes stays the same.
    pub(crate) fn session_renewal(&self, key: DialogKey) -> String {
        let Some(session) = self.dialogs.get(&key).and_then(|dialog| dialog.session) else {
            return self.session_wish();
        };
        let refresher = if session.ours { "uac" } else { "uas" };
        let seconds = session.interval.as_secs();
        format!("Session-Expires: {seconds};refresher={refresher}\r\nMin-SE: {LEAST}\r\n")
    }

    /// Agrees with what a request asks for; refuses it, and says `None`, when that is too short.
    pub(crate) fn agree_on_session(&mut self, flow: Flow, request: &Request) -> Option<Agreed> {
        let wanted = self.config.session_expires.as_secs();
        let knows = lists(request, "Supported", "timer") || lists(request, "Require", "timer");
        if wanted < LEAST || !knows {
            return Some(None);
        }
        let stated = stated(&request.headers);
        if stated.as_ref().is_some_and(|it| it.seconds < LEAST) {
            self.refuse(flow, request, 422, "", &format!("Min-SE: {LEAST}\r\n"));
            return None;
        }
        let asked = stated.as_ref().map_or(wanted, |it| it.seconds);
        let seconds = asked.min(wanted).max(least(&request.headers));
        let theirs = stated.and_then(|it| it.refresher).is_some_and(|it| it == "uac");
        Some(Some((Duration::from_secs(seconds), !theirs)))
    }

    /// Begins, renews or ends the timer of a dialog.
    pub(crate) fn set_session(&mut self, now: Duration, key: DialogKey, agreed: Agreed) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        dialog.session = agreed.map(|(interval, ours)| {
            // RFC 4028 §10: who does not refresh hangs up a little earlier than the end.
            let ends_at = if ours {
                interval
            } else {
                interval - (interval / 3).min(Duration::from_secs(32))
            };
            let refresh_at = ours.then_some(now + interval / 2);
            SessionTimer { interval, ours, refresh_at, ends_at: now + ends_at }
        });
        if let Some(session) = dialog.session {
            self.timers.set(session.refresh_at.unwrap_or(session.ends_at), Timer::Session(key));
        }
    }

    /// The same from a 2xx to a request of ours.
    pub(crate) fn session_of(&mut self, now: Duration, key: DialogKey, response: &Response) {
        let agreed = stated(&response.headers).filter(|it| it.seconds >= LEAST);
        let agreed =
            agreed.map(|it| (Duration::from_secs(it.seconds), it.refresher != Some("uas")));
        self.set_session(now, key, agreed);
    }

    pub(crate) fn session_timer(&mut self, now: Duration, key: DialogKey) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let Some(session) = &mut dialog.session else { return };
        if session.ends_at <= now {
            tracing::info!(call_id = %dialog.call_id, dialog = %key, "The session was not refreshed");
            self.peer_lost(now, key);
            return;
        }
        if session.refresh_at.is_none_or(|at| at > now) {
            return;
        }
        session.refresh_at = None;
        self.timers.set(session.ends_at, Timer::Session(key));
        if !dialog.is_confirmed() {
            return;
        }
        if dialog.outgoing_reinvite.is_some()
            || dialog.incoming_reinvite.is_some()
            || dialog.unacked.is_some()
        {
            return self.refresh_later(key, now + TRY_AGAIN);
        }
        let (updates, listener) = (dialog.updates, dialog.flow.listener);
        let sdp = dialog.description.clone();
        let lines = self.session_renewal(key);
        let owner = Owner::Refresh(key);
        if updates || sdp.is_empty() {
            let extra = format!("{}{lines}", self.contact_line(listener));
            self.request_in_dialog(now, key, Method::Update, owner, &extra, None);
            return;
        }
        let body = Some((SDP, sdp.as_slice()));
        let id = self.request_in_dialog(now, key, Method::Invite, owner, &lines, body);
        if let Some(dialog) = self.dialogs.get_mut(&key) {
            dialog.outgoing_reinvite = id;
        }
    }

    fn refresh_later(&mut self, key: DialogKey, at: Duration) {
        let session = self.dialogs.get_mut(&key).and_then(|dialog| dialog.session.as_mut());
        if let Some(session) = session.filter(|session| session.ours) {
            session.refresh_at = Some(at);
            self.timers.set(at, Timer::Session(key));
        }
    }

    /// A refresh of ours was not accepted, or was by UPDATE.
    pub(crate) fn refresh_done(&mut self, now: Duration, key: DialogKey, outcome: &Outcome<'_>) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        dialog.outgoing_reinvite = None;
        match outcome {
            Outcome::Response(response) if (200..300).contains(&response.status) => {
                self.session_of(now, key, response);
            }
            Outcome::Response(response) if response.status == 422 => {
                let raised = Duration::from_secs(least(&response.headers));
                if let Some(session) = &mut dialog.session {
                    session.interval = session.interval.max(raised);
                }
                self.refresh_later(key, now + Duration::from_secs(1));
            }
            Outcome::Response(response) if response.status == 405 || response.status == 501 => {
                dialog.updates = false;
                self.refresh_later(key, now);
            }
            Outcome::Response(response) if matches!(response.status, 408 | 481) => {
                self.peer_lost(now, key);
            }
            Outcome::Nothing { .. } => self.peer_lost(now, key),
            Outcome::Response(_) => self.refresh_later(key, now + TRY_AGAIN),
        }
    }

    /// Repeats an INVITE whose interval is too short for the one called (RFC 4028 §7.3); `false` if it need not be.
    pub(crate) fn lengthen_session(
        &mut self,
        now: Duration,
        id: ClientId,
        response: &Response,
    ) -> bool {
        if response.status != 422 {
            return false;
        }
        let wanted = least(&response.headers);
        let Some(sent) = self.clients.get(&id).filter(|sent| sent.method == Method::Invite) else {
            return false;
        };
        let Owner::Fork(_) = sent.owner else { return false };
        let head = &sent.data[..find(&sent.data, b"\r\n\r\n").unwrap_or(0)];
        let head = String::from_utf8_lossy(head);
        let asked = head.lines().find_map(|line| line.strip_prefix("Session-Expires: "));
        let asked = asked.and_then(|text| text.parse::<u64>().ok());
        if asked.is_none_or(|asked| asked >= wanted) {
            return false;
        }
        self.send_again(now, id, |head| {
            head.lines()
                .map(|line| match line.split_once(": ") {
                    Some(("Session-Expires" | "Min-SE", _)) => {
                        let name = line.split(':').next().unwrap_or_default();
                        format!("{name}: {wanted}\r\n")
                    }
                    Some(_) | None => format!("{line}\r\n"),
                })
                .collect()
        })
    }
}

/// Whether a message says that its sender takes UPDATE.
pub(crate) fn takes_updates(headers: &rsipstack::sip::Headers) -> bool {
    values(headers, "Allow").flat_map(comma_separated).any(|method| method == "UPDATE")
}
