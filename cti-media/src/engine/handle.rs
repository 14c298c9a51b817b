//! The face of the engine: cheap to clone, never waits.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::mpsc;

use super::{
    LegKey, ListenerId, PlayId, PortError, RecordingId, WorkerKey,
    command::{Command, CommandQueue},
    ports::PortPool,
};
use crate::{
    codec::SAMPLE_RATE,
    dsp::tone::Tone,
    play::{Clip, ClipLibrary, Item, MissingClip, Sequence},
    rtp::Digit,
    sdp::{DtlsLocal, Negotiated, Profile, Protect, SrtpKey},
    webrtc::Identity,
};

/// The longest sequence one play may have, in parts.
const MAX_PLAY_ITEMS: usize = 256;

/// The most digits one command may send.
const MAX_DIGITS: usize = 64;

/// One part of a play, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlayItem {
    /// A prompt of the library, from its beginning.
    Clip(String),
    /// One period of a tone.
    Tone(Tone),
    /// Nothing, for this long.
    Silence(Duration),
    /// A prompt of the library that goes on where it would be if it had always been playing.
    Music(String),
    /// Audio that is in no library, from its beginning.
    Recording(Clip),
}

/// When a spoken message ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageLimits {
    /// Greatest length.
    pub max: Duration,
    /// Ends after this much silence following at least one sound, or twice this from the start
    /// without any; `None` waits until the greatest length.
    pub silence_end: Option<Duration>,
}

/// A leg cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The listener does not exist.
    #[error("media listener {} does not exist", .0.0)]
    UnknownListener(ListenerId),
    /// A leg with this key is open.
    #[error("{0} is already open")]
    AlreadyOpen(LegKey),
    /// No ports.
    #[error(transparent)]
    Ports(#[from] PortError),
    /// The worker has too much to do, or the engine has stopped.
    #[error("the media worker is overloaded")]
    Overloaded,
}

/// A command makes no sense; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// No such leg is open.
    #[error("{0} is not open")]
    UnknownLeg(LegKey),
    /// The two legs were opened with keys of different workers.
    #[error("{0} and {1} live on different media workers")]
    DifferentWorkers(LegKey, LegKey),
    /// A leg cannot be joined to itself.
    #[error("{0} cannot be joined to itself")]
    SameLeg(LegKey),
    /// No such recording was started.
    #[error("{0} is not running")]
    UnknownRecording(RecordingId),
    /// A recording with this id was started.
    #[error("{0} is already running")]
    DuplicateRecording(RecordingId),
    /// More than 64 digits at once.
    #[error("{0} digits are more than 64")]
    TooManyDigits(usize),
    /// The worker has too much to do.
    #[error("the media worker is overloaded")]
    Overloaded,
}

/// A play cannot begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlayError {
    /// A prompt is missing; nothing is played.
    #[error(transparent)]
    MissingClip(#[from] MissingClip),
    /// The sequence has more than 256 parts.
    #[error("play has {0} parts, more than 256")]
    TooManyItems(usize),
    /// The leg cannot be told.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Controls the engine from any thread; every method returns at once.
#[derive(Clone, Debug)]
pub struct MediaHandle {
    pub(super) shared: Arc<Shared>,
}

/// What handles and workers share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) clips: Arc<ClipLibrary>,
    pub(super) listeners: Vec<SharedListener>,
    pub(super) queues: Vec<CommandQueue>,
    /// The worker of every open leg and running recording; looked at per command, never per packet.
    pub(super) places: RwLock<Places>,
    pub(super) gauges: Arc<Gauges>,
    /// What browsers know this engine by.
    pub(super) identity: Identity,
}

#[derive(Debug)]
pub(super) struct SharedListener {
    pub(super) ports: Arc<PortPool>,
    pub(super) advertised: std::net::IpAddr,
    pub(super) nat: bool,
}

#[derive(Debug, Default)]
pub(super) struct Places {
    legs: HashMap<LegKey, usize>,
    recordings: HashMap<RecordingId, usize>,
}

