//! Which switch carries the calls: the built-in one, or FreeSWITCH.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use cti_core::id::{LegId, TrunkId};
use cti_media::switch::{
    freeswitch::FreeSwitchConfig,
    remote::{RemoteDevice, RemoteTrunk, Secret},
};
use serde::Deserialize;

use super::{Config, ConfigError};

/// The switch.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switch {
    /// Which one.
    pub kind: SwitchKind,
    /// Where its event socket is, `host:port`.
    pub address: Option<String>,
    /// The file that holds its password, alone on its first line.
    pub password_file: Option<PathBuf>,
    /// The name of this centre at the switch; letters and digits.
    pub instance: Option<String>,
    /// The folder of prompts as the switch sees it; the same as here when absent.
    pub prompts: Option<String>,
    /// The folder of recordings as the switch sees it; the same as here when absent.
    pub recordings: Option<String>,
    /// The profile of conferences there.
    pub conference_profile: Option<String>,
    /// The trunks of the switch by which the centre calls outside.
    pub trunks: Vec<SwitchTrunk>,
}

/// Which switch carries the calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SwitchKind {
    /// The built-in one.
    #[default]
    Native,
    /// FreeSWITCH, by its event socket.
    FreeSwitch,
}

/// A trunk of another switch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwitchTrunk {
    /// The trunk, as the centre knows it.
    pub trunk: TrunkId,
    /// What the switch calls its gateway; the same when absent.
    pub gateway: Option<String>,
}

impl Config {
    /// Returns the trunks by which the centre may call outside.
    pub(super) fn trunks_outside(&self) -> BTreeSet<&TrunkId> {
        match self.switch.kind {
            SwitchKind::Native => self.sip.trunks.iter().map(|it| &it.trunk).collect(),
            SwitchKind::FreeSwitch => self.switch.trunks.iter().map(|it| &it.trunk).collect(),
        }
    }

    /// Checks the section `switch`.
    pub(super) fn check_switch(&self, file: &str) -> Result<(), ConfigError> {
        let wrong = |field: &str, reason: &str| ConfigError::Value {
            file: file.to_owned(),
            field: format!("switch.{field}"),
            reason: reason.to_owned(),
        };
        let it = &self.switch;
        match it.kind {
            SwitchKind::Native => {
                let foreign = [
                    ("address", it.address.is_some()),
                    ("password_file", it.password_file.is_some()),
                    ("instance", it.instance.is_some()),
                    ("prompts", it.prompts.is_some()),
                    ("recordings", it.recordings.is_some()),
                    ("conference_profile", it.conference_profile.is_some()),
                    ("trunks", !it.trunks.is_empty()),
                ];
                match foreign.into_iter().find(|(_, there)| *there) {
                    Some((field, _)) => Err(wrong(field, "is for a switch of another kind")),
                    None => Ok(()),
                }
            }
            SwitchKind::FreeSwitch if it.address.is_none() => {
                Err(wrong("address", "is needed, as \"127.0.0.1:8021\""))
            }
            SwitchKind::FreeSwitch if it.password_file.is_none() => {
                Err(wrong("password_file", "is needed"))
            }
            SwitchKind::FreeSwitch if self.recording.key.is_some() => Err(wrong(
                "kind",
                "FreeSWITCH writes recordings in clear: recording.key cannot be kept",
            )),
            SwitchKind::FreeSwitch => Ok(()),
        }
    }

