//! The rules of versions: draft, published, draining, retired, quarantine, test callers.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod common;

use std::time::Duration;

use common::{World, document, flow_id};
use cti_core::{
    address::PhoneNumber,
    calendar::Calendars,
    flow::{FlowEffect, FlowEngine as _, FlowInput, FlowNotice},
    id::SessionId,
    switch::{Clip, PlayEnd},
    time::Timestamp,
};
use cti_ivr::{
    engine::Engine,
    flow::{Code, FlowSet},
    publish::{Library, Note, PublishError, Stage},
};

/// A flow that plays a prompt, then another after a key.
fn greeting(id: &str, prompt: &str) -> String {
    document(&format!(
        r#""a":{{"type":"menu","prompt":["{prompt}"],"out":{{"1":"b","exhausted":"bye"}}}},
        "b":{{"type":"play","prompt":["{prompt}-more"],"out":{{"next":"bye"}}}}"#
    ))
    .replace(r#""id":"main""#, &format!(r#""id":"{id}""#))
}

fn note(at: u64) -> Note {
    Note::new(Timestamp::from_secs(at), "admin", "because")
}

fn engine(texts: &[String]) -> Engine {
    let texts = texts.iter().map(|text| ("flow.json", text.as_str()));
    Engine::new(FlowSet::parse(texts).unwrap(), Calendars::default()).unwrap()
}

/// Publishes a document.
fn publish(engine: &mut Engine, text: &str) -> String {
    let library = engine.library_mut();
    let id = library.save_draft(text, note(1)).unwrap().flow().unwrap().id().clone();
    library.publish(&id, note(2)).unwrap().hash().to_owned()
}

/// Starts a session and returns what it plays first.
fn start(engine: &mut Engine, session: u64, flow: &str) -> String {
    let world = World::default();
    engine.start(Timestamp::ZERO, SessionId(session), &flow_id(flow), world.view()).unwrap();
    played(engine)
}

/// Drains the effects and returns what was played last.
fn played(engine: &mut Engine) -> String {
    let mut last = String::new();
    while let Some((_, effect)) = engine.poll_effect() {
        if let FlowEffect::Play { clips, .. } = effect
            && let Some(Clip::Prompt(prompt)) = clips.first()
        {
            last.clone_from(prompt);
        }
    }
    last
}

fn press(engine: &mut Engine, session: u64, key: char) -> String {
    let world = World::default();
    engine.handle(Timestamp::ZERO, SessionId(session), FlowInput::Digit(key), world.view());
    played(engine)
}

#[test]
fn publishing_disturbs_none_of_two_hundred_sessions_and_the_next_one_gets_the_new_version() {
    let mut engine = engine(&[greeting("main", "old")]);
    let main = flow_id("main");
    let old = engine.library().published(&main).unwrap().flow().hash().to_owned();
    for session in 0..200 {
        assert_eq!(start(&mut engine, session, "main"), "old");
    }
    let new = publish(&mut engine, &greeting("main", "new"));
    assert_eq!(engine.poll_effect(), None, "publishing has no effect on anybody");
    assert_eq!(start(&mut engine, 200, "main"), "new");
    assert_eq!(engine.stage(&main, &old), Some(Stage::Draining));
    assert_eq!(engine.stage(&main, &new), Some(Stage::Published));
    assert_eq!((engine.sessions_in(&main, &old), engine.sessions_in(&main, &new)), (200, 1));
    for session in 0..200 {
        assert_eq!(press(&mut engine, session, '1'), "old-more");
        let ended = FlowInput::PlayEnded { play: 1, end: PlayEnd::Finished };
        engine.handle(Timestamp::ZERO, SessionId(session), ended, World::default().view());
    }
    assert_eq!(engine.stage(&main, &old), Some(Stage::Retired));
    assert_eq!(press(&mut engine, 200, '1'), "new-more");
    assert_eq!(engine.sessions(), 1);
}

#[test]
fn an_earlier_version_can_be_given_to_callers_again() {
    let mut engine = engine(&[greeting("main", "one")]);
    let main = flow_id("main");
    let one = engine.library().published(&main).unwrap().flow().hash().to_owned();
    let two = publish(&mut engine, &greeting("main", "two"));
    publish(&mut engine, &greeting("main", "three"));
    let library = engine.library_mut();
    assert_eq!(library.roll_back(&main, None, note(3)).unwrap().hash(), two);
    assert_eq!(library.roll_back(&main, Some(&one[..12]), note(4)).unwrap().hash(), one);
    let history: Vec<u64> =
        library.publications(&main).iter().map(|it| it.note.at.as_micros() / 1_000_000).collect();
    assert_eq!(history, [0, 2, 2, 3, 4]);
    assert_eq!(library.versions(&main).count(), 3);
    assert_eq!(start(&mut engine, 1, "main"), "one");
    let library = engine.library_mut();
    assert!(matches!(
        library.roll_back(&main, Some("ffff"), note(5)),
        Err(PublishError::UnknownVersion { .. })
    ));
    assert!(matches!(
        library.roll_back(&flow_id("none"), None, note(5)),
        Err(PublishError::UnknownFlow(_))
    ));
}

#[test]
fn a_draft_with_errors_is_kept_but_neither_published_nor_tried() {
    let mut engine = engine(&[greeting("main", "old")]);
    let main = flow_id("main");
    let library = engine.library_mut();
    let broken = greeting("main", "new").replace(r#""1":"b""#, r#""1":"nowhere""#);
    let draft = library.save_draft(&broken, note(1)).unwrap();
    assert!(draft.findings.iter().any(|it| it.code == Code::DanglingTarget));
    assert!(draft.flow().is_none());
    assert!(matches!(library.publish(&main, note(2)), Err(PublishError::Invalid(_))));
    assert_eq!(library.draft(&main).unwrap().text, broken, "nothing is lost");
    library.discard_draft(&main);
    assert!(matches!(library.publish(&main, note(2)), Err(PublishError::NoDraft(_))));
    assert!(library.save_draft("{", note(1)).is_err(), "a draft without an id has no place");
    assert_eq!(start(&mut engine, 1, "main"), "old");
}

#[test]
fn a_version_that_would_break_another_flow_is_refused() {
    let goes = document(r#""a":{"type":"goto_flow","flow":"other"}"#)
        .replace(r#","bye":{"type":"hangup"}"#, "");
    let mut engine = engine(&[goes, greeting("other", "old")]);
    let library = engine.library_mut();
    let waiting = greeting("other", "new").replace(r#""inbound""#, r#""queue""#);
    library.save_draft(&waiting, note(1)).unwrap();
    let error = library.publish(&flow_id("other"), note(2)).unwrap_err();
    assert!(error.to_string().contains("other is of kind queue"), "{error}");
    assert_eq!(start(&mut engine, 1, "main"), "old");
}

#[test]
fn flows_that_need_each_other_are_published_together_or_not_at_all() {
    let goes = |id: &str, to: &str| {
        greeting(id, id).replace(
            &format!(r#""b":{{"type":"play","prompt":["{id}-more"],"out":{{"next":"bye"}}}}"#),
            &format!(r#""b":{{"type":"goto_flow","flow":"{to}"}}"#),
        )
    };
    let mut engine = engine(&[greeting("main", "old")]);
    let library = engine.library_mut();
    let (x, y) = (flow_id("x"), flow_id("y"));
    library.save_draft(&goes("x", "y"), note(1)).unwrap();
    library.save_draft(&goes("y", "x"), note(1)).unwrap();
    let error = library.publish(&x, note(2)).unwrap_err();
    assert!(
        error.to_string().contains("there is no flow y"),
        "a draft is not for callers: {error}"
    );
    let both = library.publish_together(&[x.clone(), y.clone()], note(2)).unwrap();
    assert_eq!(both.len(), 2);
    assert_eq!(start(&mut engine, 1, "x"), "x");
    assert_eq!(press(&mut engine, 1, '1'), "y");
    let library = engine.library_mut();
    library.save_draft(&goes("x", "nobody"), note(3)).unwrap();
    library.save_draft(&goes("y", "main"), note(3)).unwrap();
    assert!(library.publish_together(&[y.clone(), x], note(4)).is_err());
    assert!(library.draft(&y).is_some(), "nothing has changed");
}

#[test]
fn a_fallback_is_of_the_same_kind() {
    let main = greeting("main", "m").replace(r#""entry""#, r#""fallback":"other","entry""#);
    let other = greeting("other", "o").replace(r#""inbound""#, r#""queue""#);
    let error = FlowSet::parse([("m", main.as_str()), ("o", other.as_str())]).unwrap_err();
    assert_eq!(error.to_string(), "main: fallback: other is of kind queue [kind-mismatch]");
}

#[test]
fn test_callers_get_the_draft_and_what_is_published_where_there_is_none() {
    let goes = greeting("main", "new").replace(
        r#""b":{"type":"play","prompt":["new-more"],"out":{"next":"bye"}}"#,
        r#""b":{"type":"goto_flow","flow":"other"}"#,
    );
    let mut engine = engine(&[greeting("main", "old"), greeting("other", "other-old")]);
    let tester = World::default().caller;
    engine.library_mut().save_draft(&goes, note(1)).unwrap();
    assert_eq!(start(&mut engine, 1, "main"), "old");
    engine.library_mut().set_test_callers([tester]).unwrap();
    assert_eq!(start(&mut engine, 2, "main"), "new");
    assert_eq!(press(&mut engine, 2, '1'), "other-old");
    // The session stays on its channel: in another flow it gets the draft too.
    assert_eq!(start(&mut engine, 3, "main"), "new");
    engine.library_mut().save_draft(&greeting("other", "other-new"), note(1)).unwrap();
    assert_eq!(press(&mut engine, 3, '1'), "other-new");
    let many = (0..101).map(|n| PhoneNumber::parse(&format!("1380000{n:04}")).unwrap());
    assert!(matches!(
        engine.library_mut().set_test_callers(many),
        Err(PublishError::TooManyTestCallers)
    ));
    assert_eq!(engine.library().test_callers().count(), 1);
}

#[test]
fn callers_of_a_version_in_quarantine_get_its_fallback_or_the_version_before() {
    let with_fallback =
        greeting("main", "new").replace(r#""entry""#, r#""fallback":"plain","entry""#);
    let mut engine = engine(&[greeting("main", "old"), greeting("plain", "plain")]);
    let (main, plain) = (flow_id("main"), flow_id("plain"));
    let second = publish(&mut engine, &greeting("main", "second"));
    engine.library_mut().quarantine(&main, &second, note(3)).unwrap();
    assert_eq!(start(&mut engine, 1, "main"), "old");
    let third = publish(&mut engine, &with_fallback);
    engine.library_mut().quarantine(&main, &third, note(4)).unwrap();
    assert_eq!(start(&mut engine, 2, "main"), "plain");
    let library = engine.library_mut();
    assert_eq!(library.version(&main, &third).unwrap().quarantine().unwrap().by, "admin");
    // Nobody may be left without a flow.
    let hash = library.published(&plain).unwrap().flow().hash().to_owned();
    let refused = library.quarantine(&plain, &hash, note(5));
    assert!(matches!(refused, Err(PublishError::NoFallback(_))), "{refused:?}");
    assert_eq!(start(&mut engine, 3, "plain"), "plain");
    let library = engine.library_mut();
    library.save_draft(&with_fallback, note(6)).unwrap();
    assert!(matches!(library.publish(&main, note(6)), Err(PublishError::Quarantined(_))));
    library.lift_quarantine(&main, &third).unwrap();
    assert_eq!(start(&mut engine, 4, "main"), "new");
}

/// A flow whose condition fails when 1 is pressed.
fn breaking() -> String {
    greeting("main", "new").replace(
        r#""b":{"type":"play","prompt":["new-more"],"out":{"next":"bye"}}"#,
        r#""b":{"type":"if","when":"number(called + \"x\") > 1","out":{"true":"bye","false":"bye","error":"bye"}}"#,
    )
}

#[test]
fn a_version_that_fails_too_often_puts_itself_into_quarantine() {
    let mut engine = engine(&[greeting("main", "old")]);
    engine.library_mut().set_guard(3, Duration::from_secs(60));
    let bad = publish(&mut engine, &breaking());
    for session in 0..3 {
        assert_eq!(engine.poll_notice(), None);
        assert_eq!(start(&mut engine, session, "main"), "new");
        press(&mut engine, session, '1');
        press(&mut engine, session, '1');
    }
    let reason = "3 errors within 60 s".to_owned();
    let notice = FlowNotice::Quarantined { flow: flow_id("main"), version: bad.clone(), reason };
    assert_eq!(engine.poll_notice(), Some(notice));
    assert_eq!(start(&mut engine, 4, "main"), "old");
    let note = engine.library().version(&flow_id("main"), &bad).unwrap().quarantine().unwrap();
    assert_eq!((note.by.as_str(), note.text.as_str()), ("automatic", "3 errors within 60 s"));
}

#[test]
fn without_anywhere_else_to_go_callers_keep_a_version_that_fails() {
    let mut engine = engine(&[breaking()]);
    engine.library_mut().set_guard(1, Duration::from_secs(60));
    for session in 0..3 {
        assert_eq!(start(&mut engine, session, "main"), "new");
        press(&mut engine, session, '1');
    }
    assert_eq!(engine.poll_notice(), None);
}

#[test]
fn sessions_of_a_version_can_be_made_to_end() {
    let sorry = greeting("main", "old").replace(r#""entry""#, r#""on_error":"b","entry""#);
    let mut engine = engine(&[sorry]);
    let main = flow_id("main");
    let hash = engine.library().published(&main).unwrap().flow().hash().to_owned();
    for session in 0..3 {
        start(&mut engine, session, "main");
    }
    assert_eq!(engine.abort_sessions(&main, &hash), 3);
    let mut heard = Vec::new();
    while let Some(session) = engine.due(Timestamp::ZERO) {
        engine.handle_timeout(Timestamp::ZERO, session, World::default().view());
        heard.push(played(&mut engine));
    }
    assert_eq!(heard, ["old-more"; 3], "each went to on_error once");
}

#[test]
fn the_library_survives_a_restart() {
    let mut engine = engine(&[greeting("main", "one")]);
    let main = flow_id("main");
    let two = publish(&mut engine, &greeting("main", "two"));
    let library = engine.library_mut();
    library.save_draft(&greeting("main", "three"), note(7)).unwrap();
    library.set_test_callers([World::default().caller]).unwrap();
    library.quarantine(&main, &two, note(8)).unwrap();
    let text = serde_json::to_string(&library.save()).unwrap();
    let again =
        Library::restore(serde_json::from_str(&text).unwrap(), &Calendars::default()).unwrap();
    assert_eq!(again.save(), library.save());
    assert_eq!(again.entry(&main, &World::default().caller).unwrap().0.name(), "Main");
    let mut engine = Engine::with_library(again, Calendars::default());
    assert_eq!(start(&mut engine, 1, "main"), "three");
    engine.library_mut().set_test_callers([]).unwrap();
    assert_eq!(start(&mut engine, 2, "main"), "one");
}

#[test]
fn what_changed_between_two_versions_is_told_node_by_node() {
    let mut engine = engine(&[greeting("main", "one")]);
    let main = flow_id("main");
    let old = engine.library().published(&main).unwrap().flow().hash().to_owned();
    let library = engine.library_mut();
    library.save_draft(&greeting("main", "two"), note(1)).unwrap();
    let diff = library.diff(&main, &old, None).unwrap();
    let nodes: Vec<&str> = diff.nodes.iter().map(|it| it.node.as_str()).collect();
    assert_eq!(nodes, ["a", "b"]);
    assert!(library.diff(&main, &old, Some(&old)).unwrap().is_empty());
    assert!(library.diff(&main, &old, Some("0000000")).is_err());
}

#[test]
fn old_versions_are_kept_within_a_bound_and_those_in_use_longest() {
    let mut engine = engine(&[greeting("main", "first")]);
    let main = flow_id("main");
    let first = engine.library().published(&main).unwrap().flow().hash().to_owned();
    start(&mut engine, 1, "main");
    for version in 0..60 {
        publish(&mut engine, &greeting("main", &format!("v{version}")));
    }
    assert_eq!(engine.library().versions(&main).count(), cti_ivr::publish::MAX_VERSIONS);
    assert!(engine.library().version(&main, &first).is_some(), "a session is in it");
    assert_eq!(press(&mut engine, 1, '1'), "first-more");
}
