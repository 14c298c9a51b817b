//! Requests from the network: which transaction, which dialog, or which refusal.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::sip::{
    DialogKey, EndCause,
    address::{comma_separated, is_sip},
    engine::{
        ALLOW, EXTENSIONS, Engine, SDP, SUPPORTED,
        dialog::Phase,
        overload::RETRY_AFTER,
        package::ALLOW_EVENTS,
        server::{ServerState, transaction_key},
    },
    flow::Flow,
    message::{Method, Request, value, values},
    reply::{ReplyHead, phrase},
};

/// Methods of other specifications that are known, and not offered here.
const KNOWN: [&str; 2] = ["MESSAGE", "PUBLISH"];

impl Engine {
    pub(crate) fn on_request(&mut self, now: Duration, flow: Flow, request: Request) {
        match request.method {
            Method::Ack => self.on_ack(now, flow, request),
            Method::Cancel => self.on_cancel(now, flow, &request),
            Method::Invite
            | Method::Bye
            | Method::Register
            | Method::Options
            | Method::Info
            | Method::Prack
            | Method::Update
            | Method::Notify
            | Method::Subscribe
            | Method::Refer
            | Method::Other(_) => {
                if let Some(known) = self.find_server(&request.head, &request.method) {
                    self.repeat_response(known);
                } else if request.head.to_tag.is_some() {
                    self.on_request_in_dialog(now, flow, request);
                } else {
                    let admitted = if request.method == Method::Register {
                        self.admit_stranger(now, flow)
                    } else {
                        self.admit(now, flow)
                    };
                    if admitted {
                        self.on_new_request(now, flow, request);
                    }
                }
            }
        }
    }

    fn on_ack(&mut self, now: Duration, flow: Flow, request: Request) {
        let known = self.find_server(&request.head, &Method::Ack);
        if !known.is_some_and(|id| self.ack_server(now, id)) {
            self.on_dialog_ack(now, flow, request);
        }
    }

    fn on_cancel(&mut self, now: Duration, flow: Flow, request: &Request) {
        let key = transaction_key(&request.head, &Method::Invite);
        let invite = self.server_index.get(&key).copied();
        let invite = invite.and_then(|id| self.servers.get(&id).map(|found| (id, found)));
        // RFC 3261 §9.2; only the sender of the INVITE may take it back.
        let Some((id, found)) =
            invite.filter(|(_, found)| found.flow.remote.ip() == flow.remote.ip())
        else {
            self.refuse(flow, request, 481, "", "");
            return;
        };
        let (dialog, proceeding) = (found.dialog, found.state == ServerState::Proceeding);
        self.refuse(flow, request, 200, "", "");
        if !proceeding {
            return;
        }
        self.respond(now, id, 487, "", "", None);
        let Some(key) = dialog else { return };
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        match dialog.phase {
            Phase::Incoming { .. } => {
                tracing::info!(call_id = %dialog.call_id, dialog = %key, "Caller cancelled");
                self.remove_dialog(key);
                self.emit_end(key, EndCause::Cancelled);
            }
            Phase::Confirmed | Phase::Closing | Phase::Calling { .. } => {
                dialog.incoming_reinvite = None;
            }
        }
    }

    fn on_new_request(&mut self, now: Duration, flow: Flow, request: Request) {
        match &request.method {
            Method::Invite => self.on_invite(now, flow, request),
            Method::Register if self.busy => self.refuse(flow, &request, 503, "", RETRY_AFTER),
            Method::Register => self.on_register(now, flow, &request),
            Method::Options if self.draining || self.busy => {
                self.refuse(flow, &request, 503, "", RETRY_AFTER)
            }
            Method::Options => self.refuse(flow, &request, 200, "", &capabilities()),
            Method::Bye | Method::Info | Method::Prack | Method::Update => {
                self.refuse(flow, &request, 481, "", "");
            }
            Method::Notify => self.refuse_method(flow, &request, "NOTIFY"),
            // RFC 3515 §2.4.1 allows one outside a dialog; there is no call to be sent elsewhere then.
            Method::Refer => self.refuse(flow, &request, 403, "", ""),
            Method::Subscribe => self.on_subscribe(now, flow, &request),
            Method::Other(name) => self.refuse_method(flow, &request, name),
            Method::Ack | Method::Cancel => {}
        }
    }

