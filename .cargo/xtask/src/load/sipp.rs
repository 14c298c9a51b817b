//! sipp as callers and telephones, and what it counted.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::{
    meter::Sorted,
    server::{pinned, stop},
};
use crate::{Outcome, clock::Stopwatch, workspace};

/// A running sipp with its files in a folder of its own.
#[derive(Debug)]
pub(crate) struct Sipp {
    child: Child,
    folder: PathBuf,
}

/// What sipp counted in one run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    /// Calls that went as written.
    pub(crate) succeeded: u64,
    /// Calls that did not.
    pub(crate) failed: u64,
    /// Messages sent again.
    pub(crate) retransmissions: u64,
}

impl Sipp {
    /// Plays `benches/load/sipp/NAME.xml` from a port of 127.0.0.1.
    ///
    /// # Errors
    /// When sipp cannot be started.
    pub(crate) fn start(
        name: &str,
        port: u16,
        arguments: &[String],
        folder: &Path,
        pin: bool,
    ) -> Outcome<Self> {
        fs::create_dir_all(folder)?;
        let scenario = workspace::root().join(format!("benches/load/sipp/{name}.xml"));
        let output = File::create(folder.join("output"))?;
        let mut command: Command = pinned("sipp", 1, pin);
        command.current_dir(folder).args(arguments).arg("-sf").arg(scenario);
        command.args(["-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin", "-l", "10000"]);
        command.args(["-trace_stat", "-stf", "counts.csv", "-fd", "1"]);
        command.args(["-trace_rtt", "-rtt_freq", "1", "-trace_err", "-error_file", "errors.log"]);
        command.args(["-trace_logs", "-log_file", "times.log"]);
        command.stdin(Stdio::null()).stderr(output.try_clone()?).stdout(output);
        let child = command.spawn().map_err(|error| format!("sipp: {error}"))?;
        Ok(Self { child, folder: folder.to_owned() })
    }

    /// Waits for its end; `each` is called every 200 ms while it lasts.
    ///
    /// # Errors
    /// When it takes longer than `limit`; it is ended then.
    pub(crate) fn end(&mut self, limit: Duration, mut each: impl FnMut() -> Outcome) -> Outcome {
        let watch = Stopwatch::start();
        while self.child.try_wait()?.is_none() {
            if watch.elapsed() > limit {
                stop(&mut self.child);
                return Err(format!("sipp did not end within {} s", limit.as_secs()).into());
            }
            thread::sleep(Duration::from_millis(200));
            each()?;
        }
        Ok(())
    }

    /// Returns what it counted, as of its last report.
    pub(crate) fn counts(&self) -> Counts {
        let text = fs::read_to_string(self.folder.join("counts.csv")).unwrap_or_default();
        Counts::parse(&text)
    }

    /// Returns the response times of the scenario in milliseconds.
    ///
    /// # Errors
    /// When its folder cannot be read.
    pub(crate) fn response_times(&self) -> Outcome<Sorted> {
        let mut times = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.to_string_lossy().ends_with("_rtt.csv") {
                let text = fs::read_to_string(path)?;
                let second = |line: &str| line.split(';').nth(1)?.parse::<f64>().ok();
                times.extend(text.lines().filter_map(second));
            }
        }
        Ok(Sorted::new(times))
    }

    /// Returns when, in seconds, each caller's INVITE was sent or received first.
    pub(crate) fn invitations(&self) -> BTreeMap<String, f64> {
        let text = fs::read_to_string(self.folder.join("times.log")).unwrap_or_default();
        let mut first = BTreeMap::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let ["INVITE", number, .., time] = words[..]
                && let Ok(time) = time.parse()
            {
                first.entry(number.to_owned()).or_insert(time);
            }
        }
        first
    }
}

impl Counts {
    /// Reads the last line of sipp's statistics.
    fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let names: Vec<&str> = lines.next().unwrap_or_default().split(';').collect();
        let last: Vec<&str> = lines.next_back().unwrap_or_default().split(';').collect();
        let value = |name: &str| {
            let index = names.iter().position(|it| *it == name);
            index.and_then(|index| last.get(index)?.parse().ok()).unwrap_or(0)
        };
        Self {
            succeeded: value("SuccessfulCall(C)"),
            failed: value("FailedCall(C)"),
            retransmissions: value("Retransmissions(C)"),
        }
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn counts_are_those_of_the_last_report() {
        let text = "StartTime;SuccessfulCall(P);SuccessfulCall(C);FailedCall(C);Retransmissions(C);\n\
                    x;1;1;0;0;\nx;3;4;1;2;\n";
        let counts = Counts::parse(text);
        assert_eq!((counts.succeeded, counts.failed, counts.retransmissions), (4, 1, 2));
    }
}
