//! Writes a flow and tries it with a scripted caller, before any telephone rings.
//!
//! ```text
//! cargo run -p cti-examples --example flow_try
//! ```
//!
//! You see what a caller of a balance line hears: he enters his number, the table is asked, and the amount is spoken
//! in Mandarin. Then you see what the check says of a flow whose menu leads nowhere.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_core::calendar::Calendars;
use cti_ivr::{
    engine::Engine,
    flow::{Flow, FlowSet},
    table::Table,
    testkit::Caller,
};

const FLOW: &str = r##"{
    "schema": "cti.flow/1", "id": "balance", "kind": "inbound", "name": "Balance", "entry": "answer",
    "nodes": {
        "answer": {"type": "answer", "out": {"next": "ask"}},
        "ask": {"type": "collect", "prompt": ["enter-account"], "variable": "account", "max": 6, "terminator": "#",
            "out": {"next": "find", "exhausted": "bye"}},
        "find": {"type": "lookup", "source": "accounts", "key": "account",
            "out": {"found": "speak", "not_found": "unknown", "error": "bye"}},
        "speak": {"type": "say", "variable": "balance", "as": "money", "before": ["your-balance"],
            "out": {"next": "bye", "unreadable": "bye"}},
        "unknown": {"type": "play", "prompt": ["no-such-account"], "out": {"next": "ask"}},
        "bye": {"type": "hangup"}
    }
}"##;

const CALLER: &str = "
    expect answer
    expect play enter-account
    press 999#
    expect lookup accounts 999
    expect play no-such-account
    expect play enter-account
    press 100234# after 2s
    expect lookup accounts 100234
    expect play your-balance 五千二百元零六分
    expect end
";

fn main() -> Result<(), Box<dyn Error>> {
    let table = Table::parse("accounts.csv", "account,balance\n100234,5200.06\n")?;
    let engine = Engine::new(FlowSet::parse([("balance.json", FLOW)])?, Calendars::default())?;
    let mut caller = Caller::new(engine, "balance")?.with_table("accounts", table);
    let outcome = caller.run(CALLER);
    caller.heard().iter().for_each(|heard| println!("{heard}"));
    outcome?;

    let wrong = FLOW.replace(r#""found": "speak""#, r#""found": "speek""#);
    println!("\n{}", Flow::parse(&wrong).expect_err("there is no node speek"));
    Ok(())
}
