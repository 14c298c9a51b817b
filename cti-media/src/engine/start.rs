//! Starts and stops the threads.

#![expect(clippy::disallowed_methods, reason = "this is the media driver: it owns threads")]

use std::{
    net::SocketAddr,
    sync::{Arc, RwLock, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use mio::{Poll, Waker};

use super::{
    MediaConfig, MediaEvent, MediaHandle, StartError,
    command::{Command, CommandQueue},
    handle::{Gauges, Places, Shared, SharedListener},
    outbox::{EventSink, Outbox},
    ports::PortPool,
    worker::{WAKE, Worker},
};
use crate::{
    codec::SAMPLE_RATE,
    play::ClipLibrary,
    record::writer::{self, Outcome},
    webrtc::Identity,
};

/// Jobs in the writer's own queue; workers keep more when it is full.
const WRITER_QUEUE: usize = 1024;

/// How long the writer waits for a receiver that is full before an outcome is dropped.
const WRITER_PATIENCE: Duration = Duration::from_secs(30);

/// The running engine; dropping it closes every leg and waits for the threads.
#[derive(Debug)]
pub struct MediaEngine {
    handle: MediaHandle,
    workers: Vec<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
}

impl MediaEngine {
    /// Starts the workers.
    ///
    /// `sink` takes an event or gives it back when it has no room; it is called from the engine's
    /// threads and must not wait. With a bounded tokio channel:
    /// `move |event| sender.try_send(event).map_err(TrySendError::into_inner)`.
    ///
    /// # Errors
    ///
    /// Fails when the configuration has no usable listener or the system refuses a thread.
    pub fn start(
        config: MediaConfig,
        clips: Arc<ClipLibrary>,
        sink: impl Fn(MediaEvent) -> Result<(), MediaEvent> + Send + Sync + 'static,
    ) -> Result<Self, StartError> {
        let sink: EventSink = Arc::new(sink);
        let gauges = Arc::new(Gauges::default());
        let listeners = listeners(&config, &gauges)?;
        let count = config.workers.unwrap_or_else(default_workers).max(1);
        let cname = random_name()?;

        let mut polls = Vec::with_capacity(count);
        let mut queues = Vec::with_capacity(count);
        for _ in 0..count {
            let poll = Poll::new().map_err(StartError::Worker)?;
            let waker = Waker::new(poll.registry(), WAKE).map_err(StartError::Worker)?;
            queues.push(CommandQueue::new(config.max_pending_commands, waker));
            polls.push(poll);
        }
        let shared = Arc::new(Shared {
            clips,
            listeners,
            queues,
            places: RwLock::new(Places::default()),
            gauges: Arc::clone(&gauges),
            identity: Identity::generate()?,
        });

        let (jobs, receiver) = mpsc::sync_channel(WRITER_QUEUE);
        let writer = {
            let (shared, sink) = (Arc::clone(&shared), Arc::clone(&sink));
            let key = config.recording_key.clone();
            spawn("media-writer".to_owned(), move || {
                writer::run(&receiver, key.as_ref(), |outcome| report(&shared, &sink, outcome));
            })?
        };
        let mut engine = Self {
            handle: MediaHandle { shared: Arc::clone(&shared) },
            workers: Vec::with_capacity(count),
            writer: Some(writer),
        };
        let config = Arc::new(config);
        for (number, poll) in polls.into_iter().enumerate() {
            let outbox =
                Outbox::new(Arc::clone(&sink), config.max_pending_events, Arc::clone(&gauges));
            let worker = Worker::new(
                number,
                poll,
                Arc::clone(&shared),
                Arc::clone(&config),
                jobs.clone(),
                outbox,
                cname.clone(),
            );
            engine.workers.push(spawn(format!("media-{number}"), move || worker.run())?);
        }
        Ok(engine)
    }

    /// Returns the handle that controls the engine.
    #[must_use]
    pub fn handle(&self) -> MediaHandle {
        self.handle.clone()
    }

    /// Closes every leg, completes every recording and waits for the threads.
    pub fn shutdown(self) {
        drop(self);
    }
}

impl Drop for MediaEngine {
    fn drop(&mut self) {
        for (queue, worker) in self.handle.shared.queues.iter().zip(self.workers.drain(..)) {
            // Shutting down is admitted even by a full queue.
            let _ = queue.push(Command::Shutdown);
            if worker.join().is_err() {
                tracing::error!("A media worker had panicked");
            }
        }
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("The recording writer had panicked");
        }
    }
}

fn spawn(name: String, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StartError> {
    thread::Builder::new().name(name).spawn(work).map_err(StartError::Worker)
}

fn default_workers() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get() / 2).max(1)
}

fn random_name() -> Result<String, StartError> {
    // RFC 7022 §4.2: a random name tells nothing about the machine.
    let random = getrandom::u64()
        .map_err(|error| StartError::Worker(std::io::Error::other(error.to_string())))?;
    Ok(format!("{random:016x}"))
}

fn listeners(config: &MediaConfig, gauges: &Gauges) -> Result<Vec<SharedListener>, StartError> {
    if config.listeners.is_empty() {
        return Err(StartError::NoListener);
    }
    let listen = |(index, listener): (usize, &super::Listener)| {
        let address = listener.bind;
        std::net::UdpSocket::bind(SocketAddr::new(address, 0))
            .map_err(|source| StartError::BadAddress { index, address, source })?;
        let sockets = Arc::clone(&gauges.sockets);
        let ports = PortPool::new(address, listener.ports.clone(), sockets)
            .ok_or(StartError::NoPorts(index))?;
        Ok(SharedListener {
            ports: Arc::new(ports),
            advertised: listener.advertised,
            nat: listener.nat,
        })
    };
    config.listeners.iter().enumerate().map(listen).collect()
}

/// Tells what became of a recording; the writer may wait, it holds up no packet.
fn report(shared: &Shared, sink: &EventSink, outcome: Outcome) {
    let mut event = match outcome {
        Outcome::Finished { recording, path, frames, sha256, how } => {
            shared.forget_recording(recording);
            let duration_ms = frames * 1000 / u64::from(SAMPLE_RATE);
            MediaEvent::RecordingFinished { recording, path, frames, duration_ms, sha256, how }
        }
        Outcome::Failed { recording, path, failure } => {
            shared.forget_recording(recording);
            MediaEvent::RecordingFailed { recording, path, failure }
        }
    };
    let deadline = Instant::now() + WRITER_PATIENCE;
    while let Err(refused) = sink(event) {
        if Instant::now() >= deadline {
            shared.gauges.dropped_events.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            tracing::error!(event = ?refused, "Dropped a media event: the receiver is full");
            return;
        }
        event = refused;
        thread::sleep(Duration::from_millis(20));
    }
}
