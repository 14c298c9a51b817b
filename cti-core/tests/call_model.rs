//! `docs/standards/call-model.md` is written from the machines themselves, and says every pair of state and input.
//!
//! `UPDATE_EXPECT=1 cargo test -p cti-core --test call_model` writes it again.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::fmt::Write as _;

use cti_core::{
    agent::{AfterCall, AgentInput, AgentState, NotReadyReason},
    command::CommandError,
    connection::{ConnectionInput, ConnectionState},
    id::CallId,
};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/standards/call-model.md");

#[test]
fn the_document_of_the_call_model_says_what_the_machines_do() {
    let mut text = String::from(HEAD);
    connections(&mut text);
    correspondence(&mut text);
    agents(&mut text);
    errors(&mut text);
    expect_test::expect_file![PATH].assert_eq(&text);
}

fn connections(text: &mut String) {
    let inputs = ConnectionInput::ALL;
    let states = ConnectionState::ALL;
    let legal =
        states.iter().flat_map(|it| inputs.map(|input| it.next(input))).filter(|it| it.is_ok());
    let (pairs, legal) = (states.len() * inputs.len(), legal.count());
    let _ = write!(
        text,
        "\n## Connection\n\n{} states × {} inputs = {pairs} pairs: {legal} legal, {} refused. `·` is refused with \
         `InvalidConnection`, which names both.\n\n| state |",
        states.len(),
        inputs.len(),
        pairs - legal
    );
    for input in inputs {
        let _ = write!(text, " {input} |");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(inputs.len()));
    for state in states {
        let _ = write!(text, "\n| **{state}** |");
        for input in inputs {
            match state.next(input) {
                Ok(next) => {
                    let _ = write!(text, " {next} |");
                }
                Err(_) => text.push_str(" · |"),
            }
        }
    }
    text.push('\n');
}

fn correspondence(text: &mut String) {
    text.push_str(
        "\n### What the classic interfaces call it\n\n| state | ECMA-269 §6.1.5 | JTAPI CallControlConnection | JTAPI \
         CallControlTerminalConnection | TSAPI |\n|---|---|---|---|---|\n",
    );
    for state in ConnectionState::ALL {
        let _ = writeln!(
            text,
            "| **{state}** | {} | {} | {} | {} |",
            state.csta(),
            state.jtapi(),
            state.jtapi_terminal().unwrap_or("none"),
            state.tsapi()
        );
    }
}

fn agents(text: &mut String) {
    let (call, other) = (CallId(1), CallId(2));
    let reason = || NotReadyReason::Code("break".to_owned());
    let states = [
        ("signed out", AgentState::SignedOut),
        ("not ready", AgentState::NotReady { reason: reason() }),
        ("ready", AgentState::Ready),
        ("reserved", AgentState::Reserved { call }),
        ("on call, then work", AgentState::OnCall { call, then: AfterCall::Work }),
        ("on call, then ready", AgentState::OnCall { call, then: AfterCall::Ready }),
        (
            "on call, then not ready",
            AgentState::OnCall { call, then: AfterCall::NotReady(reason()) },
        ),
        ("on call, then signed out", AgentState::OnCall { call, then: AfterCall::SignOut }),
        ("after-call work", AgentState::AfterCallWork),
    ];
    let inputs = [
        ("sign in", AgentInput::SignIn),
        ("sign out", AgentInput::SignOut),
        ("ready", AgentInput::Ready),
        ("not ready", AgentInput::NotReady(reason())),
        ("reserve", AgentInput::Reserve(call)),
        ("answer", AgentInput::Answer),
        ("begin a call", AgentInput::Begin(other)),
        ("move to a call", AgentInput::Move(other)),
        ("force sign-out", AgentInput::ForceSignOut),
        ("withdraw", AgentInput::Withdraw),
        ("call over", AgentInput::CallOver),
        ("call over, no work", AgentInput::CallOverAtOnce),
        ("work over", AgentInput::AfterCallWorkOver),
    ];
    let mut rows = String::new();
    let mut legal = 0;
    for (name, state) in &states {
        let _ = write!(rows, "\n| **{name}** |");
        for (_, input) in &inputs {
            match state.next(input.clone()) {
                Ok(next) => {
                    legal += 1;
                    let known = states.iter().find(|(_, it)| same(it, &next));
                    let name = known.map_or("?", |(name, _)| name);
                    assert_ne!(name, "?", "{next:?} is no state of the table");
                    let _ = write!(rows, " {name} |");
                }
                Err(error) => {
                    assert!(error.to_string().contains("cannot"));
                    rows.push_str(" · |");
                }
            }
        }
    }
    let pairs = states.len() * inputs.len();
    let _ = write!(
        text,
        "\n## Agent\n\n{} states × {} inputs = {pairs} pairs: {legal} legal, {} refused. What an agent asks for during a \
         call is what he does afterwards.\n\n| state |",
        states.len(),
        inputs.len(),
        pairs - legal
    );
    for (name, _) in &inputs {
        let _ = write!(text, " {name} |");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(inputs.len()));
    text.push_str(&rows);
    text.push('\n');
}

