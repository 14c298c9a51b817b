//! The web page's own checks: types and unit tests.

use std::{path::Path, process::Command};

use super::totals::Totals;
use crate::{Outcome, process, workspace};

/// Installs the page's packages when they are not there, then checks types and runs its tests.
pub(crate) fn run() -> Outcome<Totals> {
    let folder = workspace::root().join("examples/hotline/hotline-web/web");
    if stale(&folder) {
        process::succeed(npm(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    }
    process::succeed(npm(&folder).args(["run", "check"]))?;
    let (good, text) = process::watched(npm(&folder).arg("test"))?;
    let totals = Totals::parse(&text);
    if good || totals.failed > 0 { Ok(totals) } else { Err("the page's tests failed".into()) }
}

fn npm(folder: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder);
    command
}

/// npm writes a copy of the lock file when it has installed; an older copy means another set of packages.
fn stale(folder: &Path) -> bool {
    let changed = |file: &str| folder.join(file).metadata().and_then(|data| data.modified()).ok();
    changed("node_modules/.package-lock.json") < changed("package-lock.json")
}
