//! One agent: signed out, not ready, ready, reserved, on call, after-call work.
//!
//! ```text
//!  signed out ──sign in──▶ not ready ◀──not ready── ready ──reserve──▶ reserved ──answer──▶ on call ◀─┐ move
//!       ▲                     │  └────────ready──────▲ ▲                  │                    │  └────┘
//!       └──── sign out ───────┘                      │ └──── release ─────┤ (ring time-out:    │ end
//!                                                    │                    ▼  not ready)        ▼
//!                                                    └──── time or ready ──────────── after-call work
//! ```
//!
//! Who begins a call himself goes from not ready, ready or after-call work straight to on call. What he asks for while
//! he is on call (ready, not ready, to be signed out) is what he does afterwards ([`AfterCall`]).
//!
//! The whole table is [`AgentState::next`]; JTAPI's and CSTA's names are in `docs/glossary.md`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::CallId;

/// Why an agent is not ready.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotReadyReason {
    /// Just signed in.
    SignedIn,
    /// Did not answer an offered call in time.
    NoAnswer,
    /// Refused an offered call.
    Rejected,
    /// The device could not be reached when a call was offered.
    Unreachable,
    /// A reason of the centre's own list, for example `break`, `lunch`, `training`.
    Code(String),
}

impl fmt::Display for NotReadyReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignedIn => "signed_in",
            Self::NoAnswer => "no_answer",
            Self::Rejected => "rejected",
            Self::Unreachable => "unreachable",
            Self::Code(code) => code,
        })
    }
}

/// What an agent does after the call he is on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterCall {
    /// After-call work, for as long as the queue gives.
    #[default]
    Work,
    /// He takes the next call at once.
    Ready,
    /// He takes no calls.
    NotReady(NotReadyReason),
    /// He is signed out, by a supervisor.
    SignOut,
}

impl AfterCall {
    fn is_work(&self) -> bool {
        *self == Self::Work
    }
}

/// What an agent is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum AgentState {
    /// Not at work.
    SignedOut,
    /// At work, takes no calls.
    NotReady {
        /// Why not.
        reason: NotReadyReason,
    },
    /// Waits for a call.
    Ready,
    /// A call is being offered to him.
    Reserved {
        /// Which call.
        call: CallId,
    },
    /// Talks, or has callers on hold.
    OnCall {
        /// The call he is, or was last, connected to.
        call: CallId,
        /// What he does afterwards.
        #[serde(default, skip_serializing_if = "AfterCall::is_work")]
        then: AfterCall,
    },
    /// Writes up the last call (话后处理).
    AfterCallWork,
}

/// What can happen to an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentInput {
    /// He signs in.
    SignIn,
    /// He signs out.
    SignOut,
    /// He wants calls.
    Ready,
    /// He wants no calls.
    NotReady(NotReadyReason),
    /// A call is offered to him.
    Reserve(CallId),
    /// He answers the offered call.
    Answer,
    /// He begins a call himself, or is brought into one that no queue offered.
    Begin(CallId),
    /// The call he is on goes on as another one.
    Move(CallId),
    /// A supervisor signs him out; after the call he is on.
    ForceSignOut,
    /// The offer is withdrawn through no fault of his: the caller gave up.
    Withdraw,
    /// The call he was on is over; after-call work begins.
    CallOver,
    /// The call he was on is over and the queue gives no time for after-call work.
    CallOverAtOnce,
    /// The time for after-call work is over.
    AfterCallWorkOver,
}

/// The input makes no sense in the agent's state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an agent who is {state} cannot {input}")]
pub struct InvalidAgentTransition {
    /// The state he is in.
    pub state: &'static str,
    /// What was asked.
    pub input: &'static str,
}

impl AgentState {
    /// Returns the state after `input`: the whole table of the machine.
    ///
    /// # Errors
    /// When the input makes no sense in this state.
    pub fn next(&self, input: AgentInput) -> Result<Self, InvalidAgentTransition> {
        use AgentInput as I;
        Ok(match (self, input) {
            (Self::SignedOut, I::SignIn) => Self::NotReady { reason: NotReadyReason::SignedIn },

            (Self::NotReady { .. } | Self::Ready | Self::AfterCallWork, I::SignOut) => {
                Self::SignedOut
            }
            (Self::NotReady { .. } | Self::Ready | Self::AfterCallWork, I::Ready) => Self::Ready,
            (Self::NotReady { .. } | Self::Ready | Self::AfterCallWork, I::NotReady(reason)) => {
                Self::NotReady { reason }
            }

            (Self::Ready, I::Reserve(call)) => Self::Reserved { call },
            (Self::Reserved { call }, I::Answer) => {
                Self::OnCall { call: *call, then: AfterCall::Work }
            }
            (Self::Reserved { .. }, I::Withdraw) => Self::Ready,
            (Self::Reserved { .. }, I::NotReady(reason)) => Self::NotReady { reason },

            (Self::NotReady { reason }, I::Begin(call)) => {
                Self::OnCall { call, then: AfterCall::NotReady(reason.clone()) }
            }
            (Self::Ready | Self::AfterCallWork, I::Begin(call)) => {
                Self::OnCall { call, then: AfterCall::Work }
            }
            (Self::OnCall { then, .. }, I::Move(call)) => Self::OnCall { call, then: then.clone() },

            // Whom a supervisor signs out does not talk himself out of it.
            (Self::OnCall { call, then }, I::Ready) if *then != AfterCall::SignOut => {
                Self::OnCall { call: *call, then: AfterCall::Ready }
            }
            (Self::OnCall { call, then }, I::NotReady(reason)) if *then != AfterCall::SignOut => {
                Self::OnCall { call: *call, then: AfterCall::NotReady(reason) }
            }
            (Self::OnCall { call, .. }, I::ForceSignOut) => {
                Self::OnCall { call: *call, then: AfterCall::SignOut }
            }
            (Self::NotReady { .. } | Self::Ready | Self::AfterCallWork, I::ForceSignOut) => {
                Self::SignedOut
            }

            (Self::OnCall { then: AfterCall::Work, .. }, I::CallOver) => Self::AfterCallWork,
            (Self::OnCall { then: AfterCall::Work, .. }, I::CallOverAtOnce) => Self::Ready,
            (Self::OnCall { then: AfterCall::Ready, .. }, I::CallOver | I::CallOverAtOnce) => {
                Self::Ready
            }
            (
                Self::OnCall { then: AfterCall::NotReady(reason), .. },
                I::CallOver | I::CallOverAtOnce,
            ) => Self::NotReady { reason: reason.clone() },
            (Self::OnCall { then: AfterCall::SignOut, .. }, I::CallOver | I::CallOverAtOnce) => {
                Self::SignedOut
            }
            (Self::AfterCallWork, I::AfterCallWorkOver) => Self::Ready,

            (state, input) => {
                return Err(InvalidAgentTransition { state: state.name(), input: input.name() });
            }
        })
    }

