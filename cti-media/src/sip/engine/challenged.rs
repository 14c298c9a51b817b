//! Challenges to requests of ours (RFC 3261 §22.2): a gateway's are met once with its login, nobody else's ever.

use std::time::Duration;

use bytes::Bytes;

use crate::sip::{
    auth::Challenge,
    engine::{
        Engine,
        client::{Cancel, ClientId, ClientTransaction, Owner},
        dialog::Phase,
        request::RequestHead,
    },
    message::{Method, Response, find, values},
};

impl Engine {
    /// Sends a challenged request again with a proof; `false` if the challenge is not to be met.
    pub(crate) fn meet_challenge(
        &mut self,
        now: Duration,
        id: ClientId,
        response: &Response,
    ) -> bool {
        let (asks, answers) = match response.status {
            401 => ("WWW-Authenticate", "Authorization"),
            407 => ("Proxy-Authenticate", "Proxy-Authorization"),
            _ => return false,
        };
        let salt = self.random();
        let Some(sent) = self.clients.get(&id) else { return false };
        let Some(index) = self.challenger(id, sent) else { return false };
        let Some(login) = &self.gateways[index].config.login else { return false };
        let challenges = values(&response.headers, asks).take(8).filter_map(Challenge::parse);
        let (ours, foreign): (Vec<_>, Vec<_>) =
            challenges.partition(|challenge| challenge.realm == login.realm);
        let Some(challenge) = ours.into_iter().max_by_key(Challenge::strength) else {
            let realm = foreign.first().map(|challenge| challenge.realm);
            let gateway = &self.gateways[index].config.name;
            tracing::warn!(gateway, realm, "A gateway asks for a login we do not have");
            return false;
        };
        let proof = challenge.answer(login, sent.method.name(), &sent.head.uri, &salt);
        let line = format!("{answers}: {proof}\r\n");
        self.send_again(now, id, |head| format!("{head}{line}"))
    }

    /// Sends a request again with other header lines; whoever waits for it waits for this one. Once only.
    pub(crate) fn send_again(
        &mut self,
        now: Duration,
        id: ClientId,
        change: impl FnOnce(&str) -> String,
    ) -> bool {
        let branch = self.new_branch();
        let Some(sent) = self.clients.get(&id).filter(|it| it.cancel == Cancel::Unwanted) else {
            return false;
        };
        let head = RequestHead { branch, cseq: sent.head.cseq + 1, ..sent.head.clone() };
        let data = rewritten(&sent.data, &sent.method, &sent.head, &head, change);
        let (method, flow, owner) = (sent.method.clone(), sent.flow, sent.owner);
        let cseq = head.cseq;
        let again = self.begin_client(now, method, flow, head, owner, data);
        if let Some(transaction) = self.clients.get_mut(&again) {
            transaction.proven = true;
        }
        self.replaced(owner, id, again, cseq);
        true
    }

    /// The gateway whose login may answer for a request: it was sent there, and nobody has given it up.
    fn challenger(&self, id: ClientId, sent: &ClientTransaction) -> Option<usize> {
        if sent.proven || sent.cancel != Cancel::Unwanted {
            return None;
        }
        let index = match sent.owner {
            Owner::Probe(index) | Owner::Register(index) => Some(index),
            Owner::Fork(key) => match &self.dialogs.get(&key)?.phase {
                Phase::Calling { forks, .. } => {
                    forks.iter().find(|fork| fork.transaction == id)?.gateway
                }
                Phase::Incoming { .. } | Phase::Confirmed | Phase::Closing => None,
            },
            Owner::Reinvite(key)
            | Owner::Info(key)
            | Owner::Refresh(key)
            | Owner::Bye(Some(key)) => self.dialogs.get(&key)?.gateway,
            Owner::Bye(None) | Owner::Talk | Owner::Cancel | Owner::Prack | Owner::Notify(_) => {
                None
            }
        };
        let (_, at) = self.gateways[index?].at?;
        (at == sent.flow.remote).then_some(index?)
    }

    /// Whoever waited for the request waits for its repetition.
    fn replaced(&mut self, owner: Owner, id: ClientId, again: ClientId, cseq: u32) {
        match owner {
            Owner::Register(index) => {
                if let Some(registering) = &mut self.gateways[index].registering {
                    registering.used(cseq);
                }
            }
            Owner::Fork(key) => {
                let Some(dialog) = self.dialogs.get_mut(&key) else { return };
                let Phase::Calling { forks, .. } = &mut dialog.phase else { return };
                for fork in forks.iter_mut().filter(|fork| fork.transaction == id) {
                    fork.transaction = again;
                }
            }
            Owner::Reinvite(key)
            | Owner::Info(key)
            | Owner::Refresh(key)
            | Owner::Bye(Some(key)) => {
                let Some(dialog) = self.dialogs.get_mut(&key) else { return };
                dialog.local_cseq = dialog.local_cseq.max(cseq);
                if dialog.outgoing_reinvite == Some(id) {
                    dialog.outgoing_reinvite = Some(again);
                }
            }
            Owner::Probe(_)
            | Owner::Bye(None)
            | Owner::Talk
            | Owner::Cancel
            | Owner::Prack
            | Owner::Notify(_) => {}
        }
    }
}

/// A request as it was, with another branch and number, and its header lines changed.
fn rewritten(
    sent: &[u8],
    method: &Method,
    old: &RequestHead,
    new: &RequestHead,
    change: impl FnOnce(&str) -> String,
) -> Bytes {
    let split = find(sent, b"\r\n\r\n").map_or(sent.len(), |at| at + 2);
    let (head, rest) = sent.split_at(split);
    let name = method.name();
    let was = format!("CSeq: {} {name}\r\n", old.cseq);
    let is = format!("CSeq: {} {name}\r\n", new.cseq);
    let head = String::from_utf8_lossy(head);
    let head = head.replacen(&old.branch, &new.branch, 1).replacen(&was, &is, 1);
    [change(&head).as_bytes(), rest].concat().into()
}
