//! The socket and the clock of the machine.

#![expect(clippy::disallowed_methods, reason = "this is a driver")]

use std::{collections::VecDeque, future::pending, io, path::Path, time::Duration};

use cti_core::{
    id::{LegId, PlayId, RecordingId},
    switch::{RecordingEnd, SwitchCommand, SwitchReport},
    time::Timestamp,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    config::FreeSwitchConfig,
    machine::{Machine, Output},
    message::{Decoder, EslError},
};
use crate::switch::{native::recordings::Recordings, remote::RemoteControl};

/// The longest that a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// The switch says that it lives every 20 s; silence that is longer means that the connection is dead.
const SILENCE: Duration = Duration::from_secs(65);
/// How long the driver waits before it connects again, at first and at most.
const AGAIN: Duration = Duration::from_millis(200);
const AGAIN_AT_MOST: Duration = Duration::from_secs(5);

/// Reports that the Center has not taken; with more the switch is not listened to.
const MAX_UNREPORTED: usize = 8192;
/// Bytes that the switch has not taken; with more the connection counts as dead.
const MAX_UNSENT: usize = 8 << 20;

/// What was done on the disk.
enum Done {
    Measured(RecordingId, RecordingEnd),
    Found(LegId, PlayId, Vec<(RecordingId, String)>),
}

/// Why a connection was given up.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("it takes too long")]
    Late,
    #[error("the switch closed the connection")]
    Closed,
    #[error("nothing was heard for 65 s")]
    Silent,
    #[error("the switch takes no more commands")]
    Deaf,
    #[error(transparent)]
    Protocol(#[from] EslError),
}

/// Time for the machine: the wall clock at the start, and monotonic from there.
struct Clock {
    start: Instant,
    at: Timestamp,
}

impl Clock {
    fn now(&self) -> Timestamp {
        self.at + self.start.elapsed()
    }

    fn instant(&self, at: Timestamp) -> Instant {
        self.start + at.since(self.at)
    }
}

pub(super) fn spawn(
    config: FreeSwitchConfig,
    recordings: Recordings,
    commands: mpsc::Receiver<SwitchCommand>,
    reports: mpsc::Sender<SwitchReport>,
    control: RemoteControl,
) {
    let clock = Clock { start: Instant::now(), at: wall_clock() };
    let machine = Machine::new(config.clone(), recordings.clone(), clock.now());
    let driver = Driver {
        config,
        recordings,
        clock,
        machine,
        control,
        decoder: Decoder::default(),
        reader: None,
        writer: None,
        unsent: VecDeque::new(),
        unreported: VecDeque::new(),
        jobs: JoinSet::new(),
        again: AGAIN,
        heard: Instant::now(),
    };
    tokio::spawn(driver.run(commands, reports));
}

fn wall_clock() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp::ZERO + since.unwrap_or_default()
}

struct Driver {
    config: FreeSwitchConfig,
    recordings: Recordings,
    clock: Clock,
    machine: Machine,
    control: RemoteControl,
    decoder: Decoder,
    reader: Option<OwnedReadHalf>,
    writer: Option<OwnedWriteHalf>,
    unsent: VecDeque<u8>,
    unreported: VecDeque<SwitchReport>,
    jobs: JoinSet<Done>,
    again: Duration,
    heard: Instant,
}