    fn on_request_in_dialog(&mut self, now: Duration, flow: Flow, request: Request) {
        if request.method == Method::Subscribe {
            return self.on_resubscribe(now, flow, &request);
        }
        let Some(key) = self.find_dialog(flow, &request) else {
            if self.admit(now, flow) {
                self.refuse(flow, &request, 481, "", "");
            }
            return;
        };
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        // RFC 3261 §12.2.2: a request older than one already seen.
        if request.head.cseq <= dialog.remote_cseq {
            self.refuse(flow, &request, 500, "CSeq Out of Order", "");
            return;
        }
        dialog.remote_cseq = request.head.cseq;
        if matches!(dialog.phase, Phase::Closing) && request.method != Method::Bye {
            self.refuse(flow, &request, 481, "", "");
            return;
        }
        match &request.method {
            Method::Bye => self.on_bye(now, flow, key, &request),
            Method::Invite => self.on_reinvite(now, flow, key, request),
            Method::Info => self.on_info(now, flow, key, &request),
            Method::Options => self.refuse(flow, &request, 200, "", &capabilities()),
            Method::Refer => self.on_refer(now, flow, key, &request),
            Method::Prack => self.on_prack(now, flow, key, request),
            Method::Update => self.on_update(now, flow, key, request),
            Method::Register => self.refuse_method(flow, &request, "REGISTER"),
            Method::Notify => self.refuse_method(flow, &request, "NOTIFY"),
            Method::Other(name) => self.refuse_method(flow, &request, name),
            Method::Ack | Method::Cancel | Method::Subscribe => {}
        }
    }

    fn on_bye(&mut self, now: Duration, flow: Flow, key: DialogKey, request: &Request) {
        let bye = self.begin_server(flow, request, None, "");
        self.respond(now, bye, 200, "", "", None);
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let reinvite = dialog.incoming_reinvite.take().map(|pending| pending.transaction);
        tracing::info!(call_id = %dialog.call_id, dialog = %key, "Peer hung up");
        let (open, ended) = match dialog.phase {
            // RFC 3261 §15.1.2: what is still pending gets 487.
            Phase::Incoming { transaction, .. } => (Some(transaction), true),
            Phase::Confirmed => (reinvite, true),
            Phase::Calling { .. } | Phase::Closing => (None, false),
        };
        if let Some(transaction) = open {
            self.respond(now, transaction, 487, "", "", None);
        }
        self.remove_dialog(key);
        if ended {
            self.emit_end(key, EndCause::PeerHungUp);
        }
    }

    /// Refuses what the sender demands and we do not have (RFC 3261 §8.2.2, §8.2.3); `true` if so.
    pub(crate) fn refuse_demands(&mut self, flow: Flow, request: &Request) -> bool {
        let telephone = matches!(&request.uri.scheme,
            Some(rsipstack::sip::Scheme::Other(name)) if name.eq_ignore_ascii_case("tel"));
        if !is_sip(&request.uri) && !telephone {
            self.refuse(flow, request, 416, "", "");
            return true;
        }
        let known = |tag: &&str| EXTENSIONS.iter().any(|it| it.eq_ignore_ascii_case(tag));
        let demanded: Vec<&str> = values(&request.headers, "Require")
            .flat_map(comma_separated)
            .filter(|tag| !known(tag))
            .collect();
        if !demanded.is_empty() {
            let line = format!("Unsupported: {}\r\n", demanded.join(", "));
            self.refuse(flow, request, 420, "", &line);
            return true;
        }
        false
    }

    /// Refuses an INVITE whose body is no session description; `true` if so.
    pub(crate) fn refuse_body(&mut self, flow: Flow, request: &Request) -> bool {
        let plain = value(&request.headers, "Content-Encoding")
            .is_none_or(|encoding| encoding.eq_ignore_ascii_case("identity"));
        let is_sdp = value(&request.headers, "Content-Type").is_some_and(|kind| {
            kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(SDP)
        });
        if request.body.is_empty() || (plain && is_sdp) {
            return false;
        }
        let lines = "Accept: application/sdp\r\nAccept-Encoding: identity\r\n";
        self.refuse(flow, request, 415, "", lines);
        true
    }

    fn refuse_method(&mut self, flow: Flow, request: &Request, name: &str) {
        let known = KNOWN.contains(&name) || ["REGISTER", "NOTIFY"].contains(&name);
        self.refuse(flow, request, if known { 405 } else { 501 }, "", ALLOW);
    }

    /// Sends a final response without keeping anything (RFC 3261 §8.2.7).
    pub(crate) fn refuse(
        &mut self,
        flow: Flow,
        request: &Request,
        status: u16,
        reason: &str,
        extra: &str,
    ) {
        let head = ReplyHead::of(request, flow.remote);
        let reason = if reason.is_empty() { phrase(status) } else { reason };
        let tag = (!head.has_tag()).then(|| self.stateless_tag(request));
        let data = head.write(status, reason, tag.as_deref(), extra, None);
        self.send_reply(flow, head.destination, data);
    }

    fn stateless_tag(&self, request: &Request) -> String {
        let mut hash = Sha256::new();
        for part in [&self.tag_secret, &request.head.via.branch, &request.head.call_id] {
            hash.update(part);
            hash.update([0]);
        }
        hex::encode(&hash.finalize()[..16])
    }
}

fn capabilities() -> String {
    format!(
        "{ALLOW}{SUPPORTED}{ALLOW_EVENTS}Accept: application/sdp, application/dtmf-relay, application/dtmf\r\nAccept-Encoding: identity\r\nAccept-Language: zh, en\r\n"
    )
}
