//! Numbers as administrators and trunks meet them: spellings, trunks, lists, tables.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::{collections::BTreeMap, sync::Arc};

use cti_core::{
    address::PhoneNumber,
    id::{EntryId, FlowId, QueueId, TrunkId},
    numbers::{
        AreaCodes, BlackLevel, CannotRender, ExtensionRange, Judgement, ListEntry, ListError,
        ListImport, ListLevel, ListScope, MobilePrefixes, NormalNumber, NumberForm, NumberKind,
        NumberLists, NumberPattern, NumberRules, NumberingConfig, PatternMap, Presentation,
        RestrictedCaller, Rewrite, TrunkRule,
    },
    time::Timestamp,
};
use proptest::prelude::*;

const FORMS: [NumberForm; 5] = [
    NumberForm::Plus,
    NumberForm::CountryCode,
    NumberForm::National,
    NumberForm::NationalZero,
    NumberForm::Local,
];

/// A trunk per form, `plus`, `national` …; those with `-9` want a 9 before every number and deliver one.
fn trunks() -> BTreeMap<TrunkId, TrunkRule> {
    let mut trunks = BTreeMap::new();
    for form in FORMS {
        let plain = TrunkRule { caller_form: form, called_form: form, ..TrunkRule::default() };
        let add = vec![Rewrite { prepend: "9".to_owned(), ..Rewrite::default() }];
        let take = vec![Rewrite { prefix: "9".to_owned(), strip: 1, ..Rewrite::default() }];
        let prefixed = TrunkRule {
            outgoing_caller: add.clone(),
            outgoing_called: add,
            incoming_caller: take.clone(),
            incoming_called: take,
            ..plain.clone()
        };
        let elsewhere = TrunkRule { area: Some("0532".to_owned()), ..plain.clone() };
        trunks.insert(trunk(&form.to_string()), plain);
        trunks.insert(trunk(&format!("{form}-9")), prefixed);
        trunks.insert(trunk(&format!("{form}-qingdao")), elsewhere);
    }
    trunks
}

fn trunk(name: &str) -> TrunkId {
    name.parse().unwrap()
}

fn rules() -> NumberRules {
    let config = NumberingConfig {
        area: "0531".to_owned(),
        extensions: vec![ExtensionRange { from: "8000".to_owned(), to: "8999".to_owned() }],
        direct_dial: Some("+865318234".to_owned()),
        trunks: trunks(),
    };
    NumberRules::new(config, AreaCodes::china()).unwrap()
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

#[test]
fn one_customer_is_found_by_every_spelling_of_his_number() {
    let rules = rules();
    let spellings = include_str!("../testdata/numbers/spellings.csv");
    let mut rows = 0;
    for line in spellings.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (spelling, rest) = line.rsplit_once('|').unwrap();
        let (spelling, kind) = spelling.rsplit_once('|').unwrap();
        let normal = rules.normalize(spelling);
        assert_eq!(
            (normal.reveal(), normal.kind().to_string().as_str()),
            (rest, kind),
            "{spelling:?}"
        );
        rows += 1;
    }
    assert!(rows >= 100, "{rows} spellings");
}

#[test]
fn the_extension_behind_a_number_is_read_and_the_number_stays_the_same() {
    let rules = rules();
    let plain = rules.normalize("0531-82345678");
    for spelling in [
        "0531-82345678-801",
        "82345678转801",
        "(0531)82345678 分机 801",
        "+86 531 8234 5678 ext. 801",
        "tel:+86-531-82345678;ext=801",
    ] {
        let read = rules.read(spelling);
        assert_eq!(read.number, plain, "{spelling}");
        assert_eq!(read.behind.unwrap().reveal(), "801", "{spelling}");
    }
    assert_eq!(
        rules.read("138-1234-1234").behind,
        None,
        "groups of a whole number are no extension"
    );
}

#[test]
fn a_trunk_from_another_city_delivers_local_numbers_of_that_city() {
    let rules = rules();
    let qingdao = trunk("national-qingdao");
    let caller = |trunk, text| rules.caller(trunk, &number(text)).reveal().to_owned();
    assert_eq!(caller(Some(&qingdao), "82345678"), "+8653282345678");
    assert_eq!(caller(None, "82345678"), "+8653182345678");
    assert_eq!(caller(Some(&qingdao), "110"), "+86532110", "the police of that city");
    assert_eq!(caller(Some(&qingdao), "053112345"), "12345");
    assert_eq!(caller(Some(&qingdao), "95588"), "95588", "the same bank everywhere");
}

