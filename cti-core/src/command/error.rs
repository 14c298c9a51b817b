//! Why a command was refused, and what the classic interfaces call it.
//!
//! | refused because | JTAPI | CSTA (ECMA-269 §9.1) | TSAPI universal failure |
//! |---|---|---|---|
//! | no such agent, seat, device, queue, contact, call, recording | `InvalidArgumentException` | operation: invalid… | `INVALID_CSTA_DEVICE_IDENTIFIER` … |
//! | the party's connection is in another state | `InvalidStateException` | state incompatibility: invalidConnectionState | `INVALID_OBJECT_STATE` |
//! | the party does not belong to the call | `InvalidPartyException` | operation: invalidConnectionIdentifier | `INVALID_CONNECTION_ID_FOR_ACTIVE_CALL` |
//! | a value is out of its range | `InvalidArgumentException` | operation: valueOutOfRange | `VALUE_OUT_OF_RANGE` |
//! | the centre is stopping, or full | `ResourceUnavailableException` | system resource availability | `RESOURCE_BUSY` |
//!
//! The exact words are [`CommandError::jtapi`], [`CommandError::csta`] and [`CommandError::tsapi`].

use serde::{Deserialize, Serialize};

use crate::{
    agent::InvalidAgentTransition,
    connection::ConnectionState,
    device::InvalidFeature,
    flow::FlowRefused,
    id::{AgentId, CallId, ContactId, DeviceId, QueueId, RecordingId, SeatId},
    needs::InvalidNeeds,
};

/// Why a command was refused; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandError {
    /// There is no such agent.
    #[error("there is no agent {agent}")]
    UnknownAgent {
        /// Who was named.
        agent: AgentId,
    },
    /// There is no such seat.
    #[error("there is no seat {seat}")]
    UnknownSeat {
        /// Which seat was named.
        seat: SeatId,
    },
    /// There is no such device.
    #[error("there is no device {device}")]
    UnknownDevice {
        /// Which device was named.
        device: DeviceId,
    },
    /// There is no such queue.
    #[error("there is no queue {queue}")]
    UnknownQueue {
        /// Which queue was named.
        queue: QueueId,
    },
    /// There is no such contact, or it is over.
    #[error("there is no live {contact}")]
    UnknownContact {
        /// Which contact was named.
        contact: ContactId,
    },
    /// There is no such recording.
    #[error("there is no {recording}")]
    UnknownRecording {
        /// Which recording was named.
        recording: RecordingId,
    },
    /// The agent does not serve this queue.
    #[error("agent {agent} does not serve queue {queue}")]
    NotInQueue {
        /// Who.
        agent: AgentId,
        /// Which queue was named.
        queue: QueueId,
    },
    /// There is no such call, or it is over.
    #[error("there is no live {call}")]
    UnknownCall {
        /// Which call was named.
        call: CallId,
    },
    /// The party does not belong to the call.
    #[error("{who} does not belong to {call}")]
    NotInCall {
        /// Who was meant.
        who: String,
        /// Which call.
        call: CallId,
    },
    /// The party's connection is not in the state that the service needs.
    #[error("{who} is {is} in {call}, and must be {needs}")]
    InvalidConnection {
        /// Who.
        who: String,
        /// In which call.
        call: CallId,
        /// How his connection stands.
        is: ConnectionState,
        /// How it would have to stand.
        needs: ConnectionState,
    },
    /// The call is not where the service needs it.
    #[error("{call} {reason}")]
    InvalidCallState {
        /// Which call.
        call: CallId,
        /// The rule in words.
        reason: String,
    },
    /// What was dialled leads nowhere, or not for this caller.
    #[error("{field}: {reason}")]
    InvalidDestination {
        /// Which field.
        field: String,
        /// Why not.
        reason: String,
    },
    /// Whom it is to reach cannot be reached.
    #[error("{who} cannot be reached: {reason}")]
    NotReachable {
        /// Who.
        who: String,
        /// Why not.
        reason: String,
    },
    /// Another agent sits there.
    #[error("agent {by} sits at seat {seat}")]
    SeatTaken {
        /// Which seat.
        seat: SeatId,
        /// Who sits there.
        by: AgentId,
    },
    /// The agent's state does not allow it.
    #[error("{reason}")]
    InvalidState {
        /// The rule in words.
        reason: String,
    },
    /// A value of the command is out of its range.
    #[error("{field}: {reason}")]
    InvalidValue {
        /// Which field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Somebody else changed it meanwhile.
    #[error("{field}: is at version {is}, the change is based on {based_on}")]
    Conflict {
        /// Which field.
        field: String,
        /// The version it is at.
        is: u32,
        /// The version the change was based on.
        based_on: u32,
    },
    /// There is no room for more.
    #[error("{field}: at most {limit}")]
    TooMany {
        /// Of what.
        field: String,
        /// The limit.
        limit: u32,
    },
    /// An order about flows was not taken.
    #[error(transparent)]
    Flow(#[from] FlowRefused),
    /// The Center is stopping.
    #[error("the centre is stopping")]
    Stopping,
}

/// The exception of JTAPI 1.4 (`javax.telephony`) that says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum JtapiError {
    /// `InvalidArgumentException`.
    InvalidArgument,
    /// `InvalidStateException`.
    InvalidState,
    /// `InvalidPartyException`.
    InvalidParty,
    /// `PrivilegeViolationException`.
    PrivilegeViolation,
    /// `ResourceUnavailableException`.
    ResourceUnavailable,
    /// `ProviderUnavailableException`.
    ProviderUnavailable,
}