    /// Returns the settings of FreeSWITCH; `devices` are those with accounts, `prompts` and `recordings` the folders
    /// as this program sees them.
    ///
    /// # Errors
    /// When the password cannot be read, or a setting cannot stand in a command of the switch.
    pub fn freeswitch(
        &self,
        devices: Vec<RemoteDevice>,
        prompts: &Path,
        recordings: PathBuf,
        time_zone: &str,
        first_leg: LegId,
    ) -> Result<FreeSwitchConfig, String> {
        let it = &self.switch;
        let file = it.password_file.as_deref().ok_or("switch.password_file: is needed")?;
        let text =
            fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let password = text.lines().next().map(str::trim).unwrap_or_default();
        let there = |chosen: &Option<String>, here: &Path| match chosen {
            Some(folder) => folder.clone(),
            None => std::path::absolute(here).map_or_else(
                |_| here.display().to_string(),
                |absolute| absolute.display().to_string(),
            ),
        };
        let trunk = |it: &SwitchTrunk| RemoteTrunk {
            trunk: it.trunk.clone(),
            gateway: it.gateway.clone().unwrap_or_else(|| it.trunk.to_string()),
        };
        let config = FreeSwitchConfig {
            address: it.address.clone().ok_or("switch.address: is needed")?,
            password: Secret::new(password),
            instance: it.instance.clone().unwrap_or_else(|| "hotline".to_owned()),
            domain: self.sip.domain.clone(),
            prompts: there(&it.prompts, prompts),
            set: self.speech.set.clone(),
            recordings_there: there(&it.recordings, &recordings),
            recordings,
            time_zone: time_zone.to_owned(),
            conference_profile: it.conference_profile.clone().unwrap_or_else(|| "cti".to_owned()),
            first_leg,
            devices,
            trunks: it.trunks.iter().map(trunk).collect(),
        };
        config.check().map_err(|error| format!("switch.{error}"))?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = include_str!("../../../config/demo.toml");

    fn with(section: &str) -> Result<Config, String> {
        let text = DEMO.replace("\n[rtp]", &format!("\n{section}\n[rtp]"));
        Config::parse("f.toml", &text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_built_in_switch_needs_no_section() {
        assert_eq!(with("").unwrap().switch.kind, SwitchKind::Native);
    }

    #[test]
    fn every_wrong_value_of_the_switch_names_its_field_and_the_reason() {
        let wrong = |section: &str| with(section).unwrap_err();
        assert_eq!(
            wrong("[switch]\ninstance = \"a\""),
            "f.toml: switch.instance: is for a switch of another kind"
        );
        assert_eq!(
            wrong("[switch]\nkind = \"freeswitch\""),
            "f.toml: switch.address: is needed, as \"127.0.0.1:8021\""
        );
        assert_eq!(
            wrong("[switch]\nkind = \"freeswitch\"\naddress = \"127.0.0.1:8021\""),
            "f.toml: switch.password_file: is needed"
        );
        assert!(wrong("[switch]\nkind = \"cisco\"").contains("unknown variant `cisco`"));
        let way = "[[outside]]\nprefix = \"1\"\ntrunk = \"city\"\nshow = \"12345\"\n";
        let far = "[switch]\nkind = \"freeswitch\"\naddress = \"127.0.0.1:8021\"\npassword_file = \"p\"\n";
        assert_eq!(
            wrong(&format!("{far}{way}")),
            "f.toml: outside.trunk: there is no trunk city in switch.trunks"
        );
        assert!(with(&format!("{far}[[switch.trunks]]\ntrunk = \"city\"\n{way}")).is_ok());
    }

    #[test]
    fn the_settings_of_freeswitch_are_those_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let password = folder.path().join("password");
        fs::write(&password, "ClueCon\n").unwrap();
        let settings = |more: &str| {
            let section = format!(
                "[switch]\nkind = \"freeswitch\"\naddress = \"127.0.0.1:8021\"\npassword_file = {password:?}\n{more}"
            );
            let config = with(&section).unwrap();
            config.freeswitch(Vec::new(), Path::new("/p"), "/r".into(), "Asia/Shanghai", LegId(1))
        };
        let usual = settings("").unwrap();
        assert_eq!((usual.prompts.as_str(), usual.recordings_there.as_str()), ("/p", "/r"));
        assert_eq!((usual.instance.as_str(), usual.domain.as_str()), ("hotline", "hotline.demo"));
        let error = settings("prompts = \"/my prompts\"").unwrap_err();
        assert!(
            error.starts_with("switch.prompts: \"/my prompts\" is empty or holds a sign"),
            "{error}"
        );
    }
}