/// Numbers for `/metrics`.
#[derive(Debug, Default)]
pub(super) struct Gauges {
    pub(super) legs: AtomicU64,
    pub(super) sockets: Arc<AtomicU64>,
    pub(super) dropped_events: AtomicU64,
}

impl MediaHandle {
    /// Binds the ports of a leg and returns the address that peers are told.
    ///
    /// # Errors
    ///
    /// Fails when the key is taken, the listener unknown, or no port is free.
    pub fn open_leg(
        &self,
        leg: LegKey,
        worker: WorkerKey,
        listener: ListenerId,
    ) -> Result<SocketAddr, OpenError> {
        let shared = &*self.shared;
        let place = (worker.0 % shared.queues.len() as u64) as usize;
        let listener =
            shared.listeners.get(listener.0).ok_or(OpenError::UnknownListener(listener))?;
        if shared.places_mut(|places| places.legs.contains_key(&leg)) {
            return Err(OpenError::AlreadyOpen(leg));
        }
        let ports = listener.ports.bind_pair()?;
        let address = SocketAddr::new(listener.advertised, ports.lease.port());
        let taken = shared.places_mut(|places| {
            let taken = places.legs.contains_key(&leg);
            places.legs.entry(leg).or_insert(place);
            taken
        });
        if taken {
            return Err(OpenError::AlreadyOpen(leg));
        }
        shared.gauges.legs.fetch_add(1, Ordering::Relaxed);
        if shared.queues[place]
            .push(Command::Open { leg, ports, address, nat: listener.nat })
            .is_err()
        {
            shared.forget_leg(leg);
            return Err(OpenError::Overloaded);
        }
        Ok(address)
    }

    /// Returns what this side brings along to protect one stream, for [`Local::protect`](crate::sdp::Local::protect).
    ///
    /// # Panics
    ///
    /// When the system has no random numbers, which it had at start.
    #[must_use]
    pub fn protect(&self, profile: Profile) -> Protect {
        match profile {
            Profile::Plain => Protect::Plain,
            Profile::Sdes => Protect::Sdes(SrtpKey(random())),
            Profile::Dtls => {
                let fingerprint = self.shared.identity.fingerprint();
                Protect::Dtls(DtlsLocal { fingerprint, seed: random() })
            }
        }
    }

    /// Tells a leg what SDP agreed on; call it again after every new agreement.
    ///
    /// # Errors
    ///
    /// Fails when the leg is not open or the worker overloaded.
    pub fn set_remote(&self, leg: LegKey, negotiated: Negotiated) -> Result<(), CommandError> {
        self.to_leg(leg, Command::SetRemote { leg, negotiated })
    }

    /// Closes a leg: ends its play and recordings, frees its ports.
    ///
    /// # Errors
    ///
    /// Fails when the leg is not open.
    pub fn close_leg(&self, leg: LegKey) -> Result<(), CommandError> {
        self.to_leg(leg, Command::Close { leg })
    }

    /// Plays a sequence, in a loop until stopped if `looped`; an earlier play of the leg is stopped.
    ///
    /// # Errors
    ///
    /// Fails when a prompt is missing or the leg is not open; no [`MediaEvent::PlayEnded`](super::MediaEvent::PlayEnded) follows then.
    pub fn play(
        &self,
        leg: LegKey,
        play: PlayId,
        items: &[PlayItem],
        looped: bool,
    ) -> Result<(), PlayError> {
        if items.len() > MAX_PLAY_ITEMS {
            return Err(PlayError::TooManyItems(items.len()));
        }
        let items =
            items.iter().map(|item| self.resolve(item)).collect::<Result<Vec<_>, MissingClip>>()?;
        let sequence = Sequence { items, looped };
        Ok(self.to_leg(leg, Command::Play { leg, play, sequence })?)
    }

    /// Stops a play; does nothing if it has ended already.
    ///
    /// # Errors
    ///
    /// Fails when the leg is not open or the worker overloaded.
    pub fn stop_play(&self, leg: LegKey, play: PlayId) -> Result<(), CommandError> {
        self.to_leg(leg, Command::StopPlay { leg, play })
    }

