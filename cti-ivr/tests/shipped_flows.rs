//! The flows that ship with the hotline: loaded as they are, walked through every outlet.

#![expect(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::{collections::BTreeSet, path::PathBuf};

use cti_core::{
    calendar::{Calendars, Holidays},
    id::FlowId,
    time::Timestamp,
};
use cti_ivr::{
    engine::Engine,
    flow::FlowSet,
    language::Language,
    table::Table,
    testkit::{Caller, not_walked},
};

fn hotline(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/hotline").join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(hotline(path)).unwrap()
}

fn flows() -> FlowSet {
    FlowSet::load(&hotline("flows")).unwrap_or_else(|error| panic!("{error}"))
}

fn engine() -> Engine {
    let holidays =
        Holidays::parse("holidays-cn.json", &read("config/calendar/holidays-cn.json")).unwrap();
    let schedules = read("config/calendar/schedules.json");
    Engine::new(flows(), Calendars::parse("schedules.json", &schedules, holidays).unwrap()).unwrap()
}

fn accounts() -> Table {
    Table::parse("gjj_accounts.csv", &read("config/tables/gjj_accounts.csv")).unwrap()
}

fn loans() -> Table {
    Table::parse("gjj_loans.csv", &read("config/tables/gjj_loans.csv")).unwrap()
}

fn at(civil: &str) -> Timestamp {
    let zoned = format!("{civil}[Asia/Shanghai]").parse::<jiff::Zoned>().unwrap();
    Timestamp::from_micros(u64::try_from(zoned.timestamp().as_microsecond()).unwrap())
}

const WORKDAY: &str = "2026-11-23T10:00";
const LUNCH: &str = "2026-11-23T12:30";
const NIGHT: &str = "2026-11-23T22:00";
const NATIONAL_DAY: &str = "2026-10-01T10:00";

/// Runs scripts, each with a caller of its own, and demands that together they take every outlet.
fn walk(flow: &str, scripts: &[(&str, impl AsRef<str>)]) {
    let mut visited = BTreeSet::new();
    for (moment, script) in scripts {
        let mut caller = Caller::new(engine(), flow)
            .unwrap()
            .at(at(moment))
            .with_table("gjj_accounts", accounts())
            .with_table("query:gjj_loan", loans())
            .with_answers();
        caller.run(script.as_ref()).unwrap_or_else(|error| panic!("{flow} at {moment}: {error}"));
        assert!(caller.ends() <= 1);
        visited.extend(caller.visited().iter().cloned());
    }
    all_walked(flow, &visited);
}

/// Runs scripts of a caller whose call has these data.
fn walked_with(flow: &str, data: &[(&str, &str)], script: &str) -> BTreeSet<(String, String)> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    let data = data.iter().map(owned).collect();
    let mut caller = Caller::new(engine(), flow).unwrap().at(at(WORKDAY)).with_data(data);
    caller.run(script).unwrap_or_else(|error| panic!("{flow}: {error}"));
    caller.visited().clone()
}

/// Demands that every outlet was taken.
fn all_walked(flow: &str, visited: &BTreeSet<(String, String)>) {
    let flows = flows();
    let left = not_walked(flows.get(&FlowId::new(flow).unwrap()).unwrap(), visited);
    assert!(left.is_empty(), "{flow}: no script takes {left:?}");
}

const GREETED: &str = "expect answer; expect play greeting-12345; expect play recording-notice;";
const ENGLISH: &str = "expect set language=en-US; expect play en-US/greeting-12345; \
    expect play en-US/recording-notice; expect enqueue general;";
const MESSAGE: &str = "expect play leave-message tone:beep; expect record; press 5; press #; expect stop_recording; \
    recorded 8s; expect play message-saved thanks-goodbye; expect end;";
const NO_MESSAGE: &str = "expect play leave-message tone:beep; expect record; not recorded; \
    expect play message-empty thanks-goodbye; expect end;";
const DUTY: &str =
    "expect play duty-calling; expect music tone:ring_back; expect ring 8015 8016 for 20s;";

