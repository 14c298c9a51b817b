//! What each type of node does, beyond what `engine.rs` shows.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod common;

use std::{fmt::Write as _, time::Duration};

use common::{World, check, document, engine, flow_id};
use cti_core::{
    calendar::{Calendars, Holidays},
    flow::{CallData, FlowEffect, FlowEngine as _, FlowInput, LookupFailure},
    id::SessionId,
    time::Timestamp,
};
use cti_ivr::{
    engine::Engine,
    flow::FlowSet,
    service::{HttpRequest, Question, Sms, http_answer},
    table::Table,
    testkit::Caller,
};

/// Adds the ends that nodes lead to; each says by which way it was reached.
fn with_ends(nodes: &str) -> String {
    let mut all = nodes.to_owned();
    for end in ["yes", "no", "err"] {
        if nodes.contains(&format!(r#":"{end}""#)) {
            write!(all, r#","{end}":{{"type":"play","prompt":["{end}"],"out":{{"next":"bye"}}}}"#)
                .unwrap();
        }
    }
    all
}

#[track_caller]
fn ends(nodes: &str, script: &str) {
    check(&with_ends(nodes), script);
}

#[test]
fn a_menu_repeats_itself_by_key_without_an_attempt() {
    let menu = r#""a":{"type":"menu","prompt":["m"],"repeat":"*","retries":0,"no_match_prompt":["wrong"],
        "out":{"1":"bye","exhausted":"bye"}}"#;
    check(
        menu,
        "expect play m; press *; expect play m; press *; expect play m; press 9; expect end",
    );
}

#[test]
fn digits_must_look_like_a_mask_can_be_begun_again_and_have_a_time_for_all() {
    let collect = r##""a":{"type":"collect","prompt":["enter"],"variable":"x","min":1,"max":11,"terminator":"#",
        "clear":"*","masks":["1XXXXXXXXXX","0ZX."],"total_ms":4000,"inter_digit_ms":3000,"retries":1,
        "no_match_prompt":["wrong"],"out":{"next":"say","exhausted":"no"}},
        "say":{"type":"say","variable":"x","as":"digits","out":{"next":"bye","unreadable":"err"}}"##;
    ends(collect, "expect play enter; press 0105#; expect play 零一零五");
    ends(
        collect,
        "expect play enter; press 0005#; expect play wrong enter; press 7#; expect play no",
    );
    ends(
        collect,
        "expect play enter; press 01*; expect play enter; press 0105#; expect play 零一零五",
    );
    // Every key comes in time, all of them together do not.
    ends(
        collect,
        "expect play enter; press 0; press 1 after 2s; press 0 after 1900ms; expect nothing for 50ms; expect play wrong enter",
    );
}

#[test]
fn a_switch_goes_by_the_first_value_that_is_the_same() {
    let switch = |value: &str| {
        format!(
            r#""a":{{"type":"set","variable":"v","value":"{value}","out":{{"next":"b"}}}},
            "b":{{"type":"switch","variable":"v","cases":["x","y"],"out":{{"case_1":"yes","case_2":"no","default":"err"}}}}"#
        )
    };
    ends(&switch("x"), "expect play yes");
    ends(&switch("y"), "expect play no");
    ends(&switch("z"), "expect play err");
}

