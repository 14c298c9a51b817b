//! Which talks are recorded, and where a recording is silent because something secret is said.

use std::collections::BTreeSet;

use cti_core::{
    calendar::{CalendarChange, Calendars, Holidays},
    center::Center,
    command::{Collect, Command, CommandError, Reply, Service},
    config::{CenterConfig, RecordedBy, RecordedTalks, RecordingConfig},
    event::{Fact, PauseReason},
    id::CallId,
    records::{CallRecords, CallRow, RecordingRecord},
    switch::SwitchCommand,
    target::PartyRef,
    testkit::{ScriptedFlows, SimpleRouter, World, run},
    time::Timestamp,
};

use super::floor::{TALK, config, play, talking};

const CALL: CallId = CallId(1);

fn ask(world: &mut World, service: Service) -> Result<Reply, CommandError> {
    world.request(Command::Call(service))
}

fn pause(world: &mut World, reason: PauseReason) -> Result<Reply, CommandError> {
    ask(world, Service::PauseRecording { call: CALL, reason, by: "8001".to_owned() })
}

fn resume(world: &mut World) -> Result<Reply, CommandError> {
    ask(world, Service::ResumeRecording { call: CALL, by: "8001".to_owned() })
}

fn is_recorded(world: &World) -> bool {
    world.center.call(CALL).unwrap().recording.is_some()
}

fn talk_under(recording: RecordingConfig) -> World {
    let config = CenterConfig { recording, ..config() };
    let flows = ScriptedFlows::default();
    let center = Center::new(config, Box::new(SimpleRouter::default()), Box::new(flows)).unwrap();
    let mut world = World::new(center, Timestamp::from_secs(1_000_000));
    run(&mut world, TALK).unwrap();
    world
}

fn agents(names: &[&str]) -> RecordedBy {
    let agents = names.iter().map(|name| name.parse().unwrap()).collect();
    RecordedBy { agents, ..RecordedBy::default() }
}

fn rows(world: &World) -> Vec<RecordingRecord> {
    let mut fold = CallRecords::default();
    let rows = world.events.iter().flat_map(|event| fold.apply(event));
    let recordings = rows.filter_map(|row| match row {
        CallRow::Recording(row) => Some(*row),
        CallRow::Call(_) | CallRow::Contact(_) | CallRow::Voice(_) => None,
    });
    recordings.collect()
}

/// Why recordings were paused, and by whom.
fn pauses(world: &World) -> Vec<(PauseReason, Option<String>)> {
    let paused = |fact: &Fact| {
        let Fact::RecordingPaused { reason, by, .. } = fact else { return None };
        Some((*reason, by.clone()))
    };
    world.events.iter().filter_map(|event| paused(&event.fact)).collect()
}

/// What the switch was told about recordings.
fn told(world: &World) -> Vec<String> {
    let word = |command: &SwitchCommand| {
        if let SwitchCommand::StartRecording { recording, .. } = command {
            return Some(format!("start {recording}"));
        }
        if let SwitchCommand::PauseRecording { recording } = command {
            return Some(format!("pause {recording}"));
        }
        if let SwitchCommand::ResumeRecording { recording } = command {
            return Some(format!("resume {recording}"));
        }
        if let SwitchCommand::StopRecording { recording } = command {
            return Some(format!("stop {recording}"));
        }
        None
    };
    world.commands.iter().filter_map(|(_, command)| word(command)).collect()
}

#[test]
fn every_talk_with_a_citizen_is_recorded_unless_its_agent_queue_or_trunk_is_left_out() {
    assert!(is_recorded(&talk_under(RecordingConfig::default())));
    let never = |never| RecordingConfig { never, ..RecordingConfig::default() };
    assert!(!is_recorded(&talk_under(never(agents(&["8001"])))));
    assert!(is_recorded(&talk_under(never(agents(&["8002"])))));
    let queues = ["general".parse().unwrap()].into();
    assert!(!is_recorded(&talk_under(never(RecordedBy { queues, ..RecordedBy::default() }))));
    let trunks = ["trunk".parse().unwrap()].into();
    assert!(!is_recorded(&talk_under(never(RecordedBy { trunks, ..RecordedBy::default() }))));
}

