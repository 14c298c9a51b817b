//! What the endpoint reports.

use std::{fmt, net::SocketAddr, time::Duration};

use crate::sip::{GatewayState, Transport};

/// One call leg as the endpoint and its user name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DialogKey(pub u64);

impl fmt::Display for DialogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dialog-{}", self.0)
    }
}

/// Why a dialog ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndCause {
    /// The peer sent BYE.
    PeerHungUp,
    /// The caller cancelled before an answer.
    Cancelled,
    /// [`SipHandle::hangup`](crate::sip::SipHandle::hangup) ended it.
    HungUp,
    /// [`SipHandle::reject`](crate::sip::SipHandle::reject) refused it.
    Rejected,
    /// Our 200 was never acknowledged (RFC 3261 §13.3.1.4: 64·T1).
    NotAcknowledged,
    /// The peer no longer knows the call, or did not answer a request inside it.
    PeerLost,
}

/// Why a registration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnregisterCause {
    /// The device removed it.
    Removed,
    /// It was not refreshed in time.
    Expired,
    /// The connection it was made over closed.
    ConnectionClosed,
    /// Another device of the account took its place.
    Replaced,
}

/// Something that happened on the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SipEvent {
    /// A call arrived from an authenticated account or a trusted peer.
    Incoming {
        /// The leg, named by the endpoint.
        dialog: DialogKey,
        /// The Call-ID header.
        call_id: String,
        /// The user part of From: the caller's number.
        from_user: String,
        /// The display name of From.
        from_display: Option<String>,
        /// The user part of the Request-URI: the dialled number.
        to_user: String,
        /// Where the request came from.
        source: SocketAddr,
        /// How it came.
        transport: Transport,
        /// The listener it came in by, as its place in the configuration.
        listener: usize,
        /// The account whose password was proven.
        account: Option<String>,
        /// The trunk whose address it came from, where no password was needed.
        trunk: Option<String>,
        /// The session description offered, if any.
        offer: Option<Vec<u8>>,
    },
    /// An outgoing call made progress (101 to 199).
    Provisional {
        /// The leg.
        dialog: DialogKey,
        /// The status code.
        status: u16,
        /// The session description for early media.
        sdp: Option<Vec<u8>>,
    },
    /// An outgoing call was answered; ACK has been sent.
    Answered {
        /// The leg.
        dialog: DialogKey,
        /// How the one who answered was reached.
        transport: Transport,
        /// The session description in the answer.
        sdp: Option<Vec<u8>>,
    },
    /// An outgoing call was not answered. Last event of the dialog.
    Failed {
        /// The leg.
        dialog: DialogKey,
        /// The final status code; 408 where nobody replied.
        status: u16,
        /// The reason phrase.
        reason: String,
        /// Whether a peer said so; otherwise nobody could be reached or asked.
        from_peer: bool,
    },
    /// A dialog is over. Last event of the dialog.
    Ended {
        /// The leg.
        dialog: DialogKey,
        /// Why.
        cause: EndCause,
    },
    /// The peer wants to change the session; reply with
    /// [`SipHandle::answer_reinvite`](crate::sip::SipHandle::answer_reinvite) or
    /// [`reject_reinvite`](crate::sip::SipHandle::reject_reinvite).
    Reinvite {
        /// The leg.
        dialog: DialogKey,
        /// The offer; without one our answer must hold an offer.
        offer: Option<Vec<u8>>,
    },
    /// Our own re-INVITE got its final answer.
    ReinviteAnswered {
        /// The leg.
        dialog: DialogKey,
        /// The final status code.
        status: u16,
        /// The session description in a 2xx.
        sdp: Option<Vec<u8>>,
    },
    /// The peer acknowledged our 200.
    Acked {
        /// The leg.
        dialog: DialogKey,
        /// The answer, where our 200 carried the offer.
        sdp: Option<Vec<u8>>,
    },
    /// A digit was sent by INFO.
    Info {
        /// The leg.
        dialog: DialogKey,
        /// `0`-`9`, `*`, `#` or `A`-`D`.
        digit: char,
        /// How long the key was held, where stated.
        duration: Option<Duration>,
    },
    /// The user of a telephone wants to send his call elsewhere (REFER); reply with
    /// [`SipHandle::answer_reference`](crate::sip::SipHandle::answer_reference), or hang the dialog up when it is done.
    Referred {
        /// The leg.
        dialog: DialogKey,
        /// The number it shall go to.
        number: Option<String>,
        /// Another leg of the same telephone, to whose party it shall go.
        replaces: Option<DialogKey>,
    },
    /// A device registered or refreshed its registration.
    Registered {
        /// The account.
        account: String,
        /// The contact URI of the device.
        contact: String,
        /// How long it holds without a refresh.
        expires: Duration,
        /// The listener it came in by, as its place in the configuration.
        listener: usize,
        /// Where the request came from.
        source: SocketAddr,
    },
    /// A gateway takes calls again, or no longer.
    Gateway {
        /// Its name.
        gateway: String,
        /// The trunk it belongs to.
        trunk: String,
        /// How it is.
        state: GatewayState,
    },
    /// A registration ended.
    Unregistered {
        /// The account.
        account: String,
        /// The contact URI of the device.
        contact: String,
        /// Why.
        cause: UnregisterCause,
    },
}