#[test]
fn a_loop_leads_on_so_many_times_and_then_counts_anew() {
    let nodes = r#""a":{"type":"loop","times":2,"out":{"again":"yes2","done":"b"}},
        "yes2":{"type":"play","prompt":["again"],"out":{"next":"a"}},
        "b":{"type":"menu","prompt":["more"],"out":{"1":"a","exhausted":"bye"}}"#;
    check(
        nodes,
        "expect play again; expect play again; expect play more; press 1; expect play again; expect play again; expect play more",
    );
    // A circle through it needs no wait.
    check(r#""a":{"type":"loop","times":900,"out":{"again":"a","done":"bye"}}"#, "expect end");
}

#[test]
fn a_split_keeps_its_shares_and_sends_a_session_the_same_way_again() {
    let nodes = r#""a":{"type":"random_split","shares":[3,1],"out":{"share_1":"one","share_2":"two"}},
        "one":{"type":"play","prompt":["one"],"out":{"next":"bye"}},
        "two":{"type":"play","prompt":["two"],"out":{"next":"bye"}}"#;
    let went = |session: u64| {
        let mut engine = engine(&document(nodes));
        let world = World::default();
        let main = flow_id("main");
        engine.start(Timestamp::ZERO, SessionId(session), &main, world.view()).unwrap();
        engine.place(SessionId(session)).unwrap().node.to_owned()
    };
    let first = (0..400).filter(|session| went(*session) == "one").count();
    assert!((260..340).contains(&first), "{first} of 400");
    assert!((0..20).all(|session| went(session) == went(session)));
}

#[test]
fn expressions_choose_and_assign_and_their_errors_have_a_way() {
    let nodes = |when: &str| {
        format!(
            r#""a":{{"type":"set","variable":"n","expression":"number(\"2.50\") * 2","out":{{"next":"b","error":"err"}}}},
            "b":{{"type":"if","when":"{when}","out":{{"true":"yes","false":"no","error":"err"}}}}"#
        )
    };
    ends(&nodes("number(n) == 5 && called.starts_with(\\\"123\\\")"), "expect play yes");
    ends(&nodes("number(n) > 5"), "expect play no");
    ends(&nodes("number(caller + \\\"x\\\") > 5"), "expect play err");
    let script = r#""a":{"type":"script","code":"let s = 0; for i in 0..5 { s += i; } total = s; label = `sum ${s}`;",
        "assigns":["total","label"],"out":{"next":"b","error":"err"}},
        "b":{"type":"if","variable":"label","is":"equals","value":"sum 10","out":{"true":"c","false":"no"}},
        "c":{"type":"say","variable":"total","as":"number","out":{"next":"bye","unreadable":"err"}}"#;
    ends(script, "expect play 十; expect end");
    let endless = r#""a":{"type":"script","code":"if called == \"12345\" { loop { } }","assigns":[],"out":{"next":"no","error":"err"}}"#;
    ends(endless, "expect play err");
}

#[test]
fn open_and_closed_follow_the_calendar() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/hotline/config/calendar/");
    let schedules = std::fs::read_to_string(format!("{folder}schedules.json")).unwrap();
    let calendars = Calendars::parse("s.json", &schedules, Holidays::default()).unwrap();
    let text = document(&with_ends(
        r#""a":{"type":"hours_check","schedule":"hotline","out":{"open":"yes","closed":"no"}}"#,
    ));
    let at = |civil: &str| {
        let zoned = format!("{civil}[Asia/Shanghai]").parse::<jiff::Zoned>().unwrap();
        Timestamp::from_micros(u64::try_from(zoned.timestamp().as_microsecond()).unwrap())
    };
    for (moment, heard) in [("2026-11-23T10:00", "yes"), ("2026-11-23T23:30", "no")] {
        let flows = FlowSet::parse([("f.json", text.as_str())]).unwrap();
        let engine = Engine::new(flows, calendars.clone()).unwrap();
        let mut caller = Caller::new(engine, "main").unwrap().at(at(moment));
        caller.run(&format!("expect play {heard}")).unwrap();
    }
}

/// Starts a flow and returns the engine and the first question.
fn asked(text: &str) -> (Engine, World, Question) {
    let mut engine = engine(text);
    let world = World::default();
    engine.start(Timestamp::ZERO, SessionId(1), &flow_id("main"), world.view()).unwrap();
    let question = next_question(&mut engine).unwrap();
    (engine, world, question)
}

fn next_question(engine: &mut Engine) -> Option<Question> {
    std::iter::from_fn(|| engine.poll_effect()).find_map(|(_, effect)| {
        let FlowEffect::Lookup { source, key, .. } = effect else { return None };
        Some(Question::parse(&source, &key).unwrap())
    })
}

fn node(engine: &Engine) -> &str {
    engine.place(SessionId(1)).unwrap().node
}

const HTTP: &str = r#""a":{"type":"http","endpoint":"core","path":"/a/{caller}/x","query":{"q":"{called}"},
    "map":{"balance":"/data/balance","open":"/data/open","none":"/data/none"},"retries":1,"retry_after_ms":200,
    "out":{"ok":"b","not_found":"no","error":"err"}},
    "b":{"type":"if","variable":"none","is":"equals","value":"","out":{"true":"c","false":"err"}},
    "c":{"type":"if","variable":"open","is":"equals","value":"true","out":{"true":"yes","false":"err"}}"#;

