//! Records of calls that are over.

use std::time::Duration;

use axum::{Json, extract::State};
use cti_core::{
    id::{AgentId, SeatId, TrunkId},
    records::VoiceRecord,
    switch::Origin,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    RestState,
    authorize::{Caller, Principal},
    calls::direction,
    extract::Params,
    list::{List, page},
    problem::Problem,
    show::{millis, parse_time, plain},
};
use crate::records::{
    call,
    filter::{CallView, Filter},
    recording::Quality,
};

/// What calls and recordings are searched by.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// The caller's number, in any spelling.
    pub caller: Option<String>,
    /// The number dialled, in any spelling.
    pub called: Option<String>,
    /// An agent to whom the call was offered.
    #[param(value_type = Option<String>)]
    pub agent: Option<AgentId>,
    /// A seat at which it rang.
    #[param(value_type = Option<String>)]
    pub seat: Option<SeatId>,
    /// It started at this time or later (RFC 3339).
    pub from: Option<String>,
    /// It started before this time (RFC 3339).
    pub to: Option<String>,
    /// `answered`: an agent talked in it; `unanswered`: it rang at an agent who did not take it; `incoming`; `outgoing`.
    /// With `agent`, what became of it with him.
    pub view: Option<CallView>,
    /// The trunk by which the call came or went; for recordings.
    #[param(value_type = Option<String>)]
    pub trunk: Option<TrunkId>,
    /// So long or longer, in milliseconds; for recordings.
    pub shortest_ms: Option<u64>,
    /// So long or shorter, in milliseconds; for recordings.
    pub longest_ms: Option<u64>,
    /// `unchecked`, `good`, `poor` or `disputed`; for recordings.
    #[param(value_type = Option<String>)]
    pub quality: Option<Quality>,
    /// At most this many items, 1 to 200.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// One call that is over.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CallRecord {
    /// The call.
    pub call: String,
    /// The matter it belongs to.
    pub contact: String,
    /// `inbound`, `outbound` or `internal`.
    pub direction: String,
    /// `service`, `outgoing`, `consult`, `internal` or `refused`.
    pub kind: String,
    /// The caller's number, masked unless you may see it.
    pub caller: String,
    /// The number dialled.
    pub called: String,
    /// The caller's number in normal form, masked likewise.
    pub caller_normal: String,
    /// The number dialled in normal form.
    pub called_normal: String,
    /// Where the person outside is at home: province and city.
    pub region: Option<String>,
    /// The entry of the blacklist or the whitelist that decided about it.
    pub list_entry: Option<String>,
    /// What that entry says: `black refuse`, `white priority:5`.
    pub listed: Option<String>,
    /// The trunk it came by; null when a device of the centre called.
    pub trunk: Option<String>,
    /// When it came in.
    pub started: String,
    /// When it was answered, by a flow or an agent.
    pub answered: Option<String>,
    /// When it ended.
    pub ended: String,
    /// `answered`, `abandoned`, `overflowed`, `message`, `self_service` or `failed`.
    pub outcome: String,
    /// Why it ended.
    pub cause: String,
    /// The last queue it waited in.
    pub queue: Option<String>,
    /// How long it waited, in milliseconds.
    pub wait_ms: u64,
    /// How long agents and devices of the centre talked in it, in milliseconds: the sum over them.
    pub talk_ms: u64,
    /// How long it was on hold, in milliseconds: the sum over them.
    pub hold_ms: u64,
    /// How long colleagues were asked in it, in milliseconds: the sum over them.
    pub consult_ms: u64,
    /// How long others listened or coached, in milliseconds: the sum over them.
    pub supervise_ms: u64,
    /// The agent who talked last.
    pub agent: Option<String>,
    /// That agent's name.
    pub agent_name: Option<String>,
    /// The offers and talks of everyone but the caller.
    pub legs: Vec<Leg>,
    /// How well each leg was heard, in the order in which they ended; only those that a switch has measured.
    pub voice: Vec<Voice>,
    /// The call that was on hold while this one asked.
    pub consults: Option<String>,
    /// The recording.
    pub recording: Option<String>,
    /// The ticket.
    pub ticket: Option<String>,
}

