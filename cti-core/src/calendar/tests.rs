//! Working hours, holidays and working time.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

const HOLIDAYS: &str = include_str!("../../../examples/hotline/config/calendar/holidays-cn.json");
const SCHEDULES: &str = include_str!("../../../examples/hotline/config/calendar/schedules.json");

fn hotline() -> Calendar {
    let holidays = Holidays::parse("holidays-cn.json", HOLIDAYS).unwrap();
    let calendars = Calendars::parse("schedules.json", SCHEDULES, holidays).unwrap();
    calendars.get("hotline").unwrap().clone()
}

fn at(civil: &str) -> Timestamp {
    let zoned = format!("{civil}[Asia/Shanghai]").parse::<Zoned>().unwrap();
    Timestamp::from_micros(u64::try_from(zoned.timestamp().as_microsecond()).unwrap())
}

#[test]
fn a_working_day_has_hours_a_lunch_break_and_an_evening() {
    let hotline = hotline();
    let part = |time| hotline.day_part(at(&format!("2026-11-23T{time}")));
    assert_eq!(part("08:29:59"), DayPart::Off);
    assert_eq!(part("08:30:00"), DayPart::Work);
    assert_eq!(part("11:59:59"), DayPart::Work);
    assert_eq!(part("12:00:00"), DayPart::Lunch);
    assert_eq!(part("13:30:00"), DayPart::Work);
    assert_eq!(part("17:30:00"), DayPart::Off);
    assert_eq!(hotline.day_part(at("2026-11-22T10:00")), DayPart::Off, "a usual Sunday");
}

#[test]
fn the_holidays_and_make_up_days_of_2026_are_those_the_state_council_announced() {
    let hotline = hotline();
    let spans = [
        ("2026-01-01", 3, "元旦"),
        ("2026-02-15", 9, "春节"),
        ("2026-04-04", 3, "清明节"),
        ("2026-05-01", 5, "劳动节"),
        ("2026-06-19", 3, "端午节"),
        ("2026-09-25", 3, "中秋节"),
        ("2026-10-01", 7, "国庆节"),
    ];
    let mut days = 0;
    for (from, length, name) in spans {
        for day in 0..length {
            let noon = at(&format!("{from}T10:00")) + Duration::from_secs(86_400 * day);
            assert_eq!(hotline.day_part(noon), DayPart::Holiday, "{name} + {day}");
            assert_eq!(hotline.holiday(noon).as_deref(), Some(name));
            days += 1;
        }
    }
    let start = at("2026-01-01T10:00");
    let all = (0..365_u64)
        .map(|day| start + Duration::from_secs(86_400 * day))
        .filter(|noon| hotline.day_part(*noon) == DayPart::Holiday)
        .count();
    assert_eq!(all, days, "no other day of the year is a holiday");
    for make_up in
        ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
    {
        assert_eq!(hotline.day_part(at(&format!("{make_up}T10:00"))), DayPart::Work);
        assert_eq!(hotline.day_part(at(&format!("{make_up}T12:30"))), DayPart::Lunch);
    }
}

#[test]
fn a_year_without_holidays_follows_the_week_and_warns() {
    let hotline = hotline();
    assert_eq!(hotline.day_part(at("2027-01-01T10:00")), DayPart::Work, "a Friday");
    assert_eq!(hotline.warnings(at("2026-11-23T10:00")), []);
    let warning = CalendarWarning::NoHolidays { year: 2027 };
    for moment in ["2026-12-01T10:00", "2027-06-01T10:00"] {
        assert_eq!(hotline.warnings(at(moment)), std::slice::from_ref(&warning));
    }
}