#[test]
fn by_day_12345_greets_and_queues_without_a_menu_and_every_way_on_is_walked() {
    let with = |parts: &[&str]| parts.concat();
    let scripts = [
        (WORKDAY, with(&[GREETED, "expect enqueue general; leaves queue left;", MESSAGE])),
        (
            LUNCH,
            with(&[
                GREETED,
                "expect enqueue general; leaves queue overflow; expect play all-busy;",
                NO_MESSAGE,
            ]),
        ),
        (
            WORKDAY,
            with(&[
                GREETED,
                "expect enqueue general; leaves queue full; expect play all-busy; press *;",
                MESSAGE,
            ]),
        ),
        (
            WORKDAY,
            with(&[
                GREETED,
                "expect enqueue general; leaves queue failed; expect play all-busy; hangs up",
            ]),
        ),
        (
            WORKDAY,
            with(&[
                GREETED,
                "expect enqueue general; leaves queue no_staff; expect play no-staff;",
                DUTY,
                "ring fails; expect play duty-no-answer;",
                MESSAGE,
            ]),
        ),
        (
            NIGHT,
            with(&[
                GREETED,
                "expect play night-greeting; expect enqueue night; leaves queue no_staff;",
                DUTY,
                "expect nothing for 10s; hangs up",
            ]),
        ),
        (
            NIGHT,
            with(&[
                GREETED,
                "expect play night-greeting; expect enqueue night; leaves queue left;",
                MESSAGE,
            ]),
        ),
        (
            NIGHT,
            with(&[
                GREETED,
                "expect play night-greeting; expect enqueue night; leaves queue full;",
                DUTY,
            ]),
        ),
        (
            NIGHT,
            with(&[
                GREETED,
                "expect play night-greeting; expect enqueue night; leaves queue failed;",
                DUTY,
            ]),
        ),
        (
            NATIONAL_DAY,
            with(&[
                GREETED,
                "expect play holiday-greeting; expect enqueue night; leaves queue overflow;",
                DUTY,
                "ring fails; expect play duty-no-answer;",
                MESSAGE,
            ]),
        ),
        // Who presses 9 while he is greeted or told of the recording goes on in English.
        (
            WORKDAY,
            with(&[
                "expect answer; expect play greeting-12345; press 9 after 1s;",
                ENGLISH,
                "leaves queue left; expect play en-US/leave-message tone:beep; expect record; recorded 8s;",
                "expect play en-US/message-saved en-US/thanks-goodbye; expect end",
            ]),
        ),
        (WORKDAY, with(&[GREETED, "press 9;", ENGLISH])),
        // The flow's own handling of errors: a wait for the message's end that never comes.
        (
            WORKDAY,
            with(&[
                GREETED,
                "expect enqueue general; leaves queue left; expect play leave-message tone:beep; expect record; wait 241m; expect play system-error; expect end",
            ]),
        ),
    ];
    let scripts: Vec<(&str, &str)> =
        scripts.iter().map(|(at, script)| (*at, script.as_str())).collect();
    walk("hotline-12345", &scripts);
}

/// A queue's flow by day: music, the place, the minutes it may take where they are known, and a way out at any time.
fn waiting_by_day(queue: &str, music: &str) {
    let place = "expect play queue-ahead 两 queue-callers;";
    let begin = format!(
        "position 3; expect music {music}; expect nothing for 1900ms; expect play waiting;"
    );
    let hint = "expect play press-star-message;";
    let minutes = "expect play expected-wait 三 q-fenzhong;";
    let away = "press 5*; expect leave_queue; expect end";
    let music = format!("expect music {music};");
    let scripts = [
        [&music, away].concat(),
        [&begin, away].concat(),
        [&begin, place, away].concat(),
        [&begin, place, hint, away].concat(),
        ["expected wait 150s;", &begin, place, minutes, away].concat(),
        [
            "expected wait 150s;",
            &begin,
            place,
            minutes,
            hint,
            &music,
            "expect nothing for 19s; position 2; expected wait 59s;",
            "expect play queue-ahead 一 queue-callers; expect play expected-wait 一 q-fenzhong;",
            hint,
            &music,
            "position 1; expected wait 31m; expect play queue-next;",
            hint,
            &music,
            away,
        ]
        .concat(),
    ];
    let mut visited = BTreeSet::new();
    for script in &scripts {
        visited.extend(walked_with(queue, &[], script));
    }
    // What a program has put down for this caller is spoken to him.
    let told = [&begin, place, "expect play 道路抢修中;"].concat();
    let announcement = [("announcement", "道路抢修中")];
    visited.extend(walked_with(queue, &announcement, &[&told, away].concat()));
    visited.extend(walked_with(queue, &announcement, &[&told, hint].concat()));
    all_walked(queue, &visited);
}

#[test]
fn a_waiting_caller_hears_music_his_place_and_his_minutes_and_leaves_by_the_star_key_at_any_time() {
    waiting_by_day("queue-general", "music/hold");
}

#[test]
fn who_waits_for_the_housing_fund_hears_another_melody() {
    waiting_by_day("queue-gjj", "music/garden");
}

#[test]
fn who_chose_english_hears_his_place_and_is_asked_for_his_rating_in_english() {
    let english = [("language", "en-US")];
    let waits = "position 13; expect music music/hold; expect play en-US/waiting; \
        expect play en-US/queue-ahead twelve en-US/queue-callers; expect play en-US/press-star-message; \
        expect music music/hold; position 1; expect play en-US/queue-next";
    walked_with("queue-general", &english, waits);
    let rates = "expect play en-US/satisfaction; press 9; expect play en-US/invalid-input en-US/satisfaction; press 1; \
        expect set survey.satisfaction=satisfied; expect play en-US/satisfaction-thanks; expect end";
    walked_with("satisfaction", &english, rates);
    let fund = "position 1; expect music music/garden; expect play en-US/waiting; expect play en-US/queue-next";
    walked_with("queue-gjj", &english, fund);
    // A flow that speaks Mandarin alone goes on in it: agents are told that the caller speaks English.
    let told = "expect play whisper-incoming; expect play whisper-english; expect end";
    walked_with("whisper", &english, told);
}

#[test]
fn a_caller_at_night_hears_his_place_and_may_leave_a_message() {
    let away = "press *; expect leave_queue; expect end";
    let begin = "position 2; expect music music/hold;";
    let place = "expect play queue-ahead 一 queue-callers;";
    let hint = "expect play press-star-message;";
    walk(
        "queue-night",
        &[
            (NIGHT, [begin, away].concat()),
            (NIGHT, [begin, place, away].concat()),
            (NIGHT, [begin, place, hint, away].concat()),
            (
                NIGHT,
                [
                    begin,
                    place,
                    hint,
                    "expect music music/hold; position none;",
                    hint,
                    "expect music music/hold;",
                    away,
                ]
                .concat(),
            ),
        ],
    );
}

