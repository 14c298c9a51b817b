//! One party's connection to one call (ECMA-269 §6.1.5), and its state.
//!
//! ```text
//!            originate          connect                hold
//!   Null ───────────▶ Initiated ────────▶ Connected ◀────────▶ Hold
//!    │  dial             │ fail    ▲ ▲         │      retrieve   │
//!    ├──────▶ Dialing ───┼─────────┘ │         │                 │
//!    │           │ reach │           │ connect │ clear           │ clear
//!    │           ▼       ▼           │         ▼                 ▼
//!    │  NetworkReached  Failed   Alerting ─▶  Null ◀─────────────┘
//!    │ offer              ▲          ▲
//!    ├──────▶ Offered ────┼──────────┤ alert
//!    └ queue ▶ Queued ────┴──────────┘
//! ```
//!
//! The whole table is [`ConnectionState::next`]; `docs/standards/call-model.md` is generated from it. A connection that
//! is cleared is gone: [`ConnectionState::Null`] is never kept.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// There is no relation between party and call.
    Null,
    /// The party has begun a call and is being served: dialling, or before it is answered.
    Initiated,
    /// The call is offered to the party, who may accept, deflect or refuse it before it rings.
    Offered,
    /// The call is on its way to a number outside.
    Dialing,
    /// It has left the centre; how it goes on there is not reported.
    NetworkReached,
    /// The party is being alerted.
    Alerting,
    /// The call waits for the party: camped on a busy device, or in a queue.
    Queued,
    /// The party takes part.
    Connected,
    /// The party takes part and has put the call on hold.
    Hold,
    /// The party shares a line that another device of his talks on, and is silent itself.
    Bridged,
    /// The call could not reach the party.
    Failed,
}

/// What can happen to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConnectionInput {
    /// The party begins a call.
    Originate,
    /// The call is offered to the party.
    Offer,
    /// The party's number outside is dialled.
    Dial,
    /// The call has left the centre.
    ReachNetwork,
    /// The party is alerted.
    Alert,
    /// The call waits for the party.
    Queue,
    /// The party answers or joins.
    Connect,
    /// The party puts the call on hold.
    Hold,
    /// The party takes the call from hold.
    Retrieve,
    /// Another device of the party's shared line takes the call.
    Bridge,
    /// The party cannot be reached.
    Fail,
    /// The party leaves, for whatever reason.
    Clear,
}

/// The input makes no sense in the connection's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a connection that is {state} cannot {input}")]
pub struct InvalidConnection {
    /// The state it is in.
    pub state: ConnectionState,
    /// What was asked.
    pub input: ConnectionInput,
}

impl ConnectionState {
    /// Every state, in the order of the enum.
    pub const ALL: [Self; 11] = [
        Self::Null,
        Self::Initiated,
        Self::Offered,
        Self::Dialing,
        Self::NetworkReached,
        Self::Alerting,
        Self::Queued,
        Self::Connected,
        Self::Hold,
        Self::Bridged,
        Self::Failed,
    ];

    /// Returns the state after `input`: the whole table of the machine.
    ///
    /// # Errors
    /// When the input makes no sense in this state.
    pub fn next(self, input: ConnectionInput) -> Result<Self, InvalidConnection> {
        use ConnectionInput as I;
        Ok(match (self, input) {
            (Self::Null, I::Originate) => Self::Initiated,
            (Self::Null, I::Offer) => Self::Offered,
            (Self::Null, I::Dial) => Self::Dialing,
            (Self::Null | Self::Offered, I::Alert) => Self::Alerting,
            (Self::Null | Self::Failed, I::Queue) => Self::Queued,
            // A party that is in the house already joins another call of its own.
            (Self::Null, I::Connect) => Self::Connected,

            (Self::Dialing, I::ReachNetwork) => Self::NetworkReached,
            (Self::Dialing | Self::NetworkReached | Self::Queued, I::Alert) => Self::Alerting,

            (
                Self::Initiated
                | Self::Offered
                | Self::Dialing
                | Self::NetworkReached
                | Self::Alerting
                | Self::Queued
                | Self::Bridged,
                I::Connect,
            ) => Self::Connected,

            (Self::Connected, I::Hold) => Self::Hold,
            (Self::Hold, I::Retrieve) => Self::Connected,
            (Self::Alerting | Self::Connected, I::Bridge) => Self::Bridged,

            (
                Self::Initiated
                | Self::Offered
                | Self::Dialing
                | Self::NetworkReached
                | Self::Alerting
                | Self::Queued,
                I::Fail,
            ) => Self::Failed,

            (
                Self::Initiated
                | Self::Offered
                | Self::Dialing
                | Self::NetworkReached
                | Self::Alerting
                | Self::Queued
                | Self::Connected
                | Self::Hold
                | Self::Bridged
                | Self::Failed,
                I::Clear,
            ) => Self::Null,

            (state, input) => return Err(InvalidConnection { state, input }),
        })
    }