#[test]
fn on_demand_only_those_are_recorded_who_are_named_and_never_goes_before_always() {
    let on_demand = |always, never| RecordingConfig {
        always,
        never,
        talks: RecordedTalks::OnDemand,
        hours: BTreeSet::new(),
    };
    let nobody = RecordedBy::default;
    assert!(!is_recorded(&talk_under(on_demand(nobody(), nobody()))));
    assert!(is_recorded(&talk_under(on_demand(agents(&["8001"]), nobody()))));
    assert!(!is_recorded(&talk_under(on_demand(agents(&["8001"]), agents(&["8001"])))));
    let mut world = talk_under(on_demand(nobody(), agents(&["8001"])));
    ask(&mut world, Service::Record { call: CALL, on: true }).unwrap();
    assert!(is_recorded(&world), "who asks for it gets it");
}

#[test]
fn a_recording_follows_the_call_to_an_agent_who_is_recorded_and_ends_at_one_who_is_not() {
    let mut world = talk_under(RecordingConfig { never: agents(&["8002"]), ..Default::default() });
    play(&mut world, "00:00 agent 8002 is ready\n00:01 agent 8001 sends call 1 to queue:general");
    play(&mut world, "00:05 phone 8002 answers\n00:06");
    assert!(world.center.call(CALL).unwrap().is_talk());
    assert_eq!(told(&world), ["start recording-1", "stop recording-1"]);
}

#[test]
fn a_pause_says_who_wanted_it_and_why_and_the_record_says_from_when_to_when() {
    let mut world = talking();
    let start = world.now();
    pause(&mut world, PauseReason::Payment).unwrap();
    pause(&mut world, PauseReason::SecretData).unwrap();
    play(&mut world, "00:03");
    resume(&mut world).unwrap();
    resume(&mut world).unwrap();
    play(&mut world, "00:02 citizen 13812341234 hangs up");
    assert_eq!(
        told(&world),
        ["start recording-1", "pause recording-1", "resume recording-1", "stop recording-1"]
    );
    let by = Some("8001".to_owned());
    assert_eq!(pauses(&world), [(PauseReason::Payment, by.clone())]);
    let row = &rows(&world)[0];
    assert_eq!(row.pauses.len(), 1);
    let pause = &row.pauses[0];
    assert_eq!((pause.reason, &pause.by), (PauseReason::Payment, &by));
    assert_eq!(pause.from, start);
    assert_eq!(pause.until.since(pause.from).as_secs(), 3);
    assert_eq!(row.trunk.as_ref().map(|trunk| trunk.as_str()), Some("trunk"));
}

#[test]
fn a_pause_lasts_through_a_hold_and_ends_with_the_talk() {
    let mut world = talking();
    pause(&mut world, PauseReason::SecretData).unwrap();
    play(&mut world, "00:01 phone 8001 holds\n00:02 phone 8001 retrieves\n00:03");
    let open: Vec<_> = world.center.open_recordings().map(|(_, open)| open.paused).collect();
    assert_eq!(open, [true], "{:?}", told(&world));
    play(&mut world, "00:00 agent 8002 is ready\n00:01 agent 8001 sends call 1 to queue:general");
    play(&mut world, "00:05 phone 8002 answers\n00:06");
    let open: Vec<_> = world.center.open_recordings().map(|(_, open)| open.paused).collect();
    assert_eq!(open, [false], "what the next agent hears is recorded");
    play(&mut world, "00:00 citizen 13812341234 hangs up");
    let rows = rows(&world);
    assert_eq!(rows.first().unwrap().pauses.last().unwrap().until, rows.first().unwrap().ended);
    assert!(rows.last().unwrap().pauses.is_empty());
}

