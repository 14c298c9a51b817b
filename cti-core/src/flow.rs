//! The seam to flows: what an unattended caller hears, and what follows from his keys.
//!
//! An engine runs one session per unattended call. The Center starts a session, hands it what happened and carries
//! out its effects. Two sessions can belong to one call: the main flow, which waits in its `enqueue` node, and the
//! flow of the queue, which entertains the caller meanwhile. A third kind is heard by an agent before he is put
//! through.
//!
//! What flows there are is the engine's own; an administrator changes it by [orders](FlowOrder) while sessions run.

mod order;

use std::{any::Any, fmt, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    calendar::{Calendars, MissingSchedule},
    event::Event,
    id::{DeviceId, FlowId, MailboxId, QueueId, SessionId},
    needs::Needs,
    router::OverflowReason,
    speech::{RecognitionEnd, RecognitionRequest},
    switch::{Clip, PlayEnd},
    target::Target,
    time::{Timestamp, millis},
};

pub use crate::data::CallData;
pub use order::{FlowAnswer, FlowOrder, FlowRefused};

/// What a session may look at; read anew for every step.
#[derive(Clone, Copy, Debug)]
pub struct SessionView<'a> {
    /// The caller's number.
    pub caller: &'a PhoneNumber,
    /// The number dialled.
    pub called: &'a PhoneNumber,
    /// The call's data.
    pub data: &'a CallData,
    /// The caller's place in the queue, 1 for the next to be served; `None` outside a queue.
    pub position: Option<usize>,
    /// The wait he can expect, where enough is known.
    pub expected_wait: Option<Duration>,
}

/// What a session is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowInput {
    /// The caller pressed a key: `0-9 * # A-D`.
    Digit(char),
    /// A playing that the session began is over.
    PlayEnded {
        /// The session's own number of the playing.
        play: u32,
        /// How it ended.
        end: PlayEnd,
    },
    /// A table answered.
    LookupDone {
        /// The session's own number of the question.
        lookup: u32,
        /// The row, or why there is none.
        result: Result<CallData, LookupFailure>,
    },
    /// The caller, who is listened to, begins to speak.
    SpeechBegan {
        /// The session's own number of the listening.
        listening: u32,
    },
    /// A listening that the session began is over.
    ListenEnded {
        /// The session's own number of the listening.
        listening: u32,
        /// What came of it.
        end: RecognitionEnd,
    },
    /// The caller's wait in the queue is over without an agent.
    LeftQueue(QueueExit),
    /// None of the devices that were rung answered.
    RingFailed,
    /// He cannot be called back: no way leads to the number, or he does not wait.
    CallBackRefused,
    /// The recording of the message is over.
    RecordingEnded {
        /// Whether there is a file.
        saved: bool,
        /// How long it is.
        #[serde(with = "millis")]
        length: Duration,
    },
}

/// Why a lookup gave no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupFailure {
    /// No row has this key.
    NotFound,
    /// There is no such table.
    UnknownSource,
    /// The source did not answer, or failed.
    Unavailable,
}

/// How a caller left a queue without an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueExit {
    /// The queue sent him on.
    Overflow(OverflowReason),
    /// He left by a key.
    Left,
    /// There is no such queue.
    UnknownQueue,
    /// He will be called back, and his place is kept; he may hang up.
    CallBack,
}

