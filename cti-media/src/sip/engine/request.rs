//! Requests of ours, written out.

use std::fmt::Write as _;

use bytes::Bytes;

use crate::sip::{
    engine::{ALLOW, Engine, SUPPORTED},
    flow::Flow,
    reply::finish,
};

/// The headers a request is written from; lines that ACK and CANCEL repeat.
#[derive(Clone, Debug)]
pub(crate) struct RequestHead {
    pub(crate) uri: String,
    pub(crate) branch: String,
    /// The whole From value with our tag.
    pub(crate) from: String,
    /// The whole To value, with a tag inside a dialog.
    pub(crate) to: String,
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
    pub(crate) routes: Vec<String>,
}

impl Engine {
    /// Writes a request to be sent over `flow`; `extra` are whole header lines.
    pub(crate) fn write_request(
        &self,
        method: &str,
        flow: Flow,
        head: &RequestHead,
        extra: &str,
        body: Option<(&str, &[u8])>,
    ) -> Bytes {
        let mut text = String::with_capacity(640 + extra.len() + body.map_or(0, |b| b.1.len()));
        let RequestHead { uri, branch, from, to, call_id, cseq, routes } = head;
        let sent_by = self.listeners[flow.listener].public;
        let transport = flow.transport.name();
        let _ = write!(
            text,
            "{method} {uri} SIP/2.0\r\n\
             Via: SIP/2.0/{transport} {sent_by};branch={branch};rport\r\n\
             Max-Forwards: 70\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\n"
        );
        for route in routes {
            let _ = write!(text, "Route: {route}\r\n");
        }
        if method == "INVITE" {
            text.push_str(&self.contact_line(flow.listener));
            text.push_str(ALLOW);
            text.push_str(SUPPORTED);
        }
        text.push_str(extra);
        finish(text, body)
    }

    /// The Contact header that leads back to a listener.
    pub(crate) fn contact_line(&self, listener: usize) -> String {
        self.contact_of_user(listener, "cti")
    }

    /// The same for a user; `user` is escaped.
    pub(crate) fn contact_of_user(&self, listener: usize, user: &str) -> String {
        let listener = &self.listeners[listener];
        let parameter = listener.transport.uri_parameter();
        format!("Contact: <sip:{user}@{}{parameter}>\r\n", listener.public)
    }

    pub(crate) fn new_branch(&mut self) -> String {
        format!("z9hG4bK{}", self.random())
    }
}
