//! Runs the sessions of all calls.

mod orders;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use cti_core::{
    address::PhoneNumber,
    calendar::{Calendars, MissingSchedule},
    event::Event,
    flow::{
        CannotResume as NotHere, FlowAnswer, FlowEffect, FlowEngine, FlowInput, FlowNotice,
        FlowOrder, FlowRefused, SessionEnd, SessionView, UnknownFlow,
    },
    id::{FlowId, SessionId},
    time::Timestamp,
};

use crate::{
    flow::FlowSet,
    publish::{Library, Note, SavedLibrary, Stage},
    run::Failed,
    session::{Progress, Session, World},
    statistics::{Answers, LogReader, Statistics},
};

pub use crate::session::{CannotResume, SavedSession};
pub use orders::{MAX_DOCUMENT, MAX_FLOWS};

/// At most this many notices wait to be taken; the oldest are forgotten.
const MAX_NOTICES: usize = 100;

/// A flow asks for a schedule that the calendar does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("flow {flow}: there is no schedule named {schedule}")]
pub struct UnknownSchedule {
    /// Which flow.
    pub flow: FlowId,
    /// Which schedule.
    pub schedule: String,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The flow.
    pub flow: &'a FlowId,
    /// Its version.
    pub version: &'a str,
    /// The node.
    pub node: &'a str,
    /// The type of the node.
    pub node_type: &'static str,
}

/// The flow engine of a centre.
#[derive(Debug)]
pub struct Engine {
    library: Library,
    calendars: Calendars,
    sessions: BTreeMap<SessionId, Session>,
    /// When each session must be looked at, earliest first; one entry per session.
    due: BTreeSet<(Timestamp, SessionId)>,
    effects: VecDeque<(SessionId, FlowEffect)>,
    statistics: Statistics,
    /// Reads what sessions of earlier processes did.
    log: LogReader,
    answers: Answers,
    notices: VecDeque<FlowNotice>,
    /// The latest time that was handed in, for those who tell without a time that a caller is gone.
    now: Timestamp,
}

impl Engine {
    /// Returns an engine in which these flows are published.
    ///
    /// # Errors
    /// When a flow asks for a schedule that is not there.
    pub fn new(flows: FlowSet, calendars: Calendars) -> Result<Self, UnknownSchedule> {
        for flow in flows.iter() {
            let missing =
                flow.uses().schedules.into_iter().find(|name| calendars.get(name).is_none());
            if let Some(schedule) = missing {
                return Err(UnknownSchedule { flow: flow.id().clone(), schedule });
            }
        }
        let library = Library::new(flows, &calendars);
        Ok(Self::with_library(library, calendars))
    }

    /// Returns an engine for a library that was restored.
    #[must_use]
    pub fn with_library(library: Library, calendars: Calendars) -> Self {
        Self {
            library,
            calendars,
            sessions: BTreeMap::new(),
            due: BTreeSet::new(),
            effects: VecDeque::new(),
            statistics: Statistics::default(),
            log: LogReader::default(),
            answers: Answers::default(),
            notices: VecDeque::new(),
            now: Timestamp::ZERO,
        }
    }

    /// Returns the flows and their versions.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Returns the flows and their versions, to save drafts, publish, roll back and quarantine.
    pub fn library_mut(&mut self) -> &mut Library {
        &mut self.library
    }

    /// Returns the calendar that the flows go by.
    #[must_use]
    pub fn calendars(&self) -> &Calendars {
        &self.calendars
    }

    /// Returns the counts since the last [`Statistics::take`]; with those of earlier processes, as far as a log that was
    /// read tells them.
    #[must_use]
    pub fn counts(&self) -> &Statistics {
        &self.statistics
    }

    /// Returns when the log began that the counts go on from, if one was read.
    #[must_use]
    pub fn counts_since(&self) -> Option<Timestamp> {
        self.log.since
    }

    /// Returns the counts, to take them.
    pub fn counts_mut(&mut self) -> &mut Statistics {
        &mut self.statistics
    }

    /// Remembers that a caller answered a question of a survey, as the log of an earlier call would tell it.
    pub(crate) fn has_answered(&mut self, caller: &PhoneNumber, question: &str, at: Timestamp) {
        self.answers.note((caller.reveal().to_owned(), question.to_owned()), at);
    }

