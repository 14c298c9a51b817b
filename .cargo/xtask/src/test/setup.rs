//! What the tests need on the machine.

use std::{path::Path, process::Command};

use crate::{Outcome, process};

/// The oldest Node.js that builds the page.
const NODE: (u32, u32) = (20, 19);

/// A program or font the tests use, and where it comes from.
struct Need {
    what: &'static str,
    debian: &'static str,
    quick: bool,
    met: fn() -> bool,
}

const NEEDS: [Need; 4] = [
    Need {
        what: "a C compiler",
        debian: "gcc",
        quick: true,
        met: || process::present("cc", &["--version"]),
    },
    Need {
        what: "sipp",
        debian: "sip-tester",
        quick: false,
        met: || process::present("sipp", &["-v"]),
    },
    Need {
        what: "Chromium",
        debian: "chromium",
        quick: false,
        met: || process::present("chromium", &["--version"]),
    },
    Need { what: "a Chinese font", debian: "fonts-noto-cjk", quick: false, met: chinese_font },
];

/// Installs what is missing when it can, and otherwise names it.
///
/// # Errors
/// When something is still missing.
pub(crate) fn run(quick: bool) -> Outcome {
    if !quick {
        install(&missing(quick))?;
    }
    let missing = missing(quick);
    if !missing.is_empty() {
        let list =
            missing.iter().map(|need| format!("{} (Debian package {})", need.what, need.debian));
        return Err(format!("missing: {}", list.collect::<Vec<_>>().join(", ")).into());
    }
    if !quick && !node_is_new_enough() {
        return Err(format!(
            "Node.js {}.{} or newer with npm is needed to build the page",
            NODE.0, NODE.1
        )
        .into());
    }
    println!("all there");
    Ok(())
}

fn missing(quick: bool) -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| (need.quick || !quick) && !(need.met)()).collect()
}

fn install(missing: &[&Need]) -> Outcome {
    let root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if missing.is_empty() || !root || !Path::new("/etc/debian_version").exists() {
        return Ok(());
    }
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    process::succeed(apt().args(["update", "--quiet"]))?;
    let packages = missing.iter().map(|need| need.debian);
    process::succeed(
        apt().args(["install", "--quiet", "--yes", "--no-install-recommends"]).args(packages),
    )
}

fn chinese_font() -> bool {
    process::output(Command::new("fc-list").arg(":lang=zh-cn"))
        .is_ok_and(|fonts| !fonts.trim().is_empty())
}

/// Says whether Node.js and npm can build the page.
pub(crate) fn node_is_new_enough() -> bool {
    let version = process::output(Command::new("node").arg("--version")).unwrap_or_default();
    new_enough(&version) && process::present("npm", &["--version"])
}

fn new_enough(version: &str) -> bool {
    let mut numbers = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map_while(|number| number.parse::<u32>().ok());
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    found >= NODE
}

#[cfg(test)]
mod tests {
    use super::new_enough;

    #[test]
    fn node_versions_are_compared_by_number() {
        assert!(new_enough("v20.19.0\n"));
        assert!(new_enough("v22.3.1"));
        assert!(!new_enough("v20.9.0"));
        assert!(!new_enough(""));
    }
}
