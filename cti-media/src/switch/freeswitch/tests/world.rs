//! The adapter, connected to the model, and what it reports.

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    id::{ContactId, DeviceId, LegId},
    switch::{Endpoint, Switch as _, SwitchCommand, SwitchReport},
};
use tempfile::TempDir;
use tokio::time::timeout;

use super::{
    super::{FreeSwitch, FreeSwitchConfig},
    model::Model,
};
use crate::switch::remote::{RemoteControl, RemoteDevice, RemoteTrunk, Secret};

pub(super) struct World {
    pub(super) switch: FreeSwitch,
    pub(super) control: RemoteControl,
    pub(super) model: Model,
    calls: u32,
    _recordings: TempDir,
}

pub(super) fn device() -> DeviceId {
    DeviceId::new("ext-1").unwrap()
}

pub(super) fn config(address: String, recordings: &std::path::Path) -> FreeSwitchConfig {
    let trunk = RemoteTrunk { trunk: "city".parse().unwrap(), gateway: "city-gw".to_owned() };
    let known = |device: &str, account: &str| RemoteDevice {
        device: device.parse().unwrap(),
        account: account.to_owned(),
    };
    FreeSwitchConfig {
        address,
        password: Secret::new("ClueCon"),
        instance: "test".to_owned(),
        domain: "12345.test".to_owned(),
        prompts: "/prompts".to_owned(),
        set: "zh-CN".to_owned(),
        recordings: recordings.to_owned(),
        recordings_there: recordings.to_str().unwrap().to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        conference_profile: "cti".to_owned(),
        first_leg: LegId(1),
        devices: vec![known("ext-1", "8001"), known("ext-9", "8009")],
        trunks: vec![trunk],
    }
}

impl World {
    pub(super) async fn start() -> Self {
        let (model, address) = Model::start().await;
        model.registers("8001", true);
        let recordings = tempfile::tempdir().unwrap();
        let (switch, control) =
            FreeSwitch::start(config(address.to_string(), recordings.path())).unwrap();
        let mut world = Self { switch, control, model, calls: 0, _recordings: recordings };
        assert_eq!(world.report().await, SwitchReport::DeviceInService { device: device() });
        world.is_connected().await;
        world
    }

    pub(super) async fn is_connected(&self) {
        let connected = async {
            while !self.control.is_connected() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(10), connected).await.unwrap();
    }

    pub(super) async fn is_connected_no_more(&self) {
        let lost = async {
            while self.control.is_connected() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(10), lost).await.unwrap();
    }

    pub(super) async fn report(&mut self) -> SwitchReport {
        timeout(Duration::from_secs(10), self.switch.report()).await.unwrap().unwrap()
    }

    /// Waits for a report, whatever comes before it.
    pub(super) async fn reports(&mut self, expected: &SwitchReport) {
        while self.report().await != *expected {}
    }

    /// Waits until the model is as it should be.
    pub(super) async fn until(&self, holds: impl Fn(&Model) -> bool) {
        let wait = async {
            while !holds(&self.model) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(10), wait).await.unwrap();
    }

    /// A citizen calls; returns the channel.
    pub(super) fn calls_in(&mut self) -> String {
        self.calls += 1;
        let channel = format!("citizen-{}", self.calls);
        self.model.calls(&channel, "13812345678", "trunk:city");
        channel
    }

    /// A citizen calls and is answered; returns leg and channel.
    pub(super) async fn caller(&mut self) -> (LegId, String) {
        let channel = self.calls_in();
        let SwitchReport::Incoming { leg, .. } = self.report().await else { panic!() };
        self.switch.execute(SwitchCommand::Answer { leg });
        (leg, channel)
    }

    /// A device is called and answers; returns the channel.
    pub(super) async fn answering_device(&mut self, leg: LegId) -> String {
        self.dials(leg, device());
        self.reports(&SwitchReport::Ringing { leg }).await;
        let channel = format!("test-{leg}");
        self.model.answers(&channel);
        self.reports(&SwitchReport::Answered { leg }).await;
        channel
    }

    pub(super) fn dials(&mut self, leg: LegId, device: DeviceId) {
        let caller = PhoneNumber::parse("13812345678").unwrap();
        let (to, contact) = (Endpoint::Device(device), ContactId(1));
        self.switch.execute(SwitchCommand::Dial { leg, to, caller, contact, auto_answer: false });
    }

    pub(super) fn hangs_up(&mut self, leg: LegId) {
        self.switch.execute(SwitchCommand::Hangup { leg, cause: Cause::Normal });
    }
}