fn http() -> (Engine, World, Question) {
    asked(&document(&with_ends(HTTP)))
}

fn tell(engine: &mut Engine, world: &World, lookup: u32, result: Result<CallData, LookupFailure>) {
    let input = FlowInput::LookupDone { lookup, result };
    engine.handle(Timestamp::ZERO, SessionId(1), input, world.view());
}

#[test]
fn a_request_names_an_endpoint_encodes_values_and_maps_the_answer() {
    let (mut engine, world, question) = http();
    let request = HttpRequest {
        method: "GET".to_owned(),
        path: "/a/13800001234/x".to_owned(),
        query: [("q".to_owned(), "12345".to_owned())].into(),
        ..HttpRequest::default()
    };
    assert_eq!(question, Question::Http { endpoint: "core".to_owned(), request });
    let body = r#"{"data": {"balance": 12.5, "open": true, "none": null}}"#;
    tell(&mut engine, &world, 0, Ok(http_answer(200, body)));
    assert_eq!(node(&engine), "yes");
}

#[test]
fn a_request_that_may_work_later_is_made_again_and_others_are_not() {
    let (mut engine, world, _) = http();
    tell(&mut engine, &world, 0, Ok(http_answer(503, "")));
    assert_eq!(next_question(&mut engine), None);
    assert_eq!(node(&engine), "a");
    assert_eq!(engine.poll_timeout(), Some(Timestamp::ZERO + Duration::from_millis(200)));
    let later = Timestamp::from_secs(1);
    engine.handle_timeout(later, SessionId(1), world.view());
    assert!(next_question(&mut engine).is_some());
    tell(&mut engine, &world, 0, Ok(http_answer(200, "{}")));
    assert_eq!(node(&engine), "a", "the answer to the first request comes too late");
    tell(&mut engine, &world, 1, Err(LookupFailure::Unavailable));
    assert_eq!(node(&engine), "err");
    for (answer, expected) in [
        (Ok(http_answer(404, "")), "no"),
        (Ok(http_answer(400, "")), "err"),
        (Ok(http_answer(200, "no json")), "err"),
        (Ok(CallData::new()), "err"),
        (Err(LookupFailure::UnknownSource), "err"),
        (Err(LookupFailure::NotFound), "no"),
    ] {
        let (mut engine, world, _) = http();
        tell(&mut engine, &world, 0, answer);
        assert_eq!(node(&engine), expected);
    }
}

#[test]
fn a_value_in_a_path_cannot_leave_its_place() {
    let nodes = r#""a":{"type":"set","variable":"x","value":"../b?c=1&d /é","out":{"next":"b"}},
        "b":{"type":"http","endpoint":"core","path":"/v/{x}","out":{"ok":"bye","not_found":"bye","error":"bye"}}"#;
    let (_, _, question) = asked(&document(nodes));
    let Question::Http { request, .. } = question else { panic!("{question:?}") };
    assert_eq!(request.path, "/v/%2E%2E%2Fb%3Fc%3D1%26d%20%2F%C3%A9");
}

#[test]
fn a_query_binds_its_parameters_and_its_columns_become_variables() {
    let nodes = r#""a":{"type":"db_query","query":"loan","params":{"who":"{caller}"},"prefix":"loan.",
        "out":{"found":"b","not_found":"no","error":"err"}},
        "b":{"type":"say","variable":"loan.rest","as":"money","out":{"next":"bye","unreadable":"err"}}"#;
    let (mut engine, world, question) = asked(&document(&with_ends(nodes)));
    let params = [("who".to_owned(), "13800001234".to_owned())].into();
    assert_eq!(question, Question::Query { query: "loan".to_owned(), params });
    tell(&mut engine, &world, 0, Ok([("rest".to_owned(), "100.50".to_owned())].into()));
    assert_eq!(node(&engine), "b");
}