#[test]
fn a_document_that_cannot_be_used_names_file_field_and_reason() {
    let schedule = |days: &str| {
        let text = format!(
            r#"{{"schema":"cti.schedules/1","schedules":{{"s":{{"name":"S","days":{days}}}}}}}"#
        );
        Calendars::parse("s.json", &text, Holidays::default()).unwrap_err().to_string()
    };
    assert_eq!(
        schedule(r#"{"mon":[["09:00","25:00","work"]]}"#),
        "s.json: schedules.s.days.mon[0]: \"25:00\" is not a time between 00:00 and 24:00"
    );
    assert_eq!(
        schedule(r#"{"mon":[["09:00","12:00","work"],["11:00","13:00","lunch"]]}"#),
        "s.json: schedules.s.days.mon[1]: begins before the span before it ends"
    );
    assert_eq!(
        schedule(r#"{"mon":[["12:00","09:00","work"]]}"#),
        "s.json: schedules.s.days.mon[0]: ends before it begins; split a span at midnight"
    );
    assert!(schedule(r#"{"monday":[]}"#).contains("unknown field `monday`"));
    let zone = r#"{"schema":"cti.schedules/1","zone":"Asia/Nowhere","schedules":{}}"#;
    assert_eq!(
        Calendars::parse("s.json", zone, Holidays::default()).unwrap_err().to_string(),
        "s.json: zone: unknown zone \"Asia/Nowhere\""
    );
    let holidays = |year: &str| {
        let text = format!(r#"{{"schema":"cti.holidays/1","years":{{"2026":{year}}}}}"#);
        Holidays::parse("h.json", &text).unwrap_err().to_string()
    };
    assert_eq!(
        holidays(
            r#"{"holidays":[{"name":"X","from":"2026-05-05","to":"2026-05-01"}],"make_up":[]}"#
        ),
        "h.json: years.2026.holidays[0]: ends before it begins"
    );
    assert_eq!(
        holidays(r#"{"holidays":[],"make_up":["2025-05-01"]}"#),
        "h.json: years.2026.make_up[0]: 2025-05-01 is not in this year"
    );
    assert!(holidays(r#"{"holidays":[],"make_up":["2026-02-30"]}"#).contains("line 1 column"));
}

proptest! {
    #[test]
    fn every_moment_of_eight_thousand_years_has_a_part_of_the_day(
        seconds in 0_u64..253_402_300_800,
        beyond in any::<u64>(),
    ) {
        let hotline = hotline();
        for moment in [Timestamp::from_secs(seconds), Timestamp::from_micros(beyond)] {
            let _ = hotline.day_part(moment);
            prop_assert!(hotline.warnings(moment).len() <= 2);
        }
    }
}

fn calendars(schedules: &str, holidays: Holidays) -> Calendars {
    let text = format!(r#"{{"schema":"cti.schedules/1","schedules":{schedules}}}"#);
    Calendars::parse("s.json", &text, holidays).unwrap()
}

fn minutes(calendar: &Calendar, from: &str, to: &str) -> u64 {
    calendar.working_time(at(from), at(to)).unwrap().as_secs() / 60
}

fn due(calendar: &Calendar, from: &str, span: WorkingSpan) -> String {
    let due = calendar.due(at(from), span).unwrap();
    calendar.civil(due.at).strftime("%Y-%m-%dT%H:%M").to_string()
}

#[test]
fn a_table_of_holidays_says_the_same_as_the_document() {
    let table = include_bytes!("../../testdata/calendar/holidays-2026.csv");
    let (imported, report) = Holidays::import(table);
    assert!(report.is_clean(), "{report}");
    assert_eq!(imported, Holidays::parse("holidays-cn.json", HOLIDAYS).unwrap());
    assert_eq!(Holidays::parse("written", &imported.to_document()).unwrap(), imported);
}

#[test]
fn each_line_of_a_table_that_cannot_be_used_is_named_by_field_and_reason() {
    let (holidays, report) = Holidays::import(
        "from,to,kind,name,route
2027-01-01,2027-01-03,holiday,元旦,new-year
2027-01-03,,holiday,元旦,
2027-02-30,,holiday,春节,
2027-05-05,2027-05-01,holiday,劳动节,
2027-05-01,2027-12-01,holiday,劳动节,
2027-12-30,2028-01-02,holiday,元旦,
2027-05-01,,party,劳动节,
2027-05-01,,holiday,,
2027-01-02,,make_up,,
2027-01-09,2027-01-10,make_up,,
2027-01-09,,make_up,,
2027-01-09,,holiday,X,
"
        .as_bytes(),
    );
    assert_eq!(
        report.to_string(),
        "2 lines taken, 10 not
line 3: from: 2027-01-03 is a holiday already
line 4: from: \"2027-02-30\" is not a date such as 2026-10-01
line 5: from: ends before it begins
line 6: from: lasts 215 days, more than 60
line 7: from: runs into another year; make two of it
line 8: kind: is neither holiday nor make_up
line 9: name: is empty; a holiday has a name
line 10: from: 2027-01-02 is a holiday
line 11: to: a make-up working day is one day
line 13: from: 2027-01-09 is a make-up working day"
    );
    assert_eq!(holidays.years().collect::<Vec<_>>(), [2027]);
}

#[test]
fn an_import_for_next_year_keeps_this_year_and_wins_over_the_same_days() {
    let mut holidays = Holidays::parse("holidays-cn.json", HOLIDAYS).unwrap();
    let table = "from,to,kind,name\n2027-01-01,2027-01-03,holiday,元旦\n2026-12-31,,holiday,元旦\n\
                 2026-10-10,,holiday,停电\n2026-10-07,,make_up,\n";
    let (newer, report) = Holidays::import(table.as_bytes());
    assert!(report.is_clean(), "{report}");
    holidays.merge(newer);
    let name = |date: &str| holidays.holiday(date.parse().unwrap()).map(str::to_owned);
    assert_eq!(name("2026-02-17").as_deref(), Some("春节"));
    assert_eq!(name("2027-01-01").as_deref(), Some("元旦"));
    assert_eq!(name("2026-10-10").as_deref(), Some("停电"), "was a make-up day");
    assert!(!holidays.is_make_up("2026-10-10".parse().unwrap()));
    assert_eq!(name("2026-10-07"), None, "was a holiday");
    assert!(holidays.is_make_up("2026-10-07".parse().unwrap()));
    holidays.forget(2026);
    assert!(!holidays.knows(2026) && holidays.knows(2027));
    assert_eq!(holidays.holiday("2026-02-17".parse().unwrap()), None);
}

#[test]
fn schedules_differ_in_hours_public_holidays_and_days_off_of_their_own() {
    let holidays = Holidays::parse("holidays-cn.json", HOLIDAYS).unwrap();
    let all = calendars(
        r#"{
            "office": {"name": "办公", "days": {"thu": [["09:00", "17:00", "work"]]},
                "days_off": [{"name": "泉水节", "from": "2026-09-03", "to": "2026-09-04", "route": "springs"}]},
            "always": {"name": "值班", "observes_holidays": false, "days": {
                "thu": [["00:00", "24:00", "work"]], "sat": [["00:00", "12:00", "work"]]}}
        }"#,
        holidays,
    );
    let part = |id: &str, moment: &str| all.get(id).unwrap().day_part(at(moment));
    assert_eq!(part("office", "2026-10-01T10:00"), DayPart::Holiday);
    assert_eq!(part("always", "2026-10-01T10:00"), DayPart::Work, "serves on holidays");
    assert_eq!(part("office", "2026-09-03T10:00"), DayPart::Holiday, "its own day off");
    assert_eq!(part("always", "2026-09-03T10:00"), DayPart::Work);
    assert_eq!(part("always", "2026-10-10T11:00"), DayPart::Work, "a Saturday like any other");
    let office = all.get("office").unwrap();
    assert_eq!(office.routing_keys(at("2026-09-03T10:00")), ["holiday:springs", "holiday"]);
    assert_eq!(office.routing_keys(at("2026-10-01T10:00")), ["holiday"]);
    assert_eq!(office.routing_keys(at("2026-09-10T10:00")), ["work"]);
    assert_eq!(office.routing_keys(at("2026-09-10T08:00")), ["off"]);
    assert_eq!(all.get("always").unwrap().warnings(at("2030-01-01T00:00")), []);
    assert_eq!(all.warnings(at("2030-01-01T00:00")), [CalendarWarning::NoHolidays { year: 2030 }]);
}

#[test]
fn working_time_leaves_out_lunch_nights_weekends_and_holidays_and_counts_make_up_days() {
    let hotline = hotline();
    assert_eq!(minutes(&hotline, "2026-11-23T11:00", "2026-11-23T14:00"), 90);
    assert_eq!(minutes(&hotline, "2026-11-20T17:00", "2026-11-23T09:00"), 60, "over a weekend");
    assert_eq!(minutes(&hotline, "2026-09-30T17:00", "2026-10-08T09:00"), 60, "over a holiday");
    assert_eq!(
        minutes(&hotline, "2026-10-10T00:00", "2026-10-11T00:00"),
        450,
        "a make-up Saturday"
    );
    assert_eq!(minutes(&hotline, "2026-11-23T14:00", "2026-11-23T11:00"), 0);
    assert_eq!(
        hotline.working_time(at("2026-01-01T00:00"), at("2046-01-01T00:00")),
        Err(NoWorkingTime { days: 3_660 })
    );
}

#[test]
fn a_limit_in_working_hours_stops_at_the_close_and_goes_on_at_the_next_opening() {
    let hotline = hotline();
    let hours = |from, hours| due(&hotline, from, WorkingSpan::Hours(hours));
    assert_eq!(hours("2026-11-23T11:00", 2), "2026-11-23T14:30");
    assert_eq!(hours("2026-11-23T16:30", 1), "2026-11-23T17:30", "not the next morning");
    assert_eq!(hours("2026-11-20T16:30", 2), "2026-11-23T09:30");
    assert_eq!(hours("2026-11-22T12:00", 1), "2026-11-23T09:30", "begun on a Sunday");
    let minute = |from| due(&hotline, from, WorkingSpan::Minutes(0));
    assert_eq!(minute("2026-11-22T12:00"), "2026-11-22T12:00");
}

#[test]
fn a_limit_in_working_days_does_not_count_its_first_day_and_ends_when_work_does() {
    let hotline = hotline();
    let days = |from, days| due(&hotline, from, WorkingSpan::Days(days));
    assert_eq!(days("2026-11-23T10:00", 5), "2026-11-30T17:30");
    assert_eq!(days("2026-11-22T10:00", 1), "2026-11-23T17:30", "begun on a Sunday");
    assert_eq!(days("2026-09-30T10:00", 3), "2026-10-10T17:30", "8, 9 and the make-up Saturday");
    assert_eq!(days("2026-11-23T10:00", 0), "2026-11-23T17:30", "by the end of the day");
    assert_eq!(days("2026-11-23T17:30", 0), "2026-11-24T17:30", "work is over");
}

#[test]
fn a_limit_that_reaches_into_a_year_without_holidays_says_so() {
    let hotline = hotline();
    let within = hotline.due(at("2026-12-07T10:00"), WorkingSpan::Days(5)).unwrap();
    assert_eq!(within.warnings, []);
    let beyond = hotline.due(at("2026-12-25T10:00"), WorkingSpan::Days(15)).unwrap();
    assert_eq!(beyond.warnings, [CalendarWarning::NoHolidays { year: 2027 }]);
    assert_eq!(
        serde_json::to_string(&beyond.warnings).unwrap(),
        r#"[{"warning":"no_holidays","year":2027}]"#
    );
}

#[test]
fn a_schedule_without_work_has_no_due_moment_and_no_next_opening() {
    let all = calendars(
        r#"{"s":{"name":"S","days":{"mon":[["12:00","13:00","lunch"]]}}}"#,
        Holidays::default(),
    );
    let never = all.get("s").unwrap();
    for span in
        [WorkingSpan::Minutes(1), WorkingSpan::Hours(1), WorkingSpan::Days(0), WorkingSpan::Days(1)]
    {
        assert_eq!(never.due(at("2026-11-23T10:00"), span), Err(NoWorkingTime { days: 3_660 }));
    }
    assert_eq!(never.next_work(at("2026-11-23T10:00")), None);
    assert!(!never.is_working_day(at("2026-11-23T12:30")));
    let hotline = hotline();
    assert!(hotline.due(at("2026-11-23T10:00"), WorkingSpan::Hours(u32::MAX)).is_err());
    assert!(hotline.due(at("2026-11-23T10:00"), WorkingSpan::Days(u32::MAX)).is_err());
}

#[test]
fn a_caller_is_told_when_to_call_again() {
    let hotline = hotline();
    let next = |from| {
        hotline.civil(hotline.next_work(at(from)).unwrap()).strftime("%m-%d %H:%M").to_string()
    };
    assert_eq!(next("2026-09-30T18:00"), "10-08 08:30");
    assert_eq!(next("2026-11-23T12:15"), "11-23 13:30");
    assert_eq!(next("2026-11-23T10:00"), "11-23 10:00");
}

#[test]
fn the_hour_that_a_zone_skips_is_no_working_time_and_the_one_it_repeats_counts_twice() {
    let text = r#"{"schema":"cti.schedules/1","zone":"Europe/Berlin","schedules":{"s":{"name":"S","days":{
        "sun":[["00:00","02:30","work"],["02:30","04:00","work"]]}},
        "early":{"name":"E","days":{"sun":[["00:00","02:30","work"]]}}}}"#;
    let all = Calendars::parse("s.json", text, Holidays::default()).unwrap();
    let berlin = all.get("s").unwrap();
    let day = |date: &str| {
        let midnight = date.parse::<Date>().unwrap().to_zoned(berlin.zone.clone()).unwrap();
        let from = u64::try_from(midnight.timestamp().as_microsecond()).unwrap();
        let from = Timestamp::from_micros(from);
        berlin.working_time(from, from + Duration::from_secs(86_400)).unwrap()
    };
    assert_eq!(day("2026-03-22"), Duration::from_secs(4 * 3_600));
    assert_eq!(day("2026-03-29"), Duration::from_secs(3 * 3_600), "clocks go from 02:00 to 03:00");
    let early = all.get("early").unwrap();
    // 02:30 is skipped; work ends when the clocks jump, at 01:00 UTC.
    let close = early.due(Timestamp::from_secs(1_774_738_800), WorkingSpan::Days(0)).unwrap().at;
    assert_eq!(close.to_string(), "2026-03-29T01:00:00.000000Z");
    assert_eq!(day("2026-10-25"), Duration::from_secs(5 * 3_600), "clocks go from 03:00 to 02:00");
}

#[test]
fn days_off_of_a_schedule_that_cannot_be_used_are_named() {
    let text = r#"{"schema":"cti.schedules/1","schedules":{"s":{"name":"S","days":{},
        "days_off":[{"name":"X","from":"2026-05-05","to":"2026-05-01"}]}}}"#;
    assert_eq!(
        Calendars::parse("s.json", text, Holidays::default()).unwrap_err().to_string(),
        "s.json: schedules.s.days_off[0]: ends before it begins"
    );
}

/// The minutes in which people work, one by one, as the calendar's parts of the day tell.
fn working_minutes(calendar: &Calendar, from: Timestamp, days: u64) -> Vec<Timestamp> {
    (0..days * 1_440)
        .map(|minute| from + Duration::from_secs(minute * 60))
        .filter(|moment| calendar.day_part(*moment) == DayPart::Work)
        .collect()
}

fn any_hours() -> impl Strategy<Value = String> {
    prop::collection::btree_set(0_u32..1_440, 0..6).prop_map(|edges| {
        let edges: Vec<u32> = edges.into_iter().collect();
        let time = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        let spans = edges.chunks_exact(2).enumerate().map(|(index, edge)| {
            let part = if index == 1 { "lunch" } else { "work" };
            format!(r#"["{}","{}","{part}"]"#, time(edge[0]), time(edge[1]))
        });
        format!("[{}]", spans.collect::<Vec<_>>().join(","))
    })
}

fn any_schedule() -> impl Strategy<Value = Calendar> {
    (prop::collection::vec(any_hours(), 8), any::<bool>()).prop_map(|(hours, observes)| {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let days = names.iter().zip(&hours).map(|(name, hours)| format!(r#""{name}":{hours}"#));
        let days = days.collect::<Vec<_>>().join(",");
        let schedule = format!(
            r#"{{"s":{{"name":"S","days":{{{days}}},"make_up_day":{},"observes_holidays":{observes},
                "days_off":[{{"name":"Y","from":"2026-10-12","to":"2026-10-13"}}]}}}}"#,
            hours[7]
        );
        let holidays = Holidays::parse("holidays-cn.json", HOLIDAYS).unwrap();
        calendars(&schedule, holidays).get("s").unwrap().clone()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn working_time_is_the_number_of_minutes_in_which_people_work(
        calendar in any_schedule(),
        start in 0_u64..20 * 1_440,
        length in 0_u64..14 * 1_440,
    ) {
        let from = at("2026-09-20T00:00") + Duration::from_secs(start * 60);
        let naive = working_minutes(&calendar, from, 14);
        let to = from + Duration::from_secs(length * 60);
        let expected = naive.iter().filter(|minute| **minute < to).count();
        let time = calendar.working_time(from, to).unwrap();
        prop_assert_eq!(time, Duration::from_secs(u64::try_from(expected).unwrap() * 60));
        prop_assert_eq!(calendar.next_work(from).filter(|next| *next < to), naive.first().copied().filter(|it| *it < to));
    }

    #[test]
    fn a_limit_ends_with_the_last_of_its_working_minutes(
        calendar in any_schedule(),
        start in 0_u64..20 * 1_440,
        limit in 1_u32..1_200,
    ) {
        let from = at("2026-09-20T00:00") + Duration::from_secs(start * 60);
        let naive = working_minutes(&calendar, from, 14);
        let last = naive.get(usize::try_from(limit - 1).unwrap());
        // A schedule with little work may need more than the two weeks that are counted by minutes.
        if let Some(last) = last {
            let due = calendar.due(from, WorkingSpan::Minutes(limit)).unwrap();
            prop_assert_eq!(due.at, *last + Duration::from_secs(60));
            let passed = calendar.working_time(from, due.at).unwrap();
            prop_assert_eq!(passed, Duration::from_secs(u64::from(limit) * 60));
        }
    }

    #[test]
    fn a_limit_in_days_ends_with_the_last_working_minute_of_that_working_day(
        calendar in any_schedule(),
        start in 0_u64..20 * 1_440,
        limit in 1_u32..6,
    ) {
        let from = at("2026-09-20T00:00") + Duration::from_secs(start * 60);
        let mut ends: BTreeMap<Date, Timestamp> = BTreeMap::new();
        for minute in working_minutes(&calendar, from, 14) {
            ends.insert(calendar.date(minute), minute + Duration::from_secs(60));
        }
        ends.remove(&calendar.date(from));
        // The last of the two weeks is only begun.
        ends.remove(&calendar.date(from + Duration::from_secs(14 * 86_400)));
        if let Some(end) = ends.values().nth(usize::try_from(limit - 1).unwrap()) {
            prop_assert_eq!(calendar.due(from, WorkingSpan::Days(limit)).unwrap().at, *end);
        }
    }

    #[test]
    fn what_was_written_is_read_as_the_same_holidays(days in prop::collection::btree_map(0_i32..800, 0_u8..4, 0..60)) {
        let start: Date = "2026-01-01".parse().unwrap();
        let mut holidays = Holidays::default();
        for (day, kind) in days {
            let date = start.checked_add(jiff::Span::new().days(day)).unwrap();
            let route = (kind == 2).then(|| "x".to_owned());
            let off = holidays::DaysOff { name: "X".to_owned(), from: date, to: date, route };
            if kind == 3 { holidays.add_make_up(date).unwrap() } else { holidays.add_holiday(off).unwrap() }
        }
        prop_assert_eq!(Holidays::parse("written", &holidays.to_document()).unwrap(), holidays);
    }
}
