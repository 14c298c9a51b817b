//! One customer by any spelling, a caller's region, a blacklist from a table, and when a reply is due.
//!
//! ```text
//! cargo run -p cti-examples --example numbers
//! ```
//!
//! You see five spellings of one number come to the same customer, where callers are at home, an imported blacklist
//! with the line that could not be used, what becomes of a call, and the end of a limit of five working days over the
//! National Day holiday. Numbers are printed masked.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_core::{
    address::MaskPolicy,
    calendar::{Calendars, Holidays, WorkingSpan},
    numbers::{Judgement, ListImport, NumberLists, NumberRules},
    time::Timestamp,
};

const BLACKLIST: &str = "\
名单,号码,级别,范围,到期,原因
黑名单,138-1234-1234,flow:nuisance,,2026-12-31,一小时来电 40 次
黑名单,1381234,拒接,,,骚扰
白名单,0531-8234-5678,priority:10,called:12345,,市长专线
";

const HOLIDAYS: &str =
    "开始,结束,类型,名称\n2026-10-01,2026-10-07,放假,国庆节\n2026-10-10,,上班,\n";

const SCHEDULES: &str = r#"{"schema": "cti.schedules/1", "schedules": {"office": {"name": "办公", "days": {
    "mon": [["08:30", "12:00", "work"], ["13:30", "17:30", "work"]],
    "tue": [["08:30", "12:00", "work"], ["13:30", "17:30", "work"]],
    "wed": [["08:30", "12:00", "work"], ["13:30", "17:30", "work"]],
    "thu": [["08:30", "12:00", "work"], ["13:30", "17:30", "work"]],
    "fri": [["08:30", "12:00", "work"], ["13:30", "17:30", "work"]]
}}}}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let rules = NumberRules::china("0531")?;
    let customer = rules.normalize("13812341234");
    for spelling in
        ["013812341234", "+86 138 1234 1234", "８６１３８１２３４１２３４", "tel:+86-138-1234-1234"]
    {
        assert_eq!(rules.normalize(spelling), customer);
    }
    println!("five spellings, one customer: {customer}");
    println!("a department sees {}", customer.number().masked(MaskPolicy::Full));

    for caller in ["8234-5678", "0532-12345", "010 6234 5678", "+852 2123 4567", "anonymous"] {
        let number = rules.normalize(caller);
        let told = rules.analyse(&number);
        let home = told.region.map(|it| it.to_string()).or(told.country.map(str::to_owned));
        println!(
            "{number} is {}, from {}",
            told.kind,
            home.as_deref().unwrap_or("nowhere we know")
        );
    }

    // Monday 28 September 2026, 11:00 in Shanghai.
    let now = Timestamp::from_secs(1_790_564_400);
    let mut lists = NumberLists::default();
    println!("{}", lists.import(BLACKLIST.as_bytes(), &ListImport::new(&rules, "8000", now)));
    match lists.judge(&customer, &rules.normalize("12345"), None, now) {
        Judgement::Black { level, entry, .. } => {
            println!("{customer}: {level:?}, {}", entry.reason)
        }
        Judgement::White { .. } | Judgement::Unlisted => println!("{customer} goes his way"),
    }

    let (holidays, report) = Holidays::import(HOLIDAYS.as_bytes());
    println!("holidays: {report}");
    let calendars = Calendars::parse("schedules.json", SCHEDULES, holidays)?;
    let office = calendars.get("office").ok_or("no such schedule")?;
    let due = office.due(now, WorkingSpan::Days(5))?;
    println!("five working days from {} end {}", office.civil(now), office.civil(due.at));
    Ok(())
}
