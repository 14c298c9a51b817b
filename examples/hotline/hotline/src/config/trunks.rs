//! Trunks to the outside and their gateways.

use std::{fs, path::PathBuf, time::Duration};

use cti_core::{
    id::TrunkId,
    time::{millis, optional_millis},
};
use cti_media::sip::{CallerRules, GatewayConfig, Login};
use serde::Deserialize;

use super::{Config, ConfigError};

/// A trunk by which the centre calls outside.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trunk {
    /// Its name, which the ways outside refer to.
    pub trunk: TrunkId,
    /// The address of its only gateway; several are listed as `gateways`.
    pub gateway: Option<String>,
    /// Its gateways.
    #[serde(default)]
    pub gateways: Vec<Gateway>,
    /// The name of the listener that its calls go out from; the usual one when absent.
    pub listener: Option<String>,
    /// Whether voice must be protected by SRTP on it.
    #[serde(default)]
    pub srtp: bool,
    /// What proves us to the carrier, where it asks.
    pub login: Option<TrunkLogin>,
    /// How long registrations with the carrier are to hold; it believes our address when absent.
    #[serde(default, rename = "register_ms", with = "optional_millis")]
    pub register: Option<Duration>,
    /// How callers are told to the carrier, and it tells callers.
    #[serde(default)]
    pub caller: CallerRules,
}

/// A way into the network of a carrier.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// An address and port, with `;transport=tcp` or `;transport=tls` behind it if need be.
    pub address: String,
    /// Its name in alarms and lists; trunk and place in the list when absent.
    pub name: Option<String>,
    /// Gateways with a lower number are used first.
    #[serde(default)]
    pub priority: u16,
    /// Its share of the calls among gateways of the same priority.
    #[serde(default = "one")]
    pub weight: u16,
    /// Calls it carries at once, both ways together.
    pub capacity: Option<u32>,
    /// How often it is asked whether it lives; never when 0.
    #[serde(default = "probe", rename = "probe_ms", with = "millis")]
    pub probe: Duration,
    /// How long it may leave a call without any reply before the next gateway is tried.
    #[serde(default = "patience", rename = "patience_ms", with = "millis")]
    pub patience: Duration,
}

/// The account a carrier gave us.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkLogin {
    /// The user.
    pub user: String,
    /// The realm the password is for.
    pub realm: String,
    /// The file that holds the password, alone on its first line.
    pub password_file: PathBuf,
}

fn one() -> u16 {
    1
}

fn probe() -> Duration {
    Duration::from_secs(30)
}

fn patience() -> Duration {
    Duration::from_secs(4)
}

impl Gateway {
    fn only(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            name: None,
            priority: 0,
            weight: one(),
            capacity: None,
            probe: probe(),
            patience: patience(),
        }
    }
}

impl Trunk {
    /// Its gateways, with the passwords that `password` finds.
    fn gateways(
        &self,
        listener: usize,
        password: impl Fn(&TrunkLogin) -> Result<String, String>,
    ) -> Result<Vec<GatewayConfig>, (&'static str, String)> {
        let only = self.gateway.as_deref().map(Gateway::only);
        if only.is_some() != self.gateways.is_empty() {
            let reason = format!("trunk {} has either a gateway or a list of gateways", self.trunk);
            return Err(("sip.trunks.gateway", reason));
        }
        let login = self.login.as_ref().map(|login| {
            let password = password(login).map_err(|it| ("sip.trunks.login.password_file", it))?;
            let (user, realm) = (login.user.clone(), login.realm.clone());
            Ok(Login { user, realm, password })
        });
        let login = login.transpose()?;
        let gateways = only.iter().chain(&self.gateways).enumerate().map(|(place, it)| {
            let usual = || match self.gateways.len() {
                0 | 1 => self.trunk.to_string(),
                2.. => format!("{}-{}", self.trunk, place + 1),
            };
            let config = GatewayConfig {
                name: it.name.clone().unwrap_or_else(usual),
                trunk: self.trunk.to_string(),
                address: it.address.clone(),
                listener,
                priority: it.priority,
                weight: it.weight,
                capacity: it.capacity,
                probe: it.probe,
                patience: it.patience,
                login: login.clone(),
                registration: self.register,
                caller: self.caller.clone(),
            };
            config.check(listener + 1).map_err(|error| (field(error.field), error.reason))?;
            Ok(config)
        });
        gateways.collect()
    }
}

