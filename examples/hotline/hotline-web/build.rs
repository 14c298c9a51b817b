//! Builds the page and writes the table of files to embed.
//!
//! In order: `HOTLINE_WEB_DIST` names a ready build; a build of this very content may lie under
//! `target/hotline-web` already; otherwise `npm ci` and the build run there, never in the source
//! tree, once for all profiles. Linting builds nothing. Without npm one page is embedded that
//! says how to get the real one, unless `HOTLINE_WEB=required` forbids that.

use std::{
    collections::hash_map::DefaultHasher,
    env,
    ffi::OsStr,
    fmt::Write as _,
    fs::{self, File},
    hash::Hasher as _,
    io,
    path::{Path, PathBuf},
    process::Command,
};

const WATCHED: [&str; 6] = [
    "HOTLINE_WEB",
    "HOTLINE_WEB_DIST",
    "CLIPPY_ARGS",
    "RUSTC_WORKSPACE_WRAPPER",
    "DOCS_RS",
    "PATH",
];

/// What the built page depends on: folders and files of `web/`.
const SOURCES: [&str; 9] = [
    ".npmrc",
    "call.html",
    "index.html",
    "package-lock.json",
    "package.json",
    "public",
    "src",
    "tsconfig.json",
    "vite.config.ts",
];

/// Old builds that are kept, so that switching between branches does not build each time.
const KEPT_BUILDS: usize = 4;

fn main() {
    for name in WATCHED {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let web = root.join("web");
    for source in SOURCES {
        println!("cargo::rerun-if-changed={}", web.join(source).display());
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let required = env::var("HOTLINE_WEB").is_ok_and(|value| value == "required");

    let table = match built_page(&web, &out) {
        Ok(dist) => table_of(&dist),
        // Linting needs no page, however much the build that follows does.
        Err(why) if required && !matches!(why, Absent::NotWanted) => {
            println!("cargo::error=HOTLINE_WEB=required, but the page is not there: {why}");
            return;
        }
        Err(why) => {
            if !matches!(why, Absent::NotWanted) {
                println!("cargo::warning=The browser page is not embedded: {why}");
            }
            notice(&why)
        }
    };
    write_if_changed(&out.join("table.rs"), &table);
}

/// Why there is no page.
enum Absent {
    NotWanted,
    NoNpm(io::Error),
    Failed(String),
}

impl std::fmt::Display for Absent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotWanted => write!(f, "building was switched off"),
            Self::NoNpm(error) => write!(f, "npm cannot be run ({error})"),
            Self::Failed(what) => write!(f, "{what}"),
        }
    }
}

impl From<io::Error> for Absent {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Returns the folder of the built page, building it if need be.
fn built_page(web: &Path, out: &Path) -> Result<PathBuf, Absent> {
    if let Some(dist) = env::var_os("HOTLINE_WEB_DIST").filter(|value| !value.is_empty()) {
        let dist = fs::canonicalize(&dist)?;
        println!("cargo::rerun-if-changed={}", dist.display());
        return if dist.join("index.html").is_file() {
            Ok(dist)
        } else {
            Err(Absent::Failed(format!("{} has no index.html", dist.display())))
        };
    }
    let shared = shared_folder(out)?;
    let dist = shared.join(format!("dist-{:016x}", content_hash(web)?));
    if dist.join("index.html").is_file() {
        return Ok(dist);
    }
    if !building_is_wanted() {
        return Err(Absent::NotWanted);
    }
    fs::create_dir_all(&shared)?;
    let lock = File::create(shared.join("lock"))?;
    lock.lock()?;
    // Another profile may have built it while this one waited.
    if !dist.join("index.html").is_file() {
        build(web, &shared.join("build"), &dist)?;
        forget_old_builds(&shared, &dist);
    }
    Ok(dist)
}

/// Linting and documentation need the table, not the page.
fn building_is_wanted() -> bool {
    let linting = env::var_os("CLIPPY_ARGS").is_some()
        || env::var("RUSTC_WORKSPACE_WRAPPER").is_ok_and(|wrapper| wrapper.contains("clippy"));
    let skipped = env::var("HOTLINE_WEB").is_ok_and(|value| value == "skip");
    !linting && !skipped && env::var_os("DOCS_RS").is_none()
}

/// `target/hotline-web`, beside the folders of the profiles.
fn shared_folder(out: &Path) -> Result<PathBuf, Absent> {
    // OUT_DIR is TARGET/[TRIPLE/]PROFILE/build/hotline-web-HASH/out.
    let build = out.ancestors().find(|folder| folder.file_name() == Some(OsStr::new("build")));
    let profile = build.and_then(Path::parent);
    let mut target = profile
        .and_then(Path::parent)
        .ok_or_else(|| Absent::Failed(format!("{} is not below a target folder", out.display())))?;
    let triple = env::var("TARGET").unwrap_or_default();
    if target.file_name() == Some(OsStr::new(&triple)) {
        target = target.parent().unwrap_or(target);
    }
    Ok(target.join("hotline-web"))
}

fn build(web: &Path, work: &Path, dist: &Path) -> Result<(), Absent> {
    fs::create_dir_all(work)?;
    let lock = fs::read(web.join("package-lock.json"))?;
    let installed = work.join("installed-lock.json");
    if fs::read(&installed).ok().as_deref() != Some(&lock) {
        for name in [".npmrc", "package-lock.json", "package.json"] {
            fs::copy(web.join(name), work.join(name))?;
        }
        npm(work, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
        fs::write(&installed, &lock)?;
    }
    for name in SOURCES {
        let (from, to) = (web.join(name), work.join(name));
        if to.is_dir() {
            fs::remove_dir_all(&to)?;
        }
        copy(&from, &to)?;
    }
    let fresh = work.join("dist");
    npm(work, &["run", "build"])?;
    if !fresh.join("index.html").is_file() {
        return Err(Absent::Failed("the build made no index.html".to_owned()));
    }
    if dist.exists() {
        fs::remove_dir_all(dist)?;
    }
    fs::rename(&fresh, dist)?;
    Ok(())
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<(), Absent> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(Absent::NoNpm)?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let last: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = last[last.len().saturating_sub(8)..].join(" | ");
    Err(Absent::Failed(format!("`npm {}` failed: {last}", arguments.join(" "))))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_file() {
        fs::copy(from, to)?;
    } else if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// A hash over names and contents of all sources. Two builds of one toolchain share a folder, so
/// the hash need not be stable between toolchains.
fn content_hash(web: &Path) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    for source in SOURCES {
        for file in files_below(&web.join(source))? {
            let name = file.strip_prefix(web).unwrap_or(&file);
            hasher.write(name.to_string_lossy().replace('\\', "/").as_bytes());
            let content = fs::read(&file)?;
            hasher.write_usize(content.len());
            hasher.write(&content);
        }
    }
    Ok(hasher.finish())
}

/// Every file at or below a path, sorted.
fn files_below(path: &Path) -> io::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            files.extend(files_below(&entry?.path())?);
        }
    }
    files.sort();
    Ok(files)
}

