//! What the engine reports.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::{LegKey, PlayId, RecordingId};
use crate::rtp::Digit;

/// Something happened to a leg, a play or a recording.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaEvent {
    /// The first packet of the negotiated peer arrived; media flows.
    MediaStarted {
        /// The leg.
        leg: LegKey,
        /// Where the peer really sends from.
        source: SocketAddr,
    },
    /// The peer has sent nothing for [`MediaConfig::silence_timeout`](super::MediaConfig::silence_timeout)
    /// although it may; said once per silence, with the precision of the RTCP interval.
    MediaLost {
        /// The leg.
        leg: LegKey,
    },
    /// The peer pressed a key; said once per key, as soon as it is pressed.
    Digit {
        /// The leg.
        leg: LegKey,
        /// The key.
        digit: Digit,
    },
    /// The peer pressed a key that came as tones, because it agreed on no telephone events; said once per key.
    ///
    /// Those who hear the leg hear the tones as well.
    TonedDigit {
        /// The leg.
        leg: LegKey,
        /// The key.
        digit: Digit,
    },
    /// All digits of one [`send_digits`](super::MediaHandle::send_digits) were sent.
    DigitsSent {
        /// The leg.
        leg: LegKey,
    },
    /// The peer agreed on no telephone events; the digits were not sent.
    DigitsRefused {
        /// The leg.
        leg: LegKey,
    },
    /// A play came to its end; said exactly once per play.
    PlayEnded {
        /// The leg.
        leg: LegKey,
        /// The play.
        play: PlayId,
        /// Why it ended.
        how: PlayEnd,
    },
    /// A recording is complete and on disk; said exactly once unless it failed.
    RecordingFinished {
        /// The recording.
        recording: RecordingId,
        /// The file.
        path: PathBuf,
        /// Samples per channel.
        frames: u64,
        /// Length in milliseconds.
        duration_ms: u64,
        /// SHA-256 of the whole file, in hexadecimal.
        sha256: String,
        /// Why it ended.
        how: RecordingEnd,
    },
    /// A recording could not be started or written; said exactly once, and the talk goes on.
    RecordingFailed {
        /// The recording.
        recording: RecordingId,
        /// The file.
        path: PathBuf,
        /// What went wrong.
        failure: RecordingFailure,
    },
    /// The leg is gone, its ports are free; its last event.
    LegClosed {
        /// The leg.
        leg: LegKey,
        /// What it carried.
        stats: LegStats,
    },
}

/// Why a play ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlayEnd {
    /// It was played to its end.
    Finished,
    /// It was stopped, or replaced by another play.
    Stopped,
    /// Its leg was closed, or had been closed before the play began.
    LegClosed,
}

/// Why a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordingEnd {
    /// It was stopped.
    Stopped,
    /// One of its legs was closed.
    LegClosed,
    /// A message reached its greatest length.
    MaxLength,
    /// The speaker of a message fell silent.
    Silence,
    /// Nobody spoke a word of the message.
    NothingSaid,
}

/// Why a recording failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordingFailure {
    /// A leg of it does not exist, or the legs live on different workers.
    #[error("recording has no such leg")]
    UnknownLeg,
    /// A recording with this id is running.
    #[error("recording id is in use")]
    DuplicateId,
    /// The file could not be created or written.
    #[error("recording file: {0}")]
    Disk(String),
    /// The disk could not keep up and what waited for it grew too large.
    #[error("recording file: the disk is too slow")]
    Overloaded,
}

/// What a leg carried, as far as this side can know.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LegStats {
    /// RTP packets accepted from the peer.
    pub packets_received: u64,
    /// RTP packets sent to the peer.
    pub packets_sent: u64,
    /// Packets the peer sent that never arrived (RFC 3550 §6.4.1).
    pub packets_lost: u64,
    /// Interarrival jitter at the end (RFC 3550 §6.4.1).
    pub jitter: Duration,
    /// The greatest jitter seen.
    pub max_jitter: Duration,
    /// Round-trip time by the peer's last RTCP report, if it sent one.
    pub round_trip: Option<Duration>,
    /// Packets of ours that the peer reported as lost.
    pub packets_lost_by_peer: u64,
    /// Packets dropped because they came from a stranger.
    pub foreign_packets: u64,
    /// Packets dropped because the peer sent too many.
    pub excess_packets: u64,
    /// Packets dropped because they were malformed or of a payload type nobody agreed on.
    pub invalid_packets: u64,
}
