//! The frames of the event WebSocket, each as its reader may see it.

use cti_core::{event::Fact, id::AgentId, switch::RecordingEnd, time::Timestamp};
use serde_json::{Map, Value, json};

use crate::{
    live::{Notice, Published},
    rest::{RestState, authorize::Principal, show::millis},
    view::{View, changes::Changes},
};

/// Fields of facts that stay inside: they may hold what a citizen typed or said, or names of the network.
const INSIDE: [&str; 4] = ["data", "digit", "network_id", "why"];

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
    let (name, mut data) = name_and_data(&event.fact);
    for field in INSIDE {
        data.remove(field);
    }
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
    if let (true, Some((caller, called))) = (tells_numbers, &published.numbers) {
        let agent = agent_of(&event.fact);
        data.insert("caller".to_owned(), json!(state.number(who, caller, agent)));
        data.insert("called".to_owned(), json!(called.reveal()));
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

fn agent_of(fact: &Fact) -> Option<&AgentId> {
    if let Fact::Offered { agent, .. } = fact {
        Some(agent)
    } else if let Fact::Connected { party, .. } = fact {
        party.agent.as_ref()
    } else {
        None
    }
}