#[test]
fn nobody_from_outside_is_taken_for_an_extension() {
    let mut trunks = trunks();
    trunks.insert(trunk("pbx"), TrunkRule { house: true, ..TrunkRule::default() });
    let config = NumberingConfig {
        area: "0531".to_owned(),
        extensions: vec![ExtensionRange { from: "8000".to_owned(), to: "8999".to_owned() }],
        trunks,
        ..NumberingConfig::default()
    };
    let rules = NumberRules::new(config, AreaCodes::china()).unwrap();
    let caller = |name: &str| rules.caller(Some(&trunk(name)), &number("8001"));
    assert_eq!(rules.caller(None, &number("8001")).kind(), NumberKind::Extension);
    assert_eq!(caller("pbx").kind(), NumberKind::Extension);
    for outside in ["national", "not-configured"] {
        assert_eq!(caller(outside).kind(), NumberKind::Unknown);
        assert_eq!(rules.normalize(caller(outside).reveal()), caller(outside), "nor later on");
    }
    let called = rules.called(Some(&trunk("national")), &number("8001"));
    assert_eq!(called.kind(), NumberKind::Extension, "dialled directly");
}

#[test]
fn each_form_writes_numbers_as_its_name_says() {
    let rules = rules();
    let sent = |form: NumberForm, text: &str| {
        let rendered = rules.render_called(&trunk(&form.to_string()), &rules.normalize(text));
        rendered.unwrap().reveal().to_owned()
    };
    let table = [
        // plus, country code, national, with 0, local
        (
            "13812341234",
            ["+8613812341234", "8613812341234", "13812341234", "013812341234", "13812341234"],
        ),
        (
            "82345678",
            ["+8653182345678", "8653182345678", "053182345678", "053182345678", "82345678"],
        ),
        (
            "053282345678",
            ["+8653282345678", "8653282345678", "053282345678", "053282345678", "053282345678"],
        ),
        ("053212345", ["+8653212345", "053212345", "053212345", "053212345", "053212345"]),
        ("110", ["110"; 5]),
        ("4008123456", ["+864008123456", "864008123456", "4008123456", "4008123456", "4008123456"]),
        (
            "+85221234567",
            ["+85221234567", "0085221234567", "0085221234567", "0085221234567", "0085221234567"],
        ),
    ];
    for (text, row) in table {
        for (form, expected) in FORMS.into_iter().zip(row) {
            assert_eq!(sent(form, text), expected, "{form} of {text}");
        }
    }
    let nine = rules.render_called(&trunk("national-9"), &rules.normalize("110")).unwrap();
    assert_eq!(nine.reveal(), "9110");
}

#[test]
fn an_extension_or_no_number_is_not_called_by_a_trunk() {
    let rules = rules();
    let sent = |text| rules.render_called(&trunk("national"), &rules.normalize(text));
    assert_eq!(sent("8001"), Err(CannotRender::Extension));
    assert_eq!(sent("anonymous"), Err(CannotRender::Withheld));
}

#[test]
fn a_caller_is_told_a_trunk_as_presentation_and_carrier_allow() {
    let base = TrunkRule {
        main_number: Some(number("053112345")),
        caller_form: NumberForm::Plus,
        ..TrunkRule::default()
    };
    let rule =
        |restricted, main_number_only| TrunkRule { restricted, main_number_only, ..base.clone() };
    let config = NumberingConfig {
        area: "0531".to_owned(),
        extensions: vec![ExtensionRange { from: "8000".to_owned(), to: "8999".to_owned() }],
        direct_dial: Some("+865318234".to_owned()),
        trunks: BTreeMap::from([
            (trunk("anonymous"), rule(RestrictedCaller::Anonymous, false)),
            (trunk("private"), rule(RestrictedCaller::Private, false)),
            (trunk("main"), rule(RestrictedCaller::MainNumber, false)),
            (trunk("only-main"), rule(RestrictedCaller::Private, true)),
        ]),
    };
    let rules = NumberRules::new(config.clone(), AreaCodes::china()).unwrap();
    let told = |rules: &NumberRules, name: &str, caller: &str, presentation| {
        let told = rules.render_caller(&trunk(name), &rules.normalize(caller), presentation);
        (told.number.reveal().to_owned(), told.private)
    };
    let (shown, hidden) = (Presentation::Allowed, Presentation::Restricted);
    let row = |name, caller, presentation| told(&rules, name, caller, presentation);
    assert_eq!(row("anonymous", "13812341234", shown), ("+8613812341234".into(), false));
    assert_eq!(row("anonymous", "13812341234", hidden), (String::new(), true));
    assert_eq!(row("private", "13812341234", hidden), ("+8613812341234".into(), true));
    assert_eq!(row("main", "13812341234", hidden), ("053112345".into(), false));
    assert_eq!(row("only-main", "13812341234", shown), ("053112345".into(), false));
    assert_eq!(row("private", "8001", shown), ("+8653182348001".into(), false), "dialled directly");
    assert_eq!(row("main", "anonymous", shown), ("053112345".into(), false));

    let without =
        NumberRules::new(NumberingConfig { direct_dial: None, ..config }, AreaCodes::china());
    assert_eq!(told(&without.unwrap(), "private", "8001", shown), ("053112345".into(), false));
}