#[test]
fn gjj_12329_answers_by_keys_and_every_outlet_is_walked() {
    let account_menu = "expect answer; expect play greeting-12329; expect play menu1; press 1; expect play menu1-1;";
    let balance = [
        account_menu,
        "press 1; expect play enter-account; press 1001234567#; expect lookup gjj_accounts 1001234567;\
         expect play your-balance 四万五千六百七十八元九角; expect play repeat-or-back;",
    ]
    .concat();
    let agent = "expect play transfer-to-agent; expect play recording-notice;";
    let menu = "expect answer; expect play greeting-12329; expect play menu1;";
    let loan = [menu, "press 2; expect play menu1-2;"].concat();
    let with = |parts: &[&str]| parts.concat();
    let busy = "expect play all-busy;";
    let scripts = [
        with(&[
            &balance,
            "press 1; expect play your-balance 四万五千六百七十八元九角; expect play repeat-or-back; \
            press *; expect play menu1-1; press 2; expect play last-deposit 两千四百元; \
            expect play deposit-month 二零二六年十月; expect play repeat-or-back; press 1; \
            expect play last-deposit 两千四百元; expect play deposit-month 二零二六年十月; \
            expect play repeat-or-back; press *; expect play menu1-1; press *; expect play menu1; press 0;",
            agent,
            "expect set gjj_account=1001234567; expect enqueue gjj; leaves queue left;",
            MESSAGE,
        ]),
        with(&[
            &balance,
            "press 0;",
            agent,
            "expect set gjj_account=1001234567; expect enqueue gjj; leaves queue overflow;",
            busy,
            NO_MESSAGE,
        ]),
        with(&[
            &balance,
            "press 9; expect play invalid-input repeat-or-back; expect play thanks-goodbye; expect end",
        ]),
        with(&[
            account_menu,
            "press 2; expect play enter-account; press 1001234576#; expect lookup gjj_accounts 1001234576; \
            expect play last-deposit 一千一百一十元; expect play deposit-month 二零二六年十月; \
            expect play repeat-or-back; press 0;",
            agent,
            "expect set gjj_account=1001234576; expect enqueue gjj; leaves queue full;",
            busy,
            NO_MESSAGE,
        ]),
        with(&[
            account_menu,
            "press 2; expect play enter-account; press 1001234567#; expect lookup gjj_accounts 1001234567; \
            expect play last-deposit 两千四百元; expect play deposit-month 二零二六年十月; expect play repeat-or-back; \
            wait 30s; expect play repeat-or-back; expect play thanks-goodbye; expect end",
        ]),
        with(&[
            account_menu,
            "press 1; expect play enter-account; press 1009999999#; expect lookup gjj_accounts 1009999999; \
            expect play account-not-found; expect play menu1-1; press 0;",
            agent,
            "expect set gjj_account=1009999999; expect enqueue gjj; leaves queue failed;",
            busy,
            "hangs up",
        ]),
        with(&[
            account_menu,
            "press 1; expect play enter-account; press 12#; expect play invalid-input enter-account; \
            expect play no-input enter-account; expect play too-many-errors; expect play recording-notice; expect enqueue gjj; \
            leaves queue no_staff; expect play no-staff;",
            NO_MESSAGE,
        ]),
        with(&[
            &loan,
            "press 1; expect play loan-conditions; expect play menu1-2; press 2; expect play loan-repayment; press 3; \
            expect play loan-documents; press *; expect play menu1; press 7; expect play invalid-input menu1; \
            expect play no-input menu1; expect play too-many-errors; expect play recording-notice; expect enqueue gjj",
        ]),
        with(&[&loan, "press 0;", agent, "expect enqueue gjj; leaves queue left;", MESSAGE]),
        with(&[
            &loan,
            "expect play no-input menu1-2; expect play no-input menu1-2; expect play too-many-errors",
        ]),
        with(&[
            account_menu,
            "expect play no-input menu1-1; expect play no-input menu1-1; expect play too-many-errors",
        ]),
        with(&[
            account_menu,
            "press 3; expect play enter-account; press 1001234567#; expect lookup gjj_accounts 1001234567; \
            expect play monthly-contribution 两千四百元; expect play repeat-or-back; press 1; \
            expect play monthly-contribution 两千四百元; expect play repeat-or-back; press *; expect play menu1-1; \
            press 4; expect play last-withdrawal 三万元; expect play withdrawal-date 二零二五年六月十八日; \
            expect play repeat-or-back; press *; expect play menu1-1; press 5; expect play status-normal; \
            expect play repeat-or-back; press 0;",
            agent,
            "expect set gjj_account=1001234567; expect enqueue gjj",
        ]),
        with(&[
            account_menu,
            "press 4; expect play enter-account; press 1001234568#; expect lookup gjj_accounts 1001234568; \
            expect play no-withdrawal; expect play repeat-or-back; \
            press 9; expect play invalid-input repeat-or-back; expect play thanks-goodbye; expect end",
        ]),
        with(&[
            account_menu,
            "press 5; expect play enter-account; press 1001234570#; expect lookup gjj_accounts 1001234570; \
            expect play status-sealed; expect play repeat-or-back; hangs up",
        ]),
        with(&[
            account_menu,
            "press 5; expect play enter-account; press 1001234574#; expect lookup gjj_accounts 1001234574; \
            expect play status-frozen; expect play repeat-or-back; hangs up",
        ]),
        with(&[
            &loan,
            "press 4; expect play enter-account; press 1001234567#; expect lookup gjj_accounts 1001234567; \
            expect lookup query:gjj_loan {\"account\":\"1001234567\"}; expect play loan-balance 三十五万六千元; \
            expect play monthly-repayment 两千六百八十元五角; \
            expect play repayment-date 二零二六年十二月二十日; expect play no-overdue; expect play repeat-or-back; \
            press 1; expect play loan-balance 三十五万六千元; hangs up",
        ]),
        with(&[
            &loan,
            "press 4; expect play enter-account; press 1001234568#; expect lookup gjj_accounts 1001234568; \
            expect lookup query:gjj_loan {\"account\":\"1001234568\"}; expect play loan-balance 十二万零五百元零八分; \
            expect play monthly-repayment 一千五百元; expect play repayment-date 二零二六年十二月十五日; \
            expect play overdue-periods 二; expect play overdue-amount 三千元; expect play repeat-or-back; \
            press *; expect play menu1-2; press 0;",
            agent,
            "expect set gjj_account=1001234568; expect enqueue gjj",
        ]),
        with(&[
            &loan,
            "press 4; expect play enter-account; press 1001234569#; expect lookup gjj_accounts 1001234569; \
            expect lookup query:gjj_loan {\"account\":\"1001234569\"}; expect play no-loan; expect play menu1-2; hangs up",
        ]),
        // In English: values are read in it too, and who waits and leaves a message stays in it.
        with(&[
            "expect answer; expect play greeting-12329; press 9 after 1s; expect set language=en-US; \
            expect play en-US/greeting-12329; expect play en-US/menu1; press 1; expect play en-US/menu1-1; \
            press 2; expect play en-US/enter-account; press 1001234567#; expect lookup gjj_accounts 1001234567; \
            expect play en-US/last-deposit two thousand four hundred yuan; \
            expect play en-US/deposit-month october twenty twenty six; expect play en-US/repeat-or-back; press 0; \
            expect play en-US/transfer-to-agent; expect play en-US/recording-notice; \
            expect set gjj_account=1001234567; expect enqueue gjj",
        ]),
        with(&[menu, "press 9; expect set language=en-US; expect play en-US/greeting-12329"]),
        // A caller who knows the menus types ahead: each key cuts its prompt short at once.
        with(&[
            "expect answer; expect play greeting-12329; press 111001234567#; expect play menu1-1; expect play enter-account; expect lookup gjj_accounts 1001234567; \
            expect play your-balance 四万五千六百七十八元九角; hangs up",
        ]),
    ];
    let scripts: Vec<(&str, &str)> =
        scripts.iter().map(|script| (WORKDAY, script.as_str())).collect();
    let mut walked = BTreeSet::new();
    for (moment, script) in scripts {
        let mut caller = Caller::new(engine(), "gjj-12329")
            .unwrap()
            .at(at(moment))
            .with_table("gjj_accounts", accounts())
            .with_table("query:gjj_loan", loans());
        caller.run(script).unwrap_or_else(|error| panic!("{error}"));
        walked.extend(caller.visited().iter().cloned());
    }
    // What a broken table leads to.
    let broken = "account,balance,last_deposit,deposit_month,monthly,last_withdrawal,withdrawal_date,status\n\
        1001234567,n/a,,,n/a,1,n/a,gone\n1001234568,1,n/a,,,,,\n1001234569,1,1,n/a,,,,\n";
    for (key, account, end) in [
        ("1", "1001234567", "expect play system-error; expect end"),
        ("2", "1001234568", "expect play system-error; expect end"),
        ("3", "1001234567", "expect play system-error; expect end"),
        ("4", "1001234567", "expect play last-withdrawal 一元; expect play repeat-or-back"),
        ("5", "1001234567", "expect play system-error; expect end"),
        ("2", "1001234569", "expect play last-deposit 一元; expect play repeat-or-back"),
    ] {
        let mut caller = Caller::new(engine(), "gjj-12329")
            .unwrap()
            .at(at(WORKDAY))
            .with_table("gjj_accounts", Table::parse("broken.csv", broken).unwrap());
        let script = format!(
            "{account_menu} press {key}; expect play enter-account; press {account}#; expect lookup gjj_accounts {account}; {end}"
        );
        caller.run(&script).unwrap_or_else(|error| panic!("{error}"));
        walked.extend(caller.visited().iter().cloned());
    }
    let broken = "account,loan_balance,monthly_repayment,repayment_date,overdue_periods,overdue_amount\n\
        1001234567,n/a,,,,\n1001234568,1,n/a,,,\n1001234569,1,1,n/a,n/a,\n1001234570,1,1,2026-12-20,1,n/a\n";
    let read = "expect play loan-balance 一元;";
    let due = "expect play monthly-repayment 一元;";
    for (account, heard) in [
        ("1001234567", String::new()),
        ("1001234568", read.to_owned()),
        ("1001234569", [read, due].concat()),
        (
            "1001234570",
            [read, due, "expect play repayment-date 二零二六年十二月二十日; expect play overdue-periods 一;"]
                .concat(),
        ),
    ] {
        let mut caller = Caller::new(engine(), "gjj-12329")
            .unwrap()
            .at(at(WORKDAY))
            .with_table("gjj_accounts", accounts())
            .with_table("query:gjj_loan", Table::parse("broken.csv", broken).unwrap());
        let script = format!(
            "{loan} press 4; expect play enter-account; press {account}#; expect lookup gjj_accounts {account}; \
            expect lookup query:gjj_loan {{\"account\":\"{account}\"}}; {heard} expect play system-error; expect end"
        );
        caller.run(&script).unwrap_or_else(|error| panic!("{error}"));
        walked.extend(caller.visited().iter().cloned());
    }
    let mut unavailable = Caller::new(engine(), "gjj-12329")
        .unwrap()
        .at(at(WORKDAY))
        .with_table("gjj_accounts", accounts())
        .with_answers();
    let asked = "expect lookup query:gjj_loan {\"account\":\"1001234567\"};";
    let script = format!(
        "{loan} press 4; expect play enter-account; press 1001234567#; expect lookup gjj_accounts 1001234567; \
        {asked} answers unavailable; {asked} answers unavailable; expect play system-error; expect end"
    );
    unavailable.run(&script).unwrap_or_else(|error| panic!("{error}"));
    walked.extend(unavailable.visited().iter().cloned());
    let mut patient = Caller::new(engine(), "gjj-12329")
        .unwrap()
        .at(at(WORKDAY))
        .with_table("gjj_accounts", accounts())
        .with_table("query:gjj_loan", loans());
    let script = format!(
        "{loan} press 4; expect play enter-account; press 1001234571#; expect lookup gjj_accounts 1001234571; \
        expect lookup query:gjj_loan {{\"account\":\"1001234571\"}}; expect play loan-balance 八十万元; \
        expect play monthly-repayment 四千二百一十元三角三分; \
        expect play repayment-date 二零二六年十二月二十日; expect play overdue-periods 一; \
        expect play overdue-amount 四千二百一十元三角三分; expect play repeat-or-back; press 9; \
        expect play invalid-input repeat-or-back; expect play thanks-goodbye; expect end"
    );
    patient.run(&script).unwrap_or_else(|error| panic!("{error}"));
    walked.extend(patient.visited().iter().cloned());
    let mut asker = Caller::new(engine(), "gjj-12329")
        .unwrap()
        .at(at(WORKDAY))
        .with_table("gjj_accounts", accounts())
        .with_table("query:gjj_loan", loans());
    let script = format!(
        "{loan} press 4; expect play enter-account; press 1001234567#; expect lookup gjj_accounts 1001234567; \
        {asked} expect play loan-balance 三十五万六千元; expect play monthly-repayment 两千六百八十元五角; \
        expect play repayment-date 二零二六年十二月二十日; expect play no-overdue; \
        expect play repeat-or-back; press 0; {agent} expect set gjj_account=1001234567; expect enqueue gjj"
    );
    asker.run(&script).unwrap_or_else(|error| panic!("{error}"));
    walked.extend(asker.visited().iter().cloned());
    let mut without_table = Caller::new(engine(), "gjj-12329").unwrap().at(at(WORKDAY));
    let script = [
        account_menu,
        "press 1; expect play enter-account; press 1001234567#; \
        expect lookup gjj_accounts 1001234567; expect play system-error; expect end",
    ]
    .concat();
    without_table.run(&script).unwrap_or_else(|error| panic!("{error}"));
    walked.extend(without_table.visited().iter().cloned());
    // The flow's own handling of errors.
    let mut stuck = Caller::new(engine(), "gjj-12329").unwrap().at(at(WORKDAY));
    let script = [
        menu,
        "press 0;",
        agent,
        "expect enqueue gjj; leaves queue left; expect play leave-message tone:beep; \
        expect record; wait 241m; expect play system-error; expect end",
    ]
    .concat();
    stuck.run(&script).unwrap_or_else(|error| panic!("{error}"));
    walked.extend(stuck.visited().iter().cloned());

    let flows = flows();
    let left = not_walked(flows.get(&FlowId::new("gjj-12329").unwrap()).unwrap(), &walked);
    assert!(left.is_empty(), "no script takes {left:?}");
}

