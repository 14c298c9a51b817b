//! Phones that answer by themselves.

use cti_core::id::LegId;

use super::{
    NativeSwitch,
    leg::{Leg, Phase},
};

/// Headers of an INVITE that asks the phone to answer without its user.
///
/// There is no one way that all phones know: RFC 5373 has `Answer-Mode`, many understand a parameter of
/// `Call-Info` (Cisco, Snom, Grandstream), others one of `Alert-Info` (Polycom, Yealink, Fanvil). A phone
/// whose settings forbid it ignores all of them and rings.
pub(super) fn automatic() -> Vec<(String, String)> {
    [
        ("Answer-Mode", "Auto"),
        ("Call-Info", "<sip:localhost>;answer-after=0"),
        ("Alert-Info", "<http://localhost>;info=alert-autoanswer;delay=0"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

impl NativeSwitch {
    /// Asks a phone that rings to answer; one that does not allow it goes on ringing until its user answers.
    pub(super) fn ask_to_answer(&mut self, id: LegId) {
        let Some(Leg { dialog: Some(dialog), phase: Phase::Outgoing, .. }) = self.legs.get(&id)
        else {
            return;
        };
        if let Err(error) = self.sip.ask_to_answer(*dialog) {
            tracing::warn!(leg = %id, %error, "Cannot ask the phone to answer");
        }
    }
}
