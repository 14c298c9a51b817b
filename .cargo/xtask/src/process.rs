//! Running other programs: shown on the terminal as they go, and read afterwards.

use std::{
    io::{self, BufRead as _, BufReader, Read, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use crate::Outcome;

/// Prints and runs a command; its output goes to the terminal line by line and is returned.
///
/// The first value says whether it ended well.
///
/// # Errors
/// When the program cannot be started.
pub(crate) fn watched(command: &mut Command) -> Outcome<(bool, String)> {
    println!("$ {}", shown(command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    let stdout = child.stdout.take().expect("it was piped");
    let stderr = child.stderr.take().expect("it was piped");
    let errors = thread::spawn(move || copied(stderr, io::stderr()));
    let mut text = copied(stdout, io::stdout())?;
    text += &errors.join().expect("copying does not panic")?;
    Ok((child.wait()?.success(), text))
}

/// Runs a command, shown as it goes, and fails when it fails.
pub(crate) fn succeed(command: &mut Command) -> Outcome {
    let (good, _) = watched(command)?;
    if good { Ok(()) } else { Err(format!("`{}` failed", shown(command)).into()) }
}

/// Runs a command quietly and returns what it printed.
///
/// # Errors
/// When it cannot be started or fails; the text is what it wrote to standard error.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let output = command
        .output()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`{}`: {}", shown(command), String::from_utf8_lossy(&output.stderr).trim())
            .into())
    }
}

/// Says whether a program can be started at all.
pub(crate) fn present(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

/// Writes a command as one would type it, with the name of the program alone.
pub(crate) fn shown(command: &Command) -> String {
    let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let set = set.map(|(name, value)| format!("{}={}", name.display(), value.display()));
    let program = Path::new(command.get_program());
    let words = program.file_name().into_iter().chain(command.get_args());
    set.chain(words.map(|word| word.display().to_string())).collect::<Vec<_>>().join(" ")
}

fn copied(from: impl Read, mut to: impl Write) -> io::Result<String> {
    let mut lines = BufReader::new(from);
    let mut text = String::new();
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        text += &String::from_utf8_lossy(&line);
        line.clear();
    }
    Ok(text)
}