impl Driver {
    async fn run(
        mut self,
        mut commands: mpsc::Receiver<SwitchCommand>,
        reports: mpsc::Sender<SwitchReport>,
    ) {
        let mut connecting = Some(Box::pin(connect(self.config.address.clone(), Duration::ZERO)));
        let mut buffer = vec![0; 64 << 10];
        loop {
            self.drain();
            let due = self.machine.poll_timeout().map(|at| self.clock.instant(at));
            let connected = self.reader.is_some();
            let (listening, deaf) =
                (self.unreported.len() < MAX_UNREPORTED, self.unsent.len() > MAX_UNSENT);
            let unsent = self.unsent.make_contiguous();
            let lost: Result<(), Lost> = tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => {
                        self.machine.execute(command, self.clock.now());
                        Ok(())
                    }
                    None => return,
                },
                permit = reports.reserve(), if !self.unreported.is_empty() => match permit {
                    Ok(permit) => {
                        if let Some(report) = self.unreported.pop_front() {
                            permit.send(report);
                        }
                        Ok(())
                    }
                    Err(_) => return,
                },
                made = opening(&mut connecting) => {
                    connecting = None;
                    self.opened(made)
                }
                read = read(self.reader.as_mut(), &mut buffer), if listening => match read {
                    Ok(0) => Err(Lost::Closed),
                    Ok(length) => self.hear(&buffer[..length]),
                    Err(error) => Err(error.into()),
                },
                written = write(self.writer.as_mut(), unsent), if !unsent.is_empty() => match written {
                    Ok(length) => {
                        self.unsent.drain(..length);
                        Ok(())
                    }
                    Err(error) => Err(error.into()),
                },
                () = sleep_until(self.heard + SILENCE), if connected => Err(Lost::Silent),
                () = until(due) => {
                    self.machine.handle_timeout(self.clock.now());
                    Ok(())
                }
                Some(Ok(done)) = self.jobs.join_next() => {
                    match done {
                        Done::Measured(recording, end) => self.machine.measured(recording, end),
                        Done::Found(leg, play, files) => self.machine.found(leg, play, &files),
                    }
                    Ok(())
                }
            };
            let lost = if deaf { lost.and(Err(Lost::Deaf)) } else { lost };
            if let Err(reason) = lost {
                tracing::warn!(switch = %self.config.address, %reason, again = ?self.again, "No connection to the switch");
                (self.reader, self.writer) = (None, None);
                self.unsent.clear();
                self.machine.disconnected(self.clock.now());
                connecting = Some(Box::pin(connect(self.config.address.clone(), self.again)));
                self.again = (self.again * 2).min(AGAIN_AT_MOST);
            }
        }
    }

    fn opened(&mut self, made: Result<TcpStream, Lost>) -> Result<(), Lost> {
        let stream = made?;
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        (self.reader, self.writer) = (Some(reader), Some(writer));
        self.decoder = Decoder::default();
        self.heard = Instant::now();
        self.machine.connected();
        Ok(())
    }

    fn hear(&mut self, bytes: &[u8]) -> Result<(), Lost> {
        self.heard = Instant::now();
        self.decoder.push(bytes);
        while let Some(message) = self.decoder.next_message()? {
            self.machine.message(&message, self.clock.now())?;
        }
        if self.machine.is_up() {
            self.again = AGAIN;
        }
        Ok(())
    }

    fn drain(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Send(text) => self.unsent.extend(text.into_bytes()),
                Output::Measure { recording, path } => {
                    let recordings = self.recordings.clone();
                    self.jobs.spawn_blocking(move || {
                        Done::Measured(recording, measure(&recordings, &path))
                    });
                }
                Output::Find { leg, play, recordings: wanted } => {
                    let recordings = self.recordings.clone();
                    let there = self.config.recordings_there.clone();
                    self.jobs.spawn_blocking(move || {
                        let found = wanted.into_iter().filter_map(|recording| {
                            let path = recordings.find(recording)?;
                            Some((recording, format!("{there}/{}", recordings.relative(&path))))
                        });
                        Done::Found(leg, play, found.collect())
                    });
                }
            }
        }
        while let Some(report) = self.machine.poll_report() {
            self.unreported.push_back(report);
        }
        self.control.set_connected(self.machine.is_up());
        self.control.set_legs(self.machine.legs());
    }
}

fn measure(recordings: &Recordings, path: &Path) -> RecordingEnd {
    recordings.measure(path).unwrap_or_else(|error| {
        let reason = format!("{}: {error}", recordings.relative(path));
        tracing::error!(reason, "A recording of the switch is not there");
        RecordingEnd::Failed { reason }
    })
}

async fn connect(address: String, after: Duration) -> Result<TcpStream, Lost> {
    sleep(after).await;
    match timeout(CONNECT, TcpStream::connect(&address)).await {
        Ok(made) => Ok(made?),
        Err(_) => Err(Lost::Late),
    }
}

async fn opening<F: Future + Unpin>(connecting: &mut Option<F>) -> F::Output {
    match connecting {
        Some(connecting) => connecting.await,
        None => pending().await,
    }
}

async fn read(reader: Option<&mut OwnedReadHalf>, buffer: &mut [u8]) -> io::Result<usize> {
    match reader {
        Some(reader) => reader.read(buffer).await,
        None => pending().await,
    }
}

async fn write(writer: Option<&mut OwnedWriteHalf>, bytes: &[u8]) -> io::Result<usize> {
    match writer {
        Some(writer) => writer.write(bytes).await,
        None => pending().await,
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => pending().await,
    }
}
