//! The seam to the telephone network: what the Center asks of a switch and what the switch reports.
//!
//! A switch carries out leg and media commands and reports what happened. It holds no call logic: who talks to
//! whom, and for how long, is decided by the Center.
//!
//! Contract, checked by the conformance scenarios of the test kit:
//!
//! - every leg the switch has reported or was told to dial ends with exactly one [`SwitchReport::LegEnded`];
//! - every play ends with exactly one [`SwitchReport::PlayEnded`], every recording with one
//!   [`SwitchReport::RecordingEnded`], every recognition with one [`SwitchReport::RecognitionEnded`], also when its leg
//!   ends first;
//! - a command for a leg that has ended is ignored: the report of its end is already on the way;
//! - incoming legs get odd numbers that were never used before, outgoing legs the even number the Center gave.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    cause::Cause,
    id::{CallId, ContactId, DeviceId, LegId, PlayId, RecognitionId, RecordingId, TrunkId},
    quality::VoiceQuality,
    speech::{RecognitionEnd, RecognitionRequest, Spoken},
    time::{Timestamp, millis},
};

/// One piece of what a party hears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clip {
    /// A recorded prompt by its id, for example `greeting-12345` or `music/hold`.
    Prompt(String),
    /// A tone of the Chinese network.
    Tone(Tone),
    /// Nothing for a while.
    Silence(#[serde(with = "millis")] Duration),
    /// An earlier recording, both of its voices together; one that is not there fails the playing.
    Recording(RecordingId),
    /// A text that a synthesizer says.
    Text {
        /// The text, with its values written as they are read.
        text: Spoken,
        /// Its language, as a tag of RFC 5646.
        language: String,
        /// The recorded prompts that are played when no synthesizer says it in time.
        or: Vec<String>,
    },
}

/// The tones of GB/T 3380 that a caller knows, all 450 Hz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// 1 s on, 4 s off, until stopped.
    RingBack,
    /// 0.35 s on, 0.35 s off, for some seconds.
    Busy,
    /// 0.7 s on, 0.7 s off, for some seconds.
    Congestion,
    /// One short tone.
    Beep,
}

/// Whom to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// A device of the centre, wherever it has registered.
    Device(DeviceId),
    /// A number outside, by a trunk.
    Outside {
        /// The trunk to use.
        trunk: TrunkId,
        /// The number as the trunk wants it.
        number: PhoneNumber,
    },
}

/// Where the user of a telephone wants his call to go (SIP REFER).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// A number, as it is dialled at the telephone.
    Number(PhoneNumber),
    /// Whoever the same telephone talks to by another leg (Replaces, RFC 3891).
    Leg(LegId),
}

/// Whom one leg of a mix hears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hearing {
    /// Who hears.
    pub leg: LegId,
    /// Whom, in the order of the legs; never itself.
    pub from: Vec<LegId>,
}

