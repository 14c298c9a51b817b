//! A telephone by another hand, over TLS and with SRTP: baresip.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{
    support::{
        asked_for,
        floor::{Floor, LIMIT},
        sound, wait,
    },
    talk::{direct, quick},
};

/// A running baresip; it ends with the test.
struct Baresip(Child);

impl Drop for Baresip {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts baresip as account 8002, calling 12300 with a tone of 440 Hz.
fn call_by_baresip(folder: &Path, tls: u16, mediaenc: &str) -> Baresip {
    fs::create_dir_all(folder).unwrap();
    let modules = ["account", "menu", "g711", "ausine", "aufile", "srtp"];
    let mut config = String::from(
        "sip_listen 127.0.0.1:0\nnet_interface lo\naudio_source ausine,440\naudio_player aufile,heard.wav\n\
         audio_alert aufile,alert.wav\nmodule_path /usr/lib/baresip/modules\n",
    );
    for module in modules {
        let kind = if ["account", "menu"].contains(&module) { "module_app" } else { "module" };
        config += &format!("{kind} {module}.so\n");
    }
    fs::write(folder.join("config"), config).unwrap();
    fs::write(folder.join("contacts"), "").unwrap();
    let account = format!(
        "<sip:8002@127.0.0.1:{tls};transport=tls>;auth_pass=demo8002;regint=0;audio_codecs=PCMA;{mediaenc}\n"
    );
    fs::write(folder.join("accounts"), account).unwrap();
    let log = File::create(folder.join("log")).unwrap();
    let dial = format!("/dial sip:12300@127.0.0.1:{tls};transport=tls");
    let child = Command::new("baresip")
        .args(["-f", folder.to_str().unwrap(), "-4", "-t", "30", "-e", &dial])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .expect("baresip is installed");
    Baresip(child)
}

#[test]
fn a_telephone_by_another_hand_talks_over_tls_with_srtp_and_is_refused_without() {
    if !asked_for() {
        return;
    }
    let certificates = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed([String::from("127.0.0.1")]).unwrap();
    let [certificate, key] = ["sip.pem", "sip.key"].map(|name| certificates.path().join(name));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let tls = wait::free_port();
    let secured = |demo: &str| {
        let sip = format!(
            "srtp = true\ntls = {{ certificate = {certificate:?}, key = {key:?} }}\n\
             [[sip.listeners]]\ntransport = \"tls\"\nbind = \"127.0.0.1:{tls}\"\n\n[rtp]"
        );
        quick(demo).replace("[rtp]", &sip)
    };
    let floor = Floor::open_with(secured, direct);
    let folder = floor.folder.path();

    let plain = call_by_baresip(&folder.join("plain"), tls, "");
    wait::until("the refusal of a call in clear", LIMIT, || {
        let log = fs::read_to_string(folder.join("plain/log")).unwrap();
        log.contains("488").then_some(())
    });
    drop(plain);

    let _caller = call_by_baresip(&folder.join("keyed"), tls, "mediaenc=srtp-mand");
    let call = wait::until("the call", LIMIT, || {
        floor.items("/api/v1/calls").into_iter().find(|call| call["state"] == "queued")
    });
    assert_eq!(call["called"], "12300", "{call:#}");
    // What waits hears music; it goes through the keys of both.
    wait::until("the music in the telephone", LIMIT, || {
        let heard = fs::read(folder.join("keyed/heard.wav")).ok()?;
        (heard.len() > 60_000).then_some(())
    });
    let heard = fs::read(folder.join("keyed/heard.wav")).unwrap();
    let samples: Vec<i16> =
        heard[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    assert!(sound::pieces_of_other_sound(&samples, &[440.0]) > 5, "nothing was heard");
}
