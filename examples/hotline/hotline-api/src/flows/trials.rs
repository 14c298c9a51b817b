//! Try it: a caller on a virtual clock goes through a draft; nobody is called, and nothing is counted.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{Json, extract::State, http::StatusCode};
use cti_bindings::rest::{
    extract::{Body, Id},
    problem::Problem,
    show::parse_time,
};
use cti_core::{
    address::PhoneNumber,
    flow::CallData,
    id::FlowId,
    switch::{Clip, Tone},
    time::Timestamp,
};
use cti_ivr::{
    engine::Engine,
    flow::{FlowSet, Severity},
    publish::{Library, Note},
    testkit::{
        Caller,
        log::{Entry, Met},
        paths::{Attempts, Edge, walk},
        suite::{Report, Suite},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    FlowFinding, may_look,
    publish::NotPublished,
    show::{FlowPath, known},
};
use crate::{authorize::SignedIn, state::ApiState};

/// At most this many trials go on at a time.
const MAX_TRIALS: usize = 32;
/// A trial that nobody has touched for this long is forgotten.
const IDLE: Duration = Duration::from_secs(600);

/// What is tried.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTrial {
    /// The flow that the caller reaches.
    #[schema(value_type = String)]
    pub flow: FlowId,
    /// A document in the place of the draft that was saved.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub document: Option<Value>,
    /// `test` (when absent) for drafts, `prod` for what is published.
    #[serde(default)]
    pub channel: TrialChannel,
    /// The number he calls from.
    #[serde(default)]
    pub caller: Option<String>,
    /// The number he dials.
    #[serde(default)]
    pub called: Option<String>,
    /// When he calls; now when absent.
    #[serde(default)]
    pub at: Option<String>,
    /// What comes with the call.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub data: CallData,
}

/// What a caller gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrialChannel {
    /// Drafts.
    #[default]
    Test,
    /// What is published.
    Prod,
}

/// What happens next in a trial.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialStep {
    /// A line of the language of scripted callers: `press 1 after 800ms`, `wait 5s`, `skip`, `hangs up`.
    pub step: String,
}

/// A trial as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Trial {
    /// Its id.
    pub id: String,
    /// The flow that was reached.
    pub flow: String,
    /// What the caller gets.
    pub channel: TrialChannel,
    /// The moment on the virtual clock.
    pub at: String,
    /// Whether the call is over.
    pub over: bool,
    /// Where the session waits.
    pub place: Option<TrialPlace>,
    /// What the caller hears.
    pub playing: Option<TrialPlaying>,
    /// What may happen next: `key`, `time`, `queue`, `ring`, `recording`, `service`.
    pub waits_for: Vec<&'static str>,
    /// The service that waits for a step `answers …`.
    pub question: Option<TrialQuestion>,
    /// When the session does something by itself.
    pub next_time_out: Option<String>,
    /// What the flow knows; secrets are `***`.
    #[schema(value_type = Object)]
    pub variables: BTreeMap<String, String>,
    /// What travels with the call.
    #[schema(value_type = Object)]
    pub data: CallData,
    /// What has happened since the last answer.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Value>,
    /// The number of the last event.
    pub no: u64,
}

/// Where a session waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrialPlace {
    /// The flow.
    pub flow: String,
    /// Its version.
    pub version: String,
    /// The node.
    pub node: String,
    /// The type of the node.
    #[serde(rename = "type")]
    pub node_type: &'static str,
}

/// What a caller hears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrialPlaying {
    /// The recordings, one after the other.
    pub prompts: Vec<String>,
    /// The same in words.
    pub text: String,
    /// Whether it begins again at its end.
    pub looped: bool,
    /// When it ends.
    pub ends_at: Option<String>,
}

/// What a service was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrialQuestion {
    /// Which service.
    pub source: String,
}

/// Scripted callers.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunTests {
    /// A document of scripted callers (`cti.flow-tests/1`).
    #[schema(value_type = Object)]
    pub tests: Value,
    /// A document in the place of the draft of its flow.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub document: Option<Value>,
}

/// A document to be walked through.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WalkThrough {
    /// A document in the place of the draft of the flow.
    #[schema(value_type = Option<Object>)]
    pub document: Option<Value>,
}

/// Which outlets a walk through every way took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Coverage {
    /// Those that were taken.
    pub walked: Vec<EdgeShown>,
    /// Those that were not.
    pub missed: Vec<EdgeShown>,
    /// Whether all were.
    pub complete: bool,
}

