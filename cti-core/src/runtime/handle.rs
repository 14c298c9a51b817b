//! The cheap end of a running Center: ask, look, follow, stop.

use std::{collections::VecDeque, fmt, sync::Arc};

use tokio::sync::{Mutex, broadcast, mpsc, oneshot, watch};

use super::{agent::Agent, calls::Calls, device::Device, monitors::Hub, programs::Given};
use crate::{
    center::{Center, Input},
    command::{Command, CommandError, Reply},
    event::Event,
    flow::{CallData, LookupFailure},
    id::{AgentId, CallId, DeviceId, EventNo, SessionId},
    monitor::{self, MonitorId, RefreshError, Snapshot, StartError, Started},
};

pub(super) enum Message {
    Request { command: Command, reply: oneshot::Sender<Result<Reply, CommandError>> },
    Input(Input),
    LookupDone { session: SessionId, lookup: u32, result: Result<CallData, LookupFailure> },
    Inspect(Box<dyn FnOnce(&Center) + Send>),
    NextCall { program: String, asker: oneshot::Sender<Given> },
    GiveBack { call: CallId },
    LetGo { call: CallId },
    FollowCall { call: CallId, follower: mpsc::Sender<Arc<Event>> },
    Subscribe { after: Option<EventNo>, reply: oneshot::Sender<Subscription> },
    StartMonitor { request: monitor::Request, reply: oneshot::Sender<MonitorStart> },
    RefreshMonitor { monitor: MonitorId, reply: oneshot::Sender<MonitorRefresh> },
    Stop,
}

pub(super) type MonitorStart = Result<Started<Snapshot>, StartError>;
pub(super) type MonitorRefresh = Result<Started<Snapshot>, RefreshError>;

/// The driver has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the centre has stopped")]
pub struct Stopped;

/// A running Center. Cloning is cheap; the Center runs until [`stop`](Self::stop) or until every handle is dropped.
#[derive(Clone)]
pub struct Handle {
    inbox: mpsc::Sender<Message>,
    hub: Hub,
    journal: watch::Receiver<Option<String>>,
    end: Arc<Mutex<Option<oneshot::Receiver<()>>>>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("running", &!self.inbox.is_closed()).finish()
    }
}

impl Handle {
    pub(super) fn new(
        inbox: mpsc::Sender<Message>,
        hub: Hub,
        journal: watch::Receiver<Option<String>>,
        end: oneshot::Receiver<()>,
    ) -> Self {
        Self { inbox, hub, journal, end: Arc::new(Mutex::new(Some(end))) }
    }

    /// Waits until the Center serves no more: it was stopped, its switch or its journal has ended, or it broke. Who
    /// did not stop it should end the process, so that whoever watches over it starts it anew from the journal.
    pub async fn stopped(&self) {
        self.inbox.closed().await;
    }

    /// Tells why the journal cannot be written, for as long as it cannot; new calls are refused meanwhile.
    #[must_use]
    pub fn journal_failure(&self) -> watch::Receiver<Option<String>> {
        self.journal.clone()
    }

    pub(super) fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Asks for something; the answer comes once it is durable.
    ///
    /// # Errors
    /// When the Center refuses, or has stopped.
    pub async fn request(&self, command: Command) -> Result<Reply, CommandError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.inbox.send(Message::Request { command, reply }).await;
        sent.map_err(|_| CommandError::Stopping)?;
        answer.await.unwrap_or(Err(CommandError::Stopping))
    }

    /// Hands in an input from elsewhere than the switch, for example a recording found after a crash.
    ///
    /// # Errors
    /// When the Center has stopped.
    pub async fn input(&self, input: Input) -> Result<(), Stopped> {
        self.inbox.send(Message::Input(input)).await.map_err(|_| Stopped)
    }

    /// Looks at the Center between two inputs. Keep it short: calls wait meanwhile.
    ///
    /// # Errors
    /// When the Center has stopped.
    pub async fn inspect<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Center) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (reply, answer) = oneshot::channel();
        let inspect = Box::new(move |center: &Center| {
            let _ = reply.send(look(center));
        });
        self.inbox.send(Message::Inspect(inspect)).await.map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }

    /// Follows the events after `after`, or from here on. When the events in between are no longer at hand, the first
    /// thing the subscription says is that events were lost.
    ///
    /// # Errors
    /// When the Center has stopped.
    pub async fn subscribe(&self, after: Option<EventNo>) -> Result<Subscription, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.inbox.send(Message::Subscribe { after, reply }).await.map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }

    /// Returns the calls that the plan leads to a program (`Destination::Program`), those first that wait already.
    #[must_use]
    pub fn calls(&self, program: &str) -> Calls {
        Calls::new(self.clone(), program.to_owned())
    }

    /// Returns a device, to do with calls what its user can do.
    #[must_use]
    pub fn device(&self, device: DeviceId) -> Device {
        Device::new(self.clone(), device)
    }

    /// Returns an agent, to do what the program at his seat can do.
    #[must_use]
    pub fn agent(&self, agent: AgentId) -> Agent {
        Agent::new(self.clone(), agent)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.inbox.is_closed()
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), Stopped> {
        self.inbox.send(message).await.map_err(|_| Stopped)
    }

    /// Sends from where nobody can wait; an inbox that is full at that moment is left alone.
    pub(super) fn send_at_once(&self, message: Message) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.inbox.try_send(message) {
            tracing::warn!(
                "The inbox is full: a call that a program has dropped goes on when its time is over"
            );
        }
    }

    /// Stops the driver once everything decided is durable; returns when it has ended.
    pub async fn stop(&self) {
        let _ = self.inbox.send(Message::Stop).await;
        let end = self.end.lock().await.take();
        if let Some(end) = end {
            let _ = end.await;
        }
    }
}

/// One thing a subscriber is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubscriptionEvent {
    /// The next event.
    Event(Arc<Event>),
    /// Events up to somewhere were lost: take a new snapshot, then go on.
    Lost,
}

/// A numbered stream of durable events.
#[derive(Debug)]
pub struct Subscription {
    backlog: VecDeque<Arc<Event>>,
    published: broadcast::Receiver<Arc<Event>>,
    lost: Option<EventNo>,
}

impl Subscription {
    pub(super) fn new(
        published: broadcast::Receiver<Arc<Event>>,
        backlog: VecDeque<Arc<Event>>,
        lost: Option<EventNo>,
    ) -> Self {
        Self { backlog, published, lost }
    }

    /// Waits for the next event; `None` when the Center has stopped. Cancel-safe.
    pub async fn next(&mut self) -> Option<SubscriptionEvent> {
        if self.lost.take().is_some() {
            return Some(SubscriptionEvent::Lost);
        }
        if let Some(event) = self.backlog.pop_front() {
            return Some(SubscriptionEvent::Event(event));
        }
        match self.published.recv().await {
            Ok(event) => Some(SubscriptionEvent::Event(event)),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(SubscriptionEvent::Lost),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