#[test]
fn secret_digits_are_never_recorded() {
    let mut world = talking();
    let collect = |world: &mut World, secret| {
        let collect = Collect { max: 2, secret, ..Collect::default() };
        let party = PartyRef::Served;
        ask(world, Service::CollectDigits { call: CALL, party, collect }).unwrap();
    };
    collect(&mut world, false);
    play(&mut world, "00:01 citizen 13812341234 presses 12");
    assert_eq!(told(&world), ["start recording-1"]);
    collect(&mut world, true);
    resume(&mut world).unwrap();
    let silent = ["start recording-1", "pause recording-1"];
    assert_eq!(told(&world), silent, "nobody resumes it before they are pressed");
    pause(&mut world, PauseReason::Payment).unwrap();
    play(&mut world, "00:01 citizen 13812341234 presses 34");
    assert_eq!(told(&world), silent, "the payment goes on");
    resume(&mut world).unwrap();
    assert_eq!(told(&world).last().unwrap(), "resume recording-1");
    play(&mut world, "00:01");
    collect(&mut world, true);
    play(&mut world, "01:00");
    assert_eq!(told(&world).last().unwrap(), "resume recording-1", "nothing was pressed");
    let secret = || (PauseReason::SecretDigits, None);
    assert_eq!(pauses(&world), [secret(), secret()]);
}

#[test]
fn a_pause_that_makes_no_sense_is_refused() {
    let mut world = talking();
    let error = pause(&mut world, PauseReason::SecretDigits).unwrap_err().to_string();
    assert_eq!(error, "reason: secret digits pause a recording by themselves");
    let nameless = Service::ResumeRecording { call: CALL, by: String::new() };
    let error = ask(&mut world, nameless).unwrap_err().to_string();
    assert_eq!(error, "by: must have 1 to 64 characters");
    play(&mut world, "00:00 citizen 13812341234 hangs up");
    assert_eq!(
        pause(&mut world, PauseReason::Payment),
        Err(CommandError::UnknownCall { call: CALL })
    );
}

/// The talk begins on a Monday at 21:46:50 in Shanghai.
fn talk_in_hours(recording: RecordingConfig) -> World {
    let document = r#"{"schema": "cti.schedules/1", "schedules": {
        "day": {"name": "Day", "days": {"mon": [["08:30", "17:30", "work"]]}},
        "evening": {"name": "Evening", "days": {"mon": [["21:00", "21:47", "work"]]}}
    }}"#;
    let calendars = Calendars::parse("schedules.json", document, Holidays::default()).unwrap();
    let config = CenterConfig { recording, ..config() };
    let (router, flows) = (SimpleRouter::default(), ScriptedFlows::default());
    let center = Center::new(config, Box::new(router), Box::new(flows)).unwrap();
    let center = center.with_calendars(calendars);
    let mut world = World::new(center, Timestamp::from_secs(1_000_000));
    run(&mut world, TALK).unwrap();
    world
}

fn hours(schedules: &[&str]) -> RecordingConfig {
    let hours = schedules.iter().map(|it| (*it).to_owned()).collect();
    RecordingConfig { hours, ..RecordingConfig::default() }
}

#[test]
fn talks_are_recorded_by_themselves_in_the_hours_of_a_schedule_and_to_their_end() {
    assert!(is_recorded(&talk_in_hours(hours(&[]))));
    assert!(!is_recorded(&talk_in_hours(hours(&["day"]))));
    let mut world = talk_in_hours(hours(&["day", "evening"]));
    assert!(is_recorded(&world));
    play(&mut world, "05:00 phone 8001 holds\n06:00 phone 8001 retrieves\n06:01");
    assert!(is_recorded(&world), "what has begun in time goes on");
}

#[test]
fn who_is_always_recorded_and_what_somebody_asks_for_is_recorded_at_any_time() {
    let always = RecordingConfig { always: agents(&["8001"]), ..hours(&["day"]) };
    assert!(is_recorded(&talk_in_hours(always)));
    let mut world = talk_in_hours(hours(&["day"]));
    ask(&mut world, Service::Record { call: CALL, on: true }).unwrap();
    assert!(is_recorded(&world));
}

#[test]
fn a_schedule_that_recordings_go_by_cannot_be_taken_away() {
    let mut world = talk_in_hours(hours(&["day"]));
    let change = CalendarChange::Schedules(
        serde_json::json!({"schema": "cti.schedules/1", "schedules": {}}),
    );
    let refused = world.request(Command::ChangeCalendar { change, by: "admin".to_owned() });
    assert!(refused.unwrap_err().to_string().contains("recording"), "it names who goes by it");
}