/// The name in the file of a field of [`GatewayConfig`].
fn field(name: &'static str) -> &'static str {
    match name {
        "address" => "sip.trunks.gateway",
        "login" => "sip.trunks.login",
        "registration" => "sip.trunks.register_ms",
        "capacity" => "sip.trunks.gateways.capacity",
        "patience" => "sip.trunks.gateways.patience_ms",
        other => other,
    }
}

impl Config {
    /// Returns the gateways of all trunks, with the passwords of their logins.
    ///
    /// # Errors
    /// When a password cannot be read, or a value cannot be used.
    pub fn gateways(&self) -> Result<Vec<GatewayConfig>, String> {
        let password = |login: &TrunkLogin| {
            let file = &login.password_file;
            let text =
                fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            match text.lines().next().map(str::trim).filter(|line| !line.is_empty()) {
                Some(password) => Ok(password.to_owned()),
                None => Err(format!("{}: holds no password", file.display())),
            }
        };
        let mut all = Vec::new();
        for trunk in &self.sip.trunks {
            let gateways = trunk.gateways(self.listener_of(trunk)?, password);
            all.extend(gateways.map_err(|(field, reason)| format!("{field}: {reason}"))?);
        }
        Ok(all)
    }

    /// Finds what cannot be used, without looking for passwords.
    pub(super) fn check_trunks(&self, file: &str) -> Result<(), ConfigError> {
        let value = |field: &str, reason: String| ConfigError::Value {
            file: file.to_owned(),
            field: field.to_owned(),
            reason,
        };
        let mut names: Vec<String> = Vec::new();
        for trunk in &self.sip.trunks {
            let listener =
                self.listener_of(trunk).map_err(|reason| value("sip.trunks.listener", reason))?;
            let gateways = trunk
                .gateways(listener, |_| Ok(String::new()))
                .map_err(|(field, reason)| value(field, reason))?;
            for gateway in gateways {
                if names.contains(&gateway.name) {
                    let reason = format!("there are two gateways {:?}", gateway.name);
                    return Err(value("sip.trunks.gateways.name", reason));
                }
                names.push(gateway.name);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = include_str!("../../../config/demo.toml");

    fn with(trunk: &str) -> Result<Config, String> {
        let text =
            DEMO.replace("[rtp]", &format!("[[sip.trunks]]\ntrunk = \"city\"\n{trunk}\n[rtp]"));
        Config::parse("f.toml", &text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_trunk_has_one_gateway_or_a_list_with_what_each_of_them_carries() {
        let simple = with("gateway = \"10.0.0.2:5060\"").unwrap().gateways().unwrap();
        assert_eq!(simple, [GatewayConfig::new("city", "city", "10.0.0.2:5060")]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("city.password");
        fs::write(&file, "secret\n").unwrap();
        let several = with(&format!(
            "register_ms = 3600000\ncaller = {{ asserted = true, main_number = \"053112345\" }}\n\
             gateways = [{{ address = \"10.0.0.2:5060\", weight = 3, capacity = 120 }}, \
             {{ address = \"10.0.0.3:5060\", priority = 1, name = \"spare\", probe_ms = 0 }}]\n\
             [sip.trunks.login]\nuser = \"12345\"\nrealm = \"ims.example\"\npassword_file = \"{}\"",
            file.display()
        ));
        let several = several.unwrap().gateways().unwrap();
        let names: Vec<_> = several.iter().map(|it| (it.name.as_str(), it.priority)).collect();
        assert_eq!(names, [("city-1", 0), ("spare", 1)]);
        assert_eq!((several[0].weight, several[0].capacity), (3, Some(120)));
        assert_eq!(several[1].login.as_ref().unwrap().password, "secret");
        assert!(several[0].caller.asserted && several[1].probe.is_zero());
    }

    #[test]
    fn a_trunk_that_cannot_be_used_names_the_field() {
        let wrong = |trunk: &str| with(trunk).unwrap_err();
        let none =
            "f.toml: sip.trunks.gateway: trunk city has either a gateway or a list of gateways";
        assert_eq!(wrong(""), none);
        assert_eq!(
            wrong("gateways = [{ address = \"10.0.0.2:5060\", capacity = 0 }]"),
            "f.toml: sip.trunks.gateways.capacity: 0 would let no call through"
        );
        assert_eq!(
            wrong("gateway = \"10.0.0.2:5060\"\nregister_ms = 3600000"),
            "f.toml: sip.trunks.login: a registration needs one"
        );
        let twice = "{ address = \"10.0.0.2:5060\", name = \"a\" }";
        assert_eq!(
            wrong(&format!("gateways = [{twice}, {twice}]")),
            "f.toml: sip.trunks.gateways.name: there are two gateways \"a\""
        );
        let login = "gateway = \"10.0.0.2:5060\"\n[sip.trunks.login]\nuser = \"u\"\nrealm = \"r\"\n\
                     password_file = \"/nowhere/city.password\"";
        let missing = with(login).unwrap().gateways().unwrap_err();
        assert!(missing.starts_with("sip.trunks.login.password_file: /nowhere/city.password: "));
    }
}
