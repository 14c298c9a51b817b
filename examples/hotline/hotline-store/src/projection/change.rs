//! What an event changes in the records.

use cti_bindings::records::call::CallRecord;
use cti_core::{
    address::PhoneNumber,
    agent::AgentState,
    event::{AlarmKind, Event, Fact, RecordingKind},
    id::{AgentId, AlarmId, CallId, DeviceId, EventNo, RecordingId, SeatId},
    switch::RecordingEnd,
    time::Timestamp,
};

/// One change of the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A call is over.
    CallEnded {
        /// The record; recording and ticket are looked up when it is read.
        record: Box<CallRecord>,
    },
    /// A recording began.
    RecordingStarted {
        /// The recording.
        recording: RecordingId,
        /// The call it is of.
        call: CallId,
        /// What it is of.
        kind: RecordingKind,
        /// The agent who talks.
        agent: Option<AgentId>,
        /// Where he sits.
        seat: Option<SeatId>,
        /// The caller's number.
        caller: PhoneNumber,
        /// The number dialled.
        called: PhoneNumber,
        /// When.
        at: Timestamp,
    },
    /// A recording is over.
    RecordingEnded {
        /// The recording.
        recording: RecordingId,
        /// What came of it.
        end: RecordingEnd,
        /// When.
        at: Timestamp,
    },
    /// An agent began work.
    SignedIn {
        /// The event that said so.
        event: EventNo,
        /// Who.
        agent: AgentId,
        /// Where.
        seat: SeatId,
        /// The device there.
        device: DeviceId,
        /// When.
        at: Timestamp,
    },
    /// An agent ended work.
    SignedOut {
        /// Who.
        agent: AgentId,
        /// When.
        at: Timestamp,
    },
    /// An agent's state changed.
    AgentState {
        /// The event that said so.
        event: EventNo,
        /// Who.
        agent: AgentId,
        /// What he does from here on.
        to: AgentState,
        /// When.
        at: Timestamp,
    },
    /// An alarm was raised.
    AlarmRaised {
        /// The alarm.
        alarm: AlarmId,
        /// What it is.
        kind: AlarmKind,
        /// When.
        at: Timestamp,
    },
    /// An alarm is over.
    AlarmCleared {
        /// The alarm.
        alarm: AlarmId,
        /// When.
        at: Timestamp,
    },
}

impl Change {
    /// Returns the change that the event makes by itself, without what was before.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a fold looks at the facts that concern it")]
    pub(super) fn of(event: &Event) -> Option<Self> {
        let at = event.at;
        Some(match &event.fact {
            Fact::AgentSignedIn { agent, seat, device, .. } => Self::SignedIn {
                event: event.no,
                agent: agent.clone(),
                seat: seat.clone(),
                device: device.clone(),
                at,
            },
            Fact::AgentSignedOut { agent, .. } => Self::SignedOut { agent: agent.clone(), at },
            Fact::AgentStateChanged { agent, to, .. } => {
                Self::AgentState { event: event.no, agent: agent.clone(), to: to.clone(), at }
            }
            Fact::RecordingEnded { recording, end, .. } => {
                Self::RecordingEnded { recording: *recording, end: end.clone(), at }
            }
            Fact::AlarmRaised { alarm, kind } => {
                Self::AlarmRaised { alarm: *alarm, kind: kind.clone(), at }
            }
            Fact::AlarmCleared { alarm } => Self::AlarmCleared { alarm: *alarm, at },
            _ => return None,
        })
    }
}
