//! One live call: where it is, and who belongs to it.
//!
//! ```text
//!              ┌────────▶ Flow ◀──────────────┐ left, overflowed
//!   Arriving ──┤           │ enqueue          │
//!              │           ├────────▶ Queue ──┤ (an offer may be out; it keeps its place)
//!              │           │ ring             │
//!              ├────────▶ Ringing ────────────┼──▶ Talk ──▶ ended
//!              └────────▶ Feature ──▶ ended   │ answered
//! ```
//!
//! Every call is in exactly one [`Place`], and every place ends: by the caller's leg, by a deadline, or by the flow.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    event::{CallKind, Party},
    flow::CallData,
    id::{
        AgentId, CallId, ContactId, DeviceId, FlowId, LegId, QueueId, RecordingId, SeatId,
        SessionId,
    },
    needs::Needs,
    switch::Origin,
    time::{Timestamp, millis},
};

/// One live call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// The matter it belongs to.
    pub contact: ContactId,
    /// What it is for.
    pub kind: CallKind,
    /// Where it came from.
    pub origin: Origin,
    /// The caller's number.
    pub caller: PhoneNumber,
    /// The number dialled.
    pub called: PhoneNumber,
    /// The caller's leg.
    pub leg: LegId,
    /// When it came in.
    pub started: Timestamp,
    /// When the caller's leg was answered.
    pub answered: Option<Timestamp>,
    /// Where it is.
    pub place: Place,
    /// The main flow's session, which waits while the call is in a queue.
    pub session: Option<(SessionId, FlowId)>,
    /// The recording under way.
    pub recording: Option<RecordingId>,
    /// What travels with it (随路数据).
    pub data: CallData,
}

/// Where a call is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "place")]
pub enum Place {
    /// It has just come in.
    Arriving,
    /// Its flow decides.
    Flow,
    /// It waits for an agent.
    Queue(Waiting),
    /// Devices are rung for it, one after the other.
    Ringing(Ringing),
    /// Caller and party talk.
    Talk(Talk),
    /// A feature code is being confirmed.
    Feature,
}

/// A call that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Where.
    pub queue: QueueId,
    /// Since when its place counts.
    pub since: Timestamp,
    /// Higher is served first.
    pub priority: u8,
    /// What it asks of the agent.
    pub needs: Needs,
    /// The session that entertains the caller.
    pub session: Option<SessionId>,
    /// The offer that is out.
    pub offer: Option<Offer>,
}

/// A waiting call that is offered to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// To whom.
    pub agent: AgentId,
    /// Where he sits.
    pub seat: SeatId,
    /// The device there.
    pub device: DeviceId,
    /// The leg to it.
    pub leg: LegId,
    /// When the offer ends.
    pub until: Timestamp,
}

/// A device that is rung, and those that come after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ringing {
    /// Which device.
    pub device: DeviceId,
    /// The leg to it.
    pub leg: LegId,
    /// The devices to try afterwards.
    pub then: Vec<DeviceId>,
    /// How long each one rings.
    #[serde(rename = "ring_ms", with = "millis")]
    pub ring_for: Duration,
    /// When this one has rung long enough.
    pub until: Timestamp,
}

/// Caller and party talk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    /// Who answers for the centre.
    pub party: Party,
    /// The party's leg.
    pub leg: LegId,
    /// The queue that brought them together.
    pub queue: Option<QueueId>,
    /// Since when.
    pub since: Timestamp,
    /// How much after-call work the agent gets.
    #[serde(rename = "after_call_work_ms", with = "millis")]
    pub after_call_work: Duration,
    /// The legs that put the call on hold.
    pub held_by: Vec<LegId>,
}

impl Call {
    /// Returns the leg that is being offered the call or talks with the caller.
    #[must_use]
    pub fn party_leg(&self) -> Option<LegId> {
        match &self.place {
            Place::Queue(Waiting { offer: Some(offer), .. }) => Some(offer.leg),
            Place::Ringing(ringing) => Some(ringing.leg),
            Place::Talk(talk) => Some(talk.leg),
            Place::Arriving
            | Place::Flow
            | Place::Queue(Waiting { offer: None, .. })
            | Place::Feature => None,
        }
    }

    /// Returns the queue it waits in.
    #[must_use]
    pub fn waiting(&self) -> Option<&Waiting> {
        match &self.place {
            Place::Queue(waiting) => Some(waiting),
            Place::Arriving | Place::Flow | Place::Ringing(_) | Place::Talk(_) | Place::Feature => {
                None
            }
        }
    }

    /// Returns the talk it is in.
    #[must_use]
    pub fn talk(&self) -> Option<&Talk> {
        match &self.place {
            Place::Talk(talk) => Some(talk),
            Place::Arriving
            | Place::Flow
            | Place::Queue(_)
            | Place::Ringing(_)
            | Place::Feature => None,
        }
    }
}