const ENGLISH_12328: &str = "expect set language=en-US; expect play en-US/greeting-12328; \
    expect play en-US/recording-notice; expect enqueue transport;";

#[test]
fn transport_12328_queues_at_once_and_falls_back_to_a_message() {
    let greeted = "expect answer; expect play greeting-12328; expect play recording-notice; expect enqueue transport;";
    let with = |parts: &[&str]| parts.concat();
    let scripts = [
        with(&[greeted, "leaves queue overflow; expect play all-busy;", MESSAGE]),
        with(&[greeted, "leaves queue full; expect play all-busy;", NO_MESSAGE]),
        with(&[greeted, "leaves queue failed; expect play all-busy;"]),
        // A route of the queue led to a telephone that nobody answered.
        with(&[greeted, "ring fails; expect play all-busy;", NO_MESSAGE]),
        with(&[greeted, "leaves queue no_staff; expect play no-staff;", MESSAGE]),
        with(&[
            greeted,
            "leaves queue left; expect play leave-message tone:beep; expect record; wait 241m; \
            expect play system-error; expect end",
        ]),
        // Who presses 9 while he is greeted or told of the recording goes on in English.
        with(&[
            "expect answer; expect play greeting-12328; press 9 after 1s;",
            ENGLISH_12328,
            "leaves queue overflow; expect play en-US/all-busy;",
        ]),
        with(&[
            "expect answer; expect play greeting-12328; expect play recording-notice; press 9;",
            ENGLISH_12328,
        ]),
    ];
    let scripts: Vec<(&str, &str)> =
        scripts.iter().map(|script| (WORKDAY, script.as_str())).collect();
    walk("transport-12328", &scripts);
}

