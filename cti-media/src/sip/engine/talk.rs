//! Asking a phone that rings to answer: NOTIFY with `Event: talk` in the early dialog.
//!
//! The event package is BroadSoft's "remote control talk", which desk phones of Yealink, Polycom, Snom,
//! Fanvil and others know; they say so by `Allow-Events` in their 180.

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
    message::{Method, Response, values},
};

/// What is known of a device that may be asked to answer.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    /// It shall be asked as soon as it can be.
    wanted: bool,
    /// The early dialog of a device that can be asked.
    early: Option<Early>,
}

#[derive(Debug)]
struct Early {
    to: String,
    target: Option<String>,
    routes: Vec<String>,
    /// Of the last request sent in it after the INVITE.
    cseq: u32,
}

impl Talk {
    /// The number of the last request in the dialog; 0 if there was none but the INVITE.
    pub(crate) fn cseq(&self) -> u32 {
        self.early.as_ref().map_or(0, |early| early.cseq)
    }
}

impl Engine {
    /// Reads in a provisional response whether the device can be asked to answer.
    pub(crate) fn learn_to_talk(
        &mut self,
        now: Duration,
        key: DialogKey,
        id: ClientId,
        response: &Response,
    ) {
        let takes = values(&response.headers, "Allow-Events")
            .flat_map(comma_separated)
            .any(|event| event.trim().eq_ignore_ascii_case("talk"));
        if !takes || response.head.to_tag.is_none() {
            return;
        }
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let Phase::Calling { forks, .. } = &mut dialog.phase else { return };
        let Some(fork) = forks.iter_mut().find(|fork| fork.transaction == id) else { return };
        if fork.talk.early.is_some() {
            return;
        }
        let mut routes = record_routes(&response.headers);
        routes.reverse();
        let target = contact_of(&response.headers);
        fork.talk.early = Some(Early { to: response.head.to.clone(), target, routes, cseq: 0 });
        if fork.talk.wanted {
            self.ask_to_answer(now, key);
        }
    }

    /// Asks the first device that can be asked, now or when it rings.
    pub(crate) fn ask_to_answer(&mut self, now: Duration, key: DialogKey) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let account = dialog.account.clone();
        let Phase::Calling { forks, .. } = &mut dialog.phase else { return };
        let able = forks.iter().position(|fork| fork.talk.early.is_some() && fork.failed.is_none());
        for fork in forks.iter_mut() {
            fork.talk.wanted = able.is_none();
        }
        let Some(fork) = able.and_then(|able| forks.get_mut(able)) else { return };
        let Some(early) = &mut fork.talk.early else { return };
        let Some(invite) = self.clients.get(&fork.transaction) else { return };
        early.cseq = early.cseq.max(invite.head.cseq) + 1;
        let mut head = RequestHead {
            uri: early.target.clone().unwrap_or_else(|| invite.head.uri.clone()),
            branch: String::new(),
            to: early.to.clone(),
            cseq: early.cseq,
            routes: early.routes.clone(),
            ..invite.head.clone()
        };
        let flow = invite.flow;
        head.branch = self.new_branch();
        let flow = self.next_hop(flow, &head.routes, &head.uri, account.as_deref());
        let contact = self.contact_line(flow.listener);
        let extra = format!("{contact}Event: talk\r\nSubscription-State: terminated\r\n");
        let data = self.write_request("NOTIFY", flow, &head, &extra, None);
        tracing::info!(call_id = %head.call_id, dialog = %key, "Asking the phone to answer");
        let method = Method::Other(String::from("NOTIFY"));
        self.begin_client(now, method, flow, head, Owner::Talk, data);
    }
}