#[test]
fn a_direct_number_and_its_extension_lead_to_each_other() {
    let rules = rules();
    let extension = rules.normalize("8001");
    let outside = rules.direct_dial(&extension).unwrap();
    assert_eq!(outside.reveal(), "+8653182348001");
    assert_eq!(rules.extension(&outside), Some(extension));
    assert_eq!(rules.extension(&rules.normalize("82347001")), None);
}

#[test]
fn a_number_tells_its_area_region_operator_and_country() {
    let table = "prefix,region,operator\n1381234,山东 济南,移动\n".as_bytes();
    let (mobiles, report) = MobilePrefixes::import(table);
    assert!(report.is_clean());
    let rules = rules().with_mobiles(Arc::new(mobiles));
    let rows = [
        ("13812341234", None, Some("山东 济南"), Some("移动"), Some("中国")),
        ("13912341234", None, None, None, Some("中国")),
        ("82345678", Some("0531"), Some("山东 济南"), None, Some("中国")),
        ("010-82345678", Some("010"), Some("北京"), None, Some("中国")),
        ("12345", Some("0531"), Some("山东 济南"), None, None),
        ("0532-12345", Some("0532"), Some("山东 青岛"), None, Some("中国")),
        ("95588", None, None, None, None),
        ("4008123456", None, None, None, Some("中国")),
        ("+85221234567", None, None, None, Some("中国香港")),
        ("+12025550123", None, None, None, Some("北美")),
        ("8001", None, None, None, None),
        ("anonymous", None, None, None, None),
    ];
    for (text, area, region, operator, country) in rows {
        let analysis = rules.analyse(&rules.normalize(text));
        assert_eq!(analysis.area.as_deref(), area, "{text}");
        assert_eq!(analysis.region.map(|it| it.to_string()).as_deref(), region, "{text}");
        assert_eq!(analysis.operator.as_deref(), operator, "{text}");
        assert_eq!(analysis.country, country, "{text}");
    }
}

