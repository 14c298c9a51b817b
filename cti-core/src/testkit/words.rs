//! The words of scenario text for services on calls: who does what with which call.
//!
//! ```text
//! agent 8001 holds call 1                     agent 8001 retrieves call 1
//! agent 8001 consults agent:8002 in call 1    agent 8001 alternates call 1 with call 2
//! agent 8001 reconnects call 1 from call 2    agent 8001 leaves call 2
//! agent 8001 transfers call 1 to call 2       agent 8001 conferences call 1 with call 2
//! agent 8001 sends call 1 to queue:general    agent 8001 requeues call 1 in general
//! agent 8001 adds number:913812341234 to call 1
//! agent 8001 parks call 1 at 8003             phone 8002 unparks 8003
//! agent 8001 camps call 1 on 8002             phone 8002 takes back call 1
//! agent 8001 mutes served in call 1           agent 8001 unmutes served in call 1
//! phone 8001 calls agent:8002                 phone 8001 wants 8002
//! phone 8003 picks up call 1                  phone 8003 picks up
//! phone 8003 monitors call 1                  phone 8003 whispers to agent 8001 in call 1
//! phone 8003 barges into call 1               phone 8003 takes over call 1 from agent 8001
//! phone 8003 intrudes into call 1             phone 8001 deflects call 1 to agent:8002
//! phone 8001 switches constant-off-hook on    phone 8001 switches do-not-disturb off
//! phone 8001 switches auto-answer on          phone 8001 switches caller-id-restriction on
//! phone 8001 has 3 messages                   phone 8001 keeps 913812341234 as 11
//! ```
//!
//! A target is `agent:8002`, `device:8002`, `number:913812341234`, `numbers:9138…,9139…`, `queue:general` or
//! `flow:night`.

use crate::{
    address::PhoneNumber,
    command::{Command, Service},
    event::DeviceFeature,
    id::{AgentId, CallId, DeviceId},
    role::Role,
    target::{PartyRef, Target},
};

/// Returns the command that an agent's words ask for; `None` when they are no service.
pub(super) fn of_agent(agent: &AgentId, words: &[&str]) -> Result<Option<Command>, String> {
    let party = || PartyRef::Agent(agent.clone());
    let service = match words {
        ["holds", "call", n] => Service::HoldCall { call: call(n)?, party: party() },
        ["retrieves", "call", n] => Service::RetrieveCall { call: call(n)?, party: party() },
        ["consults", to, "in", "call", n] => {
            Service::ConsultationCall { call: call(n)?, party: party(), to: target(to)? }
        }
        ["alternates", "call", held, "with", "call", active] => {
            Service::AlternateCall { held: call(held)?, active: call(active)?, party: party() }
        }
        ["reconnects", "call", held, "from", "call", active] => {
            Service::ReconnectCall { held: call(held)?, active: call(active)?, party: party() }
        }
        ["transfers", "call", held, "to", "call", active] => {
            Service::TransferCall { held: call(held)?, active: call(active)?, party: party() }
        }
        ["conferences", "call", held, "with", "call", active] => {
            Service::ConferenceCall { held: call(held)?, active: call(active)?, party: party() }
        }
        ["sends", "call", n, "to", to] => {
            Service::SingleStepTransfer { call: call(n)?, party: party(), to: target(to)? }
        }
        ["requeues", "call", n, "in", queue] => Service::Requeue {
            call: call(n)?,
            party: party(),
            queue: named(queue)?,
            needs: Default::default(),
            agent: None,
        },
        ["adds", to, "to", "call", n] => {
            Service::SingleStepConference { call: call(n)?, to: target(to)?, role: Role::Full }
        }
        ["adds", to, "to", "call", n, "as", "listener"] => {
            Service::SingleStepConference { call: call(n)?, to: target(to)?, role: Role::MayAsk }
        }
        ["parks", "call", n, "at", at] => {
            Service::ParkCall { call: call(n)?, party: party(), at: named(at)? }
        }
        ["camps", "call", n, "on", on] => {
            Service::CampOnCall { call: call(n)?, party: party(), on: named(on)? }
        }
        ["leaves", "call", n] => Service::ClearConnection { call: call(n)?, party: party() },
        ["asks", "to", "speak", "in", "call", n] => {
            Service::AskFloor { call: call(n)?, party: party() }
        }
        ["lets", who, "speak", "in", "call", n] => {
            Service::SetRole { call: call(n)?, party: someone(who)?, role: Role::Full }
        }
        ["mutes", who, "in", "call", n] => {
            Service::Mute { call: call(n)?, party: someone(who)?, on: true }
        }
        ["unmutes", who, "in", "call", n] => {
            Service::Mute { call: call(n)?, party: someone(who)?, on: false }
        }
        _ => return Ok(None),
    };
    Ok(Some(Command::Call(service)))
}

