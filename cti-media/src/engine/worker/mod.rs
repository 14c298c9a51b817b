//! One worker: waits for packets, commands and the next tick, and serves its legs.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the media driver: it owns sockets and a clock"
)]

mod browser;
mod carry;
mod control;
mod hearing;
mod mixing;
mod receive;
mod recording;
mod tick;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    io,
    sync::{Arc, mpsc::SyncSender},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use mio::{Events, Poll, Token};

pub(super) use self::hearing::Ear;
use self::{mixing::Mix, recording::Recording};
use super::{
    LegKey, MediaConfig, MixId, RecordingId, command::Command, handle::Shared, leg::Leg,
    outbox::Outbox, slab::Slab,
};
use crate::{record::writer::Job, rtp::report::Clock};

/// Time between two packets of a player.
pub(super) const TICK: Duration = Duration::from_millis(20);

/// Ticks that are made up for after a stall; what is older is skipped.
const MAX_CATCH_UP: u32 = 5;

/// Datagrams read from one socket before the others have their turn.
const READ_BUDGET: usize = 32;

/// Events taken from the system at once.
const POLL_EVENTS: usize = 1024;

/// Seconds between the epochs of NTP (1900) and UNIX (1970).
const NTP_OFFSET: u64 = 2_208_988_800;

/// The token of the command queue; legs use twice their slot, plus one for RTCP.
pub(super) const WAKE: Token = Token(usize::MAX);

/// The longest datagram that is looked at.
const DATAGRAM: usize = 2048;

/// Owns legs, recordings and nothing that another thread could touch.
#[derive(Debug)]
pub(super) struct Worker {
    number: usize,
    shared: Arc<Shared>,
    config: Arc<MediaConfig>,
    poll: Poll,
    epoch: Instant,
    /// Ticks since the epoch; the position of all music.
    ticks: u64,
    legs: Slab<Box<Leg>>,
    slots: HashMap<LegKey, usize>,
    mixes: BTreeMap<MixId, Mix>,
    /// Slots of legs that play or press keys.
    ticking: Vec<usize>,
    /// Slots of legs that are browsers.
    browsers: Vec<usize>,
    /// Slots of legs whose voice somebody listens to.
    heard: Vec<usize>,
    /// Sockets that may have more to read.
    ready: VecDeque<Token>,
    recordings: Slab<Recording>,
    recording_slots: HashMap<RecordingId, usize>,
    writer: SyncSender<Job>,
    unwritten: VecDeque<Job>,
    outbox: Outbox,
    cname: String,
    buffer: Box<[u8; DATAGRAM]>,
    /// The payload in the buffer as A-law, while that is G.722.
    plain: Box<[u8; DATAGRAM]>,
}

impl Worker {
    pub(super) fn new(
        number: usize,
        poll: Poll,
        shared: Arc<Shared>,
        config: Arc<MediaConfig>,
        writer: SyncSender<Job>,
        outbox: Outbox,
        cname: String,
    ) -> Self {
        Self {
            number,
            shared,
            config,
            poll,
            epoch: Instant::now(),
            ticks: 0,
            legs: Slab::default(),
            slots: HashMap::new(),
            mixes: BTreeMap::new(),
            ticking: Vec::new(),
            browsers: Vec::new(),
            heard: Vec::new(),
            ready: VecDeque::new(),
            recordings: Slab::default(),
            recording_slots: HashMap::new(),
            writer,
            unwritten: VecDeque::new(),
            outbox,
            cname,
            buffer: Box::new([0; DATAGRAM]),
            plain: Box::new([0; DATAGRAM]),
        }
    }

    /// Works until told to shut down.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(POLL_EVENTS);
        let mut batch = VecDeque::new();
        loop {
            if let Err(error) = self.poll.poll(&mut events, self.patience())
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(worker = self.number, %error, "Media worker cannot wait for packets");
            }
            for event in &events {
                if event.token() != WAKE {
                    self.ready.push_back(event.token());
                }
            }
            for _ in 0..self.ready.len() {
                let Some(token) = self.ready.pop_front() else { break };
                self.read(token);
            }
            // Before the commands, so that what they start is not made up for a pause before it.
            self.tick_when_due();
            self.shared.queues[self.number].take(&mut batch);
            for command in batch.drain(..) {
                if matches!(command, Command::Shutdown) {
                    self.shut_down();
                    return;
                }
                self.control(command);
            }
        }
    }

    /// Returns the time since the worker's start.
    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    fn clock(&self) -> Clock {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = unix.as_secs() + NTP_OFFSET;
        let fraction = (u64::from(unix.subsec_nanos()) << 32) / 1_000_000_000;
        Clock { now: self.now(), ntp: (seconds << 32) | fraction }
    }

    /// Returns how long to wait for packets and commands.
    fn patience(&self) -> Option<Duration> {
        if !self.ready.is_empty() {
            return Some(Duration::ZERO);
        }
        let idle = self.legs.is_empty() && self.unwritten.is_empty() && self.outbox.is_empty();
        (!idle).then(|| self.next_tick().saturating_sub(self.now()))
    }

    fn next_tick(&self) -> Duration {
        Duration::from_millis(TICK.as_millis() as u64 * (self.ticks + 1))
    }

    fn tick_when_due(&mut self) {
        let due = (self.now().as_millis() / TICK.as_millis()) as u64;
        let behind = due.saturating_sub(self.ticks);
        // After a pause without legs, or a stall, only the last ticks are worth making up for.
        self.ticks += behind.saturating_sub(u64::from(MAX_CATCH_UP));
        while self.ticks < due {
            self.ticks += 1;
            self.tick();
        }
    }
}
