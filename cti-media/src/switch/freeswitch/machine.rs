//! What to say to the switch, and what its messages mean: a machine without sockets and clocks.
//!
//! ```text
//!  connected   auth/request      +OK accepted         the last dump was answered
//!  ─────────▶ Greeting ──────▶ Entering ──────▶ Asking ──────────────▶ Up
//!                        events, show registrations,          commands that waited
//!                        show channels, dump what is doubtful are sent
//! ```
//!
//! The switch answers commands in the order in which they were sent, so what each answer is for waits in a line. Only
//! `originate` takes its time and is a job of its own. While the connection is lost commands wait, new calls are
//! refused; what the switch carries is asked for when it is back.

mod events;
mod execute;
mod joining;
mod playing;
mod recording;
mod snapshot;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::PathBuf,
    time::Duration,
};

use cti_core::{
    cause::Cause,
    id::{CallId, LegId, PlayId, RecordingId},
    switch::{PlayEnd, SwitchReport},
    time::Timestamp,
};

use self::{joining::Mix, playing::Way};
use super::{
    config::FreeSwitchConfig,
    event::Event,
    message::{EslError, Message},
};
use crate::switch::{
    ledger::{Ledger, Phase},
    native::recordings::Recordings,
};

/// How long the connection may be lost before everything that the switch carried counts as lost.
const GIVE_UP: Duration = Duration::from_secs(60);

/// The most commands that wait for the connection.
const MAX_WAITING: usize = 4096;

/// The events that the machine understands.
const EVENTS: &str = "event plain CHANNEL_CREATE CHANNEL_PARK CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA \
    CHANNEL_ANSWER CHANNEL_HOLD CHANNEL_UNHOLD CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE CHANNEL_DESTROY \
    CHANNEL_EXECUTE_COMPLETE MEDIA_BUG_STOP RECORD_STOP DTMF BACKGROUND_JOB HEARTBEAT \
    CUSTOM sofia::register sofia::unregister sofia::expire sofia::gateway_state conference::maintenance";

/// What the machine wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// Bytes for the socket.
    Send(String),
    /// The file of a recording is to be measured.
    Measure { recording: RecordingId, path: PathBuf },
    /// The files of earlier recordings are to be looked for.
    Find { leg: LegId, play: PlayId, recordings: Vec<RecordingId> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Down { since: Timestamp },
    Greeting,
    Entering,
    Asking,
    Up,
}

/// What an answer of the switch is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Awaited {
    Entry,
    /// Nothing follows from it.
    Nothing,
    /// A command for a leg: if its channel is not there the leg is over.
    Leg(LegId),
    Dial(LegId),
    Play(LegId, PlayId),
    Record(RecordingId),
    Registrations,
    Channels,
    /// The state of a leg after the connection was lost.
    Doubt(LegId),
    /// The state of a channel that is parked and unknown.
    Parked(String),
}

/// The machine.
#[derive(Debug)]
pub(super) struct Machine {
    config: FreeSwitchConfig,
    recordings: Recordings,
    link: Link,
    awaited: VecDeque<Awaited>,
    waiting: VecDeque<(String, Awaited)>,
    ledger: Ledger<Way>,
    mixes: BTreeMap<CallId, Mix>,
    /// Messages in which nobody spoke, until their files are measured.
    silent: BTreeSet<RecordingId>,
    outputs: VecDeque<Output>,
}

impl Machine {
    pub(super) fn new(config: FreeSwitchConfig, recordings: Recordings, now: Timestamp) -> Self {
        Self {
            ledger: Ledger::new(config.first_leg),
            config,
            recordings,
            link: Link::Down { since: now },
            awaited: VecDeque::new(),
            waiting: VecDeque::new(),
            mixes: BTreeMap::new(),
            silent: BTreeSet::new(),
            outputs: VecDeque::new(),
        }
    }

    pub(super) fn poll_report(&mut self) -> Option<SwitchReport> {
        self.ledger.poll_report()
    }

    pub(super) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(super) fn legs(&self) -> usize {
        self.ledger.len()
    }

    pub(super) fn is_up(&self) -> bool {
        self.link == Link::Up
    }

    /// A connection was made; the switch speaks first.
    pub(super) fn connected(&mut self) {
        self.link = Link::Greeting;
    }

