//! What an administrator changes of agents, queues and calendar while the Center works.
//!
//! The facts tell what is in force from then on; the configuration itself is kept by who keeps it, and given to the
//! Center at its next start.

use std::collections::BTreeMap;

use super::{Answer, Center};
use crate::{
    calendar::{CalendarChange, InvalidCalendar},
    command::{CommandError, Reply},
    config::QueueConfig,
    event::Fact,
    id::{AgentId, FlowId, QueueId},
    needs::Medium,
};

/// More queues than a centre has.
const MAX_QUEUES: usize = 10_000;
/// More contacts of a medium than anybody works at together.
const MAX_CAPACITY: u8 = 100;

impl Center {
    /// Changes which queues an agent serves and how much he works at together.
    pub(super) fn set_duties(
        &mut self,
        agent: &AgentId,
        queues: Option<Vec<QueueId>>,
        capacity: Option<BTreeMap<Medium, u8>>,
        by: String,
    ) -> Answer {
        let known = self.config.agents.iter().position(|it| it.id == *agent);
        let known = known.ok_or_else(|| CommandError::UnknownAgent { agent: agent.clone() })?;
        for (index, queue) in queues.iter().flatten().enumerate() {
            let of_all = &queues.as_deref().unwrap_or_default()[..index];
            if self.config.queues.iter().all(|it| it.id != *queue) {
                return Err(invalid("queues", format!("there is no queue {queue}")));
            }
            if of_all.contains(queue) {
                return Err(invalid("queues", format!("{queue} is listed twice")));
            }
        }
        for (medium, count) in capacity.iter().flatten() {
            if medium.is_spoken() {
                let reason = format!("{medium} is spoken: an agent speaks with one at a time");
                return Err(invalid("capacity", reason));
            }
            if *count > MAX_CAPACITY {
                return Err(invalid("capacity", format!("{medium}: at most {MAX_CAPACITY}")));
            }
        }
        let config = &mut self.config.agents[known];
        // Who signed in for some of his queues goes on with these while nobody says otherwise.
        let at_work = self.state.agents.get(agent);
        let served = queues.clone().or_else(|| at_work.map(|it| it.queues.clone()));
        config.queues = queues.unwrap_or_else(|| config.queues.clone());
        config.capacity = capacity.unwrap_or_else(|| config.capacity.clone());
        let served = served.unwrap_or_else(|| config.queues.clone());
        let capacity = config.capacity.clone();
        self.emit(Fact::DutiesSet { agent: agent.clone(), queues: served, capacity, by });
        Ok(Reply::Done)
    }

    /// Opens a queue or changes its settings.
    pub(super) fn configure_queue(&mut self, queue: QueueConfig, by: String) -> Answer {
        queue.check().map_err(|(field, reason)| invalid(field, reason))?;
        let known = self.config.queues.iter().position(|it| it.id == queue.id);
        if known.is_none() && self.config.queues.len() >= MAX_QUEUES {
            return Err(invalid("id", format!("there are {MAX_QUEUES} queues already")));
        }
        let flows: [(&str, &Option<FlowId>); 3] = [
            ("waiting_flow", &queue.waiting_flow),
            ("whisper_flow", &queue.whisper_flow),
            ("after_call_flow", &queue.after_call_flow),
        ];
        for (field, flow) in flows {
            if let Some(flow) = flow.as_ref().filter(|flow| !self.flows.knows(flow)) {
                return Err(invalid(field, format!("there is no flow {flow}")));
            }
        }
        match known {
            Some(index) => self.config.queues[index] = queue.clone(),
            None => self.config.queues.push(queue.clone()),
        }
        self.emit(Fact::QueueConfigured { queue, by });
        Ok(Reply::Done)
    }

    /// Changes the hours or the holidays that router and flows go by.
    pub(super) fn change_calendar(&mut self, change: &CalendarChange, by: String) -> Answer {
        let calendars = self.calendars.changed(change).map_err(|error| match error {
            InvalidCalendar::Value { field, reason, .. } => invalid(&field, reason),
            InvalidCalendar::Syntax { reason, .. } => invalid("document", reason),
        })?;
        self.router
            .check_calendars(&calendars)
            .and_then(|()| self.flows.check_calendars(&calendars))
            .and_then(|()| self.check_recording_hours(&calendars))
            .map_err(|missing| invalid("schedules", missing.to_string()))?;
        self.router.set_calendars(&calendars);
        self.flows.set_calendars(&calendars);
        self.calendars = calendars;
        self.emit(Fact::CalendarChanged { part: change.part(), by });
        Ok(Reply::Done)
    }
}

fn invalid(field: &str, reason: impl Into<String>) -> CommandError {
    CommandError::InvalidValue { field: field.to_owned(), reason: reason.into() }
}