/// Returns the command that a phone's user gives by a program; `None` when the words are no service.
pub(super) fn of_phone(device: &DeviceId, words: &[&str]) -> Result<Option<Command>, String> {
    let device = || device.clone();
    if let Some(feature) = feature(words)? {
        return Ok(Some(Command::SetFeature { device: device(), feature }));
    }
    let service = match words {
        ["calls", to] => {
            Service::MakeCall { from: device(), to: Some(target(to)?), data: Default::default() }
        }
        ["goes", "off", "hook"] => {
            Service::MakeCall { from: device(), to: None, data: Default::default() }
        }
        ["wants", to] => Service::CallBackCall { from: device(), to: named(to)? },
        ["picks", "up", "call", n] => Service::DirectedPickup { call: call(n)?, device: device() },
        ["picks", "up"] => Service::GroupPickup { device: device() },
        ["unparks", at] => Service::Unpark { at: named(at)?, device: device() },
        ["takes", "back", "call", n] => Service::TakeBack { call: call(n)?, device: device() },
        ["deflects", "call", n, "to", to] => {
            Service::DeflectCall { call: call(n)?, to: target(to)? }
        }
        ["monitors", "call", n] => Service::SilentMonitor { call: call(n)?, device: device() },
        ["whispers", "to", "agent", agent, "in", "call", n] => Service::Whisper {
            call: call(n)?,
            device: device(),
            to: PartyRef::Agent(named(agent)?),
        },
        ["barges", "into", "call", n] => Service::Barge { call: call(n)?, device: device() },
        ["intrudes", "into", "call", n] => {
            Service::IntrudeCall { call: call(n)?, device: device() }
        }
        ["joins", "call", n] => Service::JoinCall { call: call(n)?, device: device() },
        ["takes", "over", "call", n, "from", "agent", agent] => Service::TakeOver {
            call: call(n)?,
            device: device(),
            from: PartyRef::Agent(named(agent)?),
        },
        ["is", "asked", "to", "answer", "call", n] => {
            Service::AnswerCall { call: call(n)?, device: Some(device()) }
        }
        ["leaves", "call", n] => {
            Service::ClearConnection { call: call(n)?, party: PartyRef::Device(device()) }
        }
        _ => return Ok(None),
    };
    Ok(Some(Command::Call(service)))
}

/// Returns the feature that words switch; `None` when they are about something else.
fn feature(words: &[&str]) -> Result<Option<DeviceFeature>, String> {
    let switched = |on: &str| match on {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{on} is neither on nor off")),
    };
    Ok(Some(match words {
        ["switches", "constant-off-hook", on] => DeviceFeature::ConstantOffHook(switched(on)?),
        ["switches", "do-not-disturb", on] => DeviceFeature::DoNotDisturb(switched(on)?),
        ["switches", "auto-answer", on] => DeviceFeature::AutoAnswer(switched(on)?),
        ["switches", "caller-id-restriction", on] => {
            DeviceFeature::CallerIdRestriction(switched(on)?)
        }
        ["has", count, "messages"] => {
            let count = count.parse().map_err(|_| format!("{count} is no number of messages"))?;
            DeviceFeature::MessageWaiting(count)
        }
        ["keeps", number, "as", key] => {
            let number = PhoneNumber::parse(number).map_err(|error| error.to_string())?;
            DeviceFeature::SpeedDial { key: (*key).to_owned(), number: Some(number) }
        }
        _ => return Ok(None),
    }))
}

/// Reads a target.
pub(super) fn target(text: &str) -> Result<Target, String> {
    let number = |text: &str| PhoneNumber::parse(text).map_err(|error| error.to_string());
    match text.split_once(':') {
        Some(("agent", name)) => named(name).map(Target::Agent),
        Some(("device", name)) => named(name).map(Target::Device),
        Some(("queue", name)) => named(name).map(Target::Queue),
        Some(("flow", name)) => named(name).map(Target::Flow),
        Some(("number", digits)) => number(digits).map(Target::Number),
        Some(("numbers", list)) => {
            list.split(',').map(number).collect::<Result<_, _>>().map(Target::Numbers)
        }
        Some(_) | None => Err(format!("{text} is no target: agent:8002, queue:general, …")),
    }
}

fn someone(text: &str) -> Result<PartyRef, String> {
    match text.split_once(':') {
        _ if text == "served" => Ok(PartyRef::Served),
        Some(("agent", name)) => named(name).map(PartyRef::Agent),
        Some(("device", name)) => named(name).map(PartyRef::Device),
        Some(_) | None => Err(format!("{text} is nobody: served, agent:8001 or device:8001")),
    }
}

/// Reads the number of a call.
pub(super) fn call(number: &str) -> Result<CallId, String> {
    number.parse().map(CallId).map_err(|_| format!("{number} is no number of a call"))
}

fn named<T: std::str::FromStr<Err: std::fmt::Display>>(name: &str) -> Result<T, String> {
    name.parse().map_err(|error: T::Err| error.to_string())
}