/// An outlet of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EdgeShown {
    /// The flow.
    pub flow: String,
    /// The node.
    pub node: String,
    /// The outlet.
    pub outlet: String,
}

impl From<&Edge> for EdgeShown {
    fn from(edge: &Edge) -> Self {
        Self { flow: edge.flow.to_string(), node: edge.node.clone(), outlet: edge.outlet.clone() }
    }
}

/// The trials that go on.
#[derive(Debug, Default)]
pub(crate) struct Trials(Mutex<Going>);

#[derive(Debug, Default)]
struct Going {
    last: u64,
    trials: BTreeMap<u64, One>,
}

#[derive(Debug)]
struct One {
    caller: Caller,
    flow: FlowId,
    channel: TrialChannel,
    owner: String,
    touched: Timestamp,
    told: u64,
}

/// The name of a trial in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialId(u64);

impl std::str::FromStr for TrialId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_prefix("trial-").and_then(|number| number.parse().ok());
        number.map(Self).ok_or_else(|| format!("{text:?} is no trial"))
    }
}

impl Trials {
    fn going(&self) -> MutexGuard<'_, Going> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a trial: somebody calls.
#[utoipa::path(post, path = "/flow-trials", tag = "flows", security(("bearer" = [])), request_body = NewTrial,
    responses((status = 201, body = Trial), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn begin(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(wanted): Body<NewTrial>,
) -> Result<(StatusCode, Json<Trial>), NotPublished> {
    may_look(&signed_in)?;
    let number = |field: &str, text: Option<&str>, usual: &str| {
        PhoneNumber::parse(text.unwrap_or(usual)).map_err(|error| Problem::invalid(field, error))
    };
    let caller = number("caller", wanted.caller.as_deref(), "13800001234")?;
    let called = number("called", wanted.called.as_deref(), "12345")?;
    let at = match &wanted.at {
        Some(text) => parse_time("at", text)?,
        None => state.now(),
    };
    let mut library = state.library_with(wanted.document.as_ref()).await?;
    known(&library, &wanted.flow)?;
    let testers = match wanted.channel {
        TrialChannel::Test => vec![caller.clone()],
        TrialChannel::Prod => Vec::new(),
    };
    library.set_test_callers(testers).map_err(|error| Problem::internal(&error))?;
    let around = state.flows.surroundings();
    let calendars = state.engine(|engine| engine.calendars().clone()).await?;
    let engine = Engine::with_library(library, calendars);
    let mut trial = Caller::new(engine, wanted.flow.as_str())
        .map_err(|error| Problem::invalid("flow", error))?
        .at(at)
        .calls_from(caller)
        .dials(called.reveal())
        .map_err(|error| Problem::invalid("called", error))?
        .with_data(wanted.data)
        .with_answers()
        .with_lengths(state.lengths());
    for (name, table) in &around.tables {
        trial = trial.with_table(name, table.clone());
    }
    trial.dial().map_err(|reason| Problem::unknown("unknown_flow", reason))?;
    let now = state.now();
    let mut going = state.trials.going();
    going.trials.retain(|_, it| now.since(it.touched) < IDLE);
    if going.trials.len() >= MAX_TRIALS {
        let detail = format!("{MAX_TRIALS} trials go on; try again later");
        return Err(Problem::new(StatusCode::CONFLICT, "too_many_trials", detail).into());
    }
    going.last += 1;
    let id = going.last;
    let one = One {
        caller: trial,
        flow: wanted.flow,
        channel: wanted.channel,
        owner: signed_in.user.name.clone(),
        touched: now,
        told: 0,
    };
    let one = going.trials.entry(id).or_insert(one);
    Ok((StatusCode::CREATED, Json(state.trial(id, one, false))))
}

/// Shows a trial with everything that has happened.
#[utoipa::path(get, path = "/flow-trials/{id}", tag = "flows", security(("bearer" = [])),
    params(("id" = String, Path, description = "The trial, for example trial-3")),
    responses((status = 200, body = Trial), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn show(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Id(TrialId(id)): Id<TrialId>,
) -> Result<Json<Trial>, Problem> {
    may_look(&signed_in)?;
    let mut going = state.trials.going();
    let one = own(&mut going, id, &signed_in)?;
    Ok(Json(state.trial(id, one, true)))
}

/// Lets something happen in a trial.
#[utoipa::path(post, path = "/flow-trials/{id}/steps", tag = "flows", security(("bearer" = [])), request_body = TrialStep,
    params(("id" = String, Path, description = "The trial, for example trial-3")),
    responses((status = 200, body = Trial), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn step(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Id(TrialId(id)): Id<TrialId>,
    Body(TrialStep { step }): Body<TrialStep>,
) -> Result<Json<Trial>, Problem> {
    may_look(&signed_in)?;
    let now = state.now();
    let mut going = state.trials.going();
    let one = own(&mut going, id, &signed_in)?;
    one.touched = now;
    let expects = step.trim_start().starts_with("expect");
    if one.caller.is_over() && !expects {
        return Err(Problem::new(StatusCode::CONFLICT, "trial_over", "the call is over"));
    }
    one.caller.take(&step).map_err(|error| match expects {
        true => Problem::new(StatusCode::CONFLICT, "unexpected", error.reason),
        false => Problem::invalid("step", error.reason),
    })?;
    Ok(Json(state.trial(id, one, false)))
}

/// Ends a trial.
#[utoipa::path(delete, path = "/flow-trials/{id}", tag = "flows", security(("bearer" = [])),
    params(("id" = String, Path, description = "The trial, for example trial-3")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn end(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Id(TrialId(id)): Id<TrialId>,
) -> Result<StatusCode, Problem> {
    may_look(&signed_in)?;
    let mut going = state.trials.going();
    own(&mut going, id, &signed_in)?;
    going.trials.remove(&id);
    Ok(StatusCode::NO_CONTENT)
}

/// Runs scripted callers through the drafts; where there is none, through what is published.
#[utoipa::path(post, path = "/flow-tests", tag = "flows", security(("bearer" = [])), request_body = RunTests,
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem)))]
pub async fn tests(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    Body(RunTests { tests, document }): Body<RunTests>,
) -> Result<Json<Report>, NotPublished> {
    may_look(&signed_in)?;
    let suite =
        Suite::parse(&tests.to_string()).map_err(|error| Problem::invalid("tests", error))?;
    let flows = state.drafts_with(document.as_ref()).await?;
    let calendars = state.engine(|engine| engine.calendars().clone()).await?;
    let tables = state.flows.surroundings().tables.clone();
    let run = move || suite.run(&flows, &calendars, &tables);
    let report = tokio::task::spawn_blocking(run).await.map_err(|it| Problem::internal(&it))?;
    Ok(report.map(Json).map_err(|error| Problem::invalid("tests", error))?)
}

/// Walks every way through a flow that can be found, and says which outlets are on none.
#[utoipa::path(post, path = "/flows/{id}/coverage", tag = "flows", security(("bearer" = [])), request_body = WalkThrough,
    params(("id" = String, Path, description = "The flow")),
    responses((status = 200, body = Coverage), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn coverage(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    FlowPath(id): FlowPath,
    Body(WalkThrough { document }): Body<WalkThrough>,
) -> Result<Json<Coverage>, NotPublished> {
    may_look(&signed_in)?;
    let flows = state.drafts_with(document.as_ref()).await?;
    if flows.get(&id).is_none() {
        let detail = format!("there is no flow named {id} that could be run");
        return Err(Problem::unknown("unknown_flow", detail).into());
    }
    let calendars = state.engine(|engine| engine.calendars().clone()).await?;
    let attempts = Attempts { moments: moments(state.now()), ..Attempts::default() };
    let walked = move || walk(&flows, &calendars, &id, &attempts);
    let found = tokio::task::spawn_blocking(walked).await.map_err(|it| Problem::internal(&it))?;
    let found = found.map_err(|error| Problem::invalid("document", error))?;
    Ok(Json(Coverage {
        walked: found.walked.iter().map(|(edge, _)| EdgeShown::from(edge)).collect(),
        missed: found.not_walked.iter().map(EdgeShown::from).collect(),
        complete: found.not_walked.is_empty(),
    }))
}

/// Returns moments of all kinds within the next weeks, so that schedules say all they can.
fn moments(now: Timestamp) -> Vec<Timestamp> {
    (0..14 * 8).map(|step| now + Duration::from_secs(step * 3 * 3600)).collect()
}

/// Returns a trial of whoever is signed in.
fn own<'a>(going: &'a mut Going, id: u64, signed_in: &SignedIn) -> Result<&'a mut One, Problem> {
    let mine = |one: &&mut One| one.owner == signed_in.user.name;
    let unknown = || Problem::unknown("unknown_trial", format!("there is no trial-{id} of yours"));
    going.trials.get_mut(&id).filter(mine).ok_or_else(unknown)
}