    /// Returns the state's name as events and the REST interface print it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::NotReady { .. } => "not_ready",
            Self::Ready => "ready",
            Self::Reserved { .. } => "reserved",
            Self::OnCall { .. } => "on_call",
            Self::AfterCallWork => "after_call_work",
        }
    }

    /// Returns the call that is offered to him or that he is on.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        match self {
            Self::Reserved { call } | Self::OnCall { call, .. } => Some(*call),
            Self::SignedOut | Self::NotReady { .. } | Self::Ready | Self::AfterCallWork => None,
        }
    }
}

impl AgentInput {
    /// Returns what happens in words: "an agent can …".
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SignIn => "sign in",
            Self::SignOut => "sign out",
            Self::Ready => "get ready",
            Self::NotReady(_) => "get not ready",
            Self::Reserve(_) => "be reserved",
            Self::Answer => "answer",
            Self::Begin(_) => "begin a call",
            Self::Move(_) => "go on in another call",
            Self::ForceSignOut => "be signed out",
            Self::Withdraw => "be released from an offer",
            Self::CallOver | Self::CallOverAtOnce => "end a call",
            Self::AfterCallWorkOver => "end after-call work",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states() -> Vec<AgentState> {
        let call = CallId(1);
        let on_call = |then| AgentState::OnCall { call, then };
        vec![
            AgentState::SignedOut,
            AgentState::NotReady { reason: NotReadyReason::SignedIn },
            AgentState::Ready,
            AgentState::Reserved { call },
            on_call(AfterCall::Work),
            on_call(AfterCall::Ready),
            on_call(AfterCall::NotReady(NotReadyReason::Code("break".to_owned()))),
            on_call(AfterCall::SignOut),
            AgentState::AfterCallWork,
        ]
    }

    fn inputs() -> Vec<AgentInput> {
        vec![
            AgentInput::SignIn,
            AgentInput::SignOut,
            AgentInput::Ready,
            AgentInput::NotReady(NotReadyReason::NoAnswer),
            AgentInput::Reserve(CallId(1)),
            AgentInput::Answer,
            AgentInput::Begin(CallId(2)),
            AgentInput::Move(CallId(2)),
            AgentInput::ForceSignOut,
            AgentInput::Withdraw,
            AgentInput::CallOver,
            AgentInput::CallOverAtOnce,
            AgentInput::AfterCallWorkOver,
        ]
    }

    #[test]
    fn every_pair_of_state_and_input_is_decided_and_an_illegal_one_names_both() {
        let mut table = String::new();
        for state in states() {
            let legal: Vec<_> = inputs()
                .into_iter()
                .filter_map(|input| {
                    let name = input.name();
                    state.next(input).ok().map(|next| format!("{name} -> {}", next.name()))
                })
                .collect();
            table += &format!("{}: {}\n", state.name(), legal.join("; "));
        }
        expect_test::expect![[r#"
            signed_out: sign in -> not_ready
            not_ready: sign out -> signed_out; get ready -> ready; get not ready -> not_ready; begin a call -> on_call; be signed out -> signed_out
            ready: sign out -> signed_out; get ready -> ready; get not ready -> not_ready; be reserved -> reserved; begin a call -> on_call; be signed out -> signed_out
            reserved: get not ready -> not_ready; answer -> on_call; be released from an offer -> ready
            on_call: get ready -> on_call; get not ready -> on_call; go on in another call -> on_call; be signed out -> on_call; end a call -> after_call_work; end a call -> ready
            on_call: get ready -> on_call; get not ready -> on_call; go on in another call -> on_call; be signed out -> on_call; end a call -> ready; end a call -> ready
            on_call: get ready -> on_call; get not ready -> on_call; go on in another call -> on_call; be signed out -> on_call; end a call -> not_ready; end a call -> not_ready
            on_call: go on in another call -> on_call; be signed out -> on_call; end a call -> signed_out; end a call -> signed_out
            after_call_work: sign out -> signed_out; get ready -> ready; get not ready -> not_ready; begin a call -> on_call; be signed out -> signed_out; end after-call work -> ready
        "#]]
        .assert_eq(&table);
        assert_eq!(
            AgentState::SignedOut.next(AgentInput::Ready).unwrap_err().to_string(),
            "an agent who is signed_out cannot get ready"
        );
    }

    #[test]
    fn no_state_is_without_a_way_out() {
        for state in states() {
            assert!(inputs().into_iter().any(|input| state.next(input).is_ok_and(|n| n != state)));
        }
    }
}
