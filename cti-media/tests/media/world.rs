//! An engine with its events, and waiting with a deadline.

use std::{
    cell::RefCell,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use cti_media::{
    codec::Codec,
    dsp::tone,
    engine::{
        LegKey, Listener, ListenerId, MediaConfig, MediaEngine, MediaEvent, MediaHandle, PlayId,
        WorkerKey,
    },
    play::{Clip, ClipLibrary},
    sdp::Negotiated,
};

use crate::phone::Phone;

/// Nothing in these tests takes longer unless it is broken.
const DEADLINE: Duration = Duration::from_secs(20);

/// An engine on its own loopback address, so that tests never share ports.
pub(crate) struct World {
    pub(crate) media: MediaHandle,
    engine: Option<MediaEngine>,
    events: mpsc::Receiver<MediaEvent>,
    seen: RefCell<Vec<MediaEvent>>,
    address: IpAddr,
}

impl World {
    pub(crate) fn new(number: u8) -> Self {
        Self::with(number, |_| {})
    }

    pub(crate) fn with(number: u8, change: impl FnOnce(&mut MediaConfig)) -> Self {
        let address = IpAddr::from([127, 31, number, 1]);
        let listener = Listener { bind: address, advertised: address, ..Listener::loopback() };
        let mut config =
            MediaConfig { workers: Some(1), listeners: vec![listener], ..MediaConfig::default() };
        change(&mut config);
        let clips = ClipLibrary::default();
        clips.insert("a440", Clip::from_samples(&tone::sine(440.0, -10.0, 2400)));
        clips.insert("a1000", Clip::from_samples(&tone::sine(1000.0, -10.0, 2400)));
        let (sender, events) = mpsc::sync_channel(10_000);
        let engine = MediaEngine::start(config, Arc::new(clips), move |event| {
            sender.try_send(event).map_err(|error| match error {
                mpsc::TrySendError::Full(event) | mpsc::TrySendError::Disconnected(event) => event,
            })
        })
        .unwrap();
        let media = engine.handle();
        Self { media, engine: Some(engine), events, seen: RefCell::default(), address }
    }

    /// Returns another address of this world, for a phone or a stranger.
    pub(crate) fn address(&self, last: u8) -> SocketAddr {
        let IpAddr::V4(v4) = self.address else { panic!("the worlds are IPv4") };
        let [a, b, c, _] = v4.octets();
        SocketAddr::from(([a, b, c, last], 0))
    }

    /// Opens a leg of contact 1 and a phone that talks to it.
    pub(crate) fn leg(&self, key: u64, codec: Codec) -> (LegKey, Phone) {
        let leg = LegKey(key);
        let at = self.media.open_leg(leg, WorkerKey(1), ListenerId(0)).unwrap();
        let phone = Phone::new(self.address(10 + key as u8), at);
        self.media.set_remote(leg, Negotiated::simple(phone.address(), codec)).unwrap();
        (leg, phone)
    }

    /// Waits for an event; everything before it is kept for [`count`](Self::count).
    pub(crate) fn wait<T>(&self, what: &str, find: impl Fn(&MediaEvent) -> Option<T>) -> T {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let event = self.events.recv_timeout(left).unwrap_or_else(|_| {
                panic!("{what} never came; there were {:?}", self.seen.borrow())
            });
            let found = find(&event);
            self.seen.borrow_mut().push(event);
            if let Some(found) = found {
                return found;
            }
        }
    }

    /// Counts matching events so far.
    pub(crate) fn count(&self, matches: impl Fn(&MediaEvent) -> bool) -> usize {
        self.seen.borrow_mut().extend(self.events.try_iter());
        self.seen.borrow().iter().filter(|event| matches(event)).count()
    }

    /// Waits until every command given before was carried out.
    pub(crate) fn settle(&self, leg: LegKey) {
        let play = PlayId(u64::MAX);
        self.media.play(leg, play, &[], false).unwrap();
        self.wait("the commands to be carried out", |event| {
            matches!(event, MediaEvent::PlayEnded { play: ended, .. } if *ended == play)
                .then_some(())
        });
    }

    /// Closes a leg and waits until it is gone.
    pub(crate) fn close(&self, leg: LegKey) -> cti_media::engine::LegStats {
        self.media.close_leg(leg).unwrap();
        self.wait("the end of the leg", |event| match event {
            MediaEvent::LegClosed { leg: closed, stats } if *closed == leg => Some(*stats),
            _ => None,
        })
    }

    pub(crate) fn shut_down(&mut self) {
        self.engine.take().unwrap().shutdown();
    }
}

/// Waits until something is true.
pub(crate) fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what} never came true");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Returns the channels of a WAV file as samples.
pub(crate) fn channels(path: &Path) -> Vec<Vec<i16>> {
    let mut reader = hound::WavReader::open(path).unwrap();
    let count = usize::from(reader.spec().channels);
    let mut channels = vec![Vec::new(); count];
    for (n, sample) in reader.samples().enumerate() {
        channels[n % count].push(sample.unwrap());
    }
    channels
}