    /// Sends digits as telephone events, each pressed for `duration` (at least 40 ms, at most 6 s)
    /// with a pause of 60 ms between them.
    ///
    /// # Errors
    ///
    /// Fails when there are more than 64 digits or the leg is not open.
    pub fn send_digits(
        &self,
        leg: LegKey,
        digits: &[Digit],
        duration: Duration,
    ) -> Result<(), CommandError> {
        if digits.len() > MAX_DIGITS {
            return Err(CommandError::TooManyDigits(digits.len()));
        }
        self.to_leg(leg, Command::SendDigits { leg, digits: digits.to_vec(), duration })
    }

    /// Joins two legs: each hears the other. Either leaves its earlier bridge.
    ///
    /// # Errors
    ///
    /// Fails when a leg is not open or they live on different workers.
    pub fn bridge(&self, a: LegKey, b: LegKey) -> Result<(), CommandError> {
        self.same_worker(a, b)?;
        self.to_leg(a, Command::Bridge { a, b })
    }

    /// Takes a leg and its peer out of their bridge; does nothing if there is none.
    ///
    /// # Errors
    ///
    /// Fails when the leg is not open or the worker overloaded.
    pub fn unbridge(&self, leg: LegKey) -> Result<(), CommandError> {
        self.to_leg(leg, Command::Unbridge { leg })
    }

    /// Hands on what a peer says, silence too, as A-law at 8 kHz in pieces of about 100 ms, until the receiver is
    /// dropped or the leg is closed. A leg has one listener; a new one takes the place of the old one.
    ///
    /// # Errors
    ///
    /// Fails when the leg is not open or the worker overloaded.
    pub fn hear(&self, leg: LegKey, sink: mpsc::Sender<Vec<u8>>) -> Result<(), CommandError> {
        self.to_leg(leg, Command::Hear { leg, sink })
    }

    /// Records what each party says: `left` (the caller) in the left channel, `right` (the agent)
    /// in the right one, as 8 kHz 16 bit stereo WAV. The folder of `path` must exist.
    ///
    /// # Errors
    ///
    /// Fails when a leg is not open, they live on different workers, or the id is in use. What goes
    /// wrong later is a [`MediaEvent::RecordingFailed`](super::MediaEvent::RecordingFailed).
    pub fn start_recording(
        &self,
        recording: RecordingId,
        left: LegKey,
        right: LegKey,
        path: PathBuf,
    ) -> Result<(), CommandError> {
        self.same_worker(left, right)?;
        let command = Command::StartRecording { recording, left, right, path };
        self.begin_recording(recording, left, command)
    }

    /// Records what one party says as 8 kHz 16 bit mono WAV, for messages.
    ///
    /// # Errors
    ///
    /// As for [`start_recording`](Self::start_recording).
    pub fn record_message(
        &self,
        recording: RecordingId,
        leg: LegKey,
        path: PathBuf,
        limits: MessageLimits,
    ) -> Result<(), CommandError> {
        let command = Command::RecordMessage { recording, leg, path, limits };
        self.begin_recording(recording, leg, command)
    }

    /// Records silence from now on; the time line goes on.
    ///
    /// # Errors
    ///
    /// Fails when the recording is not running.
    pub fn pause_recording(&self, recording: RecordingId) -> Result<(), CommandError> {
        self.to_recording(recording, Command::PauseRecording { recording })
    }

    /// Records voices again after a pause.
    ///
    /// # Errors
    ///
    /// Fails when the recording is not running.
    pub fn resume_recording(&self, recording: RecordingId) -> Result<(), CommandError> {
        self.to_recording(recording, Command::ResumeRecording { recording })
    }

    /// Ends a recording; [`MediaEvent::RecordingFinished`](super::MediaEvent::RecordingFinished) follows.
    ///
    /// # Errors
    ///
    /// Fails when the recording is not running.
    pub fn stop_recording(&self, recording: RecordingId) -> Result<(), CommandError> {
        self.to_recording(recording, Command::StopRecording { recording })
    }

    /// Returns the prompts this engine plays.
    #[must_use]
    pub fn clips(&self) -> &ClipLibrary {
        &self.shared.clips
    }

