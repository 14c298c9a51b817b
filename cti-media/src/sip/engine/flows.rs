//! Dialogs whose connection a browser has lost.
//!
//! A browser cannot be connected to: its dialogs live on connections it made itself (RFC 5626). One that
//! lost its connection, because a network changed or a server in between started anew, connects and registers
//! again within seconds and its call goes on; a page that was closed does not.

use std::time::Duration;

use crate::sip::{
    DialogKey, EndCause,
    engine::{Engine, dialog::Phase, timers::Timer},
    flow::{ConnectionId, Flow},
};

/// How long a dialog waits for its browser to come back.
const RECOVERY: Duration = Duration::from_secs(10);

impl Engine {
    /// Gives the dialogs that only this connection can reach a while to get another one.
    pub(crate) fn dialogs_of_closed_connection(&mut self, now: Duration, gone: ConnectionId) {
        for (key, dialog) in &self.dialogs {
            let lost = dialog.flow.connection == Some(gone);
            if lost && dialog.flow.transport.is_web_socket() {
                self.timers.set(now + RECOVERY, Timer::Flow(*key));
            }
        }
    }

    /// Whether messages can still be sent over a flow.
    pub(crate) fn is_alive(&self, flow: Flow) -> bool {
        flow.connection.is_none_or(|id| self.connections.contains(&id))
    }

    /// The connection that the device at `contact` has meanwhile registered over.
    pub(crate) fn newer_flow(&self, account: Option<&str>, contact: &str) -> Option<Flow> {
        let bindings = self.registrar.bindings(account?, Duration::ZERO);
        let mut flows = bindings.filter(|it| it.contact == contact).map(|it| it.flow);
        flows.find(|flow| self.is_alive(*flow))
    }

    pub(crate) fn flow_timer(&mut self, now: Duration, key: DialogKey) {
        let Some(dialog) = self.dialogs.get(&key) else { return };
        if self.is_alive(dialog.flow) {
            return;
        }
        let flow = self.newer_flow(dialog.account.as_deref(), &dialog.target);
        match (flow, &dialog.phase) {
            (Some(flow), _) => {
                if let Some(dialog) = self.dialogs.get_mut(&key) {
                    dialog.flow = flow;
                }
            }
            (None, Phase::Incoming { .. }) => {
                self.reject(now, key, 487, "", "", EndCause::Cancelled);
            }
            (None, Phase::Confirmed) => self.peer_lost(now, key),
            // The INVITE, or the BYE, ends by itself.
            (None, Phase::Calling { .. } | Phase::Closing) => {}
        }
    }
}
