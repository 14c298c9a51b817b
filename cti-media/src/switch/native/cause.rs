//! Causes of the call model as SIP codes, and back.

use cti_core::cause::Cause;

use crate::sip::EndCause;

/// The final code that refuses an incoming leg.
pub(super) fn refusal(cause: Cause) -> u16 {
    match cause {
        Cause::Busy => 486,
        Cause::Rejected => 603,
        Cause::UnknownNumber => 404,
        Cause::Forbidden => 403,
        Cause::Incompatible => 488,
        Cause::ServiceUnavailable | Cause::SystemRestart => 503,
        Cause::Normal
        | Cause::Cancelled
        | Cause::NoAnswer
        | Cause::Unreachable
        | Cause::Lost
        | Cause::Cleared
        | Cause::FlowEnded
        | Cause::Transferred
        | Cause::Conferenced
        | Cause::TakenOver
        | Cause::AnsweredElsewhere => 480,
    }
}

/// Why an outgoing leg was not answered.
pub(super) fn failure(status: u16, from_peer: bool) -> Cause {
    if !from_peer {
        return Cause::Unreachable;
    }
    match status {
        486 | 600 => Cause::Busy,
        408 | 480 => Cause::NoAnswer,
        487 => Cause::Cancelled,
        404 | 410 | 484 | 604 => Cause::UnknownNumber,
        401 | 403 | 407 => Cause::Forbidden,
        415 | 488 | 606 => Cause::Incompatible,
        500..600 => Cause::ServiceUnavailable,
        _ => Cause::Rejected,
    }
}

/// Why a leg ended that nobody here asked to end.
pub(super) fn ending(cause: EndCause) -> Cause {
    match cause {
        EndCause::PeerHungUp | EndCause::HungUp => Cause::Normal,
        EndCause::Cancelled => Cause::Cancelled,
        EndCause::Rejected => Cause::Rejected,
        EndCause::NotAcknowledged | EndCause::PeerLost => Cause::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_as_its_cause_by_another_centre() {
        for cause in [
            Cause::Busy,
            Cause::Rejected,
            Cause::UnknownNumber,
            Cause::Forbidden,
            Cause::Incompatible,
            Cause::ServiceUnavailable,
            Cause::NoAnswer,
        ] {
            assert_eq!(failure(refusal(cause), true), cause);
        }
        assert_eq!(failure(480, false), Cause::Unreachable);
    }
}