    /// The connection is gone; whatever the switch did not answer was perhaps done and perhaps not.
    pub(super) fn disconnected(&mut self, now: Timestamp) {
        if !matches!(self.link, Link::Down { .. }) {
            self.link = Link::Down { since: now };
        }
        self.awaited.clear();
        self.outputs.retain(|output| !matches!(output, Output::Send(_)));
        self.doubt_everything();
    }

    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        let give_up = match self.link {
            Link::Down { since } if self.ledger.len() > 0 => Some(since + GIVE_UP),
            Link::Down { .. } | Link::Greeting | Link::Entering | Link::Asking | Link::Up => None,
        };
        give_up.into_iter().chain(self.ledger.poll_timeout()).min()
    }

    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        if let Link::Down { since } = self.link
            && since + GIVE_UP <= now
        {
            self.waiting.clear();
            for leg in self.ledger.legs().map(|(id, _)| id).collect::<Vec<_>>() {
                self.leg_is_over(leg, Cause::Lost, now);
            }
        }
        self.measure_due(now);
    }

    /// Takes a message of the switch.
    pub(super) fn message(&mut self, message: &Message, now: Timestamp) -> Result<(), EslError> {
        match message.content_type()? {
            "auth/request" => {
                self.link = Link::Entering;
                let password = self.config.password.reveal().to_owned();
                self.send_now(format!("auth {password}\n\n"), Awaited::Entry);
            }
            "command/reply" => {
                let reply = message.header("Reply-Text").unwrap_or_default().to_owned();
                self.reply("command/reply", &reply, now)?;
            }
            "api/response" => self.reply("api/response", &message.text(), now)?,
            "text/event-plain" | "text/event-json" => self.event(&Event::parse(message)?, now)?,
            "text/disconnect-notice" | "text/rude-rejection" => {
                return Err(EslError::Refused { reason: message.text().trim().to_owned() });
            }
            // Logs and what later versions may add.
            _ => {}
        }
        Ok(())
    }

    fn reply(&mut self, kind: &str, text: &str, now: Timestamp) -> Result<(), EslError> {
        let unasked = || EslError::Unasked { content_type: kind.to_owned() };
        let awaited = self.awaited.pop_front().ok_or_else(unasked)?;
        let refusal = ["-ERR", "-USAGE"].iter().any(|sign| text.starts_with(sign));
        let reason = || text.trim().to_owned();
        match awaited {
            Awaited::Entry if refusal => return Err(EslError::Refused { reason: reason() }),
            Awaited::Entry => self.entered(),
            Awaited::Registrations => self.registrations(text),
            Awaited::Channels => self.channels(text),
            Awaited::Doubt(leg) => self.doubt_answered(leg, text, now)?,
            Awaited::Parked(channel) => self.parked_answered(&channel, text)?,
            Awaited::Leg(leg) if refusal && is_gone(text) => self.channel_is_gone(leg, now),
            Awaited::Dial(leg) if refusal => self.leg_is_over(leg, Cause::ServiceUnavailable, now),
            Awaited::Play(leg, play) if refusal => {
                let end = if is_gone(text) { PlayEnd::LegEnded } else { PlayEnd::Failed };
                tracing::warn!(%leg, %play, reason = reason(), "Cannot play");
                self.ledger.end_play(leg, Some(play), end);
            }
            Awaited::Record(recording) if refusal => self.cannot_record(recording, reason()),
            Awaited::Leg(leg) if refusal => {
                tracing::warn!(%leg, reason = reason(), "The switch refuses a command");
            }
            Awaited::Nothing
            | Awaited::Leg(_)
            | Awaited::Dial(_)
            | Awaited::Play(..)
            | Awaited::Record(_) => {}
        }
        if self.link == Link::Asking && !self.awaited.iter().any(is_question) {
            self.link = Link::Up;
            for (text, awaited) in std::mem::take(&mut self.waiting) {
                self.send_now(text, awaited);
            }
        }
        Ok(())
    }

    /// Sends a command, or keeps it until the connection is back.
    fn send(&mut self, text: String, awaited: Awaited) {
        if self.link == Link::Up {
            self.send_now(text, awaited);
        } else if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back((text, awaited));
        } else {
            tracing::error!("Too many commands wait for the switch; one is left out");
        }
    }

    fn send_now(&mut self, text: String, awaited: Awaited) {
        self.awaited.push_back(awaited);
        self.outputs.push_back(Output::Send(text));
    }

    /// Has the switch carry out a command of its console.
    fn api(&mut self, command: &str, awaited: Awaited) {
        self.send(format!("api {command}\n\n"), awaited);
    }

    /// Has the switch carry out a command on the channel of a leg that has not ended.
    fn on_channel(&mut self, leg: LegId, command: &str, arguments: &str) {
        if let Some(channel) = self.ledger.channel(leg) {
            let space = if arguments.is_empty() { "" } else { " " };
            self.api(&format!("{command} {channel}{space}{arguments}"), Awaited::Leg(leg));
        }
    }

    /// The switch does not know the channel of a leg.
    fn channel_is_gone(&mut self, id: LegId, now: Timestamp) {
        match self.ledger.leg(id).map(|leg| leg.phase) {
            // It dials yet: the answer of the job follows.
            Some(Phase::Ordered) | None => {}
            Some(Phase::Incoming | Phase::Dialling | Phase::Up) => {
                self.leg_is_over(id, Cause::Lost, now);
            }
        }
    }

    /// A leg is over, and with it what belongs to it.
    fn leg_is_over(&mut self, id: LegId, cause: Cause, now: Timestamp) {
        self.leave_mix(id);
        for recording in self.ledger.recordings_of(id) {
            self.recording_should_end(recording, now);
        }
        self.ledger.end_leg(id, cause);
    }
}

fn is_gone(text: &str) -> bool {
    ["No such channel", "Cannot locate session", "invalid session id", "Invalid uuid"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// Whether an answer tells how the switch is, without which nothing is commanded.
fn is_question(awaited: &Awaited) -> bool {
    match awaited {
        Awaited::Entry
        | Awaited::Registrations
        | Awaited::Channels
        | Awaited::Doubt(_)
        | Awaited::Parked(_) => true,
        Awaited::Nothing
        | Awaited::Leg(_)
        | Awaited::Dial(_)
        | Awaited::Play(..)
        | Awaited::Record(_) => false,
    }
}
