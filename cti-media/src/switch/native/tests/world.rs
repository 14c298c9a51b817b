//! A running switch and what it reported.

use std::{path::PathBuf, time::Duration};

use cti_core::{
    id::{DeviceId, TrunkId},
    time::Timestamp,
};
use tokio::time::timeout;

use super::super::*;
use crate::{
    dsp::tone::sine,
    engine::{Listener, ListenerId, MediaConfig},
    play::Clip as Audio,
    sip::{DigestAlgorithm, Guests, ListenerConfig, SipConfig, Transport, TrustedPeer, digest_ha1},
};

pub(super) const DEADLINE: Duration = Duration::from_secs(10);

struct DemoAccounts;

impl Accounts for DemoAccounts {
    fn ha1(&self, account: &str, realm: &str, algorithm: DigestAlgorithm) -> Option<String> {
        let known = account.len() == 4 && account.starts_with("80");
        known.then(|| digest_ha1(algorithm, account, realm, &format!("demo{account}")))
    }
}

pub(super) struct World {
    pub(super) switch: NativeSwitch,
    pub(super) control: NativeControl,
    folder: tempfile::TempDir,
}

impl World {
    pub(super) async fn start() -> Self {
        Self::with_silence_timeout(Duration::from_secs(30)).await
    }

    /// A centre whose telephone must protect its voice.
    pub(super) async fn with_srtp() -> Self {
        Self::with(Duration::from_secs(30), true).await
    }

    pub(super) async fn with_silence_timeout(silence_timeout: Duration) -> Self {
        Self::with(silence_timeout, false).await
    }

    async fn with(silence_timeout: Duration, srtp: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = |transport| ListenerConfig::new(transport, "127.0.0.1:0".parse().unwrap());
        let sip = SipConfig {
            listeners: vec![listener(Transport::Udp), listener(Transport::Ws)],
            guests: Some(Guests {
                trunk: String::from("web"),
                numbers: vec![String::from("12345")],
            }),
            domain: String::from("city"),
            trusted: vec![TrustedPeer {
                trunk: String::from("mobile"),
                network: "127.0.0.0".parse().unwrap(),
                prefix: 8,
            }],
            ..SipConfig::default()
        };
        // Test processes run at once on one machine: the range only has to be wide enough.
        let ports = 20_000..=59_999;
        let other = std::net::IpAddr::from([127, 0, 0, 2]);
        let media = MediaConfig {
            listeners: vec![
                Listener { ports: ports.clone(), ..Listener::loopback() },
                Listener { bind: other, advertised: other, ports, nat: false },
            ],
            silence_timeout,
            rtcp_interval: Duration::from_millis(200),
            ..MediaConfig::default()
        };
        let config = NativeConfig {
            sip,
            media,
            sides: vec![ListenerId(0), ListenerId(1)],
            recordings: folder.path().to_owned(),
            keep_free: 0,
            time_zone: String::from("Asia/Shanghai"),
            first_leg: LegId(101),
            devices: vec![DeviceConfig { srtp, ..DeviceConfig::registering(device(), "8001") }],
            trunks: vec![TrunkConfig {
                trunk: TrunkId::new("mobile").unwrap(),
                listener: 0,
                srtp: false,
            }],
        };
        let clips = ClipLibrary::default();
        clips.insert("hello", Audio::from_samples(&sine(440.0, -10.0, 1600)));
        clips.insert("long", Audio::from_samples(&sine(440.0, -10.0, 24_000)));
        let (switch, control) =
            NativeSwitch::start(config, Arc::new(DemoAccounts), Arc::new(clips)).await.unwrap();
        Self { switch, control, folder }
    }

    /// The next report but those of quality, which every leg with voice makes before its end.
    pub(super) async fn report(&mut self) -> SwitchReport {
        loop {
            let report = self.report_of_any_kind().await;
            if !matches!(report, SwitchReport::VoiceMeasured { .. }) {
                return report;
            }
        }
    }

    pub(super) async fn report_of_any_kind(&mut self) -> SwitchReport {
        timeout(DEADLINE, self.switch.report()).await.expect("a report in time").unwrap()
    }

    pub(super) fn recording(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(super) async fn incoming(&mut self) -> LegId {
        let report = self.report().await;
        let SwitchReport::Incoming { leg, .. } = report else { panic!("no call: {report:?}") };
        leg
    }

    /// Lets the switch work for a moment; nothing may be reported.
    pub(super) async fn nothing_is_reported(&mut self) {
        let report = timeout(Duration::from_millis(300), self.switch.report()).await;
        assert!(report.is_err(), "{report:?}");
    }

    /// Waits until nothing is left of all calls.
    pub(super) async fn assert_nothing_left(&mut self) {
        let gone = async {
            while self.control.live_legs() + self.control.live_sockets() > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(DEADLINE, gone).await.expect("legs and sockets go");
        assert!(self.switch.legs.is_empty() && self.switch.dialogs.is_empty());
    }
}

pub(super) fn device() -> DeviceId {
    DeviceId::new("ext-1").unwrap()
}

pub(super) fn now() -> Timestamp {
    Timestamp::from_secs(1_767_286_800)
}