    /// Returns where a session stands.
    #[must_use]
    pub fn place(&self, session: SessionId) -> Option<Place<'_>> {
        let session = self.sessions.get(&session)?;
        let placed = session.placed();
        Some(Place {
            flow: session.flow().id(),
            version: session.flow().hash(),
            node: &placed.id,
            node_type: placed.node_type.name,
        })
    }

    /// Returns how many sessions are in a version, by its own or as a sub-flow.
    #[must_use]
    pub fn sessions_in(&self, flow: &FlowId, hash: &str) -> usize {
        let inside =
            |session: &&Session| session.flows().any(|it| it.id() == flow && it.hash() == hash);
        self.sessions.values().filter(inside).count()
    }

    /// Returns how many sessions are in any version of a flow.
    #[must_use]
    pub fn sessions_of(&self, flow: &FlowId) -> usize {
        let inside = |session: &&Session| session.flows().any(|it| it.id() == flow);
        self.sessions.values().filter(inside).count()
    }

    /// Returns the variables of a session in the flow that it is in; secrets are not told.
    #[must_use]
    pub fn variables(&self, session: SessionId) -> BTreeMap<String, String> {
        self.sessions.get(&session).map(Session::variables).unwrap_or_default()
    }

    /// Returns where a version is in its life.
    #[must_use]
    pub fn stage(&self, flow: &FlowId, hash: &str) -> Option<Stage> {
        self.library.stage(flow, hash, self.sessions_in(flow, hash))
    }

    /// Lets the sessions that are in a version break at once: they go to `on_error` or end. Returns how many.
    pub fn abort_sessions(&mut self, flow: &FlowId, hash: &str) -> usize {
        let mut aborted = 0;
        for (id, session) in &mut self.sessions {
            if session.flows().any(|it| it.id() == flow && it.hash() == hash) {
                self.due.remove(&(session.poll_timeout(), *id));
                session.abort();
                self.due.insert((session.poll_timeout(), *id));
                aborted += 1;
            }
        }
        aborted
    }

    /// Returns how many sessions wait at each node of a version.
    #[must_use]
    pub fn waiting_at(&self, flow: &FlowId, hash: &str) -> BTreeMap<&str, usize> {
        let mut waiting = BTreeMap::new();
        for session in self.sessions.values() {
            if session.flow().id() == flow && session.flow().hash() == hash {
                *waiting.entry(session.placed().id.as_str()).or_default() += 1;
            }
        }
        waiting
    }

    /// Returns a waiting session as data; take it after its effects were drained.
    #[must_use]
    pub fn save_session(&self, session: SessionId) -> Option<SavedSession> {
        self.sessions.get(&session).map(Session::save)
    }

    /// Lets a saved session go on where it was, waiting for what it waited for.
    ///
    /// # Errors
    /// When one of its versions is not in the library.
    pub fn resume_session(
        &mut self,
        id: SessionId,
        saved: SavedSession,
    ) -> Result<(), CannotResume> {
        let session = Session::resume(saved, &self.library)?;
        self.end(id, SessionEnd::Moved);
        self.due.insert((session.poll_timeout(), id));
        self.sessions.insert(id, session);
        Ok(())
    }

    /// Lets a session take one step and keeps what comes of it.
    fn step(
        &mut self,
        now: Timestamp,
        id: SessionId,
        view: SessionView<'_>,
        act: impl FnOnce(&mut Session, &mut World<'_>) -> Progress,
    ) {
        let Some(mut session) = self.sessions.remove(&id) else { return };
        self.due.remove(&(session.poll_timeout(), id));
        let progress = self.within(now, id, view, |world| act(&mut session, world));
        self.keep(id, session, progress);
    }

    /// Does something with a session in the world as it is, and takes its effects and failures.
    fn within<T>(
        &mut self,
        now: Timestamp,
        id: SessionId,
        view: SessionView<'_>,
        act: impl FnOnce(&mut World<'_>) -> T,
    ) -> T {
        self.now = self.now.max(now);
        let (mut effects, mut failures) = (Vec::new(), Vec::new());
        let result = act(&mut World {
            now,
            view,
            calendars: &self.calendars,
            library: &self.library,
            answers: &self.answers,
            statistics: &mut self.statistics,
            failures: &mut failures,
            effects: &mut effects,
        });
        self.effects.extend(effects.into_iter().map(|effect| (id, effect)));
        for Failed { flow, version } in failures {
            if let Some(reason) = self.library.failed(&flow, &version, now) {
                if self.notices.len() >= MAX_NOTICES {
                    self.notices.pop_front();
                }
                let version = version.as_ref().to_owned();
                self.notices.push_back(FlowNotice::Quarantined { flow, version, reason });
            }
        }
        result
    }

    fn keep(&mut self, id: SessionId, session: Session, progress: Progress) {
        if progress == Progress::Waits {
            self.due.insert((session.poll_timeout(), id));
            self.sessions.insert(id, session);
        }
    }
}

impl FlowEngine for Engine {
    fn start(
        &mut self,
        now: Timestamp,
        session: SessionId,
        flow: &FlowId,
        view: SessionView<'_>,
    ) -> Result<String, UnknownFlow> {
        let (flow, channel) =
            self.library.entry(flow, view.caller).ok_or_else(|| UnknownFlow(flow.clone()))?;
        let hash = flow.hash().to_owned();
        self.end(session, SessionEnd::Moved);
        let (begun, progress) = self.within(now, session, view, |world| {
            Session::start(Arc::clone(&flow), channel, session.0, world)
        });
        self.keep(session, begun, progress);
        Ok(hash)
    }

    fn handle(
        &mut self,
        now: Timestamp,
        session: SessionId,
        input: FlowInput,
        view: SessionView<'_>,
    ) {
        self.step(now, session, view, |session, world| session.handle(input, world));
    }

    fn due(&self, now: Timestamp) -> Option<SessionId> {
        self.due.first().filter(|(at, _)| *at <= now).map(|(_, session)| *session)
    }

    fn handle_timeout(&mut self, now: Timestamp, session: SessionId, view: SessionView<'_>) {
        self.step(now, session, view, Session::handle_timeout);
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    fn poll_effect(&mut self) -> Option<(SessionId, FlowEffect)> {
        self.effects.pop_front()
    }

    fn end(&mut self, session: SessionId, why: SessionEnd) {
        if let Some(ended) = self.sessions.remove(&session) {
            self.due.remove(&(ended.poll_timeout(), session));
            ended.given_up(self.now, why, &mut self.statistics);
        }
        self.effects.retain(|(whose, _)| *whose != session);
    }

    fn apply(&mut self, event: &Event) {
        self.now = self.now.max(event.at);
        self.answers.follow(event);
    }

    fn replay(&mut self, event: &Event) {
        self.log.follow(event, &self.library, &mut self.statistics);
        self.answers.follow(event);
    }

    fn sessions(&self) -> usize {
        self.sessions.len()
    }

    fn administer(
        &mut self,
        now: Timestamp,
        by: &str,
        order: &FlowOrder,
    ) -> Result<FlowAnswer, FlowRefused> {
        self.carry_out(now, by, order)
    }

    fn knows(&self, flow: &FlowId) -> bool {
        self.library.published(flow).is_some()
    }

    fn check_calendars(&self, calendars: &Calendars) -> Result<(), MissingSchedule> {
        let named = self.library.published_set();
        let missing = named.iter().find_map(|flow| {
            let mut schedules = flow.uses().schedules.into_iter();
            let schedule = schedules.find(|name| calendars.get(name).is_none())?;
            Some(MissingSchedule { schedule, by: format!("flow {}", flow.id()) })
        });
        missing.map_or(Ok(()), Err)
    }

    fn set_calendars(&mut self, calendars: &Calendars) {
        self.calendars = calendars.clone();
        self.library.set_schedules(calendars);
    }

    fn poll_notice(&mut self) -> Option<FlowNotice> {
        self.notices.pop_front()
    }

    fn replay_notice(&mut self, now: Timestamp, notice: &FlowNotice) {
        match notice {
            FlowNotice::Quarantined { flow, version, reason } => {
                // It was possible before; where it is not any more, callers are better off with what there is.
                let _ = self.library.quarantine(flow, version, Note::new(now, "automatic", reason));
            }
        }
    }

    fn snapshot(&self) -> serde_json::Value {
        serde_json::to_value(self.library.save()).unwrap_or_default()
    }

    fn restore(&mut self, snapshot: serde_json::Value) -> Result<(), serde_json::Error> {
        let saved: SavedLibrary = serde_json::from_value(snapshot)?;
        let library = Library::restore(saved, &self.calendars).map_err(serde::de::Error::custom)?;
        self.library.take_over(library);
        Ok(())
    }

    fn save(&self, session: SessionId) -> Option<serde_json::Value> {
        serde_json::to_value(self.save_session(session)?).ok()
    }

    fn resume(&mut self, session: SessionId, saved: serde_json::Value) -> Result<(), NotHere> {
        let saved = serde_json::from_value(saved).map_err(|error| NotHere(error.to_string()))?;
        self.resume_session(session, saved).map_err(|error| NotHere(error.to_string()))
    }

    fn begin_again(&mut self, now: Timestamp, session: SessionId, view: SessionView<'_>) {
        self.step(now, session, view, Session::begin_node_again);
    }

    fn statistics(&self) -> serde_json::Value {
        serde_json::to_value(&self.statistics).unwrap_or_default()
    }
}