/// What a session wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlowEffect {
    /// Accept the call; harmless when it is already.
    Answer,
    /// Play clips; a playing that is under way ends.
    Play {
        /// The session's own number of the playing, counted up from 0.
        play: u32,
        /// What is played.
        clips: Vec<Clip>,
        /// Whether to begin again at the end.
        looped: bool,
    },
    /// Stop a playing.
    StopPlay {
        /// Which one.
        play: u32,
    },
    /// Listen to what the caller says; ends with [`FlowInput::ListenEnded`].
    Listen {
        /// The session's own number of the listening, counted up from 0.
        listening: u32,
        /// What may be said, and how long is listened.
        request: Box<RecognitionRequest>,
    },
    /// Listen no more.
    StopListening {
        /// Which listening.
        listening: u32,
    },
    /// Wait for an agent; the session goes on with [`FlowInput::LeftQueue`], or ends when an agent answers.
    Enqueue {
        /// Where to wait.
        queue: QueueId,
        /// Higher is served first; 0 is usual.
        priority: u8,
        /// What the caller asks of the agent.
        needs: Needs,
    },
    /// Leave the queue that this session's call waits in (only sessions of the queue's own flow).
    LeaveQueue,
    /// Ring devices one after the other; the session ends when one answers, else [`FlowInput::RingFailed`].
    RingDevices {
        /// In this order.
        devices: Vec<DeviceId>,
        /// How long each one rings.
        ring_for: Duration,
    },
    /// Ring the devices of a pickup group at once; the session ends when one answers, else [`FlowInput::RingFailed`].
    RingGroup {
        /// The pickup group of their seats.
        group: String,
        /// How long they ring.
        ring_for: Duration,
    },
    /// Call people one after the other; when the first answers, the session ends and the others are invited in. Else
    /// [`FlowInput::RingFailed`].
    Conference {
        /// Who takes part.
        members: Vec<Target>,
        /// How long each one rings before the first has answered.
        ring_for: Duration,
    },
    /// Let the call go elsewhere: to an agent, a number, a queue, another flow. The session ends when someone answers or
    /// the call goes through another flow; [`FlowInput::RingFailed`] or [`FlowInput::LeftQueue`] says that it did not.
    GoTo {
        /// Where to.
        target: Target,
    },
    /// Keep the caller's place in the queue and call him back when it is his turn (only while he waits); answered by
    /// [`QueueExit::CallBack`] to the main flow, or [`FlowInput::CallBackRefused`] to who asked.
    RequestCallBack {
        /// Under which number; the one he calls from when absent.
        number: Option<PhoneNumber>,
    },
    /// Record a message; ends with [`FlowInput::RecordingEnded`].
    RecordMessage {
        /// The longest message.
        limit: Duration,
        /// The silence that ends it.
        silence: Duration,
        /// Where it belongs; among the recordings alone when absent.
        into: Option<RecordInto>,
    },
    /// End the recording of the message.
    StopRecording,
    /// Do not record the talks of this call, until [`ResumeRecording`](Self::ResumeRecording): the caller does not want
    /// it, or is about to say what must not be kept.
    PauseRecording,
    /// Record the talks of this call again.
    ResumeRecording,
    /// Send keys to whoever is at the other end of the caller's line, as a phone does.
    SendDigits {
        /// Which: `0-9 * # A-D`.
        digits: String,
    },
    /// Let the caller be served earlier or later, while he waits.
    SetPriority {
        /// Higher is served first.
        priority: u8,
    },
    /// Ask a table; answered with [`FlowInput::LookupDone`]. What is asked of
    /// [`MAILBOX_SOURCE`](crate::mailbox::MAILBOX_SOURCE) the Center answers itself.
    Lookup {
        /// The session's own number of the question.
        lookup: u32,
        /// Which table.
        source: String,
        /// Which row.
        key: String,
    },
    /// Keep a value with the call.
    SetData {
        /// Its name.
        key: String,
        /// Its value.
        value: String,
    },
    /// Count a step for the statistics of the flow.
    Visited {
        /// Of which flow: the session's own, or one that it went on in.
        flow: FlowId,
        /// Of which version of it.
        version: Arc<str>,
        /// The node that was left.
        node: String,
        /// By which outlet.
        outlet: String,
    },
    /// The session is over; a main session's call is hung up.
    End,
}

/// What a recording of the caller's voice becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordInto {
    /// A message in a mailbox; where that is full or not there, a message like any other.
    Message {
        /// Which mailbox.
        mailbox: MailboxId,
        /// The number at which the caller wants to be called back, where he gave one.
        call_back: Option<PhoneNumber>,
        /// A shorter one is none.
        shortest: Duration,
    },
    /// What callers hear before they leave a message there; nothing is recorded where it is not there.
    Greeting {
        /// Which mailbox.
        mailbox: MailboxId,
    },
}

/// There is no such flow, or it has no published version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no flow named {0}")]
pub struct UnknownFlow(pub FlowId);

/// Why the Center gives a session up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnd {
    /// It had come to its own end.
    Finished,
    /// The caller hung up, or his line was lost.
    HungUp,
    /// Somebody answered: an agent, a device that was rung.
    Answered,
    /// The wait that it entertained is over without an agent.
    LeftQueue,
    /// The call goes elsewhere: through another flow, to whoever took it.
    Moved,
    /// A supervisor or a program cleared the call.
    Cleared,
}

/// A saved session that cannot go on here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session cannot go on: {0}")]
pub struct CannotResume(pub String);

