//! Scenario text: lines of who does what when; the trace is what came of it.
//!
//! ```text
//! 00:00 phone 8001 registers
//! 00:00 agent 8001 signs in at A01
//! 00:01 agent 8001 is ready
//! 00:05 citizen 13812341234 dials 12345
//! 00:09 phone 8001 answers
//! 01:09 citizen 13812341234 hangs up
//! 01:30
//! ```
//!
//! Services on calls have words of their own, listed in the source of `testkit::words`; `outside 13812341234 answers`
//! moves someone who was called by a trunk, `contact 1 gets priority 9` one who waits.
//!
//! Times are `MM:SS` or `MM:SS.mmm` after the start of the world and never go back; a line without an action only
//! lets time pass. Empty lines and lines that begin with `#` are skipped.

use std::time::Duration;

use crate::{
    address::PhoneNumber,
    cause::Cause,
    command::{Command, ForcedState, Service},
    id::{AgentId, ContactId, DeviceId, LegId, SeatId, TrunkId},
    switch::{Clip, Origin, Reference, SwitchCommand, SwitchReport},
    testkit::World,
    time::Timestamp,
    words::in_words,
};

/// A line that cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {text:?}: {reason}")]
pub struct ScenarioError {
    /// Which line, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
    /// Why not.
    pub reason: String,
}

/// Runs a scenario and compares its trace.
///
/// # Panics
/// When a line cannot be played or the trace differs.
pub fn check(world: &mut World, script: &str, expected: &str) {
    let trace = match run(world, script) {
        Ok(trace) => trace,
        Err(error) => panic!("{error}"),
    };
    let strip = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    assert_eq!(strip(trace.trim()), strip(expected.trim()), "the whole trace was:\n{trace}");
}

/// Runs a scenario and returns its trace: one line per fact and per thing a caller hears.
///
/// # Errors
/// When a line cannot be read or does not fit the state of the world.
pub fn run(world: &mut World, script: &str) -> Result<String, ScenarioError> {
    let mut player = Player { start: world.now() };
    let (first_event, first_command) = (world.events.len(), world.commands.len());
    for (index, text) in script.lines().map(str::trim).enumerate() {
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        player.line(world, text).map_err(|reason| ScenarioError {
            line: index + 1,
            text: text.to_owned(),
            reason,
        })?;
    }
    Ok(player.trace(world, first_event, first_command))
}

struct Player {
    start: Timestamp,
}