#[test]
fn a_short_message_is_handed_to_the_gateway_once() {
    let nodes = r#""a":{"type":"sms_send","template":"office","params":{"n":"{called}"},"out":{"sent":"yes","error":"err"}}"#;
    let (mut engine, world, question) = asked(&document(&with_ends(nodes)));
    let sms = Sms {
        template: "office".to_owned(),
        to: "13800001234".to_owned(),
        params: [("n".to_owned(), "12345".to_owned())].into(),
    };
    assert_eq!(question, Question::Sms(sms));
    tell(&mut engine, &world, 0, Err(LookupFailure::Unavailable));
    assert_eq!(next_question(&mut engine), None);
    assert_eq!(node(&engine), "err");
}

#[test]
fn black_list_areas_customers_and_articles_are_tables_of_their_own() {
    let tables = [
        ("blacklist_check", "blacklist", "listed", "clear"),
        ("number_area", "number_area", "found", "unknown"),
        ("crm_lookup", "customers", "found", "not_found"),
        ("kb_lookup", "knowledge", "found", "not_found"),
    ];
    for (node, table, found, not_found) in tables {
        let nodes = format!(
            r#""a":{{"type":"{node}","prefix":"p.","out":{{"{found}":"b","{not_found}":"no","error":"err"}}}},
            "b":{{"type":"if","variable":"p.what","is":"equals","value":"this","out":{{"true":"yes","false":"err"}}}}"#
        );
        let nodes = with_ends(&nodes);
        let run = |rows: &str, script: &str| {
            let table_of = Table::parse("t.csv", &format!("key,what\n{rows}")).unwrap();
            let mut caller =
                Caller::new(engine(&document(&nodes)), "main").unwrap().with_table(table, table_of);
            caller.run(script).unwrap_or_else(|error| panic!("{node}: {error}"));
        };
        run("13800001234,this\n", &format!("expect lookup {table} 13800001234; expect play yes"));
        run("1,other\n", &format!("expect lookup {table} 13800001234; expect play no"));
        check(&nodes, &format!("expect lookup {table} 13800001234; expect play err"));
    }
}

#[test]
fn tags_attributes_and_answers_go_into_the_calls_data() {
    let nodes = r#""a":{"type":"log_tag","tag":"vip","out":{"next":"b"}},
        "b":{"type":"log_tag","tag":"line","from":"called","out":{"next":"c"}},
        "c":{"type":"set_caller_attr","attribute":"lang","value":"en","out":{"next":"d"}},
        "d":{"type":"set_caller_attr","attribute":"line","from":"called","out":{"next":"e"}},
        "e":{"type":"rating","prompt":["rate"],"retries":1,"no_match_prompt":["wrong"],"skip":"0","out":{"rated":"yes","skipped":"no"}}"#;
    let said = "expect set tag.vip=yes; expect set tag.line=12345; expect set caller.lang=en; expect set caller.line=12345; expect play rate;";
    let run = |script: &str| ends(nodes, &format!("{said}{script}"));
    run("press 2; expect set survey.satisfaction=satisfied; expect play yes");
    run("press 0; expect play no");
    run("press 9; expect play wrong rate; press 8; expect play no");
    run("expect play rate; expect play no");
}

#[test]
fn a_caller_waits_for_one_agent_and_a_wrong_number_has_a_way() {
    let exits = r#""overflow":"bye","no_staff":"bye","full":"bye","left":"bye","failed":"bye""#;
    let fixed = format!(
        r#""a":{{"type":"transfer_agent","queue":"general","agent":"8001","only_for_ms":20000,"out":{{{exits}}}}}"#
    );
    let mut engine = engine(&document(&fixed));
    let world = World::default();
    engine.start(Timestamp::ZERO, SessionId(1), &flow_id("main"), world.view()).unwrap();
    let Some((_, FlowEffect::Enqueue { queue, needs, .. })) = engine.poll_effect() else {
        panic!("nobody waits")
    };
    let wanted = needs.agent.unwrap();
    assert_eq!((queue.as_str(), wanted.agent.as_str()), ("general", "8001"));
    assert_eq!(wanted.only_for, Some(Duration::from_secs(20)));
    let entered = format!(
        r#""a":{{"type":"set","variable":"who","value":"no body","out":{{"next":"b"}}}},
        "b":{{"type":"transfer_agent","queue":"general","from":"who","out":{{"unknown":"err2",{exits}}}}},
        "err2":{{"type":"play","prompt":["unknown"],"out":{{"next":"bye"}}}}"#
    );
    check(&entered, "expect play unknown; expect end");
}

