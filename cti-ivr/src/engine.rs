//! Runs the sessions of all calls.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use cti_core::{
    calendar::Calendars,
    flow::{FlowEffect, FlowEngine, FlowInput, SessionView, UnknownFlow},
    id::{FlowId, SessionId},
    time::Timestamp,
};

use crate::{
    flow::FlowSet,
    session::{Progress, Session, World},
};

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
    /// The node.
    pub node: &'a str,
    /// The type of the node.
    pub node_type: &'static str,
}

/// The flow engine of a centre.
#[derive(Debug)]
pub struct Engine {
    flows: FlowSet,
    calendars: Calendars,
    sessions: BTreeMap<SessionId, Session>,
    /// When each session must be looked at, earliest first; one entry per session.
    due: BTreeSet<(Timestamp, SessionId)>,
    effects: VecDeque<(SessionId, FlowEffect)>,
}

impl Engine {
    /// Returns an engine for these flows.
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
        Ok(Self {
            flows,
            calendars,
            sessions: BTreeMap::new(),
            due: BTreeSet::new(),
            effects: VecDeque::new(),
        })
    }

    /// Returns the flows.
    #[must_use]
    pub fn flows(&self) -> &FlowSet {
        &self.flows
    }

    /// Returns where a session stands.
    #[must_use]
    pub fn place(&self, session: SessionId) -> Option<Place<'_>> {
        let session = self.sessions.get(&session)?;
        let placed = session.placed();
        Some(Place {
            flow: session.flow().id(),
            node: &placed.id,
            node_type: placed.node_type.name,
        })
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
        let mut effects = Vec::new();
        let mut world = World {
            now,
            view,
            calendars: &self.calendars,
            flows: &self.flows,
            effects: &mut effects,
        };
        let progress = act(&mut session, &mut world);
        self.keep(id, session, progress, effects);
    }

    fn keep(
        &mut self,
        id: SessionId,
        session: Session,
        progress: Progress,
        effects: Vec<FlowEffect>,
    ) {
        self.effects.extend(effects.into_iter().map(|effect| (id, effect)));
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
        let flow = self.flows.get(flow).cloned().ok_or_else(|| UnknownFlow(flow.clone()))?;
        let hash = flow.hash().to_owned();
        self.end(session);
        let mut effects = Vec::new();
        let mut world = World {
            now,
            view,
            calendars: &self.calendars,
            flows: &self.flows,
            effects: &mut effects,
        };
        let (begun, progress) = Session::start(Arc::clone(&flow), &mut world);
        self.keep(session, begun, progress, effects);
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

    fn end(&mut self, session: SessionId) {
        if let Some(ended) = self.sessions.remove(&session) {
            self.due.remove(&(ended.poll_timeout(), session));
        }
        self.effects.retain(|(whose, _)| *whose != session);
    }

    fn sessions(&self) -> usize {
        self.sessions.len()
    }
}
