//! `cargo xtask capture`: writes down what a live switch says, beside the exchanges that were written by hand.
//!
//! The files are read again by the tests of the adapter; look through them for personal data before committing them.

use std::{
    env, fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    time::Duration,
};

use crate::{Outcome, clock::Stopwatch, workspace};

/// Which switch is listened to.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// FreeSWITCH: `FREESWITCH_ADDRESS` (host:port of its event socket) and `FREESWITCH_PASSWORD`.
    Freeswitch {
        /// For how many seconds; make calls meanwhile.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
}

/// Where captures lie.
const FOLDER: &str = "cti-media/src/switch/freeswitch/tests/captured";

/// Runs it.
///
/// # Errors
/// When no switch is configured, or it does not let us in.
pub(crate) fn run(command: &Command) -> Outcome {
    let Command::Freeswitch { seconds } = command;
    let setting = |name: &str| {
        env::var(name).map_err(|_| format!("{name} is not set: there is no switch to listen to"))
    };
    let (address, password) = (setting("FREESWITCH_ADDRESS")?, setting("FREESWITCH_PASSWORD")?);
    let mut stream = TcpStream::connect(&address).map_err(|error| format!("{address}: {error}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    let greeting = listen(&mut stream, Duration::from_secs(2), |text| text.contains("\n\n"))?;
    stream.write_all(format!("auth {password}\n\n").as_bytes())?;
    let entry = listen(&mut stream, Duration::from_secs(2), |text| text.contains("\n\n"))?;
    if !text(&entry).contains("+OK accepted") {
        return Err(format!("{address}: {}", text(&entry).trim()).into());
    }
    stream.write_all(b"api version\n\n")?;
    let version = listen(&mut stream, Duration::from_secs(2), |text| text.contains("FreeSWITCH"))?;
    let name = version_of(&text(&version)).ok_or("the switch does not say its version")?;
    stream.write_all(
        b"event plain ALL\n\napi show registrations as json\n\napi show channels as json\n\n",
    )?;
    let rest = listen(&mut stream, Duration::from_secs(*seconds), |_| false)?;
    let folder = workspace::root().join(FOLDER);
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("freeswitch-{name}.esl"));
    fs::write(&file, [greeting, entry, version, rest].concat())?;
    println!("{}", file.strip_prefix(workspace::root()).unwrap_or(Path::new(&file)).display());
    Ok(())
}

/// Reads for so long, or until the text is as it should be.
fn listen(
    stream: &mut TcpStream,
    limit: Duration,
    enough: impl Fn(&str) -> bool,
) -> Outcome<Vec<u8>> {
    let watch = Stopwatch::start();
    let (mut all, mut buffer) = (Vec::new(), [0; 16 << 10]);
    while watch.elapsed() < limit && !enough(&text(&all)) {
        match stream.read(&mut buffer) {
            Ok(0) => return Err("the switch closed the connection".into()),
            Ok(length) => all.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(all)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `1.10.12` of `FreeSWITCH Version 1.10.12-release…`.
fn version_of(text: &str) -> Option<String> {
    let rest = text.split_once("FreeSWITCH Version ")?.1;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    Some(rest[..end].to_owned()).filter(|version| !version.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_is_named_by_the_version_of_the_switch() {
        let said = "Content-Type: api/response\n\nFreeSWITCH Version 1.10.12-release~64bit\n";
        assert_eq!(version_of(said).as_deref(), Some("1.10.12"));
        assert_eq!(version_of("FreeSWITCH Version unknown"), None);
    }
}
