//! The calendar while the hotline serves: hours and holidays that an administrator changes are in force at once and kept
//! for the next start; a year without holidays is an alarm.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use cti_bindings::centre::Centre;
use cti_core::{
    calendar::{CalendarChange, CalendarWarning, Calendars, Holidays},
    command::Command,
    event::AlarmKind,
    import::ImportReport,
};
use hotline_api::calendar::{CalendarDesk, CalendarError};
use serde_json::Value;

use crate::files;

/// The file of the schedules in the folder of the calendar.
pub const SCHEDULES: &str = "schedules.json";
/// The file of the holidays in the folder of the calendar.
pub const HOLIDAYS: &str = "holidays-cn.json";
/// How often the calendar is looked at for years that nobody has imported.
const EVERY: Duration = Duration::from_secs(3_600);

/// The calendar in force, and where it is kept.
pub struct LiveCalendar {
    /// What the Center has; it changes by what is asked of it here and in no other way.
    calendars: Mutex<Calendars>,
    folder: PathBuf,
    centre: Arc<dyn Centre>,
    /// The alarms that stand because of years that are missing.
    standing: Mutex<Vec<i16>>,
    change: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for LiveCalendar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveCalendar").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl LiveCalendar {
    /// Returns the calendar of a Center, kept in this folder.
    #[must_use]
    pub fn new(calendars: Calendars, folder: &Path, centre: Arc<dyn Centre>) -> Self {
        Self {
            calendars: Mutex::new(calendars),
            folder: folder.to_owned(),
            centre,
            standing: Mutex::default(),
            change: tokio::sync::Mutex::default(),
        }
    }

    /// Returns the calendar that is in force.
    #[must_use]
    pub fn calendars(&self) -> Calendars {
        self.calendars.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a change in force and keeps it. Only one who holds the lock `change` may call this, or the later of two
    /// would lose what the earlier one brought.
    async fn take(&self, change: CalendarChange, by: &str) -> Result<(), CalendarError> {
        let command = Command::ChangeCalendar { change: change.clone(), by: by.to_owned() };
        self.centre.request(command).await?;
        let changed = self.calendars().changed(&change).map_err(io::Error::other)?;
        let (file, text) = match &change {
            CalendarChange::Schedules(_) => (SCHEDULES, changed.to_document()),
            CalendarChange::Holidays(_) => (HOLIDAYS, changed.holidays().to_document()),
        };
        *self.calendars.lock().unwrap_or_else(PoisonError::into_inner) = changed;
        files::replace(&self.folder.join(file), text.as_bytes())?;
        self.look().await;
        Ok(())
    }

    /// Raises an alarm for each year that should be known and is not, and clears those that are over.
    pub async fn look(&self) {
        let missing: Vec<i16> = self
            .calendars()
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
impl CalendarDesk for LiveCalendar {
    fn schedules(&self) -> String {
        self.calendars().to_document()
    }

    fn holidays(&self) -> String {
        self.calendars().holidays().to_document()
    }

    fn warnings(&self) -> Vec<String> {
        let warnings = self.calendars().warnings(self.centre.now());
        warnings.iter().map(ToString::to_string).collect()
    }

    async fn replace_schedules(&self, document: Value, by: &str) -> Result<(), CalendarError> {
        let _one = self.change.lock().await;
        self.take(CalendarChange::Schedules(document), by).await
    }

    async fn import_holidays(&self, table: &[u8], by: &str) -> Result<ImportReport, CalendarError> {
        let (newer, report) = Holidays::import(table);
        if !report.is_clean() {
            return Err(CalendarError::Lines(report));
        }
        let _one = self.change.lock().await;
        let mut holidays = self.calendars().holidays().clone();
        holidays.merge(newer);
        let document = serde_json::from_str(&holidays.to_document()).map_err(io::Error::other)?;
        self.take(CalendarChange::Holidays(document), by).await?;
        Ok(report)
    }
}
