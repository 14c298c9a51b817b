//! Subscriptions of a listener: what he may follow, and what he is told.
//!
//! ```text
//! ▶ {"type":"subscribe","id":"desk","subject":{"device":"8001"},"filter":["call_control"]}
//! ◀ {"type":"subscribed","id":"desk","no":41,"agents":[…],"queues":[…],"calls":[…]}
//! ◀ {"type":"event","id":"desk","no":44,"at":"…","name":"connected","data":{…}}
//! ◀ {"type":"lost","id":"desk","from":90,"to":2113}     then {"type":"subscribed", …} with a new snapshot
//! ◀ {"type":"stopped","id":"desk","reason":"call_ended"}
//! ▶ {"type":"unsubscribe","id":"desk"}                  ◀ {"type":"unsubscribed","id":"desk"}
//! ◀ {"type":"error","id":"desk","code":"no_such_subject","detail":"…"}
//! ```

use std::{collections::BTreeMap, sync::Arc};

use cti_core::{
    id::{AgentId, DeviceId, QueueId},
    monitor::{
        Filter, MonitorId, RefreshError, Request, ResumeError, Resumption, StartError, Subject,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::frame;
use crate::{
    live::{Feed, monitors::Polled},
    rest::{
        RestState,
        authorize::{Action, Principal, Whose},
    },
    view::{View, calls::LiveCall},
};

/// How many subjects one listener may follow.
const SUBSCRIPTIONS: usize = 256;
/// How many characters a listener's name for a subscription may have.
const NAME_LIMIT: usize = 64;
/// How many events one listener is told at a turn, so that what he says is heard in between.
const TURN: usize = 256;

/// What a listener asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Wish {
    /// Is anybody there?
    Ping,
    /// Follow a subject.
    Subscribe {
        /// The listener's own name for it.
        id: String,
        /// Whom or what.
        subject: Subject,
        /// Which kinds of events; all when absent.
        #[serde(default)]
        filter: Filter,
        /// Where he was cut off.
        resume: Option<Resumption>,
    },
    /// Hear other kinds of events.
    Filter {
        /// Which subscription.
        id: String,
        /// Which kinds.
        filter: Filter,
    },
    /// Follow it no longer.
    Unsubscribe {
        /// Which subscription.
        id: String,
    },
}

/// Why a wish is not granted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// It cannot be read.
    #[error("the message cannot be read: {0}")]
    Malformed(String),
    /// The name cannot be used.
    #[error("id: 1 to {NAME_LIMIT} characters")]
    Name,
    /// There is a subscription of this name.
    #[error("id: {0} is in use")]
    InUse(String),
    /// There is none.
    #[error("id: there is no subscription {0}")]
    Unknown(String),
    /// The listener follows enough.
    #[error("a listener follows at most {SUBSCRIPTIONS} subjects")]
    TooMany,
    /// He may not follow it.
    #[error("you may not follow {0}")]
    Forbidden(Subject),
    /// It cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It cannot go on.
    #[error(transparent)]
    Resume(#[from] ResumeError),
}

impl Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Name => "invalid_id",
            Self::InUse(_) => "id_in_use",
            Self::Unknown(_) => "unknown_id",
            Self::TooMany
            | Self::Start(StartError::TooMany { .. })
            | Self::Resume(ResumeError::TooMany { .. }) => "too_many",
            Self::Forbidden(_) => "forbidden",
            Self::Start(StartError::NoSuchSubject { .. }) => "no_such_subject",
            Self::Start(StartError::ViewTooOld { .. }) => "too_slow",
            Self::Resume(ResumeError::Lost { .. }) => "lost",
            Self::Resume(ResumeError::NotOfThisLog { .. }) => "not_of_this_log",
        }
    }

    /// Prints it for the listener.
    pub(super) fn frame(&self, id: Option<&str>) -> Value {
        json!({"type": "error", "id": id, "code": self.code(), "detail": self.to_string()})
    }
}

#[derive(Debug)]
struct Followed {
    monitor: MonitorId,
    subject: Subject,
}

/// What one listener follows.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    followed: BTreeMap<String, Followed>,
    /// Told when one of them has something.
    pub(super) wake: Arc<Notify>,
}

impl Subscriptions {
    /// Begins to follow a subject and returns the first frame.
    pub(super) fn subscribe(
        &mut self,
        state: &RestState,
        who: &Principal,
        id: &str,
        request: Request,
        resume: Option<Resumption>,
    ) -> Result<Value, Refusal> {
        if id.is_empty() || id.chars().count() > NAME_LIMIT {
            return Err(Refusal::Name);
        }
        if self.followed.contains_key(id) {
            return Err(Refusal::InUse(id.to_owned()));
        }
        if self.followed.len() >= SUBSCRIPTIONS {
            return Err(Refusal::TooMany);
        }
        let subject = request.subject.clone();
        if !state.may_follow(who, &state.live.view(), &subject) {
            return Err(Refusal::Forbidden(subject));
        }
        let (monitor, frame) = match resume {
            Some(from) => {
                let monitor = state.live.resume_monitor(request, from, &self.wake)?;
                (monitor, json!({"type": "subscribed", "id": id, "no": from.after.0}))
            }
            None => state.live.start_monitor(request, &self.wake, |view| {
                frame::present(state, who, view, &subject, id)
            })?,
        };
        self.followed.insert(id.to_owned(), Followed { monitor, subject });
        // What a monitor that resumes has missed is there already.
        self.wake.notify_one();
        Ok(frame)
    }

