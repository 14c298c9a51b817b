//! The frames of the event WebSocket, each as its reader may see it.

use cti_core::{
    address::PhoneNumber,
    event::Fact,
    id::{DeviceId, LegId},
    monitor::Subject,
    switch::RecordingEnd,
    time::Timestamp,
};
use serde_json::{Map, Value, json};

use crate::{
    live::{Notice, Published},
    rest::{
        RestState,
        authorize::{Action, Principal, Whose},
        show::millis,
    },
    view::{View, changes::Changes},
};

/// Fields of facts that stay inside: they may hold what a citizen typed or said, or names of the network and the plan.
const INSIDE: [&str; 8] =
    ["data", "digit", "digits", "text", "network_id", "otherwise", "then", "needs"];
/// Fields that hold numbers of people.
const NUMBERS: [&str; 5] = ["number", "numbers", "caller", "called", "call_back"];

/// Returns everything that goes on.
pub(super) fn snapshot(state: &RestState, who: &Principal, view: &View) -> Value {
    let now = state.centre.now();
    json!({
        "type": "snapshot",
        "no": view.last().0,
        "agents": view.agents(now).map(|agent| json!(state.agent(&agent))).collect::<Vec<_>>(),
        "queues": view.queues(now).map(|queue| json!(state.queue(who, view, &queue, now))).collect::<Vec<_>>(),
        "calls": view.calls().map(|call| json!(state.call(who, view, call))).collect::<Vec<_>>(),
    })
}

/// Returns what there is to know of a subject: who and what takes part with it.
pub(super) fn present(
    state: &RestState,
    who: &Principal,
    view: &View,
    subject: &Subject,
    id: &str,
) -> Value {
    let now = state.centre.now();
    let everything = *subject == Subject::Everything;
    let at = |device: &DeviceId| view.agent_at(device).cloned();
    let agent_of_subject = match subject {
        Subject::Agent(agent) => Some(agent.clone()),
        Subject::Device(device) => at(device),
        Subject::Everything
        | Subject::CallsVia(_)
        | Subject::Call(_)
        | Subject::Queue(_)
        | Subject::Contact(_) => None,
    };
    let agents = view.agents(now).filter(|status| match subject {
        Subject::Queue(queue) => status.seat.is_some() && status.queues.contains(queue),
        Subject::Everything
        | Subject::Device(_)
        | Subject::CallsVia(_)
        | Subject::Call(_)
        | Subject::Agent(_)
        | Subject::Contact(_) => everything || Some(&status.config.id) == agent_of_subject.as_ref(),
    });
    let queues = view.queues(now).filter(|status| {
        everything || matches!(subject, Subject::Queue(queue) if *queue == status.config.id)
    });
    let calls = view.calls().filter(|call| match subject {
        Subject::Everything => true,
        Subject::Device(device) | Subject::CallsVia(device) => {
            call.parties.present().any(|member| member.party.device.as_ref() == Some(device))
        }
        Subject::Call(wanted) => call.call == *wanted,
        Subject::Agent(agent) => call.parties.member_of(agent).is_some(),
        Subject::Queue(queue) => view.waits_in(call.contact) == Some(queue),
        Subject::Contact(contact) => call.contact == *contact,
    });
    json!({
        "type": "subscribed",
        "id": id,
        "no": view.last().0,
        "agents": agents.map(|agent| json!(state.agent(&agent))).collect::<Vec<_>>(),
        "queues": queues.map(|queue| json!(state.queue(who, view, &queue, now))).collect::<Vec<_>>(),
        "calls": calls.map(|call| json!(state.call(who, view, call))).collect::<Vec<_>>(),
    })
}

/// Returns what has changed, as it is now.
pub(super) fn state(state: &RestState, who: &Principal, view: &View, changes: &Changes) -> Value {
    let now = state.centre.now();
    let agents = changes.agents.iter().filter_map(|agent| view.agent(agent, now));
    let queues = changes.queues.iter().filter_map(|queue| view.queue(queue, now));
    let calls = changes.calls.iter().filter_map(|call| view.call(*call));
    json!({
        "type": "state",
        "no": view.last().0,
        "agents": agents.map(|agent| json!(state.agent(&agent))).collect::<Vec<_>>(),
        "queues": queues.map(|queue| json!(state.queue(who, view, &queue, now))).collect::<Vec<_>>(),
        "calls": calls.map(|call| json!(state.call(who, view, call))).collect::<Vec<_>>(),
        "calls_ended": changes.ended,
    })
}