    /// Returns the number of open legs.
    #[must_use]
    pub fn live_legs(&self) -> u64 {
        self.shared.gauges.legs.load(Ordering::Relaxed)
    }

    /// Returns the number of open media sockets.
    #[must_use]
    pub fn live_sockets(&self) -> u64 {
        self.shared.gauges.sockets.load(Ordering::Relaxed)
    }

    /// Returns how many events were lost because the receiver was full for too long; must stay 0.
    #[must_use]
    pub fn dropped_events(&self) -> u64 {
        self.shared.gauges.dropped_events.load(Ordering::Relaxed)
    }

    fn resolve(&self, item: &PlayItem) -> Result<Item, MissingClip> {
        let clips = &self.shared.clips;
        Ok(match item {
            PlayItem::Clip(name) => Item::Clip(clips.clip(name)?),
            PlayItem::Music(name) => Item::Music(clips.clip(name)?),
            PlayItem::Tone(tone) => Item::Clip(clips.tone(*tone).clone()),
            PlayItem::Recording(clip) => Item::Clip(clip.clone()),
            PlayItem::Silence(duration) => {
                let samples = duration.as_micros() * u128::from(SAMPLE_RATE) / 1_000_000;
                Item::Silence(usize::try_from(samples).unwrap_or(usize::MAX))
            }
        })
    }

    pub(super) fn to_leg(&self, leg: LegKey, command: Command) -> Result<(), CommandError> {
        let place = self.shared.place_of(leg).ok_or(CommandError::UnknownLeg(leg))?;
        self.push(place, command)
    }

    fn to_recording(&self, recording: RecordingId, command: Command) -> Result<(), CommandError> {
        let place = self
            .shared
            .places_ref(|places| places.recordings.get(&recording).copied())
            .ok_or(CommandError::UnknownRecording(recording))?;
        self.push(place, command)
    }

    fn begin_recording(
        &self,
        recording: RecordingId,
        leg: LegKey,
        command: Command,
    ) -> Result<(), CommandError> {
        let place = self.shared.place_of(leg).ok_or(CommandError::UnknownLeg(leg))?;
        let taken = self.shared.places_mut(|places| {
            let taken = places.recordings.contains_key(&recording);
            places.recordings.entry(recording).or_insert(place);
            taken
        });
        if taken {
            return Err(CommandError::DuplicateRecording(recording));
        }
        let pushed = self.push(place, command);
        if pushed.is_err() {
            self.shared.forget_recording(recording);
        }
        pushed
    }

    fn same_worker(&self, a: LegKey, b: LegKey) -> Result<(), CommandError> {
        if a == b {
            return Err(CommandError::SameLeg(a));
        }
        let place_a = self.shared.place_of(a).ok_or(CommandError::UnknownLeg(a))?;
        let place_b = self.shared.place_of(b).ok_or(CommandError::UnknownLeg(b))?;
        if place_a == place_b { Ok(()) } else { Err(CommandError::DifferentWorkers(a, b)) }
    }

    pub(super) fn push(&self, place: usize, command: Command) -> Result<(), CommandError> {
        self.shared.queues[place].push(command).map_err(|_| CommandError::Overloaded)
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gave random numbers at start");
    bytes
}

impl Shared {
    /// Called when a leg is gone.
    pub(super) fn forget_leg(&self, leg: LegKey) {
        if self.places_mut(|places| places.legs.remove(&leg)).is_some() {
            self.gauges.legs.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Called when a recording has ended.
    pub(super) fn forget_recording(&self, recording: RecordingId) {
        self.places_mut(|places| places.recordings.remove(&recording));
    }

    pub(super) fn place_of(&self, leg: LegKey) -> Option<usize> {
        self.places_ref(|places| places.legs.get(&leg).copied())
    }

    fn places_ref<T>(&self, read: impl FnOnce(&Places) -> T) -> T {
        read(&self.places.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn places_mut<T>(&self, write: impl FnOnce(&mut Places) -> T) -> T {
        write(&mut self.places.write().unwrap_or_else(PoisonError::into_inner))
    }
}
