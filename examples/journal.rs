//! Keeps events in a file through a crash: what was synced is there again, a torn tail is not.
//!
//! ```text
//! cargo run -p cti-examples --example journal
//! ```
//!
//! You see a journal of five events cut off in the middle of the last one, as a power failure does it, and what is
//! left when it is opened again: four whole events, and room for the next.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::{error::Error, fs};

use cti_core::{
    event::{Event, Fact},
    id::EventNo,
    journal::{Journal as _, file::FileJournal},
    time::Timestamp,
};

fn event(no: u64) -> Result<Event, Box<dyn Error>> {
    let device = format!("800{no}").parse()?;
    let fact = Fact::DeviceInService { device };
    Ok(Event { no: EventNo(no), at: Timestamp::from_secs(1_000_000 + no), fact })
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut journal = FileJournal::open(folder.path())?;
    for no in 1..=5 {
        journal.append(&[event(no)?])?;
    }
    // From here on the five may be told to others.
    journal.sync()?;
    drop(journal);

    let file = folder.path().join("00000000000000000001.log");
    let length = fs::metadata(&file)?.len();
    fs::OpenOptions::new().write(true).open(&file)?.set_len(length - 7)?;
    println!("five events in {length} bytes, the last 7 bytes torn off");

    let mut journal = FileJournal::open(folder.path())?;
    for event in journal.read(EventNo(0))? {
        println!("{} {:?}", event.no, event.fact);
    }
    assert_eq!(journal.last(), EventNo(4));
    journal.append(&[event(5)?])?;
    journal.sync()?;
    println!("{} is written again", journal.last());
    Ok(())
}
