//! Provisional responses of ours that the caller acknowledges (RFC 3262 §3).
//!
//! One is on its way at a time; what comes after it, an answer included, waits for its PRACK.

use std::time::Duration;

use bytes::Bytes;

use crate::sip::{
    DialogKey, EndCause, SipEvent,
    address::comma_separated,
    engine::{Engine, GIVE_UP, SDP, T1, dialog::Phase, timers::Timer},
    flow::Flow,
    message::{Request, value, values},
};

/// What the caller knows of reliable provisional responses, and how far ours have come.
#[derive(Debug, Default)]
pub(crate) struct Reliable {
    wish: Wish,
    /// Of the last one sent.
    sequence: u32,
    pending: Option<Pending>,
    /// What is told next, and the description with it.
    next: Option<(u16, Option<Vec<u8>>)>,
    /// The answer that waits for the PRACK.
    answer: Option<Vec<u8>>,
    /// The caller has acknowledged our description: it is not told again.
    described: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Wish {
    #[default]
    Unknown,
    /// He can: descriptions, which must not be lost, are sent so.
    Supported,
    /// He wants all of them so.
    Required,
}

#[derive(Debug)]
struct Pending {
    data: Bytes,
    flow: Flow,
    described: bool,
    resend_at: Duration,
    interval: Duration,
    end_at: Duration,
}

impl Reliable {
    /// Reads what an INVITE says.
    pub(crate) fn of(request: &Request) -> Self {
        let wish = if lists(request, "Require", "100rel") {
            Wish::Required
        } else if lists(request, "Supported", "100rel") {
            Wish::Supported
        } else {
            Wish::Unknown
        };
        Self { wish, ..Self::default() }
    }

    /// Whether the caller has our description for certain.
    pub(crate) fn is_described(&self) -> bool {
        self.described
    }

    fn wants(&self, described: bool) -> bool {
        match self.wish {
            Wish::Unknown => false,
            Wish::Supported => described,
            Wish::Required => true,
        }
    }
}

/// Whether a header lists an option tag.
pub(crate) fn lists(request: &Request, header: &str, tag: &str) -> bool {
    let listed = values(&request.headers, header).flat_map(comma_separated);
    listed.into_iter().any(|it| it.eq_ignore_ascii_case(tag))
}

impl Engine {
    /// Sends 180 or 183 for a call that is not answered yet.
    pub(crate) fn provisional(
        &mut self,
        now: Duration,
        key: DialogKey,
        status: u16,
        sdp: Option<&[u8]>,
    ) {
        let first = u32::from_str_radix(&self.random()[..7], 16).unwrap_or(1).max(1);
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let flow = dialog.flow;
        let Phase::Incoming { transaction, record_routes, reliable, .. } = &mut dialog.phase else {
            return;
        };
        let transaction = *transaction;
        let mut extra = record_routes.clone();
        let sdp = sdp.filter(|_| !reliable.described);
        let acknowledged = reliable.wants(sdp.is_some());
        if acknowledged {
            if reliable.pending.is_some() {
                reliable.next = Some((status, sdp.map(<[u8]>::to_vec)));
                return;
            }
            // RFC 3262 §3: the first number is chosen at random.
            reliable.sequence = if reliable.sequence == 0 { first } else { reliable.sequence + 1 };
            extra.push_str(&format!("Require: 100rel\r\nRSeq: {}\r\n", reliable.sequence));
        }
        extra.push_str(&self.contact_line(flow.listener));
        let body = sdp.map(|sdp| (SDP, sdp));
        let Some(data) = self.respond(now, transaction, status, "", &extra, body) else { return };
        if let Some(sdp) = sdp {
            self.remember_description(key, sdp);
        }
        if !acknowledged {
            return;
        }
        let flow = self.reply_flow(transaction, flow);
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        if let Phase::Incoming { reliable, .. } = &mut dialog.phase {
            let described = sdp.is_some();
            let (resend_at, end_at) = (now + T1, now + GIVE_UP);
            reliable.pending =
                Some(Pending { data, flow, described, resend_at, interval: T1, end_at });
            self.timers.set(resend_at, Timer::Provisional(key));
        }
    }

    /// Whether an answer must wait for a PRACK (RFC 3262 §3); it is kept then.
    pub(crate) fn answer_waits(&mut self, key: DialogKey, sdp: &[u8]) -> bool {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return false };
        let Phase::Incoming { reliable, .. } = &mut dialog.phase else { return false };
        let waits = reliable.pending.as_ref().is_some_and(|pending| pending.described);
        if waits {
            reliable.answer = Some(sdp.to_vec());
        }
        waits
    }

    pub(crate) fn provisional_timer(&mut self, now: Duration, due: Duration, key: DialogKey) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let Phase::Incoming { reliable, .. } = &mut dialog.phase else { return };
        let Some(pending) = &mut reliable.pending else { return };
        if pending.resend_at > due {
            return;
        }
        if pending.end_at <= now {
            // RFC 3262 §3: the call is refused with a 5xx.
            self.reject(now, key, 504, "", "", EndCause::NotAcknowledged);
            return;
        }
        pending.interval *= 2;
        pending.resend_at = (now + pending.interval).min(pending.end_at);
        let (at, flow, data) = (pending.resend_at, pending.flow, pending.data.clone());
        self.timers.set(at, Timer::Provisional(key));
        self.stats.add_retransmitted();
        self.send(flow, data);
    }

    pub(crate) fn on_prack(&mut self, now: Duration, flow: Flow, key: DialogKey, request: Request) {
        let acknowledges = value(&request.headers, "RAck").and_then(acknowledged);
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let matching = match &mut dialog.phase {
            Phase::Incoming { reliable, late_offer, cseq, .. }
                if acknowledges == Some((reliable.sequence, *cseq)) =>
            {
                reliable.pending.take().map(|pending| (pending, reliable, late_offer))
            }
            Phase::Incoming { .. } | Phase::Calling { .. } | Phase::Confirmed | Phase::Closing => {
                None
            }
        };
        let Some((pending, reliable, late_offer)) = matching else {
            self.refuse(flow, &request, 481, "", "");
            return;
        };
        reliable.described |= pending.described;
        let (answer, next) = (reliable.answer.take(), reliable.next.take());
        let answered = pending.described && std::mem::take(late_offer);
        let stray_offer = !answered && !request.body.is_empty();
        let prack = self.begin_server(flow, &request, None, "");
        // A new offer this early is refused; the provisional response is acknowledged all the same.
        self.respond(now, prack, if stray_offer { 488 } else { 200 }, "", "", None);
        if answered {
            let sdp = (!request.body.is_empty()).then_some(request.body);
            self.emit(SipEvent::Acked { dialog: key, sdp });
        }
        match (answer, next) {
            (Some(sdp), _) => self.answer(now, key, &sdp),
            (None, Some((status, sdp))) => self.provisional(now, key, status, sdp.as_deref()),
            (None, None) => {}
        }
    }
}

/// The number of the response and of the INVITE that a RAck value names.
fn acknowledged(value: &str) -> Option<(u32, u32)> {
    let mut parts = value.split_ascii_whitespace();
    let numbers = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (parts.next() == Some("INVITE") && parts.next().is_none()).then_some(numbers)
}