#[test]
fn after_a_talk_the_caller_is_asked_once_more_and_his_rating_is_kept() {
    let scripts = [
        "expect play satisfaction; press 1 after 1s; expect set survey.satisfaction=satisfied; \
         expect play satisfaction-thanks; expect end",
        "expect play satisfaction; press 9; expect play invalid-input satisfaction; press 3; \
         expect set survey.satisfaction=dissatisfied; expect play satisfaction-thanks; expect end",
        "expect play satisfaction; wait 8s; expect play satisfaction; expect end",
        // Who has rated another call within the hour is left alone.
        "answered satisfaction 59m ago; expect end",
        "answered satisfaction 60m ago; expect play satisfaction; hangs up",
    ];
    let mut visited = BTreeSet::new();
    for script in scripts {
        visited.extend(walked_with("satisfaction", &[], script));
    }
    // Who has rated this call already, after the talk before a transfer, is not asked again.
    let rated = [("survey.satisfaction", "satisfied")];
    visited.extend(walked_with("satisfaction", &rated, "expect end"));
    all_walked("satisfaction", &visited);
}

#[test]
fn an_agent_is_told_what_call_it_is_and_that_an_account_was_entered() {
    let told = "expect play whisper-incoming; expect end";
    let mut visited = walked_with("whisper", &[], told);
    let account = "expect play whisper-incoming; expect play whisper-account; expect end";
    visited.extend(walked_with("whisper", &[("gjj_account", "1001234567")], account));
    let english = "expect play whisper-incoming; expect play whisper-english; expect end";
    visited.extend(walked_with("whisper", &[("language", "en-US")], english));
    all_walked("whisper", &visited);
}

