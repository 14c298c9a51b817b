//! Every finding of the check has flows that trigger it, next to nearly the same that do not.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::time::Duration;

use cti_ivr::{
    flow::{Code, Flow, FlowSet, Recordings, Severity},
    speak::Word,
};

const EXITS: &str = r#""overflow":"bye","no_staff":"bye","full":"bye","left":"bye","failed":"bye""#;

fn flow(id: &str, head: &str, nodes: &str) -> String {
    format!(
        r#"{{"schema":"cti.flow/1","id":"{id}","kind":"inbound","name":"N","entry":"a",{head}"nodes":{{{nodes}}}}}"#
    )
}

fn main(head: &str, nodes: &str) -> String {
    flow("main", head, &format!(r#"{nodes},"bye":{{"type":"hangup"}}"#))
}

/// A flow whose menu leads to people.
fn menu(rest: &str) -> String {
    main(
        "",
        &format!(
            r#""a":{{"type":"menu","prompt":["m"],{rest}"out":{{"1":"q","exhausted":"bye"}}}},
            "q":{{"type":"enqueue","queue":"q","out":{{{EXITS}}}}}"#
        ),
    )
}

/// Flows that trigger a finding, and flows that are clean.
struct Example {
    bad: Vec<String>,
    good: Vec<String>,
}

fn pair(bad: String, good: String) -> Example {
    Example { bad: vec![bad], good: vec![good] }
}

/// Replaces one part of a clean flow by what triggers the finding.
fn instead(good: String, part: &str, by: &str) -> Example {
    assert!(good.contains(part), "{part}\n{good}");
    pair(good.replacen(part, by, 1), good)
}

/// Flows to another, of which only one has what the first needs.
fn two(first: String, other: String, bad: &str, good: &str) -> Example {
    let with = |text: &str| vec![first.replace("TARGET", text), other.clone()];
    Example { bad: with(bad), good: with(good) }
}

fn example(code: Code) -> Example {
    let play = || main("", r#""a":{"type":"play","prompt":["p"],"out":{"next":"bye"}}"#);
    let goes = || flow("main", "", r#""a":{"type":"goto_flow","flow":"TARGET"}"#);
    let other = |head: &str| {
        flow(
            "other",
            head,
            r#""a":{"type":"play","prompt":["p"],"out":{"next":"r"}},"r":{"type":"return"}"#,
        )
    };
    let uses = |rest: &str| {
        main(
            "",
            &format!(
                r#""a":{{"type":"subflow","flow":"other",{rest}"out":{{"done":"bye","error":"bye"}}}}"#
            ),
        )
    };
    match code {
        Code::Syntax => instead(play(), r#""name":"N","#, ""),
        Code::UnknownSchema => instead(play(), "cti.flow/1", "cti.flow/9"),
        Code::UnknownType => instead(play(), "hangup", "hangupp"),
        Code::InvalidField => instead(play(), r#"["p"]"#, "[]"),
        Code::NotForKind => instead(play(), r#""inbound""#, r#""routing""#),
        Code::UnknownOutlet => instead(play(), r#""next":"bye""#, r#""next":"bye","nxt":"bye""#),
        Code::MissingOutlet => instead(play(), r#""next":"bye""#, ""),
        Code::DanglingTarget => instead(play(), r#""next":"bye""#, r#""next":"nowhere""#),
        Code::Unreachable => instead(play(), r#""bye":{"#, r#""lost":{"type":"hangup"},"bye":{"#),
        Code::NoWayToEnd => instead(
            play(),
            r#""bye":{"type":"hangup"}"#,
            r#""bye":{"type":"play","prompt":["p"],"out":{"next":"bye"}}"#,
        ),
        Code::InstantCycle => instead(
            main(
                "",
                r#""a":{"type":"if","variable":"called","is":"exists","out":{"true":"b","false":"bye"}},
                "b":{"type":"play","prompt":["p"],"out":{"next":"a"}}"#,
            ),
            r#"{"type":"play","prompt":["p"],"out":{"next":"a"}}"#,
            r#"{"type":"log_tag","tag":"t","out":{"next":"a"}}"#,
        ),
        Code::TwiceInSet => {
            Example { bad: vec![play(), play()], good: vec![play(), other("")] }
        }
        Code::UnknownFlow => two(goes(), other(""), "nobody", "other"),
        Code::KindMismatch => {
            let queue = other("").replace(r#""inbound""#, r#""queue""#);
            let first = goes().replace("TARGET", "other");
            Example { bad: vec![first.clone(), queue], good: vec![first, other("")] }
        }
        Code::TooLarge => {
            let many = |count: usize| {
                let one = |n| format!(r#""v{n}":{{}}"#);
                let vars: Vec<String> = (0..count).map(one).collect();
                let head = format!(r#""vars":{{{}}},"#, vars.join(","));
                main(&head, r#""a":{"type":"play","prompt":["p"],"out":{"next":"bye"}}"#)
            };
            pair(many(257), many(256))
        }
        Code::ExpressionError => instead(
            main(
                r#""vars":{"n":{"type":"number","default":"1"}},"#,
                r#""a":{"type":"if","when":"n > 3","out":{"true":"bye","false":"bye","error":"bye"}}"#,
            ),
            "n > 3",
            "n > bigger(3)",
        ),
        Code::TypeClash => instead(
            main(
                r#""vars":{"n":{"type":"number"}},"#,
                r#""a":{"type":"set","variable":"n","value":"12.5","out":{"next":"bye"}}"#,
            ),
            "12.5",
            "many",
        ),
        Code::ReadBeforeSet => instead(
            main(
                "",
                r##""a":{"type":"collect","prompt":["p"],"variable":"x","max":4,"out":{"next":"b","exhausted":"bye"}},
                "b":{"type":"say","variable":"x","as":"digits","out":{"next":"bye","unreadable":"bye"}}"##,
            ),
            r#""exhausted":"bye""#,
            r#""exhausted":"b""#,
        ),
        Code::SecretExposed => instead(
            main(
                r#""vars":{"pin":{"type":"digits","secret":true},"open":{"type":"digits"}},"#,
                r##""a":{"type":"collect","prompt":["p"],"variable":"open","max":4,"out":{"next":"b","exhausted":"bye"}},
                "b":{"type":"say","variable":"open","as":"digits","out":{"next":"bye","unreadable":"bye"}}"##,
            ),
            r#""open":{"type":"digits"}"#,
            r#""open":{"type":"digits","secret":true}"#,
        ),
        Code::OverlappingKeys => instead(menu(r#""repeat":"*","#), r#""repeat":"*""#, r#""repeat":"1""#),
        Code::SubflowCycle => {
            let back = flow("other", "", r#""a":{"type":"play","prompt":["p"],"out":{"next":"r"}},"r":{"type":"goto_flow","flow":"main"}"#);
            Example { bad: vec![uses(""), back], good: vec![uses(""), other("")] }
        }
        Code::WrongArguments => {
            let params = other(r#""params":{"who":{"type":"digits"}},"#);
            let with = |arguments| vec![uses(arguments), params.clone()];
            Example { bad: with(""), good: with(r#""arguments":{"who":"123"},"#) }
        }
        Code::UnknownReference => {
            let hash = Flow::parse(&other("")).unwrap().hash()[..8].to_owned();
            two(goes(), other(""), "other@00000000", &format!("other@{hash}"))
        }
        Code::MissingPrompt => instead(play(), r#"["p"]"#, r#"["p","not-recorded"]"#),
        Code::NoWayToHuman => instead(menu(""), r#""1":"q""#, r#""1":"bye","2":"x""#).with_x(),
        Code::LateFirstKey => instead(
            menu("").replace(
                r#""a":{"type":"menu""#,
                r#""a":{"type":"play","prompt":["p","p","p"],"barge_in":true,"out":{"next":"m"}},"m":{"type":"menu""#,
            ),
            r#""barge_in":true"#,
            r#""barge_in":false"#,
        ),
    }
}

impl Example {
    /// The queue of the menu is led to from elsewhere, so that only the missing way is found.
    fn with_x(mut self) -> Self {
        self.bad = vec![main(
            "",
            r#""a":{"type":"menu","prompt":["m"],"out":{"1":"bye","exhausted":"bye"}}"#,
        )];
        self
    }
}

/// Recordings of which three take 36 seconds.
fn recordings() -> Recordings {
    let prompts = ["p", "m"].into_iter().chain(Word::ALL.iter().map(|word| word.clip()));
    let known = prompts.map(|id| (id.to_owned(), Duration::from_secs(12))).collect();
    Recordings { languages: [("zh-CN".to_owned(), known)].into() }
}

/// Everything that is found in flows that work together.
fn found(texts: &[String]) -> Vec<(Code, String)> {
    let mut all = Vec::new();
    let set = FlowSet::parse(texts.iter().map(|text| ("flow.json", text.as_str())));
    match set {
        Err(invalid) => all.extend(invalid.findings),
        Ok(set) => {
            for flow in set.iter() {
                all.extend(flow.warnings().iter().cloned());
                all.extend(flow.review(&recordings()));
            }
        }
    }
    all.into_iter().map(|finding| (finding.code, finding.to_string())).collect()
}

#[test]
fn each_finding_has_a_flow_that_triggers_it_and_one_that_is_clean() {
    for code in Code::ALL {
        let Example { bad, good } = example(code);
        assert_eq!(found(&good), [], "{}", code.as_str());
        let found = found(&bad);
        assert!(found.iter().any(|(it, _)| *it == code), "{}: {found:#?}", code.as_str());
        assert!(found.iter().all(|(it, _)| *it == code), "only that: {found:#?}");
    }
}

#[test]
fn findings_name_the_node_and_are_understood() {
    let words = |code: Code| found(&example(code).bad).remove(0).1;
    assert_eq!(
        words(Code::ReadBeforeSet),
        "node b: variable: x may have no value here [read-before-set]"
    );
    assert_eq!(
        words(Code::SecretExposed),
        "node b: variable: open is secret and would be spoken [secret-exposed]"
    );
    assert_eq!(
        words(Code::OverlappingKeys),
        "node a: repeat: the key 1 has an outlet already [overlapping-keys]"
    );
    assert_eq!(
        words(Code::TypeClash),
        "node a: value: \"many\" is no number, as n must be [type-clash]"
    );
    assert_eq!(
        words(Code::NoWayToHuman),
        "node a: no key and no other way from here leads to a person [no-way-to-human]"
    );
    assert_eq!(
        words(Code::LateFirstKey),
        "node m: the caller listens for 36 s before he can press a key; 30 s are bearable [late-first-key]"
    );
    assert_eq!(
        words(Code::MissingPrompt),
        "node a: there is no recording not-recorded in zh-CN [missing-prompt]"
    );
    assert_eq!(
        words(Code::SubflowCycle),
        "nodes: main uses other, which comes to main again [subflow-cycle]"
    );
}

#[test]
fn warnings_let_a_flow_run_and_errors_do_not() {
    for code in Code::ALL {
        let runs = example(code).bad.iter().all(|text| Flow::parse(text).is_ok());
        if code.severity() == Severity::Warning {
            assert!(runs, "{}", code.as_str());
        }
    }
}

/// Returns the codes of one flow.
fn codes(text: &str) -> Vec<Code> {
    found(&[text.to_owned()]).into_iter().map(|(code, _)| code).collect()
}

#[test]
fn a_secret_stays_secret_on_every_way_out() {
    let head =
        r#""vars":{"pin":{"type":"digits","secret":true,"default":"0"},"open":{"default":"x"}},"#;
    let exposes = |node: &str| {
        let text = main(head, &format!(r#""a":{node}"#));
        assert_eq!(codes(&text), [Code::SecretExposed], "{node}");
        assert_eq!(
            codes(
                &text
                    .replace("pin\"}", "open\"}")
                    .replace("\"pin", "\"open")
                    .replace("{pin", "{open")
                    .replace("(pin", "(open")
                    .replace(r#""open":{"type":"digits","secret":true,"default":"0"},"#, "")
            ),
            [],
            "{node}"
        );
    };
    exposes(r#"{"type":"log_tag","tag":"t","from":"pin","out":{"next":"bye"}}"#);
    exposes(r#"{"type":"set_caller_attr","attribute":"t","from":"pin","out":{"next":"bye"}}"#);
    exposes(
        r#"{"type":"sms_send","template":"t","params":{"p":"{pin}"},"out":{"sent":"bye","error":"bye"}}"#,
    );
    exposes(r#"{"type":"speak","text":"{pin}","or":["m"],"out":{"next":"bye"}}"#);
    exposes(r#"{"type":"set","variable":"copy","from":"pin","out":{"next":"bye"}}"#);
    exposes(
        r#"{"type":"set","variable":"copy","expression":"number(pin) + 1.0","out":{"next":"bye","error":"bye"}}"#,
    );
    let shared = main(
        head,
        r#""a":{"type":"set","variable":"pin","value":"1","share":true,"out":{"next":"bye"}}"#,
    );
    assert_eq!(codes(&shared), [Code::SecretExposed]);
    let asked = main(
        head,
        r#""a":{"type":"lookup","source":"t","key":"pin","out":{"found":"bye","not_found":"bye","error":"bye"}}"#,
    );
    assert_eq!(codes(&asked), [], "a service may be asked with it");
}

#[test]
fn what_a_way_has_set_is_known_there_and_not_elsewhere() {
    let reads = |nodes: &str| codes(&main("", nodes));
    let say = r#""s":{"type":"say","variable":"x","as":"digits","out":{"next":"bye","unreadable":"bye"}}"#;
    // A condition that holds only with a value.
    let exists =
        r#""a":{"type":"if","variable":"x","is":"exists","out":{"true":"s","false":"bye"}}"#;
    assert_eq!(reads(&format!("{exists},{say}")), []);
    let other = exists.replace(r#""true":"s","false":"bye""#, r#""true":"bye","false":"s""#);
    assert_eq!(reads(&format!("{other},{say}")), [Code::ReadBeforeSet]);
    // Columns with a prefix.
    let lookup = r#""a":{"type":"lookup","source":"t","key":"caller","prefix":"x","out":{"found":"s","not_found":"bye","error":"bye"}}"#;
    assert_eq!(reads(&format!("{lookup},{say}")), []);
    assert_eq!(
        reads(&format!("{},{say}", lookup.replace(r#""prefix":"x""#, r#""prefix":"y""#))),
        [Code::ReadBeforeSet]
    );
    // A circle that sets it too late.
    let circle = r#""a":{"type":"say","variable":"x","as":"digits","out":{"next":"b","unreadable":"b"}},
        "b":{"type":"collect","prompt":["p"],"variable":"x","max":2,"out":{"next":"a","exhausted":"bye"}}"#;
    assert_eq!(reads(circle), [Code::ReadBeforeSet]);
    // What comes with the call.
    let head = r#""vars":{"x":{"from_call":true}},"#;
    let text = main(head, &say.replacen("\"s\"", "\"a\"", 1));
    assert_eq!(codes(&text), []);
}

#[test]
fn an_outlet_that_is_wired_twice_is_found() {
    let twice = menu("").replace(r#""1":"q","#, r#""1":"q","1":"bye","#);
    assert_eq!(codes(&twice), [Code::OverlappingKeys]);
    let terminator = main(
        "",
        r##""a":{"type":"collect","prompt":["p"],"variable":"x","max":2,"terminator":"#","clear":"#","out":{"next":"bye","exhausted":"bye"}}"##,
    );
    assert_eq!(codes(&terminator), [Code::OverlappingKeys]);
}
