//! Erases a caller from a journal that is never rewritten: his contact's key is destroyed.
//!
//! ```text
//! cargo run -p cti-examples --example erase
//! ```
//!
//! You see a call as it is read back before and after, and that the file itself has not changed and never held the
//! number.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::{error::Error, fs, io};

use cti_core::{
    id::{ContactId, EventNo},
    journal::{Journal as _, file::FileJournal},
    seal::{FileKeys, KeyTable as _, Sealing, SharedKeys},
    testkit::{World, run},
    time::Timestamp,
    words::in_words,
};
use cti_examples::small_center;

const NUMBER: &str = "13812341234";

fn main() -> Result<(), Box<dyn Error>> {
    let data = tempfile::tempdir()?;
    let mut keys = SharedKeys::new(FileKeys::open(&data.path().join("keys"))?);
    let random = |bytes: &mut [u8]| {
        getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))
    };
    let sealing = Sealing::new(keys.clone(), random);
    let mut journal = FileJournal::open_with(&data.path().join("journal"), Box::new(sealing))?;

    let mut world = World::new(small_center()?, Timestamp::from_secs(1_000_000));
    run(
        &mut world,
        &format!("00:05 citizen {NUMBER} dials 12345\n00:20 citizen {NUMBER} hangs up"),
    )?;
    journal.append(&world.events)?;
    journal.sync()?;

    let file = data.path().join("journal/00000000000000000001.log");
    let before = fs::read(&file)?;
    assert!(!before.windows(NUMBER.len()).any(|window| window == NUMBER.as_bytes()));
    let show = |journal: &mut FileJournal| -> Result<(), Box<dyn Error>> {
        for event in journal.read(EventNo(0))?.iter().filter(|event| event.fact.call().is_some()) {
            println!("{:4} {}", event.no.to_string(), in_words(&event.fact));
        }
        Ok(())
    };
    show(&mut journal)?;
    println!("contact-1 is erased");
    keys.erase(&[ContactId(1)])?;
    show(&mut journal)?;
    assert_eq!(fs::read(&file)?, before);
    Ok(())
}