impl ApiState {
    /// Returns the flows with a document as the draft of its flow.
    async fn library_with(&self, document: Option<&Value>) -> Result<Library, NotPublished> {
        let mut library = self.engine(|engine| engine.library().clone()).await?;
        if let Some(document) = document {
            let note = Note::new(self.now(), "trial", "");
            let draft = library.save_draft(&document.to_string(), note);
            let findings = match &draft {
                Ok(draft) => draft.findings.as_slice(),
                Err(invalid) => invalid.findings.as_slice(),
            };
            let errors: Vec<FlowFinding> = findings
                .iter()
                .filter(|finding| finding.severity() == Severity::Error)
                .map(FlowFinding::from)
                .collect();
            if !errors.is_empty() {
                return Err(NotPublished::Invalid(errors));
            }
        }
        Ok(library)
    }

    /// Returns the drafts that can be run, and what is published of the others.
    async fn drafts_with(&self, document: Option<&Value>) -> Result<FlowSet, NotPublished> {
        Ok(self.library_with(document).await?.draft_set())
    }

    /// Returns how long the recordings of the first language are.
    fn lengths(&self) -> BTreeMap<String, Duration> {
        self.flows.recordings().languages.into_values().next().unwrap_or_default()
    }

    fn trial(&self, id: u64, one: &mut One, all: bool) -> Trial {
        let caller = &one.caller;
        let after = if all { 0 } else { one.told };
        let events = caller.log_after(after).map(|entry| self.trial_event(entry)).collect();
        let heard = caller
            .log_after(0)
            .filter_map(|entry| match &entry.what {
                Met::Heard { clips, text, looped, .. } => Some((clips, text, looped)),
                Met::Entered { .. }
                | Met::Visited { .. }
                | Met::Wanted { .. }
                | Met::Did { .. } => None,
            })
            .last();
        let playing =
            caller.playing_until().zip(heard).map(|(ends, (clips, text, looped))| TrialPlaying {
                prompts: prompts(clips),
                text: text.clone(),
                looped: *looped,
                ends_at: ends.map(|at| self.time(at)),
            });
        let no = caller.last_entry();
        let trial = Trial {
            id: format!("trial-{id}"),
            flow: one.flow.to_string(),
            channel: one.channel,
            at: self.time(caller.now()),
            over: caller.is_over(),
            place: caller.place().map(|place| TrialPlace {
                flow: place.flow.to_string(),
                version: place.version.to_owned(),
                node: place.node.to_owned(),
                node_type: place.node_type,
            }),
            playing,
            waits_for: caller.waits_for(),
            question: caller.question().map(|it| TrialQuestion { source: it.to_owned() }),
            next_time_out: caller.next_time_out().map(|at| self.time(at)),
            variables: caller.variables(),
            data: caller.data().clone(),
            events,
            no,
        };
        one.told = no;
        trial
    }

