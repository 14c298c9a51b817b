//! Which crate may know of which: the architecture's invariants, asked of cargo.

use super::totals::Totals;
use crate::{Outcome, process, workspace};

/// A crate and what must not be among its dependencies, at any depth, with default features.
struct Layer {
    package: &'static str,
    ignorant_of: &'static [&'static str],
}

const LAYERS: [Layer; 5] = [
    Layer {
        package: "cti-core",
        ignorant_of: &[
            "cti-acd",
            "cti-ivr",
            "cti-media",
            "cti-bindings",
            "tokio",
            "axum",
            "rsipstack",
            "sqlx",
            "rhai",
        ],
    },
    Layer {
        package: "cti-acd",
        ignorant_of: &[
            "cti-ivr",
            "cti-media",
            "cti-bindings",
            "tokio",
            "axum",
            "rsipstack",
            "sqlx",
        ],
    },
    Layer {
        package: "cti-ivr",
        ignorant_of: &[
            "cti-acd",
            "cti-media",
            "cti-bindings",
            "tokio",
            "axum",
            "rsipstack",
            "sqlx",
        ],
    },
    Layer {
        package: "cti-media",
        ignorant_of: &["cti-acd", "cti-ivr", "cti-bindings", "axum", "sqlx"],
    },
    Layer { package: "cti-bindings", ignorant_of: &["sqlx"] },
];

/// Checks every layer, and that the core compiles with nothing switched on.
///
/// # Errors
/// Names the crate, what it must not know, and the path to it.
pub(crate) fn run() -> Outcome<Totals> {
    for layer in &LAYERS {
        let known = dependencies(layer.package)?;
        let banned = |name: &&String| {
            layer.ignorant_of.contains(&name.as_str())
                || name.starts_with("hotline")
                || *name == "cti-examples"
        };
        if let Some(name) = known.iter().find(banned) {
            let path = process::output(
                workspace::cargo().args(tree(layer.package)).args(["--invert", name]),
            )?;
            return Err(format!("{} must not know {name}:\n{path}", layer.package).into());
        }
        println!("{:<13} knows none of {}, hotline*", layer.package, layer.ignorant_of.join(", "));
    }
    process::succeed(workspace::cargo().args([
        "check",
        "--quiet",
        "--package",
        "cti-core",
        "--no-default-features",
    ]))?;
    Ok(Totals::default())
}

fn tree(package: &str) -> [&str; 5] {
    ["tree", "--package", package, "--edges", "normal"]
}

/// Lists the names of all packages that `package` is built from.
fn dependencies(package: &str) -> Outcome<Vec<String>> {
    let text = process::output(
        workspace::cargo().args(tree(package)).args(["--prefix", "none", "--format", "{p}"]),
    )?;
    let names = text.lines().filter_map(|line| line.split_whitespace().next());
    Ok(names.filter(|name| *name != package).map(str::to_owned).collect())
}
