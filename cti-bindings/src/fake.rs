//! A small Center for tests: it keeps a log, knows agents and seats, and routes nothing. [feature "testkit"]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cti_core::{
    agent::AgentState,
    cause::Cause,
    command::{Command, CommandError, Reply},
    id::{AgentId, EventNo, SeatId},
    router::{Explanation, Why},
    time::Timestamp,
};
use jiff::tz::TimeZone;
use tokio::sync::watch;

use crate::{
    centre::{Centre, Delivery, Subscription},
    testlog::{Log, center_config},
    view::View,
};

/// A small Center for tests, of the configuration of [`center_config`].
#[derive(Debug)]
pub struct FakeCentre {
    log: Arc<Mutex<Log>>,
    length: watch::Sender<usize>,
}

impl Default for FakeCentre {
    fn default() -> Self {
        Self { log: Arc::default(), length: watch::channel(0).0 }
    }
}

impl FakeCentre {
    /// Writes sentences into the log and tells the readers.
    pub fn happens<T>(&self, write: impl FnOnce(&mut Log) -> T) -> T {
        let (result, length) = {
            let mut log = self.log();
            (write(&mut log), log.events().len())
        };
        self.length.send_replace(length);
        result
    }

    /// Returns the last event.
    #[must_use]
    pub fn last(&self) -> EventNo {
        self.log().events().last().map_or(EventNo(0), |event| event.no)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn view(&self) -> View {
        let mut view = View::new(center_config(), TimeZone::UTC);
        for event in self.log().events() {
            view.apply(event);
        }
        view
    }

    /// Returns where a known agent sits.
    fn seat(&self, agent: &AgentId) -> Result<Option<SeatId>, CommandError> {
        let view = self.view();
        let status = view
            .agent(agent, Timestamp::ZERO)
            .ok_or_else(|| CommandError::UnknownAgent { agent: agent.clone() })?;
        Ok(status.seat.cloned())
    }

    fn at_work(&self, agent: &AgentId) -> Result<SeatId, CommandError> {
        self.seat(agent)?.ok_or_else(|| CommandError::InvalidState {
            reason: format!("agent {agent} is not signed in"),
        })
    }

    fn sign_in(&self, agent: &AgentId, seat: &SeatId) -> Result<Reply, CommandError> {
        let view = self.view();
        let place = view
            .config()
            .seats
            .iter()
            .find(|place| place.id == *seat)
            .ok_or_else(|| CommandError::UnknownSeat { seat: seat.clone() })?;
        if let Some(at) = self.seat(agent)? {
            let reason = format!("agent {agent} is signed in at seat {at}");
            return Err(CommandError::InvalidState { reason });
        }
        if let Some(by) = view.agent_at(&place.device) {
            return Err(CommandError::SeatTaken { seat: seat.clone(), by: by.clone() });
        }
        self.happens(|log| {
            log.sign_in(agent.as_str(), seat.as_str());
        });
        Ok(Reply::Done)
    }
}

#[async_trait]
impl Centre for FakeCentre {
    async fn request(&self, command: Command) -> Result<Reply, CommandError> {
        match command {
            Command::SignIn { agent, seat, .. } => return self.sign_in(&agent, &seat),
            Command::SignOut { agent } => {
                let seat = self.at_work(&agent)?;
                self.happens(|log| {
                    log.sign_out(agent.as_str(), seat.as_str());
                });
            }
            Command::SetReady { agent } => {
                self.at_work(&agent)?;
                self.happens(|log| {
                    log.ready(agent.as_str());
                });
            }
            Command::SetNotReady { agent, reason } => {
                self.at_work(&agent)?;
                let talks = matches!(
                    self.view().agent(&agent, Timestamp::ZERO).map(|it| it.state.clone()),
                    Some(AgentState::OnCall { .. })
                );
                if talks {
                    let reason = format!("agent {agent} is on a call");
                    return Err(CommandError::InvalidState { reason });
                }
                self.happens(|log| {
                    log.pause(agent.as_str(), &reason);
                });
            }
            Command::ClearCall { call } => {
                if self.view().call(call).is_none() {
                    return Err(CommandError::UnknownCall { call });
                }
                self.happens(|log| {
                    log.ends(call, Cause::Cleared);
                });
            }
            Command::Explain { contact } => {
                let live = self.view().calls().any(|call| call.contact == contact);
                let why = Why {
                    rule: "nobody_ready".to_owned(),
                    zh: "没有空闲话务员".to_owned(),
                    en: "no agent is ready".to_owned(),
                };
                let explanation = Explanation { at: self.now(), why };
                return Ok(Reply::Explanation(live.then_some(explanation).into_iter().collect()));
            }
            Command::Drain { .. } | Command::ClearAll => {}
            Command::ShowWaits => return Ok(Reply::Waits(Default::default())),
            Command::ShowMailboxes { .. } => return Ok(Reply::Mailboxes(Vec::new())),
            Command::ForceAgent { .. }
            | Command::Heartbeat { .. }
            | Command::Reset { .. }
            | Command::Call(_)
            | Command::SetFeature { .. }
            | Command::SetFeatures { .. }
            | Command::Flows { .. }
            | Command::SetPriority { .. }
            | Command::MoveContact { .. }
            | Command::AssignContact { .. }
            | Command::OpenContact { .. }
            | Command::AcceptContact { .. }
            | Command::RejectContact { .. }
            | Command::FinishContact { .. }
            | Command::WithdrawContact { .. }
            | Command::RequestCallBack { .. }
            | Command::WhyNot { .. }
            | Command::ChangeRules { .. }
            | Command::ShowRules
            | Command::SetDuties { .. }
            | Command::ConfigureQueue { .. }
            | Command::ChangeCalendar { .. }
            | Command::AddListEntries { .. }
            | Command::RemoveListEntry { .. }
            | Command::NoteErasure { .. }
            | Command::MarkMessage { .. }
            | Command::RemoveGreeting { .. }
            | Command::CallBackMessage { .. }
            | Command::SetAlarm { .. } => {
                let reason = "this centre has no telephones".to_owned();
                return Err(CommandError::InvalidState { reason });
            }
        }
        Ok(Reply::Done)
    }

    fn subscribe(&self, after: EventNo) -> Box<dyn Subscription> {
        let done = usize::try_from(after.0).unwrap_or(usize::MAX);
        Box::new(Reader { log: self.log.clone(), length: self.length.subscribe(), done })
    }

    fn now(&self) -> Timestamp {
        self.log().now()
    }
}

struct Reader {
    log: Arc<Mutex<Log>>,
    length: watch::Receiver<usize>,
    done: usize,
}

#[async_trait]
impl Subscription for Reader {
    async fn next(&mut self) -> Option<Delivery> {
        loop {
            self.length.borrow_and_update();
            let event = {
                let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
                log.events().get(self.done).cloned()
            };
            if let Some(event) = event {
                self.done += 1;
                return Some(Delivery::Event(Arc::new(event)));
            }
            self.length.changed().await.ok()?;
        }
    }
}