    pub(super) fn filter(
        &self,
        state: &RestState,
        id: &str,
        filter: Filter,
    ) -> Result<(), Refusal> {
        let unknown = || Refusal::Unknown(id.to_owned());
        let followed = self.followed.get(id).ok_or_else(unknown)?;
        state.live.filter_monitor(followed.monitor, filter).map_err(|_| unknown())
    }

    pub(super) fn unsubscribe(&mut self, state: &RestState, id: &str) -> Result<(), Refusal> {
        let followed = self.followed.remove(id);
        let followed = followed.ok_or_else(|| Refusal::Unknown(id.to_owned()))?;
        state.live.stop_monitor(followed.monitor);
        Ok(())
    }

    /// Returns the frames that are to be told, a turn's worth; who has more to tell wakes again.
    pub(super) fn take(&mut self, state: &RestState, who: &Principal) -> Vec<Value> {
        let mut frames = Vec::new();
        let mut over = Vec::new();
        for (id, it) in &self.followed {
            while frames.len() < TURN {
                match state.live.poll_monitor(it.monitor) {
                    Polled::Event(feed) => {
                        if let Feed::Event(published) = feed.as_ref() {
                            let mut frame = frame::event(state, who, published);
                            frame["id"] = json!(id);
                            frames.push(frame);
                        }
                    }
                    Polled::Lost { from, to } => {
                        frames.push(json!({"type": "lost", "id": id, "from": from.0, "to": to.0}));
                        let present = state.live.refresh_monitor(it.monitor, |view| {
                            frame::present(state, who, view, &it.subject, id)
                        });
                        match present {
                            Ok(present) => frames.push(present),
                            Err(RefreshError::Unknown(_) | RefreshError::Start(_)) => {
                                frames.push(stopped(id, "subject_removed"));
                                over.push(id.clone());
                                state.live.stop_monitor(it.monitor);
                                break;
                            }
                        }
                    }
                    Polled::Stopped(reason) => {
                        let reason = serde_json::to_value(reason).unwrap_or_default();
                        frames.push(stopped(id, reason.as_str().unwrap_or_default()));
                        over.push(id.clone());
                        break;
                    }
                    Polled::Nothing => break,
                }
            }
        }
        if frames.len() >= TURN {
            self.wake.notify_one();
        }
        for id in over {
            self.followed.remove(&id);
        }
        frames
    }

    /// Stops everything: the listener is gone.
    pub(super) fn end(&mut self, state: &RestState) {
        for followed in std::mem::take(&mut self.followed).into_values() {
            state.live.stop_monitor(followed.monitor);
        }
    }
}

fn stopped(id: &str, reason: &str) -> Value {
    json!({"type": "stopped", "id": id, "reason": reason})
}

impl RestState {
    /// Returns whether somebody may follow a subject: his own and those he looks after.
    fn may_follow(&self, who: &Principal, view: &View, subject: &Subject) -> bool {
        match subject {
            Subject::Everything => self.authorizer.may(who, Action::Supervise(Whose::default())),
            Subject::Agent(agent) => self.may_follow_agent(who, view, agent),
            Subject::Device(device) | Subject::CallsVia(device) => {
                self.may_follow_device(who, view, device)
            }
            Subject::Queue(queue) => self.may_follow_queue(who, view, queue),
            // What is not there is refused as such, not as somebody else's.
            Subject::Call(call) => {
                view.call(*call).is_none_or(|call| self.may_follow_call(who, call))
            }
            Subject::Contact(contact) => {
                let mut calls = view.calls().filter(|call| call.contact == *contact).peekable();
                let work = view.open_contact(*contact);
                let queue = view.waits_in(*contact);
                let nobody = calls.peek().is_none() && work.is_none();
                nobody
                    || calls.any(|call| self.may_follow_call(who, call))
                    || work
                        .and_then(|work| work.agent.as_ref())
                        .is_some_and(|agent| self.may_follow_agent(who, view, agent))
                    || queue.is_some_and(|queue| self.may_follow_queue(who, view, queue))
            }
        }
    }

    fn may_follow_agent(&self, who: &Principal, view: &View, agent: &AgentId) -> bool {
        let queues = view
            .agent(agent, self.centre.now())
            .map(|status| status.queues.to_vec())
            .unwrap_or_default();
        let whose = Whose { agents: std::slice::from_ref(agent), queues: &queues };
        self.authorizer.may(who, Action::ControlAgent(whose))
    }

    fn may_follow_device(&self, who: &Principal, view: &View, device: &DeviceId) -> bool {
        match view.agent_at(device) {
            Some(agent) => self.may_follow_agent(who, view, agent),
            None => self.authorizer.may(who, Action::UseDevice(device)),
        }
    }

    fn may_follow_queue(&self, who: &Principal, view: &View, queue: &QueueId) -> bool {
        let whose = Whose { agents: &[], queues: std::slice::from_ref(queue) };
        let serves = || {
            let agents = &view.config().agents;
            let own = who.agent.as_ref().and_then(|own| agents.iter().find(|it| it.id == *own));
            own.is_some_and(|own| own.queues.contains(queue))
        };
        self.authorizer.may(who, Action::ManageQueue(whose)) || serves()
    }

    fn may_follow_call(&self, who: &Principal, call: &LiveCall) -> bool {
        let agents = Vec::from_iter(call.agents().cloned());
        let queues = Vec::from_iter(call.queue.clone());
        let whose = Whose { agents: &agents, queues: &queues };
        self.authorizer.may(who, Action::ControlCall(whose))
    }
}
