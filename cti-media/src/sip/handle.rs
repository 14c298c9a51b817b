//! The commands an endpoint takes.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::{mpsc, oneshot};

use crate::sip::{BindingRecord, DialogKey, GatewayStatus, SipStats, TlsError, Transport};

/// Why a command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// More commands are waiting than the endpoint holds.
    #[error("the SIP endpoint is overloaded: its command queue is full")]
    Full,
    /// The endpoint has stopped.
    #[error("the SIP endpoint has stopped")]
    Stopped,
}

/// Who to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// All devices registered for an account; the first to answer gets the call.
    Account(String),
    /// A number by a trunk, over whichever of its gateways takes it.
    Trunk {
        /// The trunk.
        trunk: String,
        /// The number.
        number: String,
    },
    /// A `sip:` URI whose host is an address.
    Uri(String),
}

/// The session descriptions that an outgoing call offers; each device gets the one it understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// For telephones and trunks.
    pub phone: Vec<u8>,
    /// For browsers; without it they get the other one.
    pub browser: Option<Vec<u8>>,
}

impl Offer {
    /// The one for a device that is reached this way.
    pub(crate) fn for_device(&self, transport: Transport) -> &[u8] {
        match &self.browser {
            Some(browser) if transport.is_web_socket() => browser,
            Some(_) | None => &self.phone,
        }
    }
}

impl From<Vec<u8>> for Offer {
    fn from(phone: Vec<u8>) -> Self {
        Self { phone, browser: None }
    }
}

#[derive(Debug)]
pub(crate) enum Command {
    Ring { dialog: DialogKey },
    Progress { dialog: DialogKey, sdp: Vec<u8> },
    Answer { dialog: DialogKey, sdp: Vec<u8> },
    Reject { dialog: DialogKey, status: u16, reason: String, retry_after: Option<u32> },
    Dial(Box<Dial>),
    Hangup { dialog: DialogKey },
    HangupAnsweredElsewhere { dialog: DialogKey },
    AnswerReinvite { dialog: DialogKey, sdp: Vec<u8> },
    RejectReinvite { dialog: DialogKey, status: u16 },
    Reinvite { dialog: DialogKey, sdp: Vec<u8> },
    InfoDigit { dialog: DialogKey, digit: char, duration_ms: u32 },
    AskToAnswer { dialog: DialogKey },
    AnswerReference { dialog: DialogKey, status: u16 },
    IndicateMessages { account: String, count: u32 },
    Drain(bool),
    Bindings(oneshot::Sender<Vec<BindingRecord>>),
    Gateways(oneshot::Sender<Vec<GatewayStatus>>),
    Stop,
}

#[derive(Clone, Debug)]
pub(crate) struct Dial {
    pub(crate) dialog: DialogKey,
    pub(crate) target: Target,
    pub(crate) from_user: String,
    pub(crate) from_display: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) offer: Option<Offer>,
}

/// Takes commands without waiting; cheap to clone.
///
/// A command for a dialog that is over, or that makes no sense in its state, does nothing: the
/// network may have ended the dialog a moment before.
#[derive(Clone, Debug)]
pub struct SipHandle {
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) keys: Arc<AtomicU64>,
    pub(crate) stats: Arc<SipStats>,
    pub(crate) addresses: Arc<[(Transport, std::net::SocketAddr)]>,
    pub(crate) connections: Arc<crate::sip::driver::SharedConnections>,
}

