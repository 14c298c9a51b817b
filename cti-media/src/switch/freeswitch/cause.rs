//! Causes of the call model as FreeSWITCH names them (Q.850 and its own), and back.

use cti_core::cause::Cause;

/// The cause that ends a channel; an unanswered one is refused with the SIP code that belongs to it.
pub(super) fn name(cause: Cause) -> &'static str {
    match cause {
        Cause::Busy => "USER_BUSY",
        Cause::Rejected => "CALL_REJECTED",
        Cause::UnknownNumber => "UNALLOCATED_NUMBER",
        Cause::Forbidden => "OUTGOING_CALL_BARRED",
        Cause::Incompatible => "INCOMPATIBLE_DESTINATION",
        Cause::ServiceUnavailable | Cause::SystemRestart => "NORMAL_TEMPORARY_FAILURE",
        Cause::Cancelled => "ORIGINATOR_CANCEL",
        Cause::AnsweredElsewhere => "LOSE_RACE",
        Cause::NoAnswer => "NO_ANSWER",
        Cause::Normal
        | Cause::Unreachable
        | Cause::Lost
        | Cause::Cleared
        | Cause::FlowEnded
        | Cause::Transferred
        | Cause::Conferenced
        | Cause::TakenOver => "NORMAL_CLEARING",
    }
}

/// Why a channel ended that nobody here asked to end.
pub(super) fn read(name: &str, answered: bool) -> Cause {
    match name {
        "NORMAL_CLEARING" | "PICKED_OFF" => Cause::Normal,
        "ORIGINATOR_CANCEL" => Cause::Cancelled,
        "USER_BUSY" => Cause::Busy,
        "NO_ANSWER" | "NO_USER_RESPONSE" | "ALLOTTED_TIMEOUT" | "PROGRESS_TIMEOUT" => {
            Cause::NoAnswer
        }
        "CALL_REJECTED" | "USER_CHALLENGE" => Cause::Rejected,
        "USER_NOT_REGISTERED"
        | "SUBSCRIBER_ABSENT"
        | "DESTINATION_OUT_OF_ORDER"
        | "NETWORK_OUT_OF_ORDER" => Cause::Unreachable,
        "UNALLOCATED_NUMBER"
        | "NO_ROUTE_DESTINATION"
        | "INVALID_NUMBER_FORMAT"
        | "NUMBER_CHANGED" => Cause::UnknownNumber,
        "OUTGOING_CALL_BARRED" | "INCOMING_CALL_BARRED" | "BEARERCAPABILITY_NOTAUTH" => {
            Cause::Forbidden
        }
        "INCOMPATIBLE_DESTINATION" | "BEARERCAPABILITY_NOTIMPL" | "BEARERCAPABILITY_NOTAVAIL" => {
            Cause::Incompatible
        }
        "NORMAL_TEMPORARY_FAILURE"
        | "NORMAL_CIRCUIT_CONGESTION"
        | "SWITCH_CONGESTION"
        | "REQUESTED_CHAN_UNAVAIL"
        | "GATEWAY_DOWN"
        | "SERVICE_UNAVAILABLE"
        | "CRASH"
        | "SYSTEM_SHUTDOWN"
        | "MANAGER_REQUEST" => Cause::ServiceUnavailable,
        "LOSE_RACE" => Cause::AnsweredElsewhere,
        "MEDIA_TIMEOUT" | "RECOVERY_ON_TIMER_EXPIRE" => Cause::Lost,
        "ATTENDED_TRANSFER" | "BLIND_TRANSFER" => Cause::Transferred,
        _ if answered => Cause::Normal,
        _ => Cause::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_a_party_can_give_is_read_as_itself() {
        for cause in [
            Cause::Normal,
            Cause::Busy,
            Cause::Rejected,
            Cause::UnknownNumber,
            Cause::Forbidden,
            Cause::Incompatible,
            Cause::ServiceUnavailable,
            Cause::Cancelled,
            Cause::AnsweredElsewhere,
            Cause::NoAnswer,
        ] {
            assert_eq!(read(name(cause), false), cause);
        }
        assert_eq!(read("SOMETHING_NEW", true), Cause::Normal);
        assert_eq!(read("SOMETHING_NEW", false), Cause::Rejected);
    }
}