/// One offer and the talk that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Leg {
    /// The agent.
    pub agent: Option<String>,
    /// Where he sat.
    pub seat: Option<String>,
    /// The device that rang, in the house.
    pub device: Option<String>,
    /// The number, outside; masked unless you may see it.
    pub number: Option<String>,
    /// How he came in: `began`, `offered`, `rung`, `moved`, `conference`, `monitor`, `whisper`, `barge`, `take_over`,
    /// `intrude`, `recall`, `pickup` or `line`.
    pub entry: String,
    /// What he did at last: `talk`, `consult`, `listen`, `coach` or, of somebody outside, `outside`; null when he did
    /// not come in.
    pub part: Option<String>,
    /// When it began to ring.
    pub offered: String,
    /// When it was answered.
    pub answered: Option<String>,
    /// When it ended.
    pub ended: String,
    /// How long it rang, in milliseconds.
    pub ring_ms: u64,
    /// How long he talked, in milliseconds.
    pub talk_ms: u64,
    /// How long of that he or the other was on hold instead, in milliseconds.
    pub hold_ms: u64,
    /// How long he asked or was asked while the citizen was on hold, in milliseconds.
    pub consult_ms: u64,
    /// How long he listened or coached, in milliseconds.
    pub supervise_ms: u64,
    /// `answered`, `answered_elsewhere`, `no_answer`, `rejected`, `unreachable` or `withdrawn`.
    pub outcome: String,
}

/// How well one leg was heard (RTCP, RFC 3550), and what a listener would say of it (ITU-T G.107).
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Voice {
    /// The agent who was at it; null for the citizen and for devices without one.
    pub agent: Option<String>,
    /// The device, in the house; null for somebody outside.
    pub device: Option<String>,
    /// When it ended.
    pub ended: String,
    /// The mean opinion score of what came from the party: 1 is bad, 4.4 the best that G.711 can be.
    pub mos: f64,
    /// That of what the party heard; null when its telephone reported nothing.
    pub peer_mos: Option<f64>,
    /// Packets of the party that never arrived, in percent.
    pub loss_percent: f64,
    /// Packets of ours that the party misses, in percent; null when its telephone reported nothing.
    pub peer_loss_percent: Option<f64>,
    /// The jitter at the end, in milliseconds.
    pub jitter_ms: f64,
    /// The greatest jitter, in milliseconds.
    pub max_jitter_ms: f64,
    /// The time to the party and back, in milliseconds; null when its telephone reported nothing.
    pub round_trip_ms: Option<f64>,
    /// Whether many users would be dissatisfied with it (a rating below 70, ITU-T G.109).
    pub poor: bool,
}

/// Lists calls that are over, the newest first. An agent finds his own.
#[utoipa::path(get, path = "/call-records", tag = "records", security(("bearer" = [])),
    params(Search), responses((status = 200, body = List<CallRecord>), (status = 400, body = Problem)))]
pub async fn list(
    State(state): State<RestState>,
    Caller(who): Caller,
    Params(search): Params<Search>,
) -> Result<Json<List<CallRecord>>, Problem> {
    let request = page(search.limit, search.after.clone())?;
    let of_recordings = [
        ("trunk", search.trunk.is_some()),
        ("shortest_ms", search.shortest_ms.is_some()),
        ("longest_ms", search.longest_ms.is_some()),
        ("quality", search.quality.is_some()),
    ];
    if let Some((field, _)) = of_recordings.into_iter().find(|(_, asked)| *asked) {
        return Err(Problem::invalid(field, "is for recordings"));
    }
    let filter = state.filter(&who, search)?;
    let found = state.records.calls(&filter, request).await?;
    let items = found.items.iter().map(|record| state.call_record(&who, record)).collect();
    Ok(Json(List { items, next: found.next }))
}

impl RestState {
    /// Returns what to look for, narrowed to what this principal may read.
    pub(super) fn filter(&self, who: &Principal, search: Search) -> Result<Filter, Problem> {
        let moment = |field: &str, text: Option<String>| {
            text.map(|text| parse_time(field, &text)).transpose()
        };
        let number = |field: &str, text: Option<String>| {
            let view = self.live.view();
            let key = text.map(|text| view.number_key(&text)).transpose();
            key.map_err(|error| Problem::invalid(field, error))
        };
        Ok(Filter {
            citizen: None,
            caller: number("caller", search.caller)?,
            called: number("called", search.called)?,
            agent: self.scope(who, search.agent)?,
            seat: search.seat,
            from: moment("from", search.from)?,
            to: moment("to", search.to)?,
            trunk: search.trunk,
            shortest: search.shortest_ms.map(Duration::from_millis),
            longest: search.longest_ms.map(Duration::from_millis),
            quality: search.quality,
            view: search.view,
        })
    }

