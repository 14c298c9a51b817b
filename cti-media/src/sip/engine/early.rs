//! Early dialogs of calls of ours: requests inside them, and PRACK for provisional responses that want it
//! (RFC 3262 §4).

use std::time::Duration;

use crate::sip::{
    DialogKey,
    address::comma_separated,
    engine::{
        Engine,
        client::{ClientId, Owner},
        dialog::{Phase, contact_of, record_routes},
        request::RequestHead,
    },
    message::{Method, Response, value, values},
};

/// Early dialogs kept for one device at most; a proxy may fork.
const MOST: usize = 8;

/// What a provisional response told of the one who sent it.
#[derive(Debug, Default)]
pub(crate) struct Early {
    /// His tag.
    tag: String,
    to: String,
    target: Option<String>,
    routes: Vec<String>,
    /// Of the last request sent in it after the INVITE.
    cseq: u32,
    /// Of the last provisional response acknowledged.
    acknowledged: u32,
    /// His answer to our offer, in a response that was acknowledged.
    description: Option<Vec<u8>>,
    /// He can be asked to answer by `NOTIFY` with `Event: talk`.
    pub(crate) talks: bool,
}

/// Early dialogs of one INVITE.
#[derive(Debug, Default)]
pub(crate) struct EarlyDialogs(Vec<Early>);

impl EarlyDialogs {
    fn of(&mut self, response: &Response) -> Option<&mut Early> {
        let tag = response.head.to_tag.as_deref()?;
        let known = self.0.iter().position(|it| it.tag == tag);
        let place = known.or_else(|| {
            (self.0.len() < MOST).then(|| {
                let (tag, to) = (tag.to_owned(), response.head.to.clone());
                self.0.push(Early { tag, to, ..Early::default() });
                self.0.len() - 1
            })
        });
        self.0.get_mut(place?)
    }

    /// The first one that can be asked to answer.
    pub(crate) fn talking(&self) -> Option<&str> {
        self.0.iter().find(|it| it.talks).map(|it| it.tag.as_str())
    }

    /// What the one who answered was sent and said before: the last number of ours, and his description.
    pub(crate) fn before(self, tag: &str) -> (u32, Option<Vec<u8>>) {
        let early = self.0.into_iter().find(|it| it.tag == tag).unwrap_or_default();
        (early.cseq, early.description)
    }
}

impl Engine {
    /// Reads a provisional response to an INVITE of ours; `false` if it came out of order and is not to be heard.
    pub(crate) fn learn_early(
        &mut self,
        now: Duration,
        key: DialogKey,
        id: ClientId,
        response: &Response,
    ) -> bool {
        let Some(early) = self.early_dialogs(key, id).and_then(|it| it.of(response)) else {
            return true;
        };
        if let Some(target) = contact_of(&response.headers) {
            let mut routes = record_routes(&response.headers);
            routes.reverse();
            (early.target, early.routes) = (Some(target), routes);
        }
        let listed = |header| values(&response.headers, header).flat_map(comma_separated);
        early.talks |= listed("Allow-Events").any(|it| it.eq_ignore_ascii_case("talk"));
        let reliable = listed("Require").any(|it| it.eq_ignore_ascii_case("100rel"));
        let sequence = value(&response.headers, "RSeq").and_then(|text| text.parse::<u32>().ok());
        let (true, Some(sequence)) = (reliable, sequence) else { return true };
        // RFC 3262 §4: a repetition, or one that overtook another.
        if early.acknowledged != 0 && sequence != early.acknowledged.wrapping_add(1) {
            return false;
        }
        early.acknowledged = sequence;
        if !response.body.is_empty() {
            early.description = Some(response.body.clone());
        }
        let tag = early.tag.clone();
        let extra = format!("RAck: {sequence} {} INVITE\r\n", response.head.cseq);
        self.request_in_early(now, key, (id, &tag), Method::Prack, Owner::Prack, &extra);
        true
    }

    fn early_dialogs(&mut self, key: DialogKey, id: ClientId) -> Option<&mut EarlyDialogs> {
        let Phase::Calling { forks, .. } = &mut self.dialogs.get_mut(&key)?.phase else {
            return None;
        };
        Some(&mut forks.iter_mut().find(|fork| fork.transaction == id)?.early)
    }

    /// Sends a request inside an early dialog.
    pub(crate) fn request_in_early(
        &mut self,
        now: Duration,
        key: DialogKey,
        (id, tag): (ClientId, &str),
        method: Method,
        owner: Owner,
        extra: &str,
    ) {
        let branch = self.new_branch();
        let account = self.dialogs.get(&key).and_then(|dialog| dialog.account.clone());
        let Some(invite) = self.clients.get(&id) else { return };
        let (sent, flow) = (invite.head.clone(), invite.flow);
        let Some(early) = self.early_dialogs(key, id) else { return };
        let Some(early) = early.0.iter_mut().find(|it| it.tag == tag) else { return };
        early.cseq = early.cseq.max(sent.cseq) + 1;
        let head = RequestHead {
            uri: early.target.clone().unwrap_or_else(|| sent.uri.clone()),
            branch,
            to: early.to.clone(),
            cseq: early.cseq,
            routes: early.routes.clone(),
            ..sent
        };
        let flow = self.next_hop(flow, &head.routes, &head.uri, account.as_deref());
        let data = self.write_request(method.name(), flow, &head, extra, None);
        self.begin_client(now, method, flow, head, owner, data);
    }
}