/// Returns whether two states are the same but for the call they are about.
fn same(a: &AgentState, b: &AgentState) -> bool {
    match (a, b) {
        (AgentState::OnCall { then: a, .. }, AgentState::OnCall { then: b, .. }) => a == b,
        (a, b) => a.name() == b.name(),
    }
}

fn errors(text: &mut String) {
    text.push_str(
        "\n## Refusals\n\nA refused command changes nothing. `CommandError` says why, and what the classic interfaces call \
         it.\n\n| refusal | JTAPI exception | CSTA category: value (ECMA-269 §9.1) | TSAPI universal failure |\n|---|---|---|---|\n",
    );
    for (name, error) in all_errors() {
        let (csta, tsapi) = (error.csta(), error.tsapi());
        let _ = writeln!(
            text,
            "| `{name}`: {error} | {:?} | {}: {} | {} ({}) |",
            error.jtapi(),
            csta.category,
            csta.value,
            tsapi.name,
            tsapi.code
        );
    }
}

fn all_errors() -> Vec<(&'static str, CommandError)> {
    use CommandError as E;
    let (call, agent) = (CallId(1), "8001".parse().unwrap());
    let text = |text: &str| text.to_owned();
    vec![
        ("UnknownAgent", E::UnknownAgent { agent }),
        ("UnknownSeat", E::UnknownSeat { seat: "A1".parse().unwrap() }),
        ("UnknownDevice", E::UnknownDevice { device: "201".parse().unwrap() }),
        ("UnknownQueue", E::UnknownQueue { queue: "general".parse().unwrap() }),
        ("UnknownContact", E::UnknownContact { contact: cti_core::id::ContactId(1) }),
        ("UnknownCall", E::UnknownCall { call }),
        ("UnknownRecording", E::UnknownRecording { recording: cti_core::id::RecordingId(7) }),
        (
            "NotInQueue",
            E::NotInQueue { agent: "8001".parse().unwrap(), queue: "loans".parse().unwrap() },
        ),
        ("NotInCall", E::NotInCall { who: text("agent 8001"), call }),
        (
            "InvalidConnection",
            E::InvalidConnection {
                who: text("agent 8001"),
                call,
                is: ConnectionState::Connected,
                needs: ConnectionState::Hold,
            },
        ),
        ("InvalidCallState", E::InvalidCallState { call, reason: text("is no conversation yet") }),
        (
            "InvalidDestination",
            E::InvalidDestination {
                field: text("to"),
                reason: text("no way leads to 900****0011"),
            },
        ),
        ("NotReachable", E::NotReachable { who: text("device 201"), reason: text("is engaged") }),
        ("SeatTaken", E::SeatTaken { seat: "A1".parse().unwrap(), by: "8002".parse().unwrap() }),
        (
            "InvalidState",
            E::InvalidState { reason: text("an agent who is signed_out cannot get ready") },
        ),
        (
            "InvalidValue",
            E::InvalidValue {
                field: text("digits"),
                reason: text("must be 1 to 64 of 0-9 * # A-D"),
            },
        ),
        ("Conflict", E::Conflict { field: text("data"), is: 3, based_on: 2 }),
        ("TooMany", E::TooMany { field: text("parties"), limit: 200 }),
        ("Stopping", E::Stopping),
    ]
}

const HEAD: &str = "# The call model

Written from the machines by `cti-core/tests/call_model.rs`; not by hand.

A **call** is a relation between parties. Each party has one **connection** to it, which is in one state; an agent's leg
can serve several calls and is connected in one of them at most. A **contact** is a citizen's matter over its whole life:
flow, queue, agents, transfers, call-back. Each call is in one *place* (`cti_core::call::Place`), and every place ends: by
a leg, by a deadline or by the flow. Words of ECMA-269 (CSTA III), JTAPI 1.4 and TSAPI are used where they have one.
";
