//! The running Center as the bindings see it: the runtime's handle, with the journal behind it for readers who are
//! further back than the runtime remembers.

use std::{collections::VecDeque, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use cti_bindings::centre::{Centre, Delivery, Subscription};
use cti_core::{
    command::{Command, CommandError, Reply},
    event::Event,
    id::EventNo,
    journal::file,
    runtime::{self, Clock, Handle, SubscriptionEvent},
    time::Timestamp,
};

/// A Center that runs in this process.
#[derive(Clone, Debug)]
pub struct RunningCentre {
    handle: Handle,
    journal: PathBuf,
    clock: Clock,
}

impl RunningCentre {
    /// Wraps a handle; `journal` is the folder that its journal lies in.
    #[must_use]
    pub fn new(handle: Handle, journal: PathBuf) -> Self {
        Self { handle, journal, clock: Clock::new(Timestamp::ZERO) }
    }
}

#[async_trait]
impl Centre for RunningCentre {
    async fn request(&self, command: Command) -> Result<Reply, CommandError> {
        self.handle.request(command).await
    }

    fn subscribe(&self, after: EventNo) -> Box<dyn Subscription> {
        Box::new(Reader {
            handle: self.handle.clone(),
            journal: self.journal.clone(),
            last: after,
            from_journal: VecDeque::new(),
            live: None,
        })
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// One reader: first what the journal has, then what happens.
struct Reader {
    handle: Handle,
    journal: PathBuf,
    last: EventNo,
    from_journal: VecDeque<Event>,
    live: Option<runtime::Subscription>,
}

#[async_trait]
impl Subscription for Reader {
    async fn next(&mut self) -> Option<Delivery> {
        loop {
            if let Some(event) = self.from_journal.pop_front() {
                self.last = event.no;
                return Some(Delivery::Event(Arc::new(event)));
            }
            let live = match &mut self.live {
                Some(live) => live,
                None => self.live.insert(self.handle.subscribe(Some(self.last)).await.ok()?),
            };
            match live.next().await? {
                SubscriptionEvent::Event(event) => {
                    self.last = event.no;
                    return Some(Delivery::Event(event));
                }
                SubscriptionEvent::Lost => {
                    self.live = None;
                    let (folder, after) = (self.journal.clone(), self.last);
                    let read =
                        tokio::task::spawn_blocking(move || file::read_durable(&folder, after));
                    match read.await {
                        Ok(Ok(events)) if !events.is_empty() => self.from_journal = events.into(),
                        // A number that the journal has not reached: the reader comes from another log.
                        Ok(Ok(_)) => return Some(Delivery::Lost),
                        Ok(Err(error)) => {
                            tracing::error!(%error, "Cannot read the journal for a reader that is behind");
                            return None;
                        }
                        Err(_) => return None,
                    }
                }
            }
        }
    }
}