#[test]
fn the_leader_mailbox_asks_number_question_and_wish() {
    let greeted = "expect lookup mailbox {\"ask\":\"greeting\",\"mailbox\":\"leader\"}; \
        answers found greeting= room=9; expect play leader-greeting; expect play leader-which-number;";
    let asked = "expect play leader-question tone:beep; expect record;";
    let recorded = "press #; expect stop_recording; recorded 8s; expect play leader-reply;";
    let saved = "expect play leader-saved thanks-goodbye; expect end";
    let note = |wants: &str, answers: &str| {
        let question = format!("{{\"ask\":\"note\",\"wants_reply\":{wants}}}");
        format!("expect lookup mailbox {question}; answers {answers}; {saved}")
    };
    let with = |parts: &[&str]| parts.concat();
    let scripts = [
        with(&[greeted, "press 1;", asked, recorded, "press 1;", &note("true", "found")]),
        with(&[greeted, "press 1;", asked, recorded, "press 1;", &note("true", "not_found")]),
        with(&[
            greeted,
            "press 2; expect play leader-enter-number; press 05318888#;",
            asked,
            recorded,
            "press 2;",
            &note("false", "found"),
        ]),
        with(&[greeted, "press 1;", asked, recorded, "press 2;", &note("false", "not_found")]),
        with(&[
            greeted,
            "press 8; expect play invalid-input leader-which-number; press 8;",
            asked,
            "not recorded; expect play message-empty thanks-goodbye; expect end",
        ]),
        with(&[
            greeted,
            "press 2; expect play leader-enter-number; press 1#; expect play invalid-input leader-enter-number; \
             press 1#; expect play invalid-input leader-enter-number; press 1#;",
            asked,
            recorded,
            "press 9; expect play invalid-input leader-reply; press 9;",
            saved,
        ]),
        with(&[
            greeted,
            "press 9; expect set language=en-US; expect play en-US/leader-which-number; press 1; \
             expect play en-US/leader-question tone:beep; expect record; not recorded; \
             expect play en-US/message-empty en-US/thanks-goodbye; expect end",
        ]),
        with(&["expect lookup mailbox {\"ask\":\"greeting\",\"mailbox\":\"leader\"}; \
             answers found greeting=recording-4 room=0; expect play mailbox-full; expect end"]),
        with(&["expect lookup mailbox {\"ask\":\"greeting\",\"mailbox\":\"leader\"}; \
             answers not_found; expect play system-error; expect end"]),
    ];
    let scripts: Vec<(&str, &str)> = scripts.iter().map(|it| (WORKDAY, it.as_str())).collect();
    walk("leader-mailbox", &scripts);
}

