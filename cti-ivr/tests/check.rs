//! What the check refuses: each finding has a document that triggers it, next to one that passes.

#![expect(clippy::unwrap_used, reason = "a test may fail by a panic")]

use cti_core::calendar::Calendars;
use cti_ivr::{
    engine::Engine,
    flow::{Code, Flow, FlowSet, InvalidFlow},
};

const GOOD: &str = r##"{
    "schema": "cti.flow/1", "id": "main", "kind": "inbound", "name": "Main", "entry": "answer",
    "nodes": {
        "answer": {"type": "answer", "name": "应答", "out": {"next": "menu"}},
        "menu": {"type": "menu", "prompt": ["welcome"], "out": {"1": "queue", "exhausted": "bye"}},
        "queue": {"type": "enqueue", "queue": "general",
            "out": {"overflow": "bye", "no_staff": "bye", "full": "bye", "left": "bye", "failed": "bye"}},
        "bye": {"type": "hangup"}
    },
    "view": {"menu": {"x": 1, "y": 2}}
}"##;

/// Checks the good document with one part replaced and returns what is found.
fn found(part: &str, by: &str) -> Vec<(Code, String)> {
    assert!(GOOD.contains(part), "{part}");
    let InvalidFlow { findings, .. } = Flow::parse(&GOOD.replace(part, by)).unwrap_err();
    findings.iter().map(|finding| (finding.code, finding.to_string())).collect()
}

#[track_caller]
fn finds(part: &str, by: &str, code: Code, words: &str) {
    let all = found(part, by);
    assert!(all.iter().any(|(found, text)| *found == code && text == words), "{all:#?}");
}

#[test]
fn a_good_document_passes() {
    let flow = Flow::parse(GOOD).unwrap();
    assert_eq!((flow.id().as_str(), flow.name()), ("main", "Main"));
    assert_eq!(flow.edges().count(), 8);
}