impl Player {
    fn line(&mut self, world: &mut World, text: &str) -> Result<(), String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (time, action) = words.split_first().ok_or("a line begins with a time")?;
        let at = self.start + parse_time(time)?;
        if at < world.now() {
            return Err("time goes back".to_owned());
        }
        world.advance_to(at);
        match action {
            [] => Ok(()),
            ["phone", name, verb @ ..] => self.phone(world, name, verb),
            ["agent", name, verb @ ..] => agent(world, name, verb),
            ["citizen", name, verb @ ..] => self.citizen(world, name, verb),
            ["call", n, "data", pair] => {
                let (name, value) = pair.split_once('=').ok_or("data is name=value")?;
                let call = super::words::call(n)?;
                let data = [(name.to_owned(), value.to_owned())].into();
                let service = Service::AssociateData { call, data, based_on: None };
                world.request(Command::Call(service)).map(|_| ()).map_err(|error| error.to_string())
            }
            ["call", name, "is", "cleared"] => {
                let call = format!("call-{name}").parse().map_err(|error| format!("{error}"))?;
                world
                    .request(Command::ClearCall { call })
                    .map(|_| ())
                    .map_err(|error| error.to_string())
            }
            ["call", n, "is", "accepted"] => {
                let service = Service::AcceptCall { call: super::words::call(n)? };
                world.request(Command::Call(service)).map(|_| ()).map_err(|error| error.to_string())
            }
            ["call", n, "is", "answered"] => {
                let service = Service::AnswerCall { call: super::words::call(n)?, device: None };
                world.request(Command::Call(service)).map(|_| ()).map_err(|error| error.to_string())
            }
            ["contact", n, verb @ ..] => on_contact(world, n, verb),
            ["outside", number, verb @ ..] => outside(world, number, verb),
            ["centre", "drains"] => world
                .request(Command::Drain { on: true })
                .map(|_| ())
                .map_err(|error| error.to_string()),
            [who, ..] => Err(format!(
                "{who} is nobody: phone, agent, citizen, outside, call, contact or centre"
            )),
        }
    }

    fn phone(&mut self, world: &mut World, name: &str, verb: &[&str]) -> Result<(), String> {
        let device = DeviceId::new(name).map_err(|error| error.to_string())?;
        if let Some(command) = super::words::of_phone(&device, verb)? {
            return world.request(command).map(|_| ()).map_err(|error| error.to_string());
        }
        let leg = |world: &World| {
            world
                .switch
                .leg_at(&device)
                .ok_or_else(|| format!("nothing rings or talks at phone {name}"))
        };
        match verb {
            ["registers"] => world.switch.register(&device, true),
            ["unregisters"] => world.switch.register(&device, false),
            ["answers"] => {
                let leg = leg(world)?;
                world.switch.answer(leg);
            }
            ["rejects"] => {
                let leg = leg(world)?;
                world.switch.end(world.now(), leg, Cause::Rejected);
            }
            ["hangs", "up"] => {
                let leg = leg(world)?;
                world.switch.end(world.now(), leg, Cause::Normal);
            }
            ["is", "lost"] => {
                let leg = leg(world)?;
                world.switch.end(world.now(), leg, Cause::Lost);
            }
            ["holds"] => {
                let leg = leg(world)?;
                world.switch.report(SwitchReport::Held { leg });
            }
            ["retrieves"] => {
                let leg = leg(world)?;
                world.switch.report(SwitchReport::Retrieved { leg });
            }
            ["refers", from, "to", to] => {
                let leg_of = |text: &str| {
                    text.strip_prefix("leg-").and_then(|it| it.parse().ok()).map(LegId)
                };
                let leg = leg_of(from).ok_or_else(|| format!("{from} is no leg"))?;
                let to = match leg_of(to) {
                    Some(other) => Reference::Leg(other),
                    None => {
                        let number = PhoneNumber::parse(to).map_err(|error| error.to_string())?;
                        Reference::Number(number)
                    }
                };
                world.switch.report(SwitchReport::Referred { leg, to });
            }
            ["dials", number] => {
                let leg = world.switch.incoming(Some(device.clone()));
                let caller = PhoneNumber::parse(name).map_err(|error| error.to_string())?;
                incoming(world, leg, Origin::Device(device), caller, number)?;
            }
            ["presses", keys] => {
                let leg = leg(world)?;
                for digit in keys.chars() {
                    world.switch.report(SwitchReport::Digit { leg, digit });
                    world.settle();
                }
            }
            _ => return Err(format!("a phone cannot {verb:?}")),
        }
        world.settle();
        Ok(())
    }

    fn citizen(&mut self, world: &mut World, name: &str, verb: &[&str]) -> Result<(), String> {
        let leg =
            world.citizens.get(name).copied().ok_or_else(|| format!("citizen {name} has no call"));
        match verb {
            ["dials", number] => {
                let leg = world.switch.incoming(None);
                world.citizens.insert(name.to_owned(), leg);
                let caller = PhoneNumber::parse(name).map_err(|error| error.to_string())?;
                let trunk = TrunkId::new("trunk").map_err(|error| error.to_string())?;
                incoming(world, leg, Origin::Trunk(trunk), caller, number)?;
            }
            ["presses", keys] => {
                let leg = leg?;
                for digit in keys.chars() {
                    world.switch.report(SwitchReport::Digit { leg, digit });
                    world.settle();
                }
            }
            ["says", words @ ..] => world.switch.say(leg?, &words.join(" ")),
            ["hangs", "up"] => world.switch.end(world.now(), leg?, Cause::Normal),
            ["holds"] => world.switch.report(SwitchReport::Held { leg: leg? }),
            ["retrieves"] => world.switch.report(SwitchReport::Retrieved { leg: leg? }),
            ["is", "lost"] => world.switch.end(world.now(), leg?, Cause::Lost),
            _ => return Err(format!("a citizen cannot {verb:?}")),
        }
        world.settle();
        Ok(())
    }

    fn trace(&self, world: &World, first_event: usize, first_command: usize) -> String {
        let mut lines: Vec<(Timestamp, usize, String)> = Vec::new();
        for (index, event) in world.events[first_event..].iter().enumerate() {
            lines.push((event.at, index * 2, in_words(&event.fact)));
        }
        // What is heard stands behind the facts of the same moment.
        for (index, (at, command)) in world.commands[first_command..].iter().enumerate() {
            if let SwitchCommand::Play { leg, clips, looped, .. } = command {
                let clips: Vec<_> = clips.iter().map(clip_name).collect();
                let over = if *looped { " over and over" } else { "" };
                lines.push((
                    *at,
                    usize::MAX / 2 + index,
                    format!("  {leg} hears {}{over}", clips.join(" ")),
                ));
            }
        }
        lines.sort_by_key(|(at, order, _)| (*at, *order));
        lines
            .iter()
            .map(|(at, _, text)| format!("{} {text}\n", print_time(at.since(self.start))))
            .collect()
    }
}

fn incoming(
    world: &mut World,
    leg: LegId,
    origin: Origin,
    caller: PhoneNumber,
    number: &str,
) -> Result<(), String> {
    let called = PhoneNumber::parse(number).map_err(|error| error.to_string())?;
    let network_id = format!("{leg}@test");
    world.switch.report(SwitchReport::Incoming { leg, origin, caller, called, network_id });
    Ok(())
}

