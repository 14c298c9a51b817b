//! Hours and holidays that an administrator changes while the hotline serves, with its own flows and rules behind them.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::{fs, path::Path, sync::Arc};

use cti_bindings::testworld::TestWorld;
use cti_core::{
    calendar::{Calendars, DayPart, Holidays},
    config::CenterConfig,
    time::Timestamp,
};
use hotline::{
    assets,
    calendar::{HOLIDAYS, LiveCalendar, SCHEDULES},
    config::Config,
    parts::{Parts, calendars_in},
};
use hotline_api::calendar::CalendarDesk as _;
use serde_json::{Value, json};

/// Monday 2026-11-23 10:00 in Shanghai: working hours.
const MONDAY_MORNING: Timestamp = Timestamp::from_secs(1_795_399_200);

/// The demonstration, whose general queue takes callers in the hours of the hotline only.
fn parts() -> Parts {
    let config = Config::parse("demo.toml", assets::DEMO_TOML).unwrap();
    let mut routing = config.routing();
    let general = routing.queues.iter_mut().find(|it| it.queue.as_str() == "general");
    general.unwrap().schedule = Some("hotline".to_owned());
    Parts {
        center: CenterConfig {
            queues: config.queue_plan(),
            numbers: config.number_plan(),
            ..CenterConfig::default()
        },
        routing,
        flows: assets::flows(),
        schedules: assets::calendar(SCHEDULES).unwrap(),
        holidays: assets::calendar(HOLIDAYS).unwrap(),
    }
}

/// A running centre, and its calendar kept in a folder.
fn serving(folder: &Path) -> (Arc<TestWorld>, LiveCalendar) {
    for file in [SCHEDULES, HOLIDAYS] {
        fs::write(folder.join(file), assets::calendar(file).unwrap()).unwrap();
    }
    let parts = parts();
    let centre = Arc::new(TestWorld::new(parts.build().unwrap(), MONDAY_MORNING));
    let calendar = LiveCalendar::new(parts.calendars().unwrap(), folder, centre.clone());
    (centre, calendar)
}

fn hours(from: &str) -> Value {
    json!({"schema": "cti.schedules/1", "schedules": {"hotline": {"name": "热线",
        "days": {"mon": [[from, "17:30", "work"]]}}}})
}

fn part(calendars: &Calendars) -> DayPart {
    calendars.get("hotline").unwrap().day_part(MONDAY_MORNING)
}

#[tokio::test]
async fn other_hours_are_in_force_at_once_and_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (centre, calendar) = serving(folder.path());
    let open = centre.run("00:00 citizen 13812340001 dials 12345\n 00:20");
    assert!(open.contains("waits in general"), "{open}");
    calendar.replace_schedules(hours("10:30"), "admin").await.unwrap();
    let closed = centre.run("00:30 citizen 13812340002 dials 12345\n 00:50");
    assert!(!closed.contains("waits in general"), "{closed}");
    let changed = centre
        .events()
        .iter()
        .any(|event| cti_core::words::in_words(&event.fact) == "schedules changed by admin");
    assert!(changed, "the log says who did it");
    assert_eq!(part(&calendar.calendars()), DayPart::Off);
    assert_eq!(part(&calendars_in(folder.path()).unwrap()), DayPart::Off, "for the next start");
    calendar.replace_schedules(hours("08:30"), "admin").await.unwrap();
    let again = centre.run("01:00 citizen 13812340003 dials 12345\n 01:20");
    assert!(again.contains("waits in general"), "{again}");
}

#[tokio::test]
async fn hours_that_queues_or_flows_go_by_cannot_be_left_out_and_nothing_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let (centre, calendar) = serving(folder.path());
    let before = (centre.events().len(), fs::read(folder.path().join(SCHEDULES)).unwrap());
    let none = json!({"schema": "cti.schedules/1", "schedules": {}});
    let refused = calendar.replace_schedules(none, "admin").await.unwrap_err().to_string();
    assert!(refused.contains("queue general goes by the schedule \"hotline\""), "{refused}");
    let wrong = json!({"schema": "cti.schedules/1", "schedules": {"hotline": {"name": "热线",
        "days": {"mon": [["17:30", "08:30", "work"]]}}}});
    let refused = calendar.replace_schedules(wrong, "admin").await.unwrap_err().to_string();
    assert!(refused.contains("schedules.hotline.days.mon[0]"), "{refused}");
    let after = (centre.events().len(), fs::read(folder.path().join(SCHEDULES)).unwrap());
    assert_eq!(before, after);
}

#[tokio::test]
async fn imported_holidays_are_in_force_at_once_and_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (centre, calendar) = serving(folder.path());
    let table = "from,to,kind,name\n2026-11-23,2026-11-24,holiday,台风\n";
    assert_eq!(calendar.import_holidays(table.as_bytes(), "admin").await.unwrap().accepted, 1);
    let closed = centre.run("00:00 citizen 13812340001 dials 12345\n 00:20");
    assert!(!closed.contains("waits in general"), "{closed}");
    let kept = fs::read_to_string(folder.path().join(HOLIDAYS)).unwrap();
    let kept = Holidays::parse(HOLIDAYS, &kept).unwrap();
    assert_eq!(kept.holiday("2026-11-24".parse().unwrap()), Some("台风"));
    assert!(kept.holiday("2026-10-01".parse().unwrap()).is_some(), "what was known before");
}

#[tokio::test]
async fn a_table_with_a_wrong_line_changes_nothing_and_names_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let (centre, calendar) = serving(folder.path());
    let before = centre.events().len();
    let table = "from,to,kind,name\n2026-11-23,,holiday,台风\n2026-13-01,,holiday,x\n";
    let refused = calendar.import_holidays(table.as_bytes(), "admin").await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("line 3: from: \"2026-13-01\" is not a date"), "{refused}");
    assert_eq!(centre.events().len(), before);
    assert_eq!(part(&calendar.calendars()), DayPart::Work);
}
