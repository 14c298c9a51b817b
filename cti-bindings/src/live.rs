//! The driver that keeps one view up with the log and tells listeners what happens.

#![expect(clippy::disallowed_methods, reason = "this is a driver: it spawns and waits")]

pub mod monitors;

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use cti_core::{
    address::PhoneNumber,
    config::CenterConfig,
    event::{CallKind, Event},
    id::{AgentId, EventNo, LegId, QueueId},
};
use jiff::tz::TimeZone;
use tokio::sync::{broadcast, watch};

use self::monitors::Hub;
use crate::{
    centre::{Centre, Delivery},
    view::{View, changes::Changes},
};

/// How many events a listener may be behind before it loses some.
const BACKLOG: usize = 1024;
/// How many past events a listener can resume from.
const RECENT: usize = 4096;

/// How long to wait before events that were lost are asked for again.
const PAUSE: Duration = Duration::from_millis(100);

/// One event with what a listener needs to show it.
#[derive(Clone, Debug)]
pub struct Published {
    /// The event.
    pub event: Arc<Event>,
    /// Whom it concerns.
    pub changes: Changes,
    /// The call that it is about, as its readers may need it.
    pub call: Option<CallFacts>,
}

/// What readers of an event need to know of its call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFacts {
    /// What it is for.
    pub kind: CallKind,
    /// The caller's number.
    pub caller: PhoneNumber,
    /// The number dialled.
    pub called: PhoneNumber,
    /// Whose call it is, before the event and after it.
    pub agents: BTreeSet<AgentId>,
    /// The queues by which a supervisor may look after it.
    pub queues: BTreeSet<QueueId>,
    /// The legs of those whom the others are not to know of.
    pub unseen: BTreeSet<LegId>,
}

/// Something that is no event of the log but belongs to the same listeners, for example a new ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The type of the frame.
    pub kind: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it says; without personal data, everyone gets it.
    pub data: serde_json::Value,
}

/// What listeners get.
#[derive(Clone, Debug)]
pub enum Feed {
    /// An event of the log.
    Event(Box<Published>),
    /// Something beside the log.
    Notice(Notice),
}

/// One view for all listeners.
#[derive(Debug)]
pub struct Live {
    inner: RwLock<Inner>,
    feed: broadcast::Sender<Arc<Feed>>,
    last: watch::Sender<EventNo>,
    listeners: AtomicUsize,
}

#[derive(Debug)]
struct Inner {
    view: View,
    recent: VecDeque<Arc<Feed>>,
    hub: Hub,
}

/// Counts a listener as long as it lives.
#[derive(Debug)]
pub struct Listening(Arc<Live>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Live {
    /// Begins to follow the Center; ends with it. Call it inside a tokio runtime.
    #[must_use]
    pub fn start(centre: Arc<dyn Centre>, config: CenterConfig, zone: TimeZone) -> Arc<Self> {
        let inner = Inner {
            view: View::new(config, zone),
            recent: VecDeque::with_capacity(RECENT),
            hub: Hub::default(),
        };
        let live = Arc::new(Self {
            inner: RwLock::new(inner),
            feed: broadcast::channel(BACKLOG).0,
            last: watch::channel(EventNo(0)).0,
            listeners: AtomicUsize::new(0),
        });
        tokio::spawn(follow(live.clone(), centre));
        live
    }

    /// Reads the view; keep the guard short, the log waits for it.
    pub fn view(&self) -> ViewGuard<'_> {
        ViewGuard(self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the last event that the view has seen.
    #[must_use]
    pub fn last(&self) -> EventNo {
        *self.last.borrow()
    }

    /// Waits until the view fits, at most `limit`; returns whether it does.
    pub async fn until(&self, limit: Duration, fits: impl Fn(&View) -> bool) -> bool {
        let mut last = self.last.subscribe();
        let seen = async {
            loop {
                last.borrow_and_update();
                if fits(&self.view()) {
                    return true;
                }
                if last.changed().await.is_err() {
                    return false;
                }
            }
        };
        tokio::time::timeout(limit, seen).await.unwrap_or(false)
    }

    /// Begins to listen: what comes after the view that `read` sees is received, without a hole.
    pub fn join<T>(
        &self,
        read: impl FnOnce(&View, &mut dyn Iterator<Item = &Arc<Feed>>) -> T,
    ) -> (T, broadcast::Receiver<Arc<Feed>>) {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.feed.subscribe();
        (read(&inner.view, &mut inner.recent.iter()), receiver)
    }

    /// Counts a listener, unless there are `limit` already.
    #[must_use]
    pub fn listen(self: &Arc<Self>, limit: usize) -> Option<Listening> {
        self.listeners
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
                (count < limit).then_some(count + 1)
            })
            .ok()
            .map(|_| Listening(self.clone()))
    }

    /// Returns how many listeners there are.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.listeners.load(Ordering::Relaxed)
    }

    /// Tells all listeners something beside the log.
    pub fn notify(&self, notice: Notice) {
        // Under the lock, so that a listener who joins either sees it or joins after it.
        let _inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let _ = self.feed.send(Arc::new(Feed::Notice(notice)));
    }

    fn apply(&self, event: Arc<Event>) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if event.no <= inner.view.last() {
            return;
        }
        let of = |view: &View| {
            let call = view.call(event.fact.call()?)?;
            Some(CallFacts {
                kind: call.kind,
                caller: call.caller.clone(),
                called: call.called.clone(),
                agents: call.agents().cloned().collect(),
                queues: call.queue.iter().cloned().collect(),
                unseen: call
                    .parties
                    .present()
                    .filter(|member| member.is_unseen())
                    .map(|member| member.leg)
                    .collect(),
            })
        };
        let before = of(&inner.view);
        let changes = inner.view.apply(&event);
        let call = match (of(&inner.view), before) {
            (Some(mut after), Some(before)) => {
                after.agents.extend(before.agents);
                after.unseen.extend(before.unseen);
                Some(after)
            }
            (after, before) => after.or(before),
        };
        let no = event.no;
        let published = Arc::clone(&event);
        let feed = Arc::new(Feed::Event(Box::new(Published { event, changes, call })));
        if inner.recent.len() == RECENT {
            inner.recent.pop_front();
        }
        inner.recent.push_back(feed.clone());
        inner.hub.publish(&published);
        let _ = self.feed.send(feed);
        drop(inner);
        self.last.send_replace(no);
    }
}

async fn follow(live: Arc<Live>, centre: Arc<dyn Centre>) {
    loop {
        let mut subscription = centre.subscribe(live.last());
        loop {
            match subscription.next().await {
                Some(Delivery::Event(event)) => live.apply(event),
                Some(Delivery::Lost) => {
                    tokio::time::sleep(PAUSE).await;
                    break;
                }
                None => return,
            }
        }
    }
}

/// The view, as long as it is looked at.
#[derive(Debug)]
pub struct ViewGuard<'a>(RwLockReadGuard<'a, Inner>);

impl std::ops::Deref for ViewGuard<'_> {
    type Target = View;
    fn deref(&self) -> &View {
        &self.0.view
    }
}