#[test]
fn a_message_is_left_for_an_agent_or_a_group_by_number() {
    let again = "expect play mailbox-number; press 8001#; \
        expect lookup mailbox {\"ask\":\"greeting\",\"mailbox\":\"8001\"};";
    let asked = ["expect play voicemail-welcome;", again].concat();
    let asked = asked.as_str();
    let with = |parts: &[&str]| parts.concat();
    let record = "expect play tone:beep; expect record;";
    let scripts = [
        with(&[
            asked,
            "answers found greeting=recording-3 room=5; expect play recording-3;",
            record,
            "press #; expect stop_recording; recorded 8s; expect play message-saved thanks-goodbye; expect end",
        ]),
        with(&[
            asked,
            "answers found greeting= room=5; expect play voicemail-greeting;",
            record,
            "not recorded; expect play message-empty thanks-goodbye; expect end",
        ]),
        with(&[asked, "answers found greeting= room=0; expect play mailbox-full; expect end"]),
        with(&[
            asked,
            "answers not_found; expect play mailbox-unknown;",
            again,
            "answers not_found; expect play mailbox-unknown;",
            again,
            "answers not_found; expect play mailbox-unknown; expect end",
        ]),
        "expect play voicemail-welcome; expect play mailbox-number; expect play mailbox-number; \
         expect play mailbox-number; expect end"
            .to_owned(),
        // Who knows the number need not hear the welcome; a star asks for English.
        "expect play voicemail-welcome; press 901#; \
         expect lookup mailbox {\"ask\":\"greeting\",\"mailbox\":\"901\"}; answers found greeting= room=0; \
         expect play mailbox-full; expect end"
            .to_owned(),
        "expect play voicemail-welcome; press *; expect set language=en-US; \
         expect play en-US/mailbox-number; press 901#; \
         expect lookup mailbox {\"ask\":\"greeting\",\"mailbox\":\"901\"}; answers found greeting= room=5; \
         expect play en-US/voicemail-greeting; hangs up"
            .to_owned(),
        with(&[
            asked,
            "answers found greeting= room=5; expect play voicemail-greeting;",
            record,
            "wait 241m; expect play system-error; expect end",
        ]),
    ];
    let scripts: Vec<(&str, &str)> = scripts.iter().map(|it| (WORKDAY, it.as_str())).collect();
    walk("leave-message", &scripts);
}

/// What a flow asks of mailbox 8001, and a message there.
fn ask_box(ask: &str, rest: &str) -> String {
    format!("expect lookup mailbox {{\"ask\":\"{ask}\",\"mailbox\":\"8001\"{rest}}};")
}

fn next_message(after: &str, only_new: bool, answers: &str) -> String {
    let after = if after.is_empty() { String::new() } else { format!(",\"after\":\"{after}\"") };
    let only = if only_new { ",\"only\":\"new\"" } else { "" };
    [ask_box("next", &format!("{after}{only}")), format!("answers {answers};")].concat()
}

fn mark(recording: &str, mark: &str, answers: &str) -> String {
    let rest = format!(",\"recording\":\"{recording}\",\"mark\":\"{mark}\"");
    [ask_box("mark", &rest), format!("answers {answers};")].concat()
}

/// A message that is found and heard, up to its menu.
fn heard(recording: &str) -> String {
    [
        format!(
            "expect play mailbox-from 幺三八; expect play mailbox-date 二零二六年十一月二十二日; \
             expect play {recording};"
        ),
        mark(recording, "heard", "found"),
        "expect play mailbox-message-menu;".to_owned(),
    ]
    .concat()
}

fn found(recording: &str) -> String {
    format!("found recording={recording} caller=138 call_back=9138 at=1795309200000000")
}

const OWN: &str = "expect lookup mailbox {\"ask\":\"open\"}; answers found mailbox=8001 new=2 kept=1; \
    expect play mailbox-you-have 两 mailbox-new-messages; expect play mailbox-menu;";
const NO_MORE: &str = "expect play mailbox-no-more; expect play mailbox-menu;";