/// What the Center asks the switch to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwitchCommand {
    /// Tell the caller that the call is being offered (SIP 180).
    Ring {
        /// An incoming leg that is not answered yet.
        leg: LegId,
    },
    /// Accept an incoming leg (SIP 200).
    Answer {
        /// An incoming leg that is not answered yet.
        leg: LegId,
    },
    /// Call an endpoint.
    Dial {
        /// The number of the new leg; even.
        leg: LegId,
        /// Whom to call.
        to: Endpoint,
        /// The number to show as the caller's.
        caller: PhoneNumber,
        /// The contact it is for; `contact-0` for a leg that stands for whatever comes.
        contact: ContactId,
        /// Whether the device should answer by itself, as headsets of agents do (自动应答).
        #[serde(default)]
        auto_answer: bool,
    },
    /// Ask the device that rings to answer by itself, because its user answered by a program.
    AskToAnswer {
        /// A leg that was dialled and is not answered yet.
        leg: LegId,
    },
    /// End a leg in whatever state it is: reject, cancel or say good-bye.
    Hangup {
        /// The leg to end.
        leg: LegId,
        /// Why, for the final code.
        cause: Cause,
    },
    /// Play clips to a leg, over whatever else it hears.
    Play {
        /// Who hears it; must be answered.
        leg: LegId,
        /// The name of this playing.
        play: PlayId,
        /// What is played, in order and without gaps.
        clips: Vec<Clip>,
        /// Whether to begin again at the end until stopped.
        looped: bool,
    },
    /// Stop a playing; it ends with [`SwitchReport::PlayEnded`] like any other.
    StopPlay {
        /// Who hears it.
        leg: LegId,
        /// Which playing.
        play: PlayId,
    },
    /// Listen to what the party of a leg says; ends with [`SwitchReport::RecognitionEnded`].
    Recognize {
        /// Whose voice.
        leg: LegId,
        /// The name of this listening.
        recognition: RecognitionId,
        /// What may be said and how long is listened; the format is the switch's own choice.
        request: Box<RecognitionRequest>,
    },
    /// Listen no more.
    StopRecognition {
        /// Whose voice.
        leg: LegId,
        /// Which listening.
        recognition: RecognitionId,
    },
    /// Send digits to a leg (RFC 4733 or INFO, as the leg negotiated).
    SendDigits {
        /// Who gets them.
        leg: LegId,
        /// `0-9 * # A-D`.
        digits: String,
    },
    /// Let two legs hear each other.
    Bridge {
        /// One leg.
        a: LegId,
        /// The other leg.
        b: LegId,
    },
    /// Undo [`SwitchCommand::Bridge`].
    Unbridge {
        /// One leg.
        a: LegId,
        /// The other leg.
        b: LegId,
    },
    /// Let legs hear each other as listed; replaces what was said for this mix before. An empty list ends the mix.
    Mix {
        /// The name of the mix.
        mix: CallId,
        /// Who hears whom; a leg that is not listed is not part of it.
        hears: Vec<Hearing>,
    },
    /// Record two legs into one stereo file.
    StartRecording {
        /// The name of the recording.
        recording: RecordingId,
        /// Whose voice is on the left channel: the caller.
        left: LegId,
        /// Whose voice is on the right channel: the agent.
        right: LegId,
        /// When it begins; dates the file.
        at: Timestamp,
    },
    /// Record a message that the caller leaves, until stopped, silent or too long.
    RecordMessage {
        /// The name of the recording.
        recording: RecordingId,
        /// Who speaks.
        leg: LegId,
        /// The longest message.
        #[serde(with = "millis")]
        limit: Duration,
        /// The silence that ends it.
        #[serde(with = "millis")]
        silence: Duration,
        /// When it begins; dates the file.
        at: Timestamp,
    },
    /// Record silence instead of the voices until it is resumed: the recording stays as long as the talk.
    PauseRecording {
        /// Which recording.
        recording: RecordingId,
    },
    /// Record the voices again.
    ResumeRecording {
        /// Which recording.
        recording: RecordingId,
    },
    /// End a recording of either kind.
    StopRecording {
        /// Which recording.
        recording: RecordingId,
    },
    /// Tell a telephone what came of [`SwitchReport::Referred`], unless its leg is released.
    AnswerReference {
        /// Whose call it was.
        leg: LegId,
        /// Whether the call goes where it should.
        done: bool,
    },
    /// Tell a device how many messages wait for its user (message waiting indication, RFC 3842).
    IndicateMessages {
        /// Which device.
        device: DeviceId,
        /// How many; its lamp goes out at none.
        count: u32,
    },
}

impl SwitchCommand {
    /// Returns the leg whose commands this one must not overtake.
    #[must_use]
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Self::Ring { leg }
            | Self::Answer { leg }
            | Self::Dial { leg, .. }
            | Self::Hangup { leg, .. }
            | Self::AskToAnswer { leg }
            | Self::Play { leg, .. }
            | Self::StopPlay { leg, .. }
            | Self::Recognize { leg, .. }
            | Self::StopRecognition { leg, .. }
            | Self::SendDigits { leg, .. }
            | Self::AnswerReference { leg, .. }
            | Self::RecordMessage { leg, .. } => Some(*leg),
            Self::Bridge { a, .. } | Self::Unbridge { a, .. } => Some(*a),
            Self::StartRecording { left, .. } => Some(*left),
            Self::Mix { hears, .. } => hears.first().map(|hearing| hearing.leg),
            Self::PauseRecording { .. }
            | Self::ResumeRecording { .. }
            | Self::StopRecording { .. }
            | Self::IndicateMessages { .. } => None,
        }
    }
}

/// How a playing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlayEnd {
    /// Everything was heard.
    Finished,
    /// It was stopped, or another playing took its place.
    Stopped,
    /// The leg ended first.
    LegEnded,
    /// A clip is missing or cannot be read.
    Failed,
}

