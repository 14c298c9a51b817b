//! One leg: its dialog, its media and what was agreed on.

use cti_core::{cause::Cause, id::LegId, switch::PlayEnd};

use crate::{
    engine::{LegKey, ListenerId, WorkerKey},
    sdp::{Direction, Local, Negotiated, Session},
    sip::DialogKey,
    switch::native::{NativeSwitch, joining::Joined},
};

/// All legs share one worker: which legs will be bridged is known only after their media is open.
const WORKER: WorkerKey = WorkerKey(0);

/// A leg of the Center.
#[derive(Debug)]
pub(super) struct Leg {
    /// Gone once the dialog is over.
    pub(super) dialog: Option<DialogKey>,
    pub(super) phase: Phase,
    /// Our side of offers and answers, once media is open.
    pub(super) session: Option<Session>,
    /// Our answer (or offer, where the peer made none), to be repeated in the final response.
    pub(super) description: Option<String>,
    /// Our offer waits for the answer in an ACK.
    pub(super) offer_in_answer: bool,
    pub(super) negotiated: Option<Negotiated>,
    /// How far a call of ours has come before its answer, as far as was told.
    pub(super) progress: Option<Progress>,
    pub(super) held: bool,
    pub(super) joined: Joined,
    /// How digits come; the first way wins, so that a phone that sends both is heard once.
    pub(super) digits_by: Option<DigitWay>,
}

/// How far a leg has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// A call from outside, with the offer it made.
    Incoming {
        offer: Option<Vec<u8>>,
    },
    /// A call of ours without an answer.
    Outgoing,
    Up,
    /// Over, but the media engine has not said its last word.
    Ending(Cause),
}

/// How far a call of ours has come before its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Progress {
    /// It is on its way (183).
    NetworkReached,
    /// Someone is alerted (180).
    Alerting,
}

/// How a digit came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DigitWay {
    Rtp,
    /// By tones in the voice.
    Tones,
    Info,
}

impl Leg {
    pub(super) fn new(dialog: DialogKey, phase: Phase) -> Self {
        Self {
            dialog: Some(dialog),
            phase,
            session: None,
            description: None,
            offer_in_answer: false,
            negotiated: None,
            progress: None,
            held: false,
            joined: Joined::Nobody,
            digits_by: None,
        }
    }

    pub(super) fn is_ending(&self) -> bool {
        matches!(self.phase, Phase::Ending(_))
    }

    /// Whether a digit that came this way counts.
    pub(super) fn takes_digits_by(&mut self, way: DigitWay) -> bool {
        *self.digits_by.get_or_insert(way) == way
    }
}

/// The key of a leg's media.
pub(super) fn media_key(leg: LegId) -> LegKey {
    LegKey(leg.0)
}

/// Whether we could answer an offer; asked before a call is reported.
pub(super) fn is_acceptable(offer: &[u8]) -> bool {
    let nowhere = Local::new(([127, 0, 0, 1], 40_000).into());
    Session::new(0, nowhere).answer(offer, Direction::SendRecv).is_ok()
}

impl NativeSwitch {
    /// Opens the media of a leg and returns the description for its peer: the answer to its offer,
    /// or our offer.
    pub(super) fn describe(&mut self, id: LegId) -> Result<String, Cause> {
        let leg = self.legs.get_mut(&id).ok_or(Cause::Lost)?;
        if let Some(description) = &leg.description {
            return Ok(description.clone());
        }
        let opened = self.media.open_leg(media_key(id), WORKER, ListenerId(0));
        let address = opened.map_err(|error| {
            tracing::warn!(leg = %id, %error, "Cannot open media");
            Cause::ServiceUnavailable
        })?;
        let session = leg.session.insert(Session::new(id.0, Local::new(address)));
        let (description, negotiated) = match &mut leg.phase {
            Phase::Incoming { offer: Some(offer) } => {
                let answered = session.answer(offer, Direction::SendRecv);
                let (answer, negotiated) = answered.map_err(|_| Cause::Incompatible)?;
                (answer, Some(negotiated))
            }
            Phase::Incoming { offer: None } => {
                leg.offer_in_answer = true;
                (session.offer(Direction::SendRecv), None)
            }
            Phase::Outgoing | Phase::Up | Phase::Ending(_) => {
                (session.offer(Direction::SendRecv), None)
            }
        };
        leg.description = Some(description.clone());
        if let Some(negotiated) = negotiated {
            self.agree(id, negotiated);
        }
        Ok(description)
    }

    /// Tells the media engine what was agreed on.
    pub(super) fn agree(&mut self, id: LegId, negotiated: Negotiated) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.negotiated = Some(negotiated.clone());
        if let Err(error) = self.media.set_remote(media_key(id), negotiated) {
            tracing::warn!(leg = %id, %error, "Cannot direct media");
        }
    }

    /// Takes the peer's answer to our offer; `false` if it cannot be used.
    pub(super) fn accept(&mut self, id: LegId, sdp: &[u8]) -> bool {
        let session = self.legs.get_mut(&id).and_then(|leg| leg.session.as_mut());
        match session.map(|session| session.accept(sdp)) {
            Some(Ok(negotiated)) => {
                self.agree(id, negotiated);
                true
            }
            Some(Err(error)) => {
                tracing::info!(leg = %id, %error, "Answer cannot be used");
                false
            }
            None => false,
        }
    }

    /// Ends a leg: gives up its dialog, closes its media, and reports its end after all else.
    pub(super) fn end_leg(&mut self, id: LegId, cause: Cause) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if leg.is_ending() {
            return;
        }
        let was = std::mem::replace(&mut leg.phase, Phase::Ending(cause));
        let has_media = leg.session.is_some();
        if let Some(dialog) = leg.dialog.take() {
            self.dialogs.remove(&dialog);
            self.give_up(dialog, &was, cause);
        }
        if !has_media || self.media.close_leg(media_key(id)).is_err() {
            self.leg_is_gone(id);
        }
    }

    /// Reports the end of a leg that ends.
    pub(super) fn leg_is_gone(&mut self, id: LegId) {
        if let Some(Leg { phase: Phase::Ending(cause), .. }) = self.legs.get(&id) {
            let cause = *cause;
            tracing::debug!(leg = %id, %cause, "Leg ended");
            self.leave(id);
            self.stop_waiting(id, None, PlayEnd::LegEnded);
            self.legs.remove(&id);
            self.report_later(cti_core::switch::SwitchReport::LegEnded { leg: id, cause });
        }
    }

    fn give_up(&mut self, dialog: DialogKey, was: &Phase, cause: Cause) {
        let said = match was {
            Phase::Incoming { .. } => {
                let status = super::cause::refusal(cause);
                let retry_after = (status == 503).then_some(10);
                self.sip.reject(dialog, status, "", retry_after)
            }
            Phase::Outgoing | Phase::Up | Phase::Ending(_) => self.sip.hangup(dialog),
        };
        if said.is_err() {
            self.unsaid.push_back(dialog);
        }
    }

    /// Gives up dialogs that the endpoint had no room to hear of.
    pub(super) fn say_again(&mut self) {
        while let Some(dialog) = self.unsaid.front() {
            match self.sip.hangup(*dialog) {
                Err(crate::sip::CommandError::Full) => return,
                Ok(()) | Err(crate::sip::CommandError::Stopped) => self.unsaid.pop_front(),
            };
        }
    }
}