/// Something that an engine decided by itself and an administrator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlowNotice {
    /// A version failed so often that new callers go to its fallback.
    Quarantined {
        /// Of which flow.
        flow: FlowId,
        /// Which version.
        version: String,
        /// Why, in words.
        reason: String,
    },
}

/// Runs sessions of flows.
pub trait FlowEngine: Any + fmt::Debug + Send {
    /// Begins a session; drain [`poll_effect`](Self::poll_effect) afterwards. Returns the content hash of the version.
    ///
    /// # Errors
    /// When there is no such flow.
    fn start(
        &mut self,
        now: Timestamp,
        session: SessionId,
        flow: &FlowId,
        view: SessionView<'_>,
    ) -> Result<String, UnknownFlow>;

    /// Hands one input to a session. Inputs that come too late are ignored.
    fn handle(
        &mut self,
        now: Timestamp,
        session: SessionId,
        input: FlowInput,
        view: SessionView<'_>,
    );

    /// Returns the session whose time-out is due first, if it is due at `now`.
    fn due(&self, now: Timestamp) -> Option<SessionId>;

    /// Fires what is due for one session; calling early or twice is harmless.
    fn handle_timeout(&mut self, now: Timestamp, session: SessionId, view: SessionView<'_>);

    /// When [`due`](Self::due) should next be asked.
    fn poll_timeout(&self) -> Option<Timestamp>;

    /// Returns the next effect and whose it is, until `None`.
    fn poll_effect(&mut self) -> Option<(SessionId, FlowEffect)>;

    /// Forgets a session. No effect of it comes afterwards.
    fn end(&mut self, session: SessionId, why: SessionEnd);

    /// Follows one fact, for engines that keep statistics.
    fn apply(&mut self, _event: &Event) {}

    /// Follows one fact of a log that is read again after a restart, for engines whose statistics go on from it.
    fn replay(&mut self, _event: &Event) {}

    /// Returns how many sessions run.
    fn sessions(&self) -> usize;

    /// Carries out an order of an administrator. Sessions stay in the versions that they began with. Equal orders at
    /// equal times have equal results: a restart gives them again, without any session.
    ///
    /// # Errors
    /// When it cannot be carried out; nothing has changed then.
    fn administer(
        &mut self,
        _now: Timestamp,
        _by: &str,
        _order: &FlowOrder,
    ) -> Result<FlowAnswer, FlowRefused> {
        Err(FlowRefused::Fixed)
    }

    /// Returns whether there is such a flow for callers; an engine that cannot tell says so.
    fn knows(&self, _flow: &FlowId) -> bool {
        true
    }

    /// Checks that a calendar has every schedule that the flows go by.
    ///
    /// # Errors
    /// When one is missing.
    fn check_calendars(&self, _calendars: &Calendars) -> Result<(), MissingSchedule> {
        Ok(())
    }

    /// Goes by another calendar from here on, sessions that run included; it was [checked](Self::check_calendars).
    fn set_calendars(&mut self, _calendars: &Calendars) {}

    /// Returns the next thing that the engine decided by itself; what it did is the Center's to write down.
    fn poll_notice(&mut self) -> Option<FlowNotice> {
        None
    }

    /// Takes up what the engine had decided by itself before a restart.
    fn replay_notice(&mut self, _now: Timestamp, _notice: &FlowNotice) {}

    /// Returns a waiting session as data, for another process to go on with; take it after its effects were drained.
    /// It may hold what the caller typed: keep it where the log is kept.
    fn save(&self, _session: SessionId) -> Option<serde_json::Value> {
        None
    }

    /// Lets a saved session go on, waiting for what it waited for.
    ///
    /// # Errors
    /// When it is none of this engine, or its version is not there.
    fn resume(
        &mut self,
        _session: SessionId,
        _saved: serde_json::Value,
    ) -> Result<(), CannotResume> {
        Err(CannotResume("this engine saves no sessions".to_owned()))
    }

    /// Lets a resumed session begin its node anew: its playing and its questions died with the process before.
    fn begin_again(&mut self, _now: Timestamp, _session: SessionId, _view: SessionView<'_>) {}

    /// Returns what flows and versions there are, as data that [`restore`](Self::restore) takes; sessions are not in it.
    fn snapshot(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// Takes over a snapshot of the same kind of engine.
    ///
    /// # Errors
    /// When the snapshot does not fit.
    fn restore(&mut self, _snapshot: serde_json::Value) -> Result<(), serde_json::Error> {
        Ok(())
    }

    /// Returns what the engine has counted, in its own shape.
    fn statistics(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
}
