//! A real Center with a virtual switch and clock, for tests of what programs ask by these bindings. [feature "testkit"]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cti_core::{
    center::Center,
    command::{Command, CommandError, Reply},
    event::Event,
    id::EventNo,
    testkit::{World, run},
    time::Timestamp,
};
use tokio::sync::watch;

use crate::centre::{Centre, Delivery, Subscription};

/// A real Center in a virtual world, whose clock moves by scenario lines only.
#[derive(Debug)]
pub struct TestWorld {
    world: Arc<Mutex<World>>,
    length: watch::Sender<usize>,
}

impl TestWorld {
    /// Returns the world of a Center that has no history.
    #[must_use]
    pub fn new(center: Center, now: Timestamp) -> Self {
        let world = World::new(center, now);
        let length = watch::channel(world.events.len()).0;
        Self { world: Arc::new(Mutex::new(world)), length }
    }

    /// Lets a scenario happen, the times counted from now, and returns its trace.
    ///
    /// # Panics
    /// When the scenario cannot be read.
    pub fn run(&self, script: &str) -> String {
        self.happens(|world| run(world, script).expect("tests write scenarios well"))
    }

    /// Does something in the world and tells the readers.
    pub fn happens<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let (result, length) = {
            let mut world = self.world();
            (act(&mut world), world.events.len())
        };
        self.length.send_replace(length);
        result
    }

    /// Returns everything that has happened.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.world().events.clone()
    }

    /// Returns the last event.
    #[must_use]
    pub fn last(&self) -> EventNo {
        self.world().events.last().map_or(EventNo(0), |event| event.no)
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Centre for TestWorld {
    async fn request(&self, command: Command) -> Result<Reply, CommandError> {
        self.happens(|world| world.request(command))
    }

    fn subscribe(&self, after: EventNo) -> Box<dyn Subscription> {
        let done = usize::try_from(after.0).unwrap_or(usize::MAX);
        Box::new(Reader { world: self.world.clone(), length: self.length.subscribe(), done })
    }

    fn now(&self) -> Timestamp {
        self.world().now()
    }
}

struct Reader {
    world: Arc<Mutex<World>>,
    length: watch::Receiver<usize>,
    done: usize,
}

#[async_trait]
impl Subscription for Reader {
    async fn next(&mut self) -> Option<Delivery> {
        loop {
            self.length.borrow_and_update();
            let event = {
                let world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
                world.events.get(self.done).cloned()
            };
            if let Some(event) = event {
                self.done += 1;
                return Some(Delivery::Event(Arc::new(event)));
            }
            self.length.changed().await.ok()?;
        }
    }
}
