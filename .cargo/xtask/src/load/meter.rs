//! What a process uses, from `/proc`, and percentiles.

use std::{fs, io::Write as _, path::Path, process::Command, time::Duration};

use crate::{Outcome, clock::Stopwatch, process};

/// What a process has used and holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Processor time of all threads, user and system.
    pub(crate) cpu: Duration,
    /// Resident memory in KiB.
    pub(crate) memory_kib: u64,
    /// Threads.
    pub(crate) threads: u64,
}

impl Usage {
    /// Reads what a process uses.
    ///
    /// # Errors
    /// When there is no such process.
    pub(crate) fn of(process: u32) -> Outcome<Self> {
        // proc(5): fields 14 and 15 are utime and stime in clock ticks; the second one, the name, may hold blanks.
        let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
        let (_, fields) = text.rsplit_once(')').ok_or("/proc/PID/stat has a name in brackets")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3).and_then(|it| it.parse::<u64>().ok());
        let ticks = field(14).unwrap_or(0) + field(15).unwrap_or(0);
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = memory.and_then(|it| it.split_whitespace().next()?.parse().ok());
        Ok(Self {
            cpu: Duration::from_secs_f64(ticks as f64 / ticks_per_second()?),
            memory_kib: memory.unwrap_or(0),
            threads: field(20).unwrap_or(0),
        })
    }
}

fn ticks_per_second() -> Outcome<f64> {
    Ok(process::output(Command::new("getconf").arg("CLK_TCK"))?.trim().parse()?)
}

/// Values in order, for percentiles.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sorted(Vec<f64>);

impl Sorted {
    /// Sorts values.
    pub(crate) fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// Writes the value below which `percent` of all lie, or a dash without values.
    pub(crate) fn at(&self, percent: usize) -> String {
        let index = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(index).map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"))
    }
}

/// Measures how long the disk takes to keep 4 KiB, in milliseconds.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn syncs(folder: &Path) -> Outcome<Sorted> {
    let path = folder.join("sync");
    let mut file = fs::File::create(&path)?;
    let mut took = Vec::new();
    for _ in 0..300 {
        let watch = Stopwatch::start();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        took.push(watch.elapsed().as_secs_f64() * 1000.0);
    }
    fs::remove_file(path)?;
    Ok(Sorted::new(took))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values = Sorted::new((1..=200).rev().map(f64::from).collect());
        assert_eq!((values.at(50).as_str(), values.at(99).as_str()), ("101.0", "199.0"));
        assert_eq!(Sorted::default().at(50), "-");
    }

    #[test]
    fn a_process_knows_what_it_uses_itself() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.memory_kib > 100 && usage.threads >= 1);
    }
}