#[test]
fn the_version_depends_on_what_the_flow_does_and_not_on_its_picture_or_layout() {
    let hash = |text: &str| Flow::parse(text).unwrap().hash().to_owned();
    assert_eq!(hash(GOOD), hash(&GOOD.replace(r#""x": 1"#, r#""x": 300"#)));
    assert_eq!(hash(GOOD), hash(&GOOD.replace("\n", " ")));
    let reordered = GOOD.replace(
        r#""schema": "cti.flow/1", "id": "main","#,
        r#""id": "main", "schema": "cti.flow/1","#,
    );
    assert_eq!(hash(GOOD), hash(&reordered));
    assert_ne!(hash(GOOD), hash(&GOOD.replace("welcome", "hello")));
    assert_eq!(hash(GOOD).len(), 64);
}

#[test]
fn a_document_of_the_wrong_shape_names_the_field() {
    let syntax = |part, by| {
        let all = found(part, by);
        assert_eq!(all.len(), 1, "{all:#?}");
        assert_eq!(all[0].0, Code::Syntax);
        all[0].1.clone()
    };
    assert!(
        syntax(r#""kind": "inbound""#, r#""kind": "fax""#)
            .starts_with("kind: unknown variant `fax`")
    );
    assert!(syntax(r#""entry": "answer","#, "").contains("missing field `entry`"));
    assert!(
        syntax(r#""id": "main""#, r#""id": "ma in""#).contains("cannot hold the character ' '")
    );
    assert!(
        syntax(r#""name": "Main""#, r#""name": "Main", "limits": {"steps": "many"}"#)
            .starts_with("limits.steps: ")
    );
    assert!(
        syntax(r#""bye": {"type""#, r#""menu": {"type": "hangup"}, "bye": {"type""#)
            .contains("node menu occurs twice")
    );
    assert!(syntax("{\n    \"schema\"", "[\n").contains("line"));
    finds(
        "cti.flow/1",
        "cti.flow/9",
        Code::UnknownSchema,
        "schema: \"cti.flow/9\" is not \"cti.flow/1\" [unknown-schema]",
    );
}

#[test]
fn a_node_of_the_wrong_shape_names_node_and_field() {
    finds(
        r#""hangup""#,
        r#""hangupp""#,
        Code::UnknownType,
        "node bye: type: there is no node type \"hangupp\" [unknown-type]",
    );
    finds(
        r#"["welcome"]"#,
        r#""welcome""#,
        Code::InvalidField,
        "node menu: prompt: invalid type: string \"welcome\", expected a sequence [invalid-field]",
    );
    finds(
        r#"["welcome"]"#,
        r#"[{"tone": "beep", "x": 1}, 7]"#,
        Code::InvalidField,
        "node menu: prompt[1]: a piece is a prompt id, {\"tone\": …} or {\"silence_ms\": …} [invalid-field]",
    );
    let unknown = found(r#""queue": "general""#, r#""queue": "general", "prio": 3"#);
    assert!(unknown[0].1.starts_with("node queue: prio: unknown field `prio`"), "{unknown:?}");
    let missing = found(r#""queue": "general","#, "");
    assert!(missing[0].1.contains("node queue: fields: missing field `queue`"), "{missing:?}");
    finds(
        r#""prompt": ["welcome"]"#,
        r#""prompt": ["welcome"], "first_digit_ms": 1"#,
        Code::InvalidField,
        "node menu: first_digit_ms: must lie between 100 and 600000 ms [invalid-field]",
    );
    finds(
        r#"{"type": "hangup"}"#,
        "7",
        Code::InvalidField,
        "node bye: a node is an object [invalid-field]",
    );
}

#[test]
fn every_value_of_a_node_has_bounds() {
    for (node, words) in [
        (r#""type": "play", "prompt": []"#, "prompt: is empty"),
        (
            r#""type": "music", "prompt": ["m"], "for_ms": 0"#,
            "for_ms: must lie between 100 and 3600000 ms",
        ),
        (
            r#""type": "collect", "prompt": [], "variable": "x", "min": 5, "max": 4"#,
            "min: must lie between 1 and max",
        ),
        (
            r#""type": "collect", "prompt": [], "variable": "x", "max": 65"#,
            "max: must be at most 64",
        ),
        (
            r#""type": "collect", "prompt": [], "variable": "x", "max": 4, "terminator": "x""#,
            "terminator: must be one key: 0-9 * # A-D",
        ),
        (
            r#""type": "ring", "devices": [], "each_ms": 20000"#,
            "devices: must name 1 to 32 devices",
        ),
        (
            r#""type": "if", "variable": "x", "is": "less", "value": "many""#,
            "value: must be a number",
        ),
        (r#""type": "if", "variable": "x", "is": "equals""#, "value: is missing"),
        (
            r#""type": "if", "variable": "x", "is": "exists", "value": "1""#,
            "value: exists compares with nothing",
        ),
        (r#""type": "set", "variable": "x""#, "value: give one of value, from and expression"),
        (
            r#""type": "play", "prompt": [{"silence_ms": 99999}]"#,
            "prompt: a silence lasts at most 60000 ms",
        ),
    ] {
        let all = found(r#""type": "hangup""#, node);
        let expected = format!("node bye: {words} [invalid-field]");
        assert!(all.iter().any(|(_, text)| *text == expected), "{expected}\n{all:#?}");
    }
}

#[test]
fn outlets_are_closed_and_must_lead_somewhere() {
    finds(
        r#""full": "bye","#,
        "",
        Code::MissingOutlet,
        "node queue: out: the outlet full must lead to a node [missing-outlet]",
    );
    finds(
        r#""full": "bye""#,
        r#""full": "byebye""#,
        Code::DanglingTarget,
        "node queue: out.full: there is no node \"byebye\" [dangling-target]",
    );
    finds(
        r#""full": "bye""#,
        r#""full": "bye", "busy": "bye""#,
        Code::UnknownOutlet,
        "node queue: out.busy: enqueue has no outlet busy [unknown-outlet]",
    );
    finds(
        r#""full": "bye""#,
        r#""full": "bye", "1": "bye""#,
        Code::UnknownOutlet,
        "node queue: out.1: enqueue has no outlet 1 [unknown-outlet]",
    );
    finds(
        r#""entry": "answer""#,
        r#""entry": "start""#,
        Code::DanglingTarget,
        "entry: there is no node start [dangling-target]",
    );
    finds(
        r#""entry": "answer""#,
        r#""entry": "answer", "on_error": "sorry""#,
        Code::DanglingTarget,
        "on_error: there is no node sorry [dangling-target]",
    );
    finds(
        r#""1": "queue", "#,
        "",
        Code::MissingOutlet,
        "node menu: out: at least one key must lead to a node [missing-outlet]",
    );
}

#[test]
fn a_node_must_be_allowed_in_reach_and_have_a_way_to_an_end() {
    finds(
        r#""kind": "inbound""#,
        r#""kind": "queue""#,
        Code::NotForKind,
        "node queue: type: enqueue is not allowed in a flow of kind queue [not-for-kind]",
    );
    finds(
        r#""1": "queue""#,
        r#""1": "bye""#,
        Code::Unreachable,
        "node queue: no path from the entry leads here [unreachable]",
    );
    finds(
        r#""bye": {"type": "hangup"}"#,
        r#""bye": {"type": "play", "prompt": ["x"], "out": {"next": "bye"}}"#,
        Code::NoWayToEnd,
        "node bye: no path from here ends the call [no-way-to-end]",
    );
}

#[test]
fn a_circle_must_wait_for_something() {
    finds(
        r#""bye": {"type": "hangup"}"#,
        r#""bye": {"type": "if", "variable": "x", "is": "exists", "out": {"true": "set", "false": "end"}},
           "set": {"type": "set", "variable": "x", "value": "1", "out": {"next": "bye"}}, "end": {"type": "hangup"}"#,
        Code::InstantCycle,
        "node bye: the circle bye → set waits for nothing [instant-cycle]",
    );
    let waits = GOOD.replace(
        r#""bye": {"type": "hangup"}"#,
        r#""bye": {"type": "play", "prompt": ["x"], "out": {"next": "menu", "1": "end"}}, "end": {"type": "hangup"}"#,
    );
    Flow::parse(&waits).unwrap();
}

#[test]
fn flows_must_fit_together() {
    let goes = |id: &str, to: &str, kind: &str| {
        format!(
            r#"{{"schema":"cti.flow/1","id":"{id}","kind":"{kind}","name":"N","entry":"a","nodes":{{"a":{{"type":"goto_flow","flow":"{to}"}}}}}}"#
        )
    };
    let set = |texts: &[String]| {
        FlowSet::parse(texts.iter().map(|text| ("f.json", text.as_str()))).unwrap_err().to_string()
    };
    assert_eq!(set(&[GOOD.to_owned(), GOOD.to_owned()]), "main: id: occurs twice [twice-in-set]");
    assert_eq!(
        set(&[goes("x", "y", "inbound")]),
        "x: node a: flow: there is no flow y [unknown-flow]"
    );
    assert_eq!(
        set(&[goes("x", "main", "queue"), GOOD.to_owned()]),
        "x: node a: flow: main is of kind inbound [kind-mismatch]"
    );
    assert_eq!(
        set(&[goes("x", "y", "inbound"), goes("y", "x", "inbound")]),
        "x: nodes: the circle x → y waits for nothing [instant-cycle]"
    );
    assert_eq!(
        set(&["[]".to_owned()]).split(':').next(),
        Some("f.json"),
        "the error names the file"
    );
    FlowSet::parse([("g.json", GOOD), ("x.json", &goes("x", "main", "inbound"))]).unwrap();
}

#[test]
fn a_schedule_that_is_not_there_is_found_at_start() {
    let hours = GOOD.replace(
        r#""answer": {"type": "answer", "name": "应答", "out": {"next": "menu"}}"#,
        r#""answer": {"type": "schedule", "schedule": "city", "out": {"work": "menu", "lunch": "menu", "off": "menu", "holiday": "menu"}}"#,
    );
    let flows = FlowSet::parse([("main.json", hours.as_str())]).unwrap();
    let error = Engine::new(flows, Calendars::default()).unwrap_err();
    assert_eq!(error.to_string(), "flow main: there is no schedule named city");
}

#[test]
fn a_folder_is_loaded_and_a_bad_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.json"), GOOD).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "not a flow").unwrap();
    let flows = FlowSet::load(folder.path()).unwrap();
    assert_eq!(flows.iter().count(), 1);
    std::fs::write(folder.path().join("bad.json"), "{").unwrap();
    assert!(
        FlowSet::load(folder.path()).unwrap_err().to_string().contains("bad.json: document: EOF")
    );
    assert!(
        FlowSet::load(&folder.path().join("nowhere")).unwrap_err().to_string().contains("nowhere")
    );
}

#[test]
fn no_text_makes_the_check_panic() {
    for end in 0..GOOD.len() {
        if let Some(text) = GOOD.get(..end) {
            assert!(Flow::parse(text).is_err());
        }
    }
    for (at, _) in GOOD.char_indices() {
        let mut text = GOOD.to_owned();
        text.insert(at, '9');
        let _ = Flow::parse(&text);
    }
}