/// The error of ECMA-269 §9.1: its category and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CstaError {
    /// The category, for example `operation`.
    pub category: &'static str,
    /// The value in it, for example `invalidCallIdentifier`.
    pub value: &'static str,
}

/// The universal failure of TSAPI (`CSTAUniversalFailure_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TsapiError {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub code: i32,
}

impl CommandError {
    /// Returns the same refusal of a value that stands within a larger one.
    #[must_use]
    pub(crate) fn within(self, path: &str) -> Self {
        let inside = |field: String| format!("{path}.{field}");
        match self {
            Self::InvalidDestination { field, reason } => {
                Self::InvalidDestination { field: inside(field), reason }
            }
            Self::InvalidValue { field, reason } => {
                Self::InvalidValue { field: inside(field), reason }
            }
            Self::TooMany { field, limit } => Self::TooMany { field: inside(field), limit },
            Self::Flow(_)
            | Self::UnknownAgent { .. }
            | Self::UnknownSeat { .. }
            | Self::UnknownDevice { .. }
            | Self::UnknownQueue { .. }
            | Self::UnknownContact { .. }
            | Self::UnknownRecording { .. }
            | Self::NotInQueue { .. }
            | Self::UnknownCall { .. }
            | Self::NotInCall { .. }
            | Self::InvalidConnection { .. }
            | Self::InvalidCallState { .. }
            | Self::NotReachable { .. }
            | Self::SeatTaken { .. }
            | Self::InvalidState { .. }
            | Self::Conflict { .. }
            | Self::Stopping => self,
        }
    }

    /// Returns the exception that JTAPI has for it.
    #[must_use]
    pub fn jtapi(&self) -> JtapiError {
        match self {
            Self::UnknownAgent { .. }
            | Self::UnknownSeat { .. }
            | Self::UnknownDevice { .. }
            | Self::UnknownQueue { .. }
            | Self::UnknownContact { .. }
            | Self::UnknownCall { .. }
            | Self::UnknownRecording { .. }
            | Self::InvalidValue { .. } => JtapiError::InvalidArgument,
            Self::NotInCall { .. } | Self::InvalidDestination { .. } => JtapiError::InvalidParty,
            Self::InvalidConnection { .. }
            | Self::InvalidCallState { .. }
            | Self::SeatTaken { .. }
            | Self::Conflict { .. }
            | Self::InvalidState { .. } => JtapiError::InvalidState,
            Self::Flow(refused) => match refused {
                FlowRefused::UnknownFlow { .. }
                | FlowRefused::UnknownVersion { .. }
                | FlowRefused::Invalid { .. }
                | FlowRefused::InvalidValue { .. } => JtapiError::InvalidArgument,
                FlowRefused::NoDraft { .. }
                | FlowRefused::DraftChanged { .. }
                | FlowRefused::Quarantined { .. }
                | FlowRefused::NoFallback { .. }
                | FlowRefused::NothingBefore { .. }
                | FlowRefused::InUse { .. }
                | FlowRefused::Fixed => JtapiError::InvalidState,
            },
            Self::NotInQueue { .. } => JtapiError::PrivilegeViolation,
            Self::NotReachable { .. } | Self::TooMany { .. } => JtapiError::ResourceUnavailable,
            Self::Stopping => JtapiError::ProviderUnavailable,
        }
    }

