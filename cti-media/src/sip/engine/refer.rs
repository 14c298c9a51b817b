//! The transfer key of a telephone: REFER (RFC 3515), to a number or, with Replaces (RFC 3891), to another call of the
//! same telephone. What comes of it is told by NOTIFY (`message/sipfrag`), before the BYE if there is one.

use std::time::Duration;

use crate::sip::{
    DialogKey, SipEvent,
    address::{NameAddr, is_sip, parameter, unescape, user_of},
    engine::{Engine, client::Owner},
    flow::Flow,
    message::{Method, Request, value, values},
    reply::phrase,
};

/// How long the telephone is told to wait for news, in seconds.
const NEWS_WITHIN: u32 = 60;

/// A REFER whose outcome has not been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Referring {
    cseq: u32,
    /// RFC 4488: the telephone wants no news.
    silent: bool,
}

/// Whom a REFER names.
#[derive(Debug, PartialEq, Eq)]
enum Named {
    Number(String),
    /// Call-ID and both tags of another call of the telephone.
    Call {
        call_id: String,
        tags: [String; 2],
    },
}

/// Reads a Refer-To value; `None` unless it asks for an INVITE.
fn named(value: &str) -> Option<Named> {
    let uri = NameAddr::parse(value)?.uri;
    let (address, headers) = uri.split_once('?').unwrap_or((uri, ""));
    let parsed = rsipstack::sip::parse_uri(address).ok()?;
    let telephone = matches!(&parsed.scheme,
        Some(rsipstack::sip::Scheme::Other(name)) if name.eq_ignore_ascii_case("tel"));
    let (_, parameters) = address.split_once(';').unwrap_or((address, ""));
    let invites =
        parameter(parameters, "method").is_none_or(|it| it.eq_ignore_ascii_case("INVITE"));
    if !(is_sip(&parsed) || telephone) || !invites {
        return None;
    }
    let replaces = headers.split('&').find_map(|header| {
        let (name, value) = header.split_once('=')?;
        name.eq_ignore_ascii_case("Replaces").then(|| unescape(value))
    });
    let Some(replaces) = replaces else {
        return Some(user_of(&parsed)).filter(|user| !user.is_empty()).map(Named::Number);
    };
    let (call_id, parameters) = replaces.split_once(';')?;
    let tag = |name| parameter(parameters, name).map(str::to_owned);
    Some(Named::Call {
        call_id: call_id.trim().to_owned(),
        tags: [tag("to-tag")?, tag("from-tag")?],
    })
}

impl Engine {
    pub(crate) fn on_refer(
        &mut self,
        now: Duration,
        flow: Flow,
        key: DialogKey,
        request: &Request,
    ) {
        if self.refuse_demands(flow, request) {
            return;
        }
        let Some(dialog) = self.dialogs.get(&key) else { return };
        // Nobody from outside sends our callers elsewhere.
        let Some(account) = dialog.account.clone().filter(|_| dialog.is_confirmed()) else {
            return self.refuse(flow, request, 403, "", "");
        };
        if dialog.referring.is_some() {
            return self.refuse(flow, request, 491, "", "");
        }
        let mut targets = values(&request.headers, "Refer-To");
        let target = targets.next().filter(|_| targets.next().is_none()).and_then(named);
        let Some(target) = target else {
            return self.refuse(flow, request, 400, "Bad Refer-To", "");
        };
        let (number, replaces) = match target {
            Named::Number(number) => (Some(number), None),
            Named::Call { call_id, tags } => {
                let mut calls = self.dialogs.iter().filter(|(other, it)| {
                    let ends = [&it.local_tag, &it.remote_tag];
                    let named = ends == [&tags[0], &tags[1]] || ends == [&tags[1], &tags[0]];
                    **other != key && it.call_id == call_id && named
                });
                let ours = calls.next().filter(|(_, it)| it.account.as_ref() == Some(&account));
                let Some((other, _)) = ours else {
                    return self.refuse(flow, request, 481, "", "");
                };
                (None, Some(*other))
            }
        };
        let silent = value(&request.headers, "Refer-Sub").is_some_and(|it| it.trim() == "false");
        let transaction = self.begin_server(flow, request, None, "");
        let mut extra = self.contact_line(flow.listener);
        if silent {
            extra.push_str("Refer-Sub: false\r\n");
        }
        self.respond(now, transaction, 202, "", &extra, None);
        if let Some(dialog) = self.dialogs.get_mut(&key) {
            tracing::info!(call_id = %dialog.call_id, dialog = %key, "The telephone transfers its call");
            dialog.referring = Some(Referring { cseq: request.head.cseq, silent });
        }
        self.tell_reference(now, key, 100);
        self.emit(SipEvent::Referred { dialog: key, number, replaces });
    }

    /// Tells a telephone what came of its REFER.
    pub(crate) fn answer_reference(&mut self, now: Duration, key: DialogKey, status: u16) {
        self.tell_reference(now, key, status);
        if let Some(dialog) = self.dialogs.get_mut(&key) {
            dialog.referring = None;
        }
    }

    fn tell_reference(&mut self, now: Duration, key: DialogKey, status: u16) {
        let Some(dialog) = self.dialogs.get(&key) else { return };
        let listener = dialog.flow.listener;
        let Some(Referring { cseq, silent: false }) = dialog.referring else { return };
        let state = match status {
            100 => format!("active;expires={NEWS_WITHIN}"),
            _ => String::from("terminated;reason=noresource"),
        };
        let contact = self.contact_line(listener);
        let extra = format!("{contact}Event: refer;id={cseq}\r\nSubscription-State: {state}\r\n");
        let body = format!("SIP/2.0 {status} {}\r\n", phrase(status));
        let body = Some(("message/sipfrag;version=2.0", body.as_bytes()));
        self.request_in_dialog(now, key, Method::Notify, Owner::Talk, &extra, body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_or_a_call_to_be_replaced_is_named() {
        assert_eq!(named("<sip:8002@city>"), Some(Named::Number("8002".into())));
        assert_eq!(named("sip:%2A81@city;user=phone"), Some(Named::Number("*81".into())));
        assert_eq!(named("<tel:13800001111>"), Some(Named::Number("13800001111".into())));
        let call = Named::Call { call_id: "c@h".into(), tags: ["t".into(), "f".into()] };
        let value = "<sip:8002@city?Replaces=c%40h%3Bto-tag%3Dt%3Bfrom-tag%3Df&X=1>";
        assert_eq!(named(value), Some(call));
        for wrong in [
            "",
            "<mailto:a@b>",
            "<sip:city>",
            "<sip:8002@city;method=BYE>",
            "<sip:8002@city?Replaces=c%40h>",
            "<sip:8002@city?Replaces=c%40h%3Bto-tag%3Dt>",
        ] {
            assert_eq!(named(wrong), None, "{wrong}");
        }
    }
}