impl SipHandle {
    /// Returns a key for [`dial`](Self::dial) that no other dialog has.
    #[must_use]
    pub fn new_dialog(&self) -> DialogKey {
        DialogKey(self.keys.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns the gauges and counters.
    #[must_use]
    pub fn stats(&self) -> &Arc<SipStats> {
        &self.stats
    }

    /// Returns the addresses really bound, in the order of the configuration.
    #[must_use]
    pub fn addresses(&self) -> &[(Transport, std::net::SocketAddr)] {
        &self.addresses
    }

    /// Tells the caller that the called party rings (180).
    pub fn ring(&self, dialog: DialogKey) -> Result<(), CommandError> {
        self.send(Command::Ring { dialog })
    }

    /// Opens early media (183 with a session description).
    pub fn progress(&self, dialog: DialogKey, sdp: Vec<u8>) -> Result<(), CommandError> {
        self.send(Command::Progress { dialog, sdp })
    }

    /// Answers an incoming call (200, repeated until acknowledged).
    pub fn answer(&self, dialog: DialogKey, sdp: Vec<u8>) -> Result<(), CommandError> {
        self.send(Command::Answer { dialog, sdp })
    }

    /// Refuses an incoming call with a status of 300 to 699; an empty reason takes the standard one.
    pub fn reject(
        &self,
        dialog: DialogKey,
        status: u16,
        reason: &str,
        retry_after: Option<u32>,
    ) -> Result<(), CommandError> {
        self.send(Command::Reject { dialog, status, reason: reason.to_owned(), retry_after })
    }

    /// Calls `target`; `dialog` comes from [`new_dialog`](Self::new_dialog).
    pub fn dial(
        &self,
        dialog: DialogKey,
        target: Target,
        from_user: &str,
        from_display: &str,
        headers: Vec<(String, String)>,
        offer: Option<Offer>,
    ) -> Result<(), CommandError> {
        self.send(Command::Dial(Box::new(Dial {
            dialog,
            target,
            from_user: from_user.to_owned(),
            from_display: from_display.to_owned(),
            headers,
            offer,
        })))
    }

    /// Ends a dialog by what its state asks for: CANCEL, a final response or BYE.
    pub fn hangup(&self, dialog: DialogKey) -> Result<(), CommandError> {
        self.send(Command::Hangup { dialog })
    }

    /// Does what [`hangup`](Self::hangup) does, and tells a phone that still rings that somebody else has answered, so that
    /// it shows no missed call (RFC 3326).
    pub fn hangup_answered_elsewhere(&self, dialog: DialogKey) -> Result<(), CommandError> {
        self.send(Command::HangupAnsweredElsewhere { dialog })
    }

    /// Accepts the peer's re-INVITE.
    pub fn answer_reinvite(&self, dialog: DialogKey, sdp: Vec<u8>) -> Result<(), CommandError> {
        self.send(Command::AnswerReinvite { dialog, sdp })
    }

    /// Refuses the peer's re-INVITE; the session stays as it was.
    pub fn reject_reinvite(&self, dialog: DialogKey, status: u16) -> Result<(), CommandError> {
        self.send(Command::RejectReinvite { dialog, status })
    }

    /// Offers the peer a changed session.
    pub fn reinvite(&self, dialog: DialogKey, sdp: Vec<u8>) -> Result<(), CommandError> {
        self.send(Command::Reinvite { dialog, sdp })
    }

    /// Sends a digit by INFO (application/dtmf-relay).
    pub fn send_info_digit(
        &self,
        dialog: DialogKey,
        digit: char,
        duration_ms: u32,
    ) -> Result<(), CommandError> {
        self.send(Command::InfoDigit { dialog, digit, duration_ms })
    }

    /// Asks a phone that we call to answer by itself (`NOTIFY` with `Event: talk`), as soon as it rings.
    ///
    /// Only a phone that lists `talk` in `Allow-Events` is asked; of several devices the first.
    pub fn ask_to_answer(&self, dialog: DialogKey) -> Result<(), CommandError> {
        self.send(Command::AskToAnswer { dialog })
    }

    /// Tells a telephone what came of its [`SipEvent::Referred`](crate::sip::SipEvent::Referred); a call that is hung up
    /// meanwhile went where it should.
    ///
    /// # Errors
    ///
    /// Fails when the endpoint is overloaded or has stopped.
    pub fn answer_reference(&self, dialog: DialogKey, status: u16) -> Result<(), CommandError> {
        self.send(Command::AnswerReference { dialog, status })
    }

    /// Tells the telephones of an account that subscribed to it how many messages wait (RFC 3842).
    ///
    /// # Errors
    ///
    /// Fails when the endpoint is overloaded or has stopped.
    pub fn indicate_messages(&self, account: &str, count: u32) -> Result<(), CommandError> {
        self.send(Command::IndicateMessages { account: account.to_owned(), count })
    }

    /// Reads certificate and key again; whoever connects from now on sees the new one.
    ///
    /// # Errors
    ///
    /// Fails when the files cannot be used; the former certificate stays.
    pub fn reload_certificate(&self) -> Result<(), TlsError> {
        self.connections.reload_certificate()
    }

    /// Refuses new calls with 503 (`true`) or takes them again (`false`); live calls go on.
    pub fn drain(&self, draining: bool) -> Result<(), CommandError> {
        self.send(Command::Drain(draining))
    }

    /// Returns the registrations, to be stored and given to
    /// [`SipConfig::restore`](crate::sip::SipConfig::restore) after a restart.
    pub async fn bindings(&self) -> Result<Vec<BindingRecord>, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Bindings(reply))?;
        answer.await.map_err(|_| CommandError::Stopped)
    }

    /// Returns how the gateways of trunks are.
    ///
    /// # Errors
    ///
    /// Fails when the endpoint is overloaded or has stopped.
    pub async fn gateways(&self) -> Result<Vec<GatewayStatus>, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Gateways(reply))?;
        answer.await.map_err(|_| CommandError::Stopped)
    }

    /// Closes the sockets; dialogs that are still up are not ended by BYE, hang them up first.
    pub fn stop(&self) -> Result<(), CommandError> {
        self.send(Command::Stop)
    }

    fn send(&self, command: Command) -> Result<(), CommandError> {
        self.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CommandError::Full,
            mpsc::error::TrySendError::Closed(_) => CommandError::Stopped,
        })
    }
}