/// How a recording ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingEnd {
    /// There is a file.
    Saved {
        /// Where it lies, relative to the recordings folder.
        file: String,
        /// How long it is; zero for a message in which nobody spoke a word.
        #[serde(with = "millis")]
        length: Duration,
        /// Its size in bytes.
        bytes: u64,
        /// SHA-256 of the file in hexadecimal.
        sha256: String,
    },
    /// It could not be written; the talk goes on.
    Failed {
        /// What went wrong, in words for the administrator.
        reason: String,
    },
}

/// Where an incoming leg comes from, as far as it has been proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A device that proved who it is.
    Device(DeviceId),
    /// A trunk that is trusted by its address.
    Trunk(TrunkId),
}

/// What the switch tells the Center.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwitchReport {
    /// Someone calls.
    Incoming {
        /// The number of the new leg; odd and never used before.
        leg: LegId,
        /// Where it comes from.
        origin: Origin,
        /// The caller's number as received.
        caller: PhoneNumber,
        /// The number dialled.
        called: PhoneNumber,
        /// The network's own name for the call (SIP Call-ID), for tracing.
        network_id: String,
    },
    /// The call has left the centre, and it is not told whether someone is alerted (SIP 183).
    NetworkReached {
        /// A leg that was dialled.
        leg: LegId,
    },
    /// The called party is being alerted (SIP 180).
    Ringing {
        /// A leg that was dialled.
        leg: LegId,
    },
    /// The called party answered.
    Answered {
        /// A leg that was dialled.
        leg: LegId,
    },
    /// How well the party was heard over the whole time of a leg; comes before its end, where the switch measures.
    VoiceMeasured {
        /// Which leg.
        leg: LegId,
        /// What was measured.
        quality: VoiceQuality,
    },
    /// A leg is over, whoever ended it.
    LegEnded {
        /// Which leg.
        leg: LegId,
        /// Why.
        cause: Cause,
    },
    /// The party put the call on hold (re-INVITE, RFC 3264 §8.4).
    Held {
        /// Which leg.
        leg: LegId,
    },
    /// The party took the call from hold.
    Retrieved {
        /// Which leg.
        leg: LegId,
    },
    /// The party pressed a key, by RFC 4733, INFO or in the band; reported once.
    Digit {
        /// Which leg.
        leg: LegId,
        /// `0-9 * # A-D`.
        digit: char,
    },
    /// A playing is over.
    PlayEnded {
        /// Who heard it.
        leg: LegId,
        /// Which playing.
        play: PlayId,
        /// How it ended.
        end: PlayEnd,
    },
    /// Somebody begins to speak who is listened to: what he hears can be stopped.
    SpeechBegan {
        /// Who speaks.
        leg: LegId,
        /// To which listening.
        recognition: RecognitionId,
    },
    /// A listening is over.
    RecognitionEnded {
        /// Who was listened to.
        leg: LegId,
        /// Which listening.
        recognition: RecognitionId,
        /// What came of it.
        end: RecognitionEnd,
    },
    /// A recording is over.
    RecordingEnded {
        /// Which recording.
        recording: RecordingId,
        /// What came of it.
        end: RecordingEnd,
    },
    /// The user of a telephone transfers his call by its own key; answered by
    /// [`SwitchCommand::AnswerReference`], or by the release of the leg.
    Referred {
        /// Whose call.
        leg: LegId,
        /// Where it shall go.
        to: Reference,
    },
    /// A device can be reached.
    DeviceInService {
        /// Which device.
        device: DeviceId,
    },
    /// A device can no longer be reached.
    DeviceOutOfService {
        /// Which device.
        device: DeviceId,
    },
    /// A gateway of a trunk takes calls again.
    GatewayInService {
        /// The trunk.
        trunk: TrunkId,
        /// The gateway.
        gateway: String,
    },
    /// A gateway of a trunk takes no calls.
    GatewayOutOfService {
        /// The trunk.
        trunk: TrunkId,
        /// The gateway.
        gateway: String,
    },
}

/// A telephone switch, driven by the runtime.
#[async_trait]
pub trait Switch: Send {
    /// Begins to carry out a command and returns at once; what comes of it is reported.
    fn execute(&mut self, command: SwitchCommand);

    /// Waits for the next report; `None` when the switch has ended. Must be cancel-safe.
    async fn report(&mut self) -> Option<SwitchReport>;
}
