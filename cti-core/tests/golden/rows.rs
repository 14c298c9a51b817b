//! A log as rows: what a report would be made of, so that a changed reading shows.

use std::{collections::BTreeMap, fmt::Write as _};

use cti_core::{
    event::{Event, Fact},
    id::CallId,
    switch::{Endpoint, RecordingEnd},
};

/// Returns a row for each call and each change of an agent, and the sum of all facts by their names.
pub(crate) fn of(events: &[Event]) -> String {
    let first = events.first().unwrap().at;
    let mut rows = String::new();
    let mut calls: BTreeMap<CallId, String> = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for event in events {
        let json = serde_json::to_value(&event.fact).unwrap();
        *counts.entry(json["fact"].as_str().unwrap().to_owned()).or_default() += 1;
        let at = format!("{:.3}", event.at.since(first).as_secs_f64());
        let words = of_call(&event.fact);
        if let (Some(call), Some(words)) = (event.fact.call(), words) {
            write!(calls.entry(call).or_insert_with(|| call.to_string()), "; {at} {words}")
                .unwrap();
        }
        if let Fact::AgentSignedIn { agent, seat, device, queues, .. } = &event.fact {
            writeln!(rows, "agent {agent}: {at} signed in at {seat} {device} for {queues:?}")
                .unwrap();
        }
        if let Fact::AgentStateChanged { agent, to, until } = &event.fact {
            let until = until.map(|until| until.since(first));
            let json = serde_json::to_value(to).unwrap();
            let (state, reason, call) = (&json["state"], &json["reason"], &json["call"]);
            writeln!(rows, "agent {agent}: {at} {state} {reason} {call} until {until:?}").unwrap();
        }
        if let Fact::AgentSignedOut { agent, seat } = &event.fact {
            writeln!(rows, "agent {agent}: {at} signed out of {seat}").unwrap();
        }
        if let Fact::AlarmRaised { alarm, kind } = &event.fact {
            writeln!(rows, "{alarm}: {at} {kind:?}").unwrap();
        }
    }
    let calls: String = calls.into_values().map(|row| row + "\n").collect();
    let last = events.last().unwrap();
    format!("{} to {}, {} to {}\n{counts:?}\n{calls}{rows}", events[0].no, last.no, first, last.at)
}

/// Returns what a fact says of its call, where a report would say it.
fn of_call(fact: &Fact) -> Option<String> {
    if let Fact::CallStarted { contact, kind, leg, origin, caller, called, network_id, .. } = fact {
        let (caller, called) = (caller.reveal(), called.reveal());
        return Some(format!(
            "{contact} {kind:?} {leg} {origin:?} {caller} to {called} {network_id:?}"
        ));
    }
    if let Fact::Queued { queue, priority, .. } = fact {
        return Some(format!("waits in {queue} with {priority}"));
    }
    if let Fact::Offered { agent, seat, device, leg, why, .. } = fact {
        let leg = leg.unwrap();
        return Some(format!("offered to {agent} {seat} {device} {leg} by {}", why.rule));
    }
    if let Fact::OfferEnded { agent, end, .. } = fact {
        return Some(format!("offer to {agent} {end:?}"));
    }
    if let Fact::Dequeued { queue, reason, .. } = fact {
        return Some(format!("leaves {queue} {reason:?}"));
    }
    if let Fact::Rung { legs, then, ring_for, .. } = fact {
        let names = |step: &[Endpoint]| step.iter().map(name).collect::<Vec<_>>().join("+");
        let first: Vec<_> = legs.iter().map(|(_, to)| to.clone()).collect();
        let then = then.iter().map(|step| names(step)).collect::<Vec<_>>().join(", ");
        return Some(format!("rings {} for {ring_for:?} then [{then}]", names(&first)));
    }
    if let Fact::RingEnded { leg, end, .. } = fact {
        return Some(format!("{leg} {end:?}"));
    }
    if let Fact::Connected { party, queue, after_call_work, .. } = fact {
        let (agent, device) = (&party.agent, party.device.as_ref().unwrap());
        return Some(format!("talks with {agent:?} {device} {queue:?} {after_call_work:?}"));
    }
    if let Fact::TalkEnded { party, cause, .. } = fact {
        return Some(format!("talk with {:?} over {cause:?}", party.agent));
    }
    if let Fact::CallEnded { cause, .. } = fact {
        return Some(format!("ended {cause:?}"));
    }
    if let Fact::DigitPressed { digit, .. } = fact {
        return Some(format!("key {digit:?}"));
    }
    if let Fact::DataSet { data, .. } = fact {
        return Some(format!("{data:?}"));
    }
    if let Fact::FlowStarted { session, flow, version, waiting, .. } = fact {
        return Some(format!("{session} {flow} {version:?} {waiting}"));
    }
    if let Fact::RecordingEnded { recording, end, .. } = fact {
        let RecordingEnd::Saved { file, length, .. } = end else {
            return Some(format!("{recording} {end:?}"));
        };
        return Some(format!("{recording} {file} {length:?}"));
    }
    None
}

fn name(to: &Endpoint) -> String {
    match to {
        Endpoint::Device(device) => device.to_string(),
        Endpoint::Outside { number, .. } => number.reveal().to_owned(),
    }
}