#[test]
fn messages_are_heard_kept_deleted_and_called_back() {
    let new = [OWN, "press 1;", &next_message("", true, &found("recording-3"))].concat();
    let first = [new.as_str(), &heard("recording-3")].concat();
    let none = [next_message("recording-3", true, "not_found"), NO_MORE.to_owned()].concat();
    let with = |parts: &[&str]| parts.concat();
    let called = [
        "press 5;",
        &mark("recording-3", "done", "found"),
        "expect music tone:ring_back; expect go_to number 9138; ring fails;",
    ]
    .concat();
    let unheard = [new.as_str(), "expect play mailbox-from 幺三八;"].concat();
    let scripts = [
        with(&[
            &first,
            "press 1; expect play recording-3;",
            &mark("recording-3", "heard", "found"),
            "expect play mailbox-message-menu; press 2;",
            &next_message("recording-3", true, &found("recording-4")),
            &heard("recording-4"),
            "press 3;",
            &mark("recording-4", "new", "found"),
            "expect play mailbox-kept;",
            &next_message("recording-4", true, "not_found"),
            NO_MORE,
            "press *; expect play thanks-goodbye; expect end",
        ]),
        with(&[&first, "press 3;", &mark("recording-3", "new", "not_found"), &none]),
        with(&[
            &first,
            "press 4;",
            &mark("recording-3", "deleted", "found"),
            "expect play mailbox-deleted;",
            &none,
        ]),
        with(&[&first, "press 4;", &mark("recording-3", "deleted", "not_found"), &none]),
        with(&[&first, "press 5;", &mark("recording-3", "done", "not_found"), &none]),
        with(&[
            &first,
            &called,
            &mark("recording-3", "heard", "found"),
            "expect play mailbox-not-reached; expect play mailbox-message-menu;",
            &called,
            &mark("recording-3", "heard", "not_found"),
            &none,
        ]),
        with(&[
            &first,
            "press 9; expect play invalid-input mailbox-message-menu; press 9; \
             expect play invalid-input mailbox-message-menu; press 9; expect play thanks-goodbye; expect end",
        ]),
        with(&[&first, "press *; expect play mailbox-menu; hangs up"]),
        with(&[
            OWN,
            "press 1;",
            &next_message("", true, "found recording=recording-3 caller= call_back=x/y at="),
            "expect play recording-3;",
            &mark("recording-3", "heard", "found"),
            "expect play mailbox-message-menu; press 5;",
            &mark("recording-3", "done", "found"),
            &mark("recording-3", "heard", "not_found"),
            &none,
            "press 1;",
            &next_message("", true, "not_found"),
            NO_MORE,
            "press 2;",
            &next_message("", false, "not_found"),
            NO_MORE,
        ]),
        with(&[
            &unheard,
            "expect play mailbox-date 二零二六年十一月二十二日; expect play recording-3;",
            &mark("recording-3", "heard", "not_found"),
            &none,
            "press 2;",
            &next_message("", false, &found("recording-3")),
            &heard("recording-3"),
            "press 2;",
            &next_message("recording-3", false, &found("recording-4")),
            &heard("recording-4"),
            "press 2;",
            &next_message("recording-4", false, "not_found"),
            NO_MORE,
            "press 2;",
            &next_message("", false, "found recording= caller= at="),
            NO_MORE,
        ]),
    ];
    let strange =
        "expect lookup mailbox {\"ask\":\"open\"}; answers not_found; expect play mailbox-number;";
    let opened = ask_box("open", ",\"pin\":\"1234\"");
    let pin = ["press 8001#; expect play mailbox-pin; press 1234#;", &opened].concat();
    let refused = [pin.as_str(), "answers unavailable; expect play mailbox-refused;"].concat();
    let greeting = "expect play mailbox-record-greeting tone:beep; expect record_greeting;";
    let others = [
        with(&[
            strange,
            &refused,
            "expect play mailbox-number;",
            &pin,
            "answers not_found; expect play mailbox-refused; expect play mailbox-number;",
            &refused,
            "expect end",
        ]),
        with(&[
            "expect lookup mailbox {\"ask\":\"open\"}; answers unavailable; expect play mailbox-number;",
            &pin,
            "answers found mailbox=8001 new=many; expect play mailbox-menu; press 9; \
             expect play invalid-input mailbox-menu; press 9; expect play invalid-input mailbox-menu; press 9; \
             expect play thanks-goodbye; expect end",
        ]),
        with(&[strange, "expect play mailbox-number; expect end"]),
        with(&[
            strange,
            "press 8001#; expect play mailbox-pin; expect play mailbox-pin; expect end",
        ]),
        with(&[
            OWN,
            "press 3;",
            greeting,
            "press #; expect stop_recording; recorded 5s; expect play mailbox-greeting-saved; \
             expect play mailbox-menu; press 3;",
            greeting,
            "not recorded; expect play message-empty; expect play mailbox-menu; press 3;",
            greeting,
            "wait 241m; expect play system-error; expect end",
        ]),
    ];
    let scripts = scripts.iter().chain(&others);
    let scripts: Vec<(&str, &str)> = scripts.map(|it| (WORKDAY, it.as_str())).collect();
    walk("mailbox", &scripts);
}

#[test]
fn every_prompt_that_the_flows_play_is_in_the_set_of_each_of_their_languages() {
    #[derive(serde::Deserialize)]
    struct Prompts {
        clips: std::collections::BTreeMap<String, String>,
    }
    let flows = flows();
    for language in Language::ALL {
        let set = format!("prompts/{}", language.tag());
        let prompts: Prompts = toml::from_str(&read(&format!("{set}/prompts.toml"))).unwrap();
        let recorded = |id: &String| {
            let said = hotline(&format!("{set}/{id}.wav")).exists();
            prompts.clips.contains_key(id) && said || hotline(&format!("prompts/{id}.wav")).exists()
        };
        let missing: Vec<String> = flows
            .iter()
            .flat_map(|flow| flow.prompts_in(language))
            .filter(|id| !recorded(id))
            .collect();
        assert!(missing.is_empty(), "{set}: {missing:?}");
    }
}

#[test]
fn the_flows_name_the_queues_devices_and_tables_that_the_hotline_must_have() {
    let uses = flows().uses();
    let names = |all: Vec<String>| all.join(" ");
    assert_eq!(
        names(uses.queues.iter().map(ToString::to_string).collect()),
        "general gjj night transport"
    );
    assert_eq!(
        names(uses.mailboxes.iter().map(ToString::to_string).collect()),
        "general gjj leader transport"
    );
    assert_eq!(names(uses.devices.iter().map(ToString::to_string).collect()), "8015 8016");
    assert_eq!(names(uses.tables.into_iter().collect()), "gjj_accounts");
    assert_eq!(names(uses.schedules.into_iter().collect()), "hotline");
}
