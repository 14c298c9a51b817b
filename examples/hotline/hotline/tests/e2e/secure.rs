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

/// Starts baresip as a telephone of the public network that calls 12300 with a tone of 440 Hz.
fn call_by_baresip(folder: &Path, tls: u16, mediaenc: &str) -> Baresip {
    fs::create_dir_all(folder).unwrap();
    let tone = folder.join("tone.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(&tone, spec).unwrap();
    (0..30 * 8000).for_each(|n| wav.write_sample(sound::tone(440.0, n)).unwrap());
    wav.finalize().unwrap();
    let modules = ["account", "menu", "g711", "aufile", "srtp"];
    let mut config = format!(
        "sip_listen 127.0.0.1:0\nnet_interface 127.0.0.1\naudio_source aufile,{}\n\
         module_path /usr/lib/baresip/modules\n",
        tone.display()
    );
    for module in modules {
        let kind = if ["account", "menu"].contains(&module) { "module_app" } else { "module" };
        config += &format!("{kind} {module}.so\n");
    }
    fs::write(folder.join("config"), config).unwrap();
    fs::write(folder.join("contacts"), "").unwrap();
    let account = format!(
        "<sip:13800000001@127.0.0.1:{tls};transport=tls>;regint=0;audio_codecs=PCMA;{mediaenc}\n"
    );
    fs::write(folder.join("accounts"), account).unwrap();
    let log = File::create(folder.join("log")).unwrap();
    let dial = format!("/dial sip:12300@127.0.0.1:{tls}");
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
            "tls = {{ certificate = {certificate:?}, key = {key:?} }}\n\
             [[sip.listeners]]\ntransport = \"tls\"\nbind = \"127.0.0.1:{tls}\"\n\
             [[sip.trunks]]\ntrunk = \"pstn\"\ngateway = \"127.0.0.1:9\"\nsrtp = true\n\n[rtp]"
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

    let agent = floor.agent("8001");
    let answering = agent.answers();
    let caller = call_by_baresip(&folder.join("keyed"), tls, "mediaenc=srtp-mand");
    let call = floor.until_call("13800000001", "talking");
    assert_eq!(call["called"], "12300", "{call:#}");
    wait::until("the caller's tone at the agent", LIMIT, || {
        (sound::pieces_with(&agent.phone.heard().samples, 440.0) > 10).then_some(())
    });
    let log = fs::read_to_string(folder.join("keyed/log")).unwrap();
    assert!(log.contains("SRTP is Enabled (cryptosuite=AES_CM_128_HMAC_SHA1_80)"), "{log}");
    assert!(log.contains("incoming rtp for 'audio' established"), "{log}");
    assert!(!log.contains("decrypt"), "the telephone cannot open what the centre sends: {log}");
    drop(caller);
    drop(answering);
}
