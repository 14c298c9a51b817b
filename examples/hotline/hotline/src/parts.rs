//! Everything a Center is made of, as data: so that a trace can carry it and a replay build the same again.

use std::{collections::BTreeMap, io, path::Path, path::PathBuf};

use cti_acd::{config::AcdConfig, tryout::Staged};
use cti_core::{
    calendar::{Calendars, Holidays},
    center::Center,
    config::{CenterConfig, Destination, Feature, SeatConfig},
    router::Router,
    target::Target,
};
use cti_ivr::{
    engine::Engine,
    flow::{Flow, FlowSet, Uses},
};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{HOLIDAYS, SCHEDULES},
    services::Services,
};

/// The texts and settings of a Center.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parts {
    /// Agents, seats, queues, numbers.
    pub center: CenterConfig,
    /// The rules of the queues.
    pub routing: AcdConfig,
    /// The flows, by file name.
    pub flows: BTreeMap<String, String>,
    /// Working hours.
    pub schedules: String,
    /// Holidays.
    pub holidays: String,
}

/// Parts that do not make a Center; one line that names what is wrong.
#[derive(Debug, thiserror::Error)]
pub enum PartsError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The agents, seats, queues or numbers contradict each other.
    #[error("configuration: {0}")]
    Center(#[from] cti_core::config::InvalidConfig),
    /// The rules of the queues make no sense.
    #[error("queues: {0}")]
    Routing(#[from] cti_acd::config::InvalidAcdConfig),
    /// A flow is wrong.
    #[error("flows: {0}")]
    Flow(#[from] cti_ivr::flow::InvalidFlow),
    /// The calendar is wrong.
    #[error("calendar: {0}")]
    Calendar(#[from] cti_core::calendar::InvalidCalendar),
    /// A flow names a schedule that the calendar does not have.
    #[error("flows: {0}")]
    Schedule(#[from] cti_ivr::engine::UnknownSchedule),
    /// A query that changes rows is asked again when the database fails, though it may have changed them.
    #[error("query {query:?} writes: a flow that asks it must have no retries")]
    Repeated {
        /// Which query.
        query: String,
    },
    /// Something refers to what is not there.
    #[error("{what} {name:?} is used by {by}, and there is none")]
    Missing {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
        /// Who uses it.
        by: &'static str,
    },
}

impl Parts {
    /// Reads flows and calendar from their folders.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(
        center: CenterConfig,
        routing: AcdConfig,
        flows: &Path,
        calendar: &Path,
    ) -> Result<Self, PartsError> {
        let mut texts = BTreeMap::new();
        let entries = std::fs::read_dir(flows)
            .map_err(|source| PartsError::Read { path: flows.to_owned(), source })?;
        for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            if path.extension().is_some_and(|extension| extension == "json") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                texts.insert(name, read(&path)?);
            }
        }
        Ok(Self {
            center,
            routing,
            flows: texts,
            schedules: read(&calendar.join(SCHEDULES))?,
            holidays: read(&calendar.join(HOLIDAYS))?,
        })
    }

    /// Returns the flows, checked.
    ///
    /// # Errors
    /// When a flow is wrong.
    pub fn flow_set(&self) -> Result<FlowSet, PartsError> {
        Ok(FlowSet::parse(self.flows.iter().map(|(name, text)| (name.as_str(), text.as_str())))?)
    }

    /// Returns the calendar, checked.
    ///
    /// # Errors
    /// When the calendar is wrong.
    pub fn calendars(&self) -> Result<Calendars, PartsError> {
        calendars(&self.schedules, &self.holidays)
    }

    /// Builds the Center.
    ///
    /// # Errors
    /// When any part is wrong.
    pub fn build(&self) -> Result<Center, PartsError> {
        let calendars = self.calendars()?;
        self.build_with(Box::new(self.router(&calendars)?), &calendars)
    }

    /// Builds the router, whose rules can be shadowed, switched and rolled back; it decides by a copy of these calendars.
    ///
    /// # Errors
    /// When the rules of the queues are wrong.
    pub fn router(&self, calendars: &Calendars) -> Result<Staged, PartsError> {
        let parts = cti_acd::Parts { calendars: calendars.clone(), ..cti_acd::Parts::default() };
        Ok(Staged::new(self.routing.clone(), parts)?)
    }

    /// Builds the Center with a router of its own, and flows that decide by a copy of these calendars.
    ///
    /// # Errors
    /// When any part is wrong.
    pub fn build_with(
        &self,
        router: Box<dyn Router>,
        calendars: &Calendars,
    ) -> Result<Center, PartsError> {
        let engine = Engine::new(self.flow_set()?, calendars.clone())?;
        let is_missing = |it: &&String| calendars.get(it).is_none();
        if let Some(name) = self.center.recording.hours.iter().find(is_missing) {
            let (what, name) = ("schedule", name.clone());
            return Err(PartsError::Missing { what, name, by: "recording.hours" });
        }
        let center = Center::new(self.center.clone(), router, Box::new(engine))?;
        Ok(center.with_calendars(calendars.clone()))
    }

    /// Checks that the services are there that flows ask.
    ///
    /// # Errors
    /// When one is missing, or a flow is wrong.
    pub fn check_services(&self, services: &Services) -> Result<(), PartsError> {
        let Uses { endpoints, queries, repeated_queries, templates, documents, .. } =
            self.flow_set()?.uses();
        let missing =
            |what, name: &String| PartsError::Missing { what, name: name.clone(), by: "a flow" };
        if let Some(name) = queries.iter().find(|name| services.queries().all(|it| it != *name)) {
            return Err(missing("query", name));
        }
        if let Some(name) = services.writing_queries().find(|it| repeated_queries.contains(*it)) {
            return Err(PartsError::Repeated { query: name.to_owned() });
        }
        if let Some(name) = templates.iter().find(|name| services.templates().all(|it| it != *name))
        {
            return Err(missing("template of short messages", name));
        }
        if let Some(name) = documents.iter().find(|name| services.documents().all(|it| it != *name))
        {
            return Err(missing("document to fax", name));
        }
        match endpoints.iter().find(|name| services.endpoints().all(|it| it != *name)) {
            Some(name) => Err(missing("endpoint", name)),
            None => Ok(()),
        }
    }

    /// Checks what one part says of another: queues, devices, mailboxes, flows, prompts and tables that are used must be
    /// there.
    ///
    /// # Errors
    /// When something is missing, or a part is wrong.
    pub fn check(
        &self,
        has_prompt: impl Fn(&str) -> bool,
        has_table: impl Fn(&str) -> bool,
    ) -> Result<(), PartsError> {
        self.build()?;
        let flows = self.flow_set()?;
        let Uses { queues, devices, tables, mailboxes, groups, .. } = flows.uses();
        let missing =
            |what, name: &str, by| Err(PartsError::Missing { what, name: name.to_owned(), by });
        for queue in queues {
            if !self.center.queues.iter().any(|known| known.id == queue) {
                return missing("queue", queue.as_str(), "a flow");
            }
        }
        for device in devices {
            if !self.center.seats.iter().any(|seat| seat.device == device) {
                return missing("device", device.as_str(), "a flow");
            }
        }
        for mailbox in mailboxes {
            if !self.center.mailboxes.iter().any(|known| known.is_meant_by(&mailbox)) {
                return missing("mailbox", mailbox.as_str(), "a flow");
            }
        }
        for group in groups {
            let known = |seat: &SeatConfig| seat.pickup_group.as_ref() == Some(&group);
            if !self.center.seats.iter().any(known) {
                return missing("pickup group", &group, "a flow");
            }
        }
        for table in tables {
            if !has_table(&table) {
                return missing("table", &table, "a flow");
            }
        }
        for prompt in self.center.prompts.all() {
            if !has_prompt(prompt) {
                return missing("prompt", prompt, "the centre");
            }
        }
        for prompt in flows.iter().flat_map(Flow::prompt_names) {
            if !has_prompt(&prompt) {
                return missing("prompt", &prompt, "a flow");
            }
        }
        for (_, to) in self.center.destinations() {
            if let Destination::Flow(flow)
            | Destination::Feature(Feature::Mailbox(flow))
            | Destination::Program { otherwise: Target::Flow(flow), .. } = to
                && flows.get(flow).is_none()
            {
                return missing("flow", flow.as_str(), "the number plan");
            }
        }
        for queue in &self.center.queues {
            let own = [&queue.waiting_flow, &queue.whisper_flow, &queue.after_call_flow];
            for flow in own.into_iter().flatten() {
                if flows.get(flow).is_none() {
                    return missing("flow", flow.as_str(), "a queue");
                }
            }
        }
        Ok(())
    }
}

/// Reads the calendar of a folder.
///
/// # Errors
/// When a file cannot be read, or the calendar is wrong.
pub fn calendars_in(folder: &Path) -> Result<Calendars, PartsError> {
    calendars(&read(&folder.join(SCHEDULES))?, &read(&folder.join(HOLIDAYS))?)
}

fn calendars(schedules: &str, holidays: &str) -> Result<Calendars, PartsError> {
    let holidays = Holidays::parse(HOLIDAYS, holidays)?;
    Ok(Calendars::parse(SCHEDULES, schedules, holidays)?)
}

fn read(path: &Path) -> Result<String, PartsError> {
    std::fs::read_to_string(path)
        .map_err(|source| PartsError::Read { path: path.to_owned(), source })
}
