//! Responses, and the part of a request that they repeat.

use std::{fmt::Write as _, net::SocketAddr};

use bytes::Bytes;

use crate::sip::{
    address::{comma_separated, parameter},
    message::{Request, values},
};

/// The topmost Via of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopVia {
    /// Host and port as written, without spaces.
    pub(crate) sent_by: String,
    pub(crate) port: Option<u16>,
    pub(crate) branch: String,
    pub(crate) wants_port: bool,
}

impl TopVia {
    /// Reads the first of the comma-separated values.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let value = comma_separated(value).next()?;
        let (protocol, parameters) = value.split_once(';').unwrap_or((value, ""));
        let mut slashes = protocol.splitn(3, '/');
        // Another version is told in the first line, which decides.
        let (name, _version) = (slashes.next()?.trim(), slashes.next()?);
        if !name.eq_ignore_ascii_case("SIP") {
            return None;
        }
        let (_, sent_by) = slashes.next()?.trim_start().split_once([' ', '\t'])?;
        let sent_by: String =
            sent_by.chars().filter(|character| !character.is_whitespace()).collect();
        let host_end = sent_by.rfind(']').map_or(0, |at| at + 1);
        let port = match sent_by[host_end..].rsplit_once(':') {
            Some((_, port)) => Some(port.parse().ok()?),
            None => None,
        };
        if sent_by.is_empty() {
            return None;
        }
        Some(Self {
            port,
            branch: parameter(parameters, "branch").unwrap_or_default().to_owned(),
            wants_port: parameter(parameters, "rport").is_some(),
            sent_by,
        })
    }
}

/// What every response to a request repeats from it (RFC 3261 §8.2.6.2).
#[derive(Clone, Debug)]
pub(crate) struct ReplyHead {
    /// Via, From, Call-ID and CSeq lines.
    lines: String,
    to: String,
    has_tag: bool,
    /// Where a response over UDP goes (RFC 3261 §18.2.2, RFC 3581 §4).
    pub(crate) destination: SocketAddr,
}

impl ReplyHead {
    /// Takes the head of a request that came from `source`.
    pub(crate) fn of(request: &Request, source: SocketAddr) -> Self {
        let head = &request.head;
        let mut lines = String::with_capacity(512);
        for (index, via) in values(&request.headers, "Via").enumerate() {
            push_via(&mut lines, via, index == 0, source);
        }
        let _ = write!(
            lines,
            "From: {}\r\nCall-ID: {}\r\nCSeq: {} {}\r\n",
            head.from,
            head.call_id,
            head.cseq,
            request.method.name()
        );
        Self {
            lines,
            to: head.to.clone(),
            has_tag: head.to_tag.is_some(),
            destination: destination(&head.via, source),
        }
    }

    /// Picks the head out of a header section that could not be read as a whole.
    pub(crate) fn scan(section: &str, source: SocketAddr) -> Option<Self> {
        let mut lines = String::new();
        let mut via = None;
        let (mut from, mut to, mut call_id, mut cseq) = (None, None, None, None);
        for line in section.lines().skip(1) {
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "via" | "v" => {
                    let first = via.is_none();
                    if first {
                        via = Some(TopVia::parse(value)?);
                    }
                    push_via(&mut lines, value, first, source);
                }
                "from" | "f" => from = from.or(Some(value)),
                "to" | "t" => to = to.or(Some(value)),
                "call-id" | "i" => call_id = call_id.or(Some(value)),
                "cseq" => cseq = cseq.or(Some(value)),
                _ => {}
            }
        }
        let (from, to, call_id, cseq) = (from?, to?, call_id?, cseq?);
        let _ = write!(lines, "From: {from}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n");
        Some(Self {
            lines,
            has_tag: to.contains(";tag="),
            to: to.to_owned(),
            destination: destination(&via?, source),
        })
    }

    /// Whether the request was sent inside a dialog.
    pub(crate) fn has_tag(&self) -> bool {
        self.has_tag
    }

    /// Writes a response. `tag` completes To where the request had none; `extra` are whole lines.
    pub(crate) fn write(
        &self,
        status: u16,
        reason: &str,
        tag: Option<&str>,
        extra: &str,
        body: Option<(&str, &[u8])>,
    ) -> Bytes {
        let size = self.lines.len() + self.to.len() + extra.len() + body.map_or(0, |b| b.1.len());
        let mut text = String::with_capacity(size + 160);
        let _ = write!(text, "SIP/2.0 {status} {reason}\r\n{}To: {}", self.lines, self.to);
        if let (Some(tag), false) = (tag, self.has_tag) {
            let _ = write!(text, ";tag={tag}");
        }
        text.push_str("\r\n");
        text.push_str(extra);
        finish(text, body)
    }
}