    fn call_record(&self, who: &Principal, record: &call::CallRecord) -> CallRecord {
        let name = |agent: &AgentId| {
            let view = self.live.view();
            view.config()
                .agents
                .iter()
                .find(|known| known.id == *agent)
                .map(|known| known.name.clone())
        };
        let agents = || record.legs.iter().filter_map(|leg| leg.agent.as_ref());
        CallRecord {
            call: record.call.to_string(),
            contact: record.contact.to_string(),
            direction: direction(record.kind).to_owned(),
            kind: plain(&record.kind),
            caller: self.number(who, &record.caller, agents()),
            called: self.called(who, record.kind, &record.called, agents()),
            caller_normal: self.number(who, &record.caller_normal, agents()),
            called_normal: self.called(who, record.kind, &record.called_normal, agents()),
            region: record.region.clone(),
            list_entry: record.listed.as_ref().map(|(entry, _)| entry.to_string()),
            listed: record.listed.as_ref().map(|(_, level)| level.to_string()),
            trunk: match &record.origin {
                Origin::Trunk(trunk) => Some(trunk.to_string()),
                Origin::Device(_) => None,
            },
            started: self.time(record.started),
            answered: record.answered.map(|at| self.time(at)),
            ended: self.time(record.ended),
            outcome: record.outcome.name().to_owned(),
            cause: plain(&record.cause),
            queue: record.queue.as_ref().map(ToString::to_string),
            wait_ms: millis(record.wait),
            talk_ms: millis(record.talk),
            hold_ms: millis(record.hold),
            consult_ms: millis(record.consult),
            supervise_ms: millis(record.supervise),
            agent: record.agent.as_ref().map(ToString::to_string),
            agent_name: record.agent.as_ref().and_then(name),
            legs: record.legs.iter().map(|leg| self.leg(who, record, leg)).collect(),
            voice: record.voice.iter().map(|voice| self.voice(voice)).collect(),
            consults: record.consults.map(|other| other.to_string()),
            recording: record.recording.map(|recording| recording.to_string()),
            ticket: record.ticket.clone(),
        }
    }

    fn voice(&self, voice: &VoiceRecord) -> Voice {
        let quality = &voice.quality;
        let percent = |share: f64| rounded(share * 100.0);
        Voice {
            agent: voice.agent.as_ref().map(ToString::to_string),
            device: voice.device.as_ref().map(ToString::to_string),
            ended: self.time(voice.ended),
            mos: rounded(quality.mos()),
            peer_mos: quality.peer_mos().map(rounded),
            loss_percent: percent(quality.loss()),
            peer_loss_percent: quality.peer_loss().map(percent),
            jitter_ms: in_millis(quality.jitter_us),
            max_jitter_ms: in_millis(quality.max_jitter_us),
            round_trip_ms: quality.round_trip_us.map(in_millis),
            poor: quality.is_poor(),
        }
    }

    fn leg(&self, who: &Principal, record: &call::CallRecord, leg: &call::CallLeg) -> Leg {
        let agents = record.legs.iter().filter_map(|leg| leg.agent.as_ref());
        Leg {
            agent: leg.agent.as_ref().map(ToString::to_string),
            seat: leg.seat.as_ref().map(ToString::to_string),
            device: leg.device.as_ref().map(ToString::to_string),
            number: leg.number.as_ref().map(|number| self.number(who, number, agents)),
            entry: leg.entry.name().to_owned(),
            part: leg.part.as_ref().map(plain),
            offered: self.time(leg.offered),
            answered: leg.answered.map(|at| self.time(at)),
            ended: self.time(leg.ended),
            ring_ms: millis(leg.ring()),
            talk_ms: millis(leg.talk),
            hold_ms: millis(leg.hold),
            consult_ms: millis(leg.consult),
            supervise_ms: millis(leg.supervise),
            outcome: plain(&leg.outcome),
        }
    }
}

/// Returns a value with two decimals.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn in_millis(us: u64) -> f64 {
    rounded(Duration::from_micros(us).as_secs_f64() * 1000.0)
}