    /// Returns the error that CSTA has for it.
    #[must_use]
    pub fn csta(&self) -> CstaError {
        let (category, value) = match self {
            Self::UnknownAgent { .. } => ("operation", "invalidAgentID"),
            Self::UnknownSeat { .. } | Self::UnknownDevice { .. } => {
                ("operation", "invalidDeviceID")
            }
            Self::UnknownQueue { .. } | Self::NotInQueue { .. } => {
                ("operation", "invalidAgentGroup")
            }
            Self::UnknownContact { .. } | Self::UnknownCall { .. } => {
                ("operation", "invalidCallID")
            }
            Self::NotInCall { .. } => ("operation", "invalidConnectionID"),
            Self::InvalidConnection { .. } => ("stateIncompatibility", "invalidConnectionState"),
            Self::InvalidCallState { .. } => ("stateIncompatibility", "invalidCallState"),
            Self::InvalidDestination { .. } => ("operation", "invalidDestination"),
            Self::NotReachable { .. } => ("systemResourceAvailability", "deviceOutOfService"),
            Self::SeatTaken { .. } | Self::InvalidState { .. } => {
                ("stateIncompatibility", "invalidDeviceState")
            }
            Self::UnknownRecording { .. } => ("operation", "invalidMessageID"),
            Self::InvalidValue { .. } => ("operation", "valueOutOfRange"),
            Self::Conflict { .. } => ("stateIncompatibility", "incorrectState"),
            // ECMA-269 knows no flows.
            Self::Flow(_) => ("operation", "generic"),
            Self::TooMany { .. } => ("subscribedResourceAvailability", "resourceLimitExceeded"),
            Self::Stopping => ("systemResourceAvailability", "serviceNotAvailable"),
        };
        CstaError { category, value }
    }

    /// Returns the failure that TSAPI has for it.
    #[must_use]
    pub fn tsapi(&self) -> TsapiError {
        let (name, code) = match self {
            Self::UnknownAgent { .. } | Self::UnknownSeat { .. } | Self::UnknownDevice { .. } => {
                ("INVALID_CSTA_DEVICE_IDENTIFIER", 12)
            }
            Self::UnknownQueue { .. } | Self::NotInQueue { .. } => ("INVALID_FEATURE", 15),
            Self::UnknownContact { .. } | Self::UnknownCall { .. } => {
                ("INVALID_CSTA_CALL_IDENTIFIER", 11)
            }
            Self::NotInCall { .. } => ("INVALID_CSTA_CONNECTION_IDENTIFIER", 13),
            Self::InvalidConnection { .. }
            | Self::InvalidCallState { .. }
            | Self::SeatTaken { .. }
            | Self::Conflict { .. }
            | Self::InvalidState { .. } => ("INVALID_OBJECT_STATE", 22),
            Self::InvalidDestination { .. } => ("INVALID_DESTINATION", 14),
            Self::NotReachable { .. } => ("RESOURCE_OUT_OF_SERVICE", 34),
            Self::UnknownRecording { .. } | Self::InvalidValue { .. } => ("VALUE_OUT_OF_RANGE", 3),
            Self::Flow(_) => ("GENERIC_OPERATION", 1),
            Self::TooMany { .. } => ("GENERIC_SUBSCRIBED_RESOURCE_AVAILABILITY", 41),
            Self::Stopping => ("GENERIC_SYSTEM_RESOURCE_AVAILABILITY", 31),
        };
        TsapiError { name, code }
    }
}

impl From<InvalidAgentTransition> for CommandError {
    fn from(error: InvalidAgentTransition) -> Self {
        Self::InvalidState { reason: error.to_string() }
    }
}

impl From<InvalidFeature> for CommandError {
    fn from(error: InvalidFeature) -> Self {
        Self::InvalidValue { field: error.field.to_owned(), reason: error.reason.to_owned() }
    }
}

impl From<InvalidNeeds> for CommandError {
    fn from(error: InvalidNeeds) -> Self {
        Self::InvalidValue { field: "needs".to_owned(), reason: error.to_string() }
    }
}
