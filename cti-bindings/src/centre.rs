//! What the bindings need of a running Center: ask it something, follow its log, read its clock.

pub mod runtime;

use std::sync::Arc;

use async_trait::async_trait;
use cti_core::{
    command::{Command, CommandError, Reply},
    event::Event,
    id::EventNo,
    time::Timestamp,
};

/// A running Center as programs see it; the runtime's handle implements it.
#[async_trait]
pub trait Centre: Send + Sync {
    /// Asks for something and waits until it is done and durable, or refused.
    async fn request(&self, command: Command) -> Result<Reply, CommandError>;

    /// Follows the log: first the events after `after` that have happened already, then each new one.
    ///
    /// `EventNo(0)` starts at the beginning of the log. Events are delivered in order, without a hole and only when
    /// they are durable.
    fn subscribe(&self, after: EventNo) -> Box<dyn Subscription>;

    /// Returns the Center's time.
    fn now(&self) -> Timestamp;
}

/// One reader of the log.
#[async_trait]
pub trait Subscription: Send {
    /// Waits for the next delivery; `None` when the Center has ended. Cancel-safe.
    async fn next(&mut self) -> Option<Delivery>;
}

/// What a reader of the log gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The next event.
    Event(Arc<Event>),
    /// The reader was too slow and events were dropped; it subscribes again after the last one it has seen.
    Lost,
}