/// Returns one event.
pub(super) fn event(state: &RestState, who: &Principal, published: &Published) -> Value {
    let event = &published.event;
    if hides(state, who, published) {
        let at = state.time(event.at);
        return json!({"type": "event", "no": event.no.0, "at": at, "name": "withheld", "data": {}});
    }
    let (name, mut data) = name_and_data(&event.fact);
    for field in INSIDE {
        data.remove(field);
    }
    // Why an agent was chosen is told by the explanation; why a party was brought in is a word.
    if data.get("why").is_some_and(Value::is_object) {
        data.remove("why");
    }
    let agents = published.call.iter().flat_map(|call| &call.agents);
    let show = |number: &PhoneNumber| state.number(who, number, agents.clone());
    data.iter_mut().for_each(|(field, value)| mask(field, value, &show));
    if let Some(until) = data.get("until").and_then(Value::as_u64) {
        data.insert("until".to_owned(), json!(state.time(Timestamp::from_micros(until))));
    }
    if let Fact::RecordingEnded { end, .. } = &event.fact {
        data.remove("end");
        match end {
            RecordingEnd::Saved { length, .. } => {
                data.insert("saved".to_owned(), json!(true));
                data.insert("length_ms".to_owned(), json!(millis(*length)));
            }
            RecordingEnd::Failed { .. } => {
                data.insert("saved".to_owned(), json!(false));
            }
        }
    }
    let tells_numbers = matches!(
        event.fact,
        Fact::CallStarted { .. } | Fact::Offered { .. } | Fact::Connected { .. }
    );
    if let (true, Some(call)) = (tells_numbers, &published.call) {
        let called = state.called(who, call.kind, &call.called, agents.clone());
        data.insert("caller".to_owned(), json!(show(&call.caller)));
        data.insert("called".to_owned(), json!(called));
    }
    json!({
        "type": "event",
        "no": event.no.0,
        "at": state.time(event.at),
        "name": name,
        "data": data,
    })
}

/// Returns something beside the log.
pub(super) fn notice(notice: &Notice) -> Value {
    json!({"type": notice.kind, "name": notice.name, "data": notice.data})
}

fn name_and_data(fact: &Fact) -> (String, Map<String, Value>) {
    let Ok(Value::Object(mut data)) = serde_json::to_value(fact) else {
        return (String::new(), Map::new());
    };
    let name = match data.remove("fact") {
        Some(Value::String(name)) if name == "recording_ended" => "recording_finished".to_owned(),
        Some(Value::String(name)) => name,
        _ => String::new(),
    };
    (name, data)
}

/// Returns whether an event tells of someone whom this reader is not to know of: who listens to a call unseen, who is
/// on a list.
fn hides(state: &RestState, who: &Principal, published: &Published) -> bool {
    if matches!(published.event.fact, Fact::ListEntryAdded { .. } | Fact::ListEntryRemoved { .. }) {
        return !state.authorizer.may(who, Action::ManageLists);
    }
    let Some(call) = &published.call else { return false };
    let Some(leg) = leg_of(&published.event.fact) else { return false };
    let (agents, queues) =
        (Vec::from_iter(call.agents.clone()), Vec::from_iter(call.queues.clone()));
    call.unseen.contains(&leg)
        && !state.authorizer.may(who, Action::Supervise(Whose { agents: &agents, queues: &queues }))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "most facts are about no leg alone")]
fn leg_of(fact: &Fact) -> Option<LegId> {
    match fact {
        Fact::PartyDialed { leg, .. }
        | Fact::PartyFailed { leg, .. }
        | Fact::Connected { leg, .. }
        | Fact::TalkEnded { leg, .. }
        | Fact::RoleChanged { leg, .. }
        | Fact::Muted { leg, .. } => Some(*leg),
        _ => None,
    }
}

/// Shows the numbers in a value as its reader may see them.
fn mask(field: &str, value: &mut Value, show: &impl Fn(&PhoneNumber) -> String) {
    match value {
        Value::String(text) if NUMBERS.contains(&field) => {
            *text = PhoneNumber::parse(text).map_or_else(|_| String::new(), |it| show(&it));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(field, item, show)),
        // The number that calls are forwarded to; other targets are objects.
        Value::Object(fields) if field == "forwarding" => {
            fields.iter_mut().for_each(|(name, value)| {
                mask(if name == "to" { "number" } else { name }, value, show);
            });
        }
        Value::Object(fields) => {
            fields.iter_mut().for_each(|(name, value)| mask(name, value, show));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