/// Ends the headers of a message and appends its body.
pub(crate) fn finish(mut text: String, body: Option<(&str, &[u8])>) -> Bytes {
    let (kind, content) = body.unwrap_or(("", &[]));
    if !kind.is_empty() {
        let _ = write!(text, "Content-Type: {kind}\r\n");
    }
    let _ = write!(text, "Content-Length: {}\r\n\r\n", content.len());
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(content);
    Bytes::from(bytes)
}

fn push_via(lines: &mut String, value: &str, top: bool, source: SocketAddr) {
    if !top {
        let _ = write!(lines, "Via: {value}\r\n");
        return;
    }
    let mut values = comma_separated(value);
    let first = values.next().unwrap_or_default();
    let mut wants_port = false;
    lines.push_str("Via: ");
    for (index, part) in first.split(';').enumerate() {
        let name = part.split('=').next().unwrap_or_default().trim();
        if index > 0 && name.eq_ignore_ascii_case("rport") {
            wants_port = true;
        } else if index == 0 {
            lines.push_str(part.trim());
        } else if !name.eq_ignore_ascii_case("received") {
            let _ = write!(lines, ";{}", part.trim());
        }
    }
    let _ = write!(lines, ";received={}", source.ip());
    if wants_port {
        let _ = write!(lines, ";rport={}", source.port());
    }
    lines.push_str("\r\n");
    for rest in values {
        let _ = write!(lines, "Via: {rest}\r\n");
    }
}

fn destination(via: &TopVia, source: SocketAddr) -> SocketAddr {
    if via.wants_port {
        return source;
    }
    SocketAddr::new(source.ip(), via.port.filter(|port| *port != 0).unwrap_or(5060))
}

/// The standard phrase of a status code.
pub(crate) fn phrase(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        484 => "Address Incomplete",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        600 => "Busy Everywhere",
        603 => "Decline",
        other => match other / 100 {
            1 => "Progress",
            2 => "OK",
            3 => "Redirected",
            4 => "Client Error",
            5 => "Server Error",
            _ => "Failure",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_via_is_completed_with_where_the_request_really_came_from() {
        let mut lines = String::new();
        let value = "SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bK-1;received=6.6.6.6, SIP/2.0/UDP p;branch=x";
        push_via(&mut lines, value, true, "192.0.2.1:4000".parse().unwrap());
        assert_eq!(
            lines,
            "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK-1;received=192.0.2.1;rport=4000\r\n\
             Via: SIP/2.0/UDP p;branch=x\r\n"
        );
    }

    #[test]
    fn a_reply_goes_to_the_source_port_only_when_asked_for() {
        let source = "192.0.2.1:4000".parse().unwrap();
        let plain = TopVia::parse("SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK-1").unwrap();
        assert_eq!(destination(&plain, source), "192.0.2.1:5070".parse().unwrap());
        let symmetric = TopVia::parse("SIP/2.0/UDP 10.0.0.1;rport;branch=1").unwrap();
        assert_eq!(destination(&symmetric, source), source);
    }

    #[test]
    fn spaces_that_the_grammar_allows_in_via_are_read() {
        let via =
            TopVia::parse("SIP / 2.0 / UDP first.example.com : 4000 ;ttl=16;branch=z9").unwrap();
        assert_eq!((via.sent_by.as_str(), via.port), ("first.example.com:4000", Some(4000)));
        let via = TopVia::parse("SIP/2.0/TCP [2001:db8::1]").unwrap();
        assert_eq!((via.sent_by.as_str(), via.port), ("[2001:db8::1]", None));
        assert_eq!(TopVia::parse("SIP/2.0/UDP h:99999"), None);
    }
}