#[test]
fn the_expected_wait_is_told_in_minutes_unless_it_is_too_long() {
    let flow = |most: u32| {
        document(&format!(
            r#""a":{{"type":"expected_wait","before":["about"],"after":["minutes"],"most_minutes":{most},"out":{{"next":"bye"}}}}"#
        ))
        .replace(r#""inbound""#, r#""queue""#)
    };
    let plays = |most| {
        let mut engine = engine(&flow(most));
        let world = World::default();
        engine.start(Timestamp::ZERO, SessionId(1), &flow_id("main"), world.view()).unwrap();
        std::iter::from_fn(|| engine.poll_effect()).find_map(|(_, effect)| {
            let FlowEffect::Play { clips, .. } = effect else { return None };
            Some(clips.len())
        })
    };
    // The world of the tests expects two and a half minutes: about, three, minutes.
    assert_eq!(plays(5), Some(3));
    assert_eq!(plays(2), None);
}

fn set(texts: &[String]) -> FlowSet {
    FlowSet::parse(texts.iter().map(|text| ("f.json", text.as_str()))).unwrap()
}

const USES: &str = r#""a":{"type":"subflow","flow":"sub","arguments":{"who":{"from":"caller"}},
    "results":{"answer":"mine"},"out":{"done":"b","failed":"no","error":"err"}},
    "b":{"type":"say","variable":"mine","as":"digits","out":{"next":"yes","unreadable":"err"}}"#;