#[test]
fn a_document_of_rules_is_read_and_what_cannot_be_used_is_named() {
    let document = include_str!("../testdata/numbers/rules.json");
    let rules = NumberRules::parse("numbers.json", document, AreaCodes::china()).unwrap();
    assert_eq!(
        rules.caller(Some(&trunk("unicom")), &number("9013812341234")).reveal(),
        "+8613812341234"
    );
    let sent = rules.render_called(&trunk("unicom"), &rules.normalize("13812341234")).unwrap();
    assert_eq!(sent.reveal(), "9013812341234");

    let error = |text: &str| {
        NumberRules::parse("numbers.json", text, AreaCodes::china()).unwrap_err().to_string()
    };
    let with = |rest: &str| error(&format!(r#"{{"schema":"cti.numbers/1","area":"0531"{rest}}}"#));
    assert_eq!(
        error(r#"{"schema":"cti.numbers/2","area":"0531"}"#),
        "schema: must be \"cti.numbers/1\""
    );
    assert_eq!(
        error(r#"{"schema":"cti.numbers/1","area":"0500"}"#),
        "area: there is no area code \"0500\""
    );
    assert_eq!(
        error(r#"{"schema":"cti.numbers/1","area":"531"}"#),
        "area: there is no area code \"531\""
    );
    assert!(with(r#","zone":1"#).starts_with("numbers.json: unknown field `zone`"));
    assert_eq!(
        with(r#","extensions":[{"from":"100","to":"199"}]"#),
        "extensions[0]: holds numbers that begin with 10, as services like 110 do"
    );
    assert_eq!(
        with(r#","extensions":[{"from":"300","to":"200"}]"#),
        "extensions[0]: ends before it begins"
    );
    assert!(with(r#","extensions":[{"from":"80000000","to":"80000001"}]"#).contains("at most 6"));
    assert_eq!(with(r#","direct_dial":"0531""#), "direct_dial: must be +86 and digits");
    assert_eq!(
        with(r#","trunks":{"a":{"area":"0500"}}"#),
        "trunks.a.area: there is no area code \"0500\""
    );
    assert_eq!(
        with(r#","trunks":{"a":{"incoming_caller":[{"prefix":"x"}]}}"#),
        "trunks.a.incoming_caller[0]: prefix and prepend hold digits, +, * and #"
    );
    assert_eq!(
        with(r#","trunks":{"a":{"main_number_only":true}}"#),
        "trunks.a.main_number: is missing, and no other caller is allowed"
    );
}

fn any_number() -> impl Strategy<Value = String> {
    prop_oneof![
        "1[3-9][0-9]{9}",
        "0531[2-8][0-9]{7}",
        "0(10|2[0-9])[2-8][0-9]{7}",
        "0[3-9][0-9]{2}[2-8][0-9]{6,7}",
        "[2-8][0-9]{6,7}",
        "(400|800)[0-9]{7}",
        "1[0-2][0-9]{1,4}",
        "9[56][0-9]{3,6}",
        "0(10|53[0-9])(1[0-2][0-9]{1,3}|9[56][0-9]{3})",
        "\\+(1|852|44|81)[0-9]{8,10}",
        "00(1|852|44|886)[0-9]{8,10}",
        "(17951|17909|12593)1[3-9][0-9]{9}",
        "\\+?86[0-9]{5,12}",
        "[0-9]{1,24}",
        "8[0-9]{3}",
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any_number(),
        "[-+*#0-9 ().]{0,30}",
        "(tel:|sip:|sips:|)\\+?[0-9%*#x;.-]{0,20}(@[a-z.0-9]{0,20})?",
        "tel:[0-9]{3,12};phone-context=(\\+86(531|0532|10)?|\\+1914|example.com|\\+86[0-9]{4})",
        "\\PC{0,60}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn the_normal_form_of_a_normal_form_is_itself(text in any_text()) {
        let rules = rules();
        let normal = rules.normalize(&text);
        prop_assert_eq!(&rules.normalize(normal.reveal()), &normal, "{:?} {:?}", text, normal.reveal());
        let received = rules.caller(None, normal.number());
        prop_assert_eq!(received, normal);
    }

    #[test]
    fn what_was_rendered_for_a_trunk_is_understood_as_the_same_number(
        text in any_number(),
        form in prop::sample::select(FORMS.to_vec()),
        kind in prop::sample::select(vec!["", "-9", "-qingdao"]),
    ) {
        let rules = rules();
        let normal = rules.normalize(&text);
        let trunk = trunk(&format!("{form}{kind}"));
        prop_assume!(!matches!(normal.kind(), NumberKind::Extension | NumberKind::Unknown));
        let sent = rules.render_called(&trunk, &normal).unwrap();
        prop_assert_eq!(&rules.called(Some(&trunk), &sent), &normal, "called {}", sent.reveal());
        let told = rules.render_caller(&trunk, &normal, Presentation::Allowed);
        prop_assert_eq!(&rules.caller(Some(&trunk), &told.number), &normal, "caller {}", told.number.reveal());
    }

    #[test]
    fn separators_change_nothing(text in any_number(), places in prop::collection::vec((0_usize..24, 0_usize..5), 0..6)) {
        let rules = rules();
        let normal = rules.normalize(&text);
        prop_assume!(normal.kind() != NumberKind::Unknown);
        let mut spelling = text.clone();
        for (at, separator) in places {
            let at = at.min(spelling.len());
            spelling.insert(at, [' ', '-', '.', '(', ')'][separator]);
        }
        prop_assert_eq!(rules.normalize(&spelling), normal, "{}", spelling);
    }

    #[test]
    fn whatever_is_typed_as_a_pattern_is_refused_or_describes_something(
        text in prop_oneof!["[0-9]{1,12}\\*?", "\\+?[0-9?* -]{0,20}", any_text(), "\\PC{0,20}\\*?"],
        digits in "[0-9]{10}",
    ) {
        let rules = rules();
        let Ok(pattern) = rules.pattern(&text) else { return Ok(()) };
        // A number that the pattern describes, with its open digits filled in.
        let described = match &pattern {
            NumberPattern::Number(number) => Some(number.clone()),
            NumberPattern::Mask(mask) => {
                let mut digits = digits.chars().cycle();
                let fill = |c| if c == '?' { digits.next().unwrap() } else { c };
                let text: String = mask.chars().map(fill).collect();
                let number = rules.normalize(&text);
                (number.reveal() == text).then_some(number)
            }
            NumberPattern::Prefix(prefix) => {
                let numbers = (7..16).map(|length| format!("{prefix}{}", &digits.repeat(2)[..length]));
                numbers.map(|it| rules.normalize(&it)).find(|it| it.reveal().starts_with(prefix.as_str()))
            }
            NumberPattern::Kind(_) => None,
        };
        if let Some(number) = described {
            let mut map = PatternMap::default();
            map.insert(pattern.clone(), ()).unwrap();
            prop_assert_eq!(map.closest(&number), Some(&()));
            prop_assert!(map.remove(&pattern, &()));
            prop_assert_eq!(map.closest(&number), None);
        }
    }

    #[test]
    fn no_number_is_printed_in_clear(text in "1[3-9][1-9]{9}") {
        let rules = rules();
        let normal = rules.normalize(&text);
        let entry = entry(&rules, &text, ListScope::Centre, refuse());
        let mut lists = NumberLists::default();
        lists.add(entry.clone()).unwrap();
        let twice = lists.add(entry.clone()).unwrap_err();
        let judged = lists.judge(&normal, &normal, None, NOW);
        let shown = format!(
            "{normal} {normal:?} {entry:?} {twice} {twice:?} {judged:?} {lists:?} {}",
            rules.pattern(&text).unwrap(),
        );
        // Country code and three digits are the longest run that may be seen.
        for at in 0..=text.len() - 6 {
            prop_assert!(!shown.contains(&text[at..at + 6]), "{shown}");
        }
    }
}

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

fn refuse() -> ListLevel {
    ListLevel::Black(BlackLevel::Refuse)
}

fn white() -> ListLevel {
    ListLevel::White { free: true, priority: 0 }
}

fn entry(rules: &NumberRules, number: &str, scope: ListScope, level: ListLevel) -> ListEntry {
    ListEntry {
        number: rules.pattern(number).unwrap(),
        scope,
        level,
        expires: None,
        reason: "骚扰".to_owned(),
        entered_by: "8000".to_owned(),
        entered_at: NOW,
    }
}

/// Which entry of a list decides about a call, by its place; 0 when none does.
fn decided(entries: Vec<ListEntry>, caller: &str, called: &str, queue: Option<&str>) -> u64 {
    let rules = rules();
    let mut lists = NumberLists::default();
    for entry in entries {
        lists.add(entry).unwrap();
    }
    let queue = queue.map(|name| QueueId::new(name).unwrap());
    match lists.judge(&rules.normalize(caller), &rules.normalize(called), queue.as_ref(), NOW) {
        Judgement::Unlisted => 0,
        Judgement::White { id, .. } | Judgement::Black { id, .. } => id.0,
    }
}

#[test]
fn an_entry_speaks_of_every_spelling_of_a_number_and_of_no_other() {
    let rules = rules();
    let list = || vec![entry(&rules, "138-1234-1234", ListScope::Centre, refuse())];
    for caller in ["13812341234", "013812341234", "+8613812341234", "tel:+86-138-1234-1234"] {
        assert_eq!(decided(list(), caller, "12345", None), 1, "{caller}");
    }
    assert_eq!(decided(list(), "13812341235", "12345", None), 0);
    assert_eq!(decided(list(), "anonymous", "12345", None), 0);
}

#[test]
fn a_pattern_describes_the_numbers_one_would_dial_so() {
    let rules = rules();
    let hit = |pattern: &str, caller: &str| {
        decided(vec![entry(&rules, pattern, ListScope::Centre, refuse())], caller, "12345", None)
            == 1
    };
    let rows = [
        ("138*", "13812341234", "13912341234"),
        ("0138*", "13812341234", "13912341234"),
        ("0532*", "053282345678", "82345678"),
        ("82*", "82345678", "053282345678"),
        ("00852*", "+85221234567", "+85321234567"),
        ("+852*", "0085221234567", "85221234567"),
        ("400*", "4008123456", "8008123456"),
        ("95*", "95588", "96156"),
        ("+86*", "82345678", "+85221234567"),
        ("138????0000", "13812340000", "13812340001"),
        ("0531-8234-56??", "82345699", "82345799"),
        ("withheld", "anonymous", "13812341234"),
        ("匿名", "", "13812341234"),
        ("international", "+85221234567", "13812341234"),
        ("unknown", "abc", "13812341234"),
    ];
    for (pattern, yes, no) in rows {
        assert!(hit(pattern, yes), "{pattern} {yes}");
        assert!(!hit(pattern, no), "{pattern} {no}");
    }
    for (text, reason) in [
        ("", "is empty"),
        ("*", "fits every number"),
        ("+*", "fits every number"),
        ("1.38E+10", "was rounded by a spreadsheet (1.38E+10); format the column as text"),
        ("13x*", "is not a telephone number"),
        ("13x", "is not a telephone number"),
        ("?3812341234", "is not a telephone number"),
        ("1381234123", "is not a telephone number"),
    ] {
        let error = rules.pattern(text).unwrap_err().to_string();
        assert!(error.starts_with(reason), "{text:?}: {error}");
    }
}

#[test]
fn white_beats_black_however_narrow_the_black_entry_is() {
    let rules = rules();
    let queue = ListScope::Queue("general".parse().unwrap());
    let list = vec![
        entry(&rules, "13812341234", queue, refuse()),
        entry(&rules, "138*", ListScope::Centre, white()),
    ];
    assert_eq!(decided(list, "13812341234", "12345", Some("general")), 2);
}

#[test]
fn the_closest_description_decides_then_the_narrowest_scope_then_the_first_entry() {
    let rules = rules();
    let called = || ListScope::Called(rules.normalize("12345"));
    let queue = || ListScope::Queue("general".parse().unwrap());
    let warn = || ListLevel::Black(BlackLevel::Warn);
    let list = || {
        vec![
            entry(&rules, "mobile", queue(), warn()),
            entry(&rules, "138*", queue(), warn()),
            entry(&rules, "13812*", queue(), warn()),
            entry(&rules, "138????1234", ListScope::Centre, warn()),
            entry(&rules, "1381234????", ListScope::Centre, warn()),
            entry(&rules, "13812341234", ListScope::Centre, warn()),
            entry(&rules, "13812341234", called(), warn()),
            entry(&rules, "13812341234", queue(), warn()),
        ]
    };
    let general = Some("general");
    assert_eq!(decided(list(), "13812341234", "12345", general), 8, "queue");
    assert_eq!(decided(list(), "13812341234", "12345", Some("other")), 7, "called number");
    assert_eq!(decided(list(), "13812341234", "12329", None), 6, "centre");
    assert_eq!(decided(list(), "13812349999", "12345", None), 5, "seven digits of the number");
    assert_eq!(decided(list(), "13899991234", "12345", None), 4);
    assert_eq!(decided(list(), "13812399999", "12345", general), 3, "a longer prefix");
    assert_eq!(decided(list(), "13899999999", "12345", general), 2);
    assert_eq!(decided(list(), "13999999999", "12345", general), 1);
    assert_eq!(decided(list(), "13999999999", "12345", None), 0);
    let equals = vec![
        entry(&rules, "138????1234", ListScope::Centre, refuse()),
        entry(&rules, "1381234????", ListScope::Centre, refuse()),
    ];
    assert_eq!(decided(equals, "13812341234", "12345", None), 1);
}

#[test]
fn an_entry_says_nothing_from_its_expiry_on_and_is_swept_out() {
    let rules = rules();
    let end = Timestamp::from_secs(1_700_000_100);
    let mut lists = NumberLists::default();
    let timed = ListEntry {
        expires: Some(end),
        ..entry(&rules, "13812341234", ListScope::Centre, refuse())
    };
    let id = lists.add(timed.clone()).unwrap();
    let caller = rules.normalize("13812341234");
    let at =
        |lists: &NumberLists, now| lists.judge(&caller, &caller, None, now) != Judgement::Unlisted;
    assert!(at(&lists, Timestamp::from_micros(end.as_micros() - 1)));
    assert!(!at(&lists, end));
    assert_eq!(lists.remove_expired(Timestamp::from_secs(1_700_000_099)), []);
    assert_eq!(lists.remove_expired(end), [id]);
    assert!(lists.is_empty());
    assert_eq!(
        lists.add(ListEntry { expires: Some(NOW), ..timed.clone() }),
        Err(ListError::Expired)
    );
    assert_eq!(lists.add(timed).unwrap(), EntryId(2), "ids are not used twice");
}

#[test]
fn an_entry_needs_a_reason_and_is_there_once() {
    let rules = rules();
    let mut lists = NumberLists::default();
    let base = entry(&rules, "13812341234", ListScope::Centre, refuse());
    let reason = |reason: &str| ListEntry { reason: reason.to_owned(), ..base.clone() };
    assert_eq!(lists.add(reason(" ")), Err(ListError::NoReason));
    assert_eq!(lists.add(reason(&"x".repeat(201))), Err(ListError::LongReason { length: 201 }));
    lists.add(base.clone()).unwrap();
    let again =
        entry(&rules, "+86 13812341234", ListScope::Centre, ListLevel::Black(BlackLevel::Warn));
    assert_eq!(
        lists.add(again).unwrap_err().to_string(),
        "number: +86138****1234 is listed in this scope already, by entry-1"
    );
    lists.add(ListEntry { level: white(), ..base.clone() }).unwrap();
    lists.remove(EntryId(1)).unwrap();
    assert_eq!(lists.add(base), Ok(EntryId(3)));
}

#[test]
fn the_lists_are_bounded() {
    let rules = rules();
    let base = entry(&rules, "12345", ListScope::Centre, refuse());
    let mut lists = NumberLists::default();
    for number in 0..100_000 {
        let number = NumberPattern::Prefix(format!("+86138{number:08}"));
        lists.add(ListEntry { number, ..base.clone() }).unwrap();
    }
    assert_eq!(lists.add(base.clone()), Err(ListError::Full));
    lists.remove(EntryId(7)).unwrap();
    lists.add(base).unwrap();

    let mut lists = NumberLists::default();
    let shapes = (0_u32..65).map(|shape| {
        let places = (0..7).map(|at| if shape >> at & 1 == 1 { '?' } else { '1' });
        format!("1381{}", places.collect::<String>())
    });
    let taken: Vec<_> = shapes
        .skip(1)
        .map(|mask| lists.add(entry(&rules, &mask, ListScope::Centre, refuse())))
        .collect();
    assert!(taken.iter().all(Result::is_ok));
    let one_more = lists.add(entry(&rules, "13811??????", ListScope::Centre, refuse()));
    assert!(matches!(one_more, Err(ListError::Shapes(_))), "{one_more:?}");
    assert_eq!(lists.len(), 64);
    lists.remove(EntryId(1)).unwrap();
    lists.add(entry(&rules, "13811??????", ListScope::Centre, refuse())).unwrap();
}

#[test]
fn the_closest_pattern_of_a_map_comes_first_and_equals_as_they_were_added() {
    let rules = rules();
    let mut map = PatternMap::default();
    let patterns =
        ["mobile", "138*", "13812*", "1381234????", "1381?????34", "13812341234", "13812341234"];
    for (value, pattern) in patterns.into_iter().enumerate() {
        map.insert(rules.pattern(pattern).unwrap(), value).unwrap();
    }
    let number = rules.normalize("13812341234");
    assert_eq!(map.all(&number), [&5, &6, &3, &4, &2, &1, &0]);
    assert_eq!(map.closest(&number), Some(&5));
}

#[test]
fn lists_survive_being_written_and_read() {
    let rules = rules();
    let mut lists = NumberLists::default();
    for (number, level) in [
        ("13812341234", refuse()),
        ("0532*", white()),
        ("138????0000", refuse()),
        ("withheld", refuse()),
    ] {
        lists.add(entry(&rules, number, ListScope::Centre, level)).unwrap();
    }
    lists.remove(EntryId(4)).unwrap();
    let text = serde_json::to_string(&lists).unwrap();
    let mut read: NumberLists = serde_json::from_str(&text).unwrap();
    let entries = |lists: &NumberLists| {
        lists.entries().map(|(id, entry)| (id, entry.clone())).collect::<Vec<_>>()
    };
    assert_eq!(entries(&read), entries(&lists));
    let hotline = rules.normalize("12345");
    for caller in ["13812341234", "053282345678", "13899990000", "anonymous"] {
        let caller = rules.normalize(caller);
        assert_eq!(
            read.judge(&caller, &hotline, None, NOW),
            lists.judge(&caller, &hotline, None, NOW)
        );
    }
    assert_eq!(read.add(entry(&rules, "110", ListScope::Centre, refuse())), Ok(EntryId(5)));
}

#[test]
fn a_table_of_entries_is_imported_and_each_line_that_was_not_is_named() {
    let rules = rules();
    let import = ListImport::new(&rules, "8000", NOW);
    let mut lists = NumberLists::default();
    let report = lists.import(include_bytes!("../testdata/numbers/lists.csv"), &import);
    expect_test::expect_file!["../testdata/numbers/lists.report.txt"]
        .assert_eq(&format!("{report}\n"));

    let level = |id| lists.get(EntryId(id)).unwrap().level.clone();
    assert_eq!(level(1), refuse());
    assert_eq!(level(2), ListLevel::Black(BlackLevel::Divert(FlowId::new("identify").unwrap())));
    assert_eq!(level(3), ListLevel::White { free: true, priority: 5 });
    let first = lists.get(EntryId(1)).unwrap();
    assert_eq!((first.entered_by.as_str(), first.entered_at), ("8000", NOW));
    // 2026-12-31 lasts until midnight in Shanghai, which is 16:00 UTC.
    assert_eq!(first.expires.unwrap().to_string(), "2026-12-31T16:00:00.000000Z");
    let second = lists.get(EntryId(2)).unwrap();
    assert_eq!((second.entered_by.as_str(), second.expires), ("8009", None));
    assert_eq!(second.number, NumberPattern::Kind(NumberKind::Withheld));
    assert_eq!(lists.len(), report.accepted);
}

/// The rule of judging, told once more without an index.
fn naive<'l>(
    lists: &'l NumberLists,
    caller: &NormalNumber,
    called: &NormalNumber,
    queue: Option<&QueueId>,
    now: Timestamp,
) -> Option<(EntryId, &'l ListEntry)> {
    type Rank = (bool, usize, usize, u8);
    let mut best: Option<(Rank, (EntryId, &ListEntry))> = None;
    for (id, entry) in lists.entries() {
        let text = caller.reveal();
        let (class, digits, describes) = match &entry.number {
            NumberPattern::Number(number) => (3, 0, number == caller),
            NumberPattern::Mask(mask) => {
                let fits = mask.len() == text.len()
                    && mask.chars().zip(text.chars()).all(|(m, c)| m == '?' || m == c);
                (2, mask.chars().filter(|c| *c != '?').count(), fits)
            }
            NumberPattern::Prefix(prefix) => (1, prefix.len(), text.starts_with(prefix.as_str())),
            NumberPattern::Kind(kind) => (0, 0, *kind == caller.kind()),
        };
        let narrow = match &entry.scope {
            ListScope::Centre => Some(0),
            ListScope::Called(number) => (number == called).then_some(1),
            ListScope::Queue(id) => (Some(id) == queue).then_some(2),
        };
        let (true, Some(narrow), false) =
            (describes, narrow, entry.expires.is_some_and(|end| end <= now))
        else {
            continue;
        };
        let rank = (entry.level.is_white(), class, digits, narrow);
        if best.is_none_or(|(other, _)| rank > other) {
            best = Some((rank, (id, entry)));
        }
    }
    best.map(|(_, decided)| decided)
}

fn any_entry() -> impl Strategy<Value = (String, u8, bool, Option<u64>)> {
    let number = prop_oneof![
        "1381[01]{7}",
        "1381[01]{1,6}\\*",
        "1381[01?]{7}",
        Just("mobile".to_owned()),
        Just("138*".to_owned()),
    ];
    (number, 0_u8..4, any::<bool>(), prop::option::of(1_u64..4))
}

proptest! {
    #[test]
    fn the_lists_judge_as_the_rule_told_without_an_index(
        entries in prop::collection::vec(any_entry(), 0..40),
        callers in prop::collection::vec("1381[01]{7}", 1..20),
        removed in prop::collection::vec(1_u64..40, 0..10),
        after in 0_u64..5,
    ) {
        let rules = rules();
        let mut lists = NumberLists::default();
        let general: QueueId = "general".parse().unwrap();
        let hotline = rules.normalize("12345");
        for (number, scope, is_white, ends) in entries {
            let scope = match scope {
                0 => ListScope::Called(hotline.clone()),
                1 => ListScope::Queue(general.clone()),
                _ => ListScope::Centre,
            };
            let level = if is_white { white() } else { refuse() };
            let expires = ends.map(|seconds| Timestamp::from_secs(1_700_000_000 + seconds));
            let entry = ListEntry { expires, ..entry(&rules, &number, scope, level) };
            let taken = matches!(lists.add(entry), Ok(_) | Err(ListError::Listed { .. }));
            prop_assert!(taken);
        }
        for id in removed {
            lists.remove(EntryId(id));
        }
        let now = Timestamp::from_secs(1_700_000_000 + after);
        for caller in callers {
            let caller = rules.normalize(&caller);
            for queue in [None, Some(&general)] {
                let expected = naive(&lists, &caller, &hotline, queue, now).map(|(id, _)| id);
                let decided = match lists.judge(&caller, &hotline, queue, now) {
                    Judgement::Unlisted => None,
                    Judgement::White { id, .. } | Judgement::Black { id, .. } => Some(id),
                };
                prop_assert_eq!(decided, expected);
            }
        }
    }
}
