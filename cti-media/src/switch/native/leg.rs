//! One leg: its dialog, its media and what was agreed on.

use cti_core::{cause::Cause, id::LegId, switch::PlayEnd};

use crate::{
    engine::{LegKey, WorkerKey},
    sdp::{Direction, Local, Negotiated, Profile, Session, profile_of},
    sip::{DialogKey, Transport},
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
    /// The same for the browsers among the devices that are called, until one of them answers.
    pub(super) browser: Option<Session>,
    /// How the peer's messages come.
    pub(super) transport: Transport,
    /// The SIP listener of its side.
    pub(super) listener: usize,
    /// Whether its voice must be protected.
    pub(super) srtp: bool,
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
            browser: None,
            transport: Transport::Udp,
            listener: 0,
            srtp: false,
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

/// How the voice of a peer may be protected: a browser's by a handshake and in no other way, any other one's as
/// it wishes unless it must be protected.
fn allows(profile: Profile, transport: Transport, srtp: bool) -> bool {
    match profile {
        Profile::Dtls => true,
        Profile::Sdes => !transport.is_web_socket(),
        Profile::Plain => !transport.is_web_socket() && !srtp,
    }
}

impl NativeSwitch {
    /// Opens the media of a leg and returns the description for its peer: the answer to its offer,
    /// or our offer.
    pub(super) fn describe(&mut self, id: LegId) -> Result<String, Cause> {
        let leg = self.legs.get_mut(&id).ok_or(Cause::Lost)?;
        if let Some(description) = &leg.description {
            return Ok(description.clone());
        }
        let side = self.sides.get(leg.listener).copied().unwrap_or_default();
        let opened = self.media.open_leg(media_key(id), WORKER, side);
        let address = opened.map_err(|error| {
            tracing::warn!(leg = %id, %error, "Cannot open media");
            Cause::ServiceUnavailable
        })?;
        let profile = match (&leg.phase, leg.transport.is_web_socket(), leg.srtp) {
            (Phase::Incoming { offer: Some(offer) }, ..) => {
                profile_of(offer).ok().flatten().ok_or(Cause::Incompatible)?
            }
            (_, true, _) => Profile::Dtls,
            (_, false, true) => Profile::Sdes,
            (_, false, false) => Profile::Plain,
        };
        let local = Local::new(address).protected(self.media.protect(profile));
        let session = leg.session.insert(Session::new(id.0, local));
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

    /// Whether we could answer an offer; asked before a call is reported.
    pub(super) fn is_acceptable(&self, offer: &[u8], transport: Transport, srtp: bool) -> bool {
        let Ok(Some(profile)) = profile_of(offer) else { return false };
        let nowhere = Local::new(([127, 0, 0, 1], 40_000).into());
        let protect = self.media.protect(profile);
        allows(profile, transport, srtp)
            && Session::new(0, nowhere.protected(protect))
                .answer(offer, Direction::SendRecv)
                .is_ok()
    }

    /// The offer for the browsers among the devices that are called.
    pub(super) fn describe_for_browsers(&mut self, id: LegId) -> Option<Vec<u8>> {
        let leg = self.legs.get_mut(&id)?;
        let address = leg.session.as_ref()?.local_address();
        let local = Local::new(address).protected(self.media.protect(Profile::Dtls));
        let session = leg.browser.insert(Session::new(id.0, local));
        Some(session.offer(Direction::SendRecv).into_bytes())
    }

    /// Goes on with the description that the device which answered was offered.
    pub(super) fn settle(&mut self, id: LegId, transport: Transport) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.transport = transport;
        let browser = leg.browser.take();
        if transport.is_web_socket() && browser.is_some() {
            leg.session = browser;
        }
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
            self.stop_recognitions_of(id);
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
            Phase::Outgoing if cause == Cause::AnsweredElsewhere => {
                self.sip.hangup_answered_elsewhere(dialog)
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