fn forget_old_builds(shared: &Path, newest: &Path) {
    let Ok(entries) = fs::read_dir(shared) else { return };
    let mut old: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("dist-"))
        .filter(|entry| entry.path() != newest)
        .map(|entry| (entry.metadata().and_then(|data| data.modified()).ok(), entry.path()))
        .collect();
    old.sort();
    for (_, path) in old.iter().rev().skip(KEPT_BUILDS) {
        // What cannot be removed now is removed by a later build.
        let _ = fs::remove_dir_all(path);
    }
}

fn table_of(dist: &Path) -> String {
    let files = files_below(dist).expect("the built page can be read");
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .map(|file| {
            let name = file.strip_prefix(dist).expect("below it").to_string_lossy();
            (name.replace('\\', "/"), file)
        })
        .collect();
    named.sort();
    let mut table = "const BUILT: bool = true;\nstatic FILES: &[(&str, &[u8])] = &[\n".to_owned();
    for (name, file) in named {
        let path = file.display().to_string();
        writeln!(table, "    ({name:?}, include_bytes!({path:?})),").expect("a String grows");
    }
    table.push_str("];\n");
    table
}

/// A page that says how to get the real one. Its style is a file: the policy allows no other.
fn notice(why: &Absent) -> String {
    let why = why.to_string().replace('&', "&amp;").replace('<', "&lt;");
    let page = format!(
        r#"<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>12345</title>
<link rel="stylesheet" href="/notice.css"></head>
<body><h1>12345</h1>
<p>服务已经启动，但本程序编译时没有内置网页。安装 Node.js 20.19 或更新版本（含 npm）后重新编译即可：</p>
<p lang="en">The server is running, but this program was compiled without the browser page. Install Node.js 20.19 or later (with npm) and compile again:</p>
<p><code>cargo run --release -p hotline -- demo</code></p>
<p>REST: <code>/api/v1</code> · OpenAPI: <code>/api/openapi.json</code></p>
<p class="why">{why}</p></body></html>
"#
    );
    let style = "body{font:16px/1.7 system-ui,sans-serif;max-width:44rem;margin:12vh auto;\
        padding:0 1.5rem;color:#1f2937}h1{color:#1b5fae}\
        code{background:#eef1f5;padding:.1em .4em;border-radius:4px}\
        .why{color:#5b6675;font-size:.85em;overflow-wrap:anywhere}";
    format!(
        "const BUILT: bool = false;\nstatic FILES: &[(&str, &[u8])] = &[\n    \
         (\"index.html\", {page:?}.as_bytes()),\n    \
         (\"notice.css\", {style:?}.as_bytes()),\n];\n"
    )
}

/// Leaves an equal file alone, so that nothing is compiled again for it.
fn write_if_changed(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::write(path, text).expect("OUT_DIR is writable");
}
