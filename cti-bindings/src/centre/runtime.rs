//! The runtime's handle as a [`Centre`]: live events from the driver, older ones from the log.

use std::{collections::VecDeque, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use cti_core::{
    command::{Command, CommandError, Reply},
    event::Event,
    id::EventNo,
    journal::JournalError,
    runtime::{self, Handle, SubscriptionEvent},
    time::Timestamp,
};
use futures::FutureExt as _;

use super::{Centre, Delivery, Subscription};

/// Reads the durable events after a number from the log; blocking.
pub type Past = Arc<dyn Fn(EventNo) -> Result<Vec<Event>, JournalError> + Send + Sync>;

/// How often, and how long in between, the driver is asked whether what was read is durable.
const DURABLE_TRIES: u32 = 500;
const DURABLE_PAUSE: Duration = Duration::from_millis(10);
/// How long a reader waits when neither the driver nor the log has what it needs.
const PAUSE: Duration = Duration::from_millis(100);

/// A running Center with its log.
#[derive(Clone)]
pub struct RuntimeCentre {
    handle: Handle,
    past: Past,
}

impl fmt::Debug for RuntimeCentre {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeCentre").field("handle", &self.handle).finish_non_exhaustive()
    }
}

impl RuntimeCentre {
    /// Returns the Center of a handle; `past` reads what the driver no longer has at hand.
    #[must_use]
    pub fn new(handle: Handle, past: Past) -> Self {
        Self { handle, past }
    }
}

#[async_trait]
impl Centre for RuntimeCentre {
    async fn request(&self, command: Command) -> Result<Reply, CommandError> {
        self.handle.request(command).await
    }

    fn subscribe(&self, after: EventNo) -> Box<dyn Subscription> {
        Box::new(Reader { centre: self.clone(), last: after, past: VecDeque::new(), live: None })
    }

    fn now(&self) -> Timestamp {
        runtime::now()
    }
}

struct Reader {
    centre: RuntimeCentre,
    /// The last event that was delivered or is in `past`.
    last: EventNo,
    past: VecDeque<Arc<Event>>,
    live: Option<runtime::Subscription>,
}

#[async_trait]
impl Subscription for Reader {
    async fn next(&mut self) -> Option<Delivery> {
        loop {
            if let Some(event) = self.past.pop_front() {
                return Some(Delivery::Event(event));
            }
            if self.live.is_none() {
                self.live = Some(self.centre.handle.subscribe(Some(self.last)).await.ok()?);
            }
            match self.live.as_mut()?.next().await? {
                SubscriptionEvent::Event(event) if event.no <= self.last => {}
                SubscriptionEvent::Event(event) if event.no == self.last.next() => {
                    self.last = event.no;
                    return Some(Delivery::Event(event));
                }
                SubscriptionEvent::Event(_) | SubscriptionEvent::Lost => {
                    self.live = None;
                    if !self.read_past().await {
                        tokio::time::sleep(PAUSE).await;
                        return Some(Delivery::Lost);
                    }
                }
            }
        }
    }
}

impl Reader {
    /// Takes what the log has after the last event, once the driver says that it is durable; returns whether that is
    /// anything. Nothing is kept of a call that is cancelled.
    async fn read_past(&mut self) -> bool {
        let (past, after) = (self.centre.past.clone(), self.last);
        let read = match tokio::task::spawn_blocking(move || past(after)).await {
            Ok(Ok(events)) => events,
            Ok(Err(error)) => {
                tracing::error!(%error, "the log cannot be read");
                return false;
            }
            Err(error) => {
                tracing::error!(%error, "the log cannot be read");
                return false;
            }
        };
        let Some(last) = read.last().map(|event| event.no) else { return false };
        for _ in 0..DURABLE_TRIES {
            let Ok(mut live) = self.centre.handle.subscribe(Some(last)).await else { return false };
            // The driver refuses at once to go on after an event that is not durable yet.
            let next = match live.next().now_or_never() {
                Some(Some(SubscriptionEvent::Lost)) => {
                    tokio::time::sleep(DURABLE_PAUSE).await;
                    continue;
                }
                Some(Some(SubscriptionEvent::Event(event))) => Some(event),
                Some(None) => return false,
                None => None,
            };
            self.past = read.into_iter().map(Arc::new).chain(next).collect();
            self.last = self.past.back().map_or(last, |event| event.no);
            self.live = Some(live);
            return true;
        }
        false
    }
}