    /// Returns whether the party is in the conversation, on hold or not.
    #[must_use]
    pub fn takes_part(self) -> bool {
        match self {
            Self::Connected | Self::Hold => true,
            Self::Null
            | Self::Initiated
            | Self::Offered
            | Self::Dialing
            | Self::NetworkReached
            | Self::Alerting
            | Self::Queued
            | Self::Bridged
            | Self::Failed => false,
        }
    }

    /// Returns the name as it is written down.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Initiated => "initiated",
            Self::Offered => "offered",
            Self::Dialing => "dialing",
            Self::NetworkReached => "network_reached",
            Self::Alerting => "alerting",
            Self::Queued => "queued",
            Self::Connected => "connected",
            Self::Hold => "hold",
            Self::Bridged => "bridged",
            Self::Failed => "failed",
        }
    }

    /// Returns the name that ECMA-269 §6.1.5 gives the state, which knows seven.
    #[must_use]
    pub fn csta(self) -> &'static str {
        match self {
            Self::Null | Self::Bridged => "null",
            Self::Initiated | Self::Dialing => "initiated",
            Self::Offered | Self::Alerting => "alerting",
            Self::NetworkReached | Self::Connected => "connected",
            Self::Queued => "queued",
            Self::Hold => "hold",
            Self::Failed => "failed",
        }
    }

    /// Returns the state of JTAPI's `CallControlConnection`.
    #[must_use]
    pub fn jtapi(self) -> &'static str {
        match self {
            Self::Null => "DISCONNECTED",
            Self::Initiated => "INITIATED",
            Self::Offered => "OFFERED",
            Self::Dialing => "DIALING",
            Self::NetworkReached => "NETWORK_REACHED",
            Self::Alerting => "ALERTING",
            Self::Queued => "QUEUED",
            Self::Connected | Self::Hold | Self::Bridged => "ESTABLISHED",
            Self::Failed => "FAILED",
        }
    }

    /// Returns the state of JTAPI's `CallControlTerminalConnection`; none before the terminal has a part in the call.
    #[must_use]
    pub fn jtapi_terminal(self) -> Option<&'static str> {
        match self {
            Self::Null => Some("DROPPED"),
            Self::Alerting => Some("RINGING"),
            Self::Initiated | Self::Dialing | Self::NetworkReached | Self::Connected => {
                Some("TALKING")
            }
            Self::Hold => Some("HELD"),
            Self::Bridged => Some("BRIDGED"),
            Self::Offered | Self::Queued | Self::Failed => None,
        }
    }

    /// Returns TSAPI's `LocalConnectionState_t`.
    #[must_use]
    pub fn tsapi(self) -> &'static str {
        match self {
            Self::Null | Self::Bridged => "CS_NULL",
            Self::Initiated | Self::Dialing => "CS_INITIATE",
            Self::Offered | Self::Alerting => "CS_ALERTING",
            Self::NetworkReached | Self::Connected => "CS_CONNECT",
            Self::Hold => "CS_HOLD",
            Self::Queued => "CS_QUEUED",
            Self::Failed => "CS_FAIL",
        }
    }
}

impl ConnectionInput {
    /// Every input, in the order of the enum.
    pub const ALL: [Self; 12] = [
        Self::Originate,
        Self::Offer,
        Self::Dial,
        Self::ReachNetwork,
        Self::Alert,
        Self::Queue,
        Self::Connect,
        Self::Hold,
        Self::Retrieve,
        Self::Bridge,
        Self::Fail,
        Self::Clear,
    ];

    /// Returns what happens in words: "a connection can …".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Originate => "originate",
            Self::Offer => "be offered",
            Self::Dial => "be dialled",
            Self::ReachNetwork => "reach the network",
            Self::Alert => "be alerted",
            Self::Queue => "be queued",
            Self::Connect => "be connected",
            Self::Hold => "be held",
            Self::Retrieve => "be retrieved",
            Self::Bridge => "be bridged",
            Self::Fail => "fail",
            Self::Clear => "be cleared",
        }
    }
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for ConnectionInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_input_is_decided() {
        let legal = ConnectionState::ALL
            .into_iter()
            .flat_map(|state| ConnectionInput::ALL.map(|input| (state, input)))
            .filter(|(state, input)| state.next(*input).is_ok())
            .count();
        assert_eq!(ConnectionState::ALL.len() * ConnectionInput::ALL.len(), 132);
        assert_eq!(legal, 39);
    }

    #[test]
    fn every_state_but_null_can_be_cleared_and_null_can_be_left() {
        for state in ConnectionState::ALL {
            let cleared = state.next(ConnectionInput::Clear);
            assert_eq!(cleared.is_ok(), state != ConnectionState::Null, "{state}");
        }
        assert!(ConnectionInput::ALL.iter().any(|it| ConnectionState::Null.next(*it).is_ok()));
    }

    #[test]
    fn a_refused_input_names_state_and_input() {
        let error = ConnectionState::Alerting.next(ConnectionInput::Retrieve).unwrap_err();
        assert_eq!(error.to_string(), "a connection that is alerting cannot be retrieved");
    }
}