fn agent(world: &mut World, name: &str, verb: &[&str]) -> Result<(), String> {
    let agent = AgentId::new(name).map_err(|error| error.to_string())?;
    if let Some(command) = super::words::of_agent(&agent, verb)? {
        return world.request(command).map(|_| ()).map_err(|error| error.to_string());
    }
    let command = match verb {
        ["signs", "in", "at", seat] => {
            let seat = SeatId::new(seat).map_err(|error| error.to_string())?;
            Command::SignIn { agent, seat, queues: None }
        }
        ["signs", "out"] => Command::SignOut { agent },
        ["is", "ready"] => Command::SetReady { agent },
        ["is", "not", "ready", reason] => {
            Command::SetNotReady { agent, reason: (*reason).to_owned() }
        }
        ["is", "made", "ready"] => {
            Command::ForceAgent { agent, to: ForcedState::Ready, by: "supervisor".to_owned() }
        }
        ["is", "made", "not", "ready", reason] => Command::ForceAgent {
            agent,
            to: ForcedState::NotReady((*reason).to_owned()),
            by: "supervisor".to_owned(),
        },
        ["is", "signed", "out"] => {
            Command::ForceAgent { agent, to: ForcedState::SignedOut, by: "supervisor".to_owned() }
        }
        ["is", "reset"] => Command::Reset { agent },
        ["is", "alive"] => Command::Heartbeat { agent },
        ["accepts", "contact", n] => Command::AcceptContact { contact: contact(n)?, agent },
        ["rejects", "contact", n] => Command::RejectContact { contact: contact(n)?, agent },
        ["finishes", "contact", n] => Command::FinishContact { contact: contact(n)?, agent },
        _ => return Err(format!("an agent cannot {verb:?}")),
    };
    world.request(command).map(|_| ()).map_err(|error| error.to_string())
}

fn contact(number: &str) -> Result<ContactId, String> {
    number.parse().map(ContactId).map_err(|_| format!("{number} is no number of a contact"))
}

/// What is done with a waiting contact.
fn on_contact(world: &mut World, n: &str, verb: &[&str]) -> Result<(), String> {
    let (contact, by) = (contact(n)?, "supervisor".to_owned());
    let command = match verb {
        ["gets", "priority", priority] => {
            let priority = priority.parse().map_err(|_| "a priority is 0 to 255".to_owned())?;
            Command::SetPriority { contact, priority, by }
        }
        ["moves", "to", queue] => {
            let queue = queue.parse().map_err(|error| format!("{error}"))?;
            Command::MoveContact { contact, queue, by }
        }
        ["is", "for", "agent", agent] => {
            let agent = Some(agent.parse().map_err(|error| format!("{error}"))?);
            Command::AssignContact { contact, agent, by }
        }
        ["is", "for", "anyone"] => Command::AssignContact { contact, agent: None, by },
        ["wants", "to", "be", "called", "back"] => {
            Command::RequestCallBack { contact, number: None }
        }
        ["wants", "to", "be", "called", "back", "at", number] => {
            let number = PhoneNumber::parse(number).map_err(|error| error.to_string())?;
            Command::RequestCallBack { contact, number: Some(number) }
        }
        ["is", "withdrawn"] => Command::WithdrawContact { contact },
        _ => return Err(format!("a contact cannot {verb:?}")),
    };
    world.request(command).map(|_| ()).map_err(|error| error.to_string())
}

/// Someone outside who was called does something.
fn outside(world: &mut World, number: &str, verb: &[&str]) -> Result<(), String> {
    let leg = world
        .switch
        .leg_to(number)
        .ok_or_else(|| format!("nobody called {number}, or he has hung up"))?;
    match verb {
        ["answers"] => world.switch.answer(leg),
        ["is", "busy"] => world.switch.end(world.now(), leg, Cause::Busy),
        ["rejects"] => world.switch.end(world.now(), leg, Cause::Rejected),
        ["hangs", "up"] => world.switch.end(world.now(), leg, Cause::Normal),
        ["presses", keys] => {
            for digit in keys.chars() {
                world.switch.report(SwitchReport::Digit { leg, digit });
                world.settle();
            }
        }
        _ => return Err(format!("someone outside cannot {verb:?}")),
    }
    world.settle();
    Ok(())
}

fn clip_name(clip: &Clip) -> String {
    match clip {
        Clip::Prompt(prompt) => prompt.clone(),
        Clip::Tone(tone) => format!("{tone:?}"),
        Clip::Silence(length) => format!("silence {} ms", length.as_millis()),
        Clip::Recording(recording) => recording.to_string(),
        Clip::Text { text, .. } => format!("{:?}", text.reveal()),
    }
}

fn parse_time(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no time: MM:SS or MM:SS.mmm");
    let (minutes, seconds) = text.split_once(':').ok_or_else(wrong)?;
    let (seconds, millis) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let number = |digits: &str| digits.parse::<u64>().map_err(|_| wrong());
    Ok(Duration::from_millis(number(minutes)? * 60_000 + number(seconds)? * 1000 + number(millis)?))
}

fn print_time(since: Duration) -> String {
    let (minutes, seconds, millis) =
        (since.as_secs() / 60, since.as_secs() % 60, since.subsec_millis());
    match millis {
        0 => format!("{minutes:02}:{seconds:02}"),
        _ => format!("{minutes:02}:{seconds:02}.{millis:03}"),
    }
}