    fn trial_event(&self, entry: &Entry) -> Value {
        let mut event = match &entry.what {
            Met::Entered { flow, version, node } => serde_json::json!({
                "type": "entered", "flow": flow, "version": version, "node": node,
            }),
            Met::Visited { flow, version, node, outlet } => serde_json::json!({
                "type": "visited", "flow": flow, "version": version, "node": node, "outlet": outlet,
            }),
            Met::Heard { clips, text, looped, length } => serde_json::json!({
                "type": "play", "prompts": prompts(clips), "text": text, "looped": looped,
                "length_ms": cti_bindings::rest::show::millis(*length),
            }),
            Met::Wanted { name, text } => serde_json::json!({
                "type": "effect", "name": name, "text": text,
            }),
            Met::Did { text } => serde_json::json!({"type": "input", "text": text}),
        };
        event["no"] = entry.no.into();
        event["at"] = self.time(entry.at).into();
        event
    }
}

/// Returns the recordings of a playing by name; tones go by `tone:`, texts by `text:`.
fn prompts(clips: &[Clip]) -> Vec<String> {
    let name = |clip: &Clip| match clip {
        Clip::Prompt(id) => id.clone(),
        Clip::Tone(Tone::RingBack) => "tone:ring_back".to_owned(),
        Clip::Tone(Tone::Busy) => "tone:busy".to_owned(),
        Clip::Tone(Tone::Congestion) => "tone:congestion".to_owned(),
        Clip::Tone(Tone::Beep) => "tone:beep".to_owned(),
        Clip::Recording(recording) => format!("recording:{recording}"),
        Clip::Silence(length) => format!("silence:{}", length.as_millis()),
        Clip::Text { text, .. } => format!("text:{}", text.reveal()),
    };
    clips.iter().map(name).collect()
}
