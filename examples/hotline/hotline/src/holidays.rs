//! The holidays while the hotline serves: imported by an administrator, in force at once, kept for the next start; a
//! year without any is an alarm.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use cti_bindings::centre::Centre;
use cti_core::{
    calendar::{CalendarWarning, Calendars, Holidays},
    command::Command,
    event::AlarmKind,
    import::ImportReport,
};
use hotline_api::calendar::{HolidayError, HolidayTable};

use crate::files;

/// The file of the holidays in the folder of the calendar.
pub const FILE: &str = "holidays-cn.json";
/// How often the calendar is looked at for years that nobody has imported.
const EVERY: Duration = Duration::from_secs(3_600);

/// The holidays in force, and where they are kept.
pub struct LiveHolidays {
    calendars: Calendars,
    file: PathBuf,
    centre: Arc<dyn Centre>,
    /// The alarms that stand because of them.
    standing: Mutex<Vec<i16>>,
    import: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for LiveHolidays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveHolidays").field("file", &self.file).finish_non_exhaustive()
    }
}

impl LiveHolidays {
    /// Returns the holidays of calendars whose copies router and flow engine decide by, kept in this folder.
    #[must_use]
    pub fn new(calendars: Calendars, folder: &Path, centre: Arc<dyn Centre>) -> Self {
        let standing = Mutex::default();
        Self { calendars, file: folder.join(FILE), centre, standing, import: Default::default() }
    }

    /// Raises an alarm for each year that should be known and is not, and clears those that are over.
    pub async fn look(&self) {
        let missing: Vec<i16> = self
            .calendars
            .warnings(self.centre.now())
            .into_iter()
            .map(|warning| match warning {
                CalendarWarning::NoHolidays { year } => year,
            })
            .collect();
        let stood = {
            let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *standing, missing.clone())
        };
        let over = stood.into_iter().filter(|year| !missing.contains(year)).map(|it| (it, false));
        for (year, stands) in over.chain(missing.iter().map(|year| (*year, true))) {
            let kind = AlarmKind::NoHolidays { year };
            // An alarm that stands already is not raised twice.
            let _ = self.centre.request(Command::SetAlarm { kind, stands }).await;
        }
    }

    /// Takes up the alarms of the last run, then looks at the calendar now and every hour.
    pub async fn watch(self: Arc<Self>, standing: Vec<i16>) {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing;
        loop {
            self.look().await;
            tokio::time::sleep(EVERY).await;
        }
    }
}

#[async_trait]
impl HolidayTable for LiveHolidays {
    fn document(&self) -> String {
        self.calendars.holidays().to_document()
    }

    fn warnings(&self) -> Vec<String> {
        let warnings = self.calendars.warnings(self.centre.now());
        warnings.iter().map(ToString::to_string).collect()
    }

    async fn import(&self, table: &[u8]) -> Result<ImportReport, HolidayError> {
        let (newer, report) = Holidays::import(table);
        if !report.is_clean() {
            return Err(HolidayError::Lines(report));
        }
        // One import after the other, or the second would lose what the first has brought.
        let _one = self.import.lock().await;
        let mut holidays = self.calendars.holidays().as_ref().clone();
        holidays.merge(newer);
        files::replace(&self.file, holidays.to_document().as_bytes())?;
        self.calendars.replace_holidays(holidays);
        self.look().await;
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use cti_bindings::fake::FakeCentre;
    use cti_core::time::Timestamp;

    use super::*;

    /// Thursday, 1 October 2026, 10:00 in Shanghai.
    const NATIONAL_DAY: Timestamp = Timestamp::from_secs(1_790_820_000);

    fn calendars() -> Calendars {
        let schedules = r#"{"schema": "cti.schedules/1", "schedules": {"hotline":
            {"name": "热线", "days": {"thu": [["08:30", "17:30", "work"]]}}}}"#;
        Calendars::parse("schedules.json", schedules, Holidays::default()).unwrap()
    }

    #[tokio::test]
    async fn imported_holidays_are_in_force_in_every_copy_and_kept_for_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let (calendars, centre) = (calendars(), Arc::new(FakeCentre::default()));
        let of_router = calendars.clone();
        let live = LiveHolidays::new(calendars, folder.path(), centre);
        let hotline = of_router.get("hotline").unwrap();
        assert_eq!(hotline.day_part(NATIONAL_DAY), cti_core::calendar::DayPart::Work);
        let table = "from,to,kind,name\n2026-10-01,2026-10-07,holiday,国庆节\n";
        assert_eq!(live.import(table.as_bytes()).await.unwrap().accepted, 1);
        assert_eq!(hotline.day_part(NATIONAL_DAY), cti_core::calendar::DayPart::Holiday);
        let kept = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        let kept = Holidays::parse(FILE, &kept).unwrap();
        assert_eq!(kept.holiday("2026-10-03".parse().unwrap()), Some("国庆节"));
    }

    #[tokio::test]
    async fn a_table_with_a_wrong_line_changes_nothing_and_names_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let live = LiveHolidays::new(calendars(), folder.path(), Arc::new(FakeCentre::default()));
        let table = "from,to,kind,name\n2026-10-01,,holiday,国庆节\n2026-13-01,,holiday,x\n";
        let refused = live.import(table.as_bytes()).await.unwrap_err().to_string();
        assert!(refused.contains("line 3: from: \"2026-13-01\" is not a date"), "{refused}");
        assert!(!folder.path().join(FILE).exists());
        assert_eq!(live.calendars.holidays().years().count(), 0);
    }
}