fn subflow(nodes: &str) -> String {
    document(nodes)
        .replace(r#""id":"main""#, r#""id":"sub""#)
        .replace(r#""entry""#, r#""params":{"who":{}},"vars":{"answer":{"default":"0"}},"entry""#)
        .replace(r#","bye":{"type":"hangup"}"#, "")
}

fn used(sub: &str) -> Caller {
    let flows = set(&[document(&with_ends(USES)), subflow(sub)]);
    Caller::new(Engine::new(flows, Calendars::default()).unwrap(), "main").unwrap()
}

#[test]
fn a_sub_flow_gets_its_parameters_gives_its_results_and_sees_nothing_else() {
    let sub = r#""a":{"type":"menu","prompt":["sub"],"out":{"1":"s","2":"f","exhausted":"f"}},
        "s":{"type":"set","variable":"answer","from":"who","out":{"next":"i"}},
        "i":{"type":"if","variable":"mine","is":"exists","out":{"true":"f","false":"r"}},
        "r":{"type":"return"},"f":{"type":"return","result":"failed"}"#;
    used(sub)
        .run("expect play sub; press 1; expect play 一三八零零零零一二三四; expect play yes")
        .unwrap();
    used(sub).run("expect play sub; press 2; expect play no; expect end").unwrap();
}

#[test]
fn a_sub_flow_that_breaks_leaves_its_caller_by_error() {
    let sub =
        r#""a":{"type":"loop","times":900,"out":{"again":"a","done":"r"}},"r":{"type":"return"}"#;
    let main = document(&with_ends(USES))
        .replace(r#""entry""#, r#""limits":{"steps_per_input":100},"entry""#);
    let engine = Engine::new(set(&[main, subflow(sub)]), Calendars::default()).unwrap();
    let mut caller = Caller::new(engine, "main").unwrap();
    caller.run("expect play err; expect end").unwrap();
    assert_eq!(caller.ends(), 1);
}

#[test]
fn flows_use_each_other_only_as_deep_as_their_limit() {
    let main = document(&with_ends(USES)).replace(r#""entry""#, r#""limits":{"depth":1},"entry""#);
    let sub = subflow(r#""a":{"type":"return"}"#);
    let engine = Engine::new(set(&[main, sub]), Calendars::default()).unwrap();
    Caller::new(engine, "main").unwrap().run("expect play err; expect end").unwrap();
}

#[test]
fn a_caller_is_sent_to_a_number_outside_and_comes_back_when_nobody_answers() {
    let nodes = r#""a":{"type":"transfer_external","number":"13812345678","prompt":["music"],"out":{"failed":"b"}},
        "b":{"type":"transfer_external","from":"who","out":{"unknown":"c","failed":"bye"}},
        "c":{"type":"play","prompt":["no-number"],"out":{"next":"bye"}}"#;
    let script =
        "expect music music; expect go_to number 138****5678; ring fails; expect play no-number";
    check(nodes, script);
}

#[test]
fn a_caller_is_joined_with_a_number_and_the_flow_after_it_is_forgotten_when_nobody_answers() {
    let nodes = r#""a":{"type":"bridge","number":"13812345678","then":"then","prompt":["music"],"out":{"failed":"b"}},
        "b":{"type":"bridge","from":"who","then":"then","out":{"unknown":"c","failed":"bye"}},
        "c":{"type":"play","prompt":["no-number"],"out":{"next":"bye"}}"#;
    let script = "expect music music; expect set call.then=then; expect go_to number 138****5678; \
        ring fails; expect set call.then=; expect play no-number";
    let then = r#"{"schema":"cti.flow/1","id":"then","kind":"after_call","name":"Then","entry":"bye","nodes":{"bye":{"type":"hangup"}}}"#;
    let main = document(nodes);
    let flows = FlowSet::parse([("main.json", main.as_str()), ("then.json", then)]).unwrap();
    let engine = Engine::new(flows, Calendars::default()).unwrap();
    Caller::new(engine, "main").unwrap().run(script).unwrap();
}

#[test]
fn a_document_is_handed_to_the_fax_gateway_once() {
    let nodes = r#""a":{"type":"fax_hook","document":"form","params":{"n":"{called}"},"out":{"sent":"b","error":"c"}},
        "b":{"type":"play","prompt":["sent"],"out":{"next":"bye"}},
        "c":{"type":"play","prompt":["not-sent"],"out":{"next":"bye"}}"#;
    let asks =
        r#"expect lookup fax:form {"document":"form","to":"13800001234","params":{"n":"12345"}}; "#;
    for (answer, heard) in [("found", "sent"), ("unavailable", "not-sent")] {
        let mut caller = common::caller(nodes).with_answers();
        caller.run(&format!("{asks} answers {answer}; expect play {heard}")).unwrap();
    }
}

#[test]
fn keys_are_sent_and_the_recording_of_talks_is_switched() {
    let nodes = r##""a":{"type":"dtmf_send","digits":"12#","out":{"next":"b"}},
        "b":{"type":"talk_recording","record":false,"out":{"next":"c"}},
        "c":{"type":"talk_recording","record":true,"out":{"next":"d"}},
        "d":{"type":"dtmf_send","from":"nothing","out":{"next":"bye","unknown":"e"}},
        "e":{"type":"play","prompt":["no-keys"],"out":{"next":"bye"}}"##;
    let script = "expect send_digits 12#; expect pause_recording; expect resume_recording; expect play no-keys";
    check(nodes, script);
}

#[test]
fn who_waits_gets_another_priority() {
    let nodes = r#""a":{"type":"change_priority","priority":7,"out":{"next":"b"}},
        "b":{"type":"music","prompt":["hold"],"for_ms":5000,"out":{"done":"b"}}"#;
    let document =
        document(nodes).replace("inbound", "queue").replace(r#","bye":{"type":"hangup"}"#, "");
    let mut caller = Caller::new(engine(&document), "main").unwrap();
    caller.run("expect set_priority 7; expect music hold").unwrap();
}

#[test]
fn a_text_is_said_with_its_values_as_they_are_read_and_keys_cut_it_short() {
    let nodes = r#""a":{"type":"set","variable":"n","value":"2","out":{"next":"b"}},
        "b":{"type":"speak","text":"您前面还有{n}位，余额12.50元","or":["wait"],"barge_in":true,
        "out":{"next":"yes","1":"no"}}"#;
    let said = "expect play 您前面还有两位，余额十二元五角";
    ends(nodes, &format!("{said}; wait 9s; expect play yes"));
    ends(nodes, &format!("{said}; press 1; expect play no"));
    ends(nodes, &format!("{said}; press 5; expect play yes"));
}
