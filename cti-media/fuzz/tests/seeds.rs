//! Every target takes its seeds, and inputs made of them.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::{fs, path::Path};

use cti_media_fuzz::{
    LONGEST, TARGETS, Target,
    mutate::{Mutator, dictionary},
};

/// Tells the input when the target panics on it.
struct Told<'a>(&'a str, &'a [u8]);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{} fails on b\"{}\"", self.0, self.1.escape_ascii());
        }
    }
}

fn tried(name: &str) {
    let target = Target::find(name).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = fs::read_dir(folder.join("seeds").join(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{name} has no seeds");
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    let run = |input: &[u8]| {
        let _told = Told(name, input);
        (target.run)(input);
    };
    run(b"");
    seeds.iter().for_each(|seed| run(seed));
    let words = folder.join("dictionaries").join(format!("{}.dict", target.dictionary()));
    let words = fs::read_to_string(words).map_or_else(|_| Vec::new(), |text| dictionary(&text));
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let runs = number("CTI_FUZZ_RUNS").unwrap_or(target.runs);
    let seed = number("CTI_FUZZ_SEED").unwrap_or(1);
    let mut mutator = Mutator::new(seed, seeds, words, LONGEST);
    for _ in 0..runs {
        run(&mutator.input());
    }
}

#[test]
fn every_target_has_a_folder_of_seeds_and_every_folder_a_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let mut folders: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut names = TARGETS.map(|target| target.name);
    names.sort_unstable();
    assert_eq!(folders, names);
}

#[test]
fn requests_of_trunks_and_strangers_leave_nothing_and_the_endpoint_alive() {
    tried("sip");
}

#[test]
fn responses_to_a_call_of_ours_leave_nothing_and_the_endpoint_alive() {
    tried("sip-answer");
}

#[test]
fn an_info_of_a_call_is_taken_or_refused() {
    tried("sip-info");
}

#[test]
fn a_description_is_refused_or_answered_by_one_that_can_be_read() {
    tried("sdp");
}

#[test]
fn datagrams_of_voice_are_counted_and_strangers_are_not_heard() {
    tried("rtp");
}

#[test]
fn control_packets_lead_to_reports_that_can_be_read() {
    tried("rtcp");
}

#[test]
fn a_telephone_event_is_heard_once_at_most() {
    tried("dtmf-events");
}

#[test]
fn the_same_keys_are_heard_however_the_voice_is_cut() {
    tried("dtmf-tones");
}

#[test]
fn a_sound_file_is_refused_or_is_a_sound() {
    tried("wav");
}
