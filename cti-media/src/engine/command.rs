//! The queue between handles and one worker.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use mio::Waker;
use tokio::sync::mpsc;

use super::{LegKey, MessageLimits, MixId, MixParty, PlayId, RecordingId, ports::PortPair};
use crate::{mix::Gain, play::Sequence, rtp::Digit, sdp::Negotiated};

/// Work for a worker.
#[derive(Debug)]
pub(super) enum Command {
    Open { leg: LegKey, ports: PortPair, address: SocketAddr, nat: bool },
    SetRemote { leg: LegKey, negotiated: Negotiated },
    Close { leg: LegKey },
    Play { leg: LegKey, play: PlayId, sequence: Sequence },
    StopPlay { leg: LegKey, play: PlayId },
    SendDigits { leg: LegKey, digits: Vec<Digit>, duration: Duration },
    Bridge { a: LegKey, b: LegKey },
    Unbridge { leg: LegKey },
    Mix { mix: MixId, parties: Vec<MixParty> },
    EndMix { mix: MixId },
    SetGain { leg: LegKey, gain: Gain },
    Hear { leg: LegKey, sink: mpsc::Sender<Vec<u8>> },
    StartRecording { recording: RecordingId, left: LegKey, right: LegKey, path: PathBuf },
    RecordMessage { recording: RecordingId, leg: LegKey, path: PathBuf, limits: MessageLimits },
    PauseRecording { recording: RecordingId },
    ResumeRecording { recording: RecordingId },
    StopRecording { recording: RecordingId },
    Shutdown,
}

/// A bounded queue that wakes its worker.
#[derive(Debug)]
pub(super) struct CommandQueue {
    queue: Mutex<VecDeque<Command>>,
    limit: usize,
    waker: Waker,
}

/// The worker has too much to do.
#[derive(Debug)]
pub(super) struct QueueFull;

impl CommandQueue {
    pub(super) fn new(limit: usize, waker: Waker) -> Self {
        Self { queue: Mutex::new(VecDeque::new()), limit, waker }
    }

    /// Appends a command; closing and shutting down are always admitted, so that nothing leaks.
    pub(super) fn push(&self, command: Command) -> Result<(), QueueFull> {
        let mut queue = self.lock();
        let frees = matches!(command, Command::Close { .. } | Command::Shutdown);
        if queue.len() >= self.limit && !frees {
            return Err(QueueFull);
        }
        let was_empty = queue.is_empty();
        queue.push_back(command);
        drop(queue);
        if was_empty && let Err(error) = self.waker.wake() {
            // The worker looks at its queue at every tick anyway.
            tracing::warn!(%error, "Cannot wake a media worker");
        }
        Ok(())
    }

    /// Exchanges the waiting commands for the empty `batch`.
    pub(super) fn take(&self, batch: &mut VecDeque<Command>) {
        std::mem::swap(&mut *self.lock(), batch);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Command>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
