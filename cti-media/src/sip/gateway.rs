//! The gateways of trunks: what an administrator says of them, and how they are.

use std::{fmt, time::Duration};

use crate::sip::{Transport, address::destination};

/// The shortest registration.
const SHORTEST: Duration = Duration::from_secs(60);

/// A way into the network of a carrier. Several gateways make one trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayConfig {
    /// Its name, in reports and logs.
    pub name: String,
    /// The trunk it belongs to.
    pub trunk: String,
    /// Where its calls go: an address and port, with `;transport=tcp` or `;transport=tls` behind it if need be.
    pub address: String,
    /// The listener its calls go out from, as its place in the configuration.
    pub listener: usize,
    /// Gateways with a lower number are used first.
    pub priority: u16,
    /// Its share of the calls among gateways of the same priority; with 0 it takes what the others do not.
    pub weight: u16,
    /// Calls it carries at once, both ways together; a call of ours beyond it takes the next gateway.
    pub capacity: Option<u32>,
    /// How often it is asked by OPTIONS whether it lives; never when zero.
    pub probe: Duration,
    /// How long it may leave a call without any reply before the next gateway is tried.
    pub patience: Duration,
    /// What proves us to it; without one its challenges are not met.
    pub login: Option<Login>,
    /// How long a registration with it is to hold; it believes our address when absent.
    pub registration: Option<Duration>,
    /// How callers are told to it, and it tells callers.
    pub caller: CallerRules,
}

impl GatewayConfig {
    /// Returns a gateway that believes our address, is asked every 30 s whether it lives, and carries any number of
    /// calls.
    #[must_use]
    pub fn new(name: &str, trunk: &str, address: &str) -> Self {
        Self {
            name: name.to_owned(),
            trunk: trunk.to_owned(),
            address: address.to_owned(),
            listener: 0,
            priority: 0,
            weight: 1,
            capacity: None,
            probe: Duration::from_secs(30),
            patience: Duration::from_secs(4),
            login: None,
            registration: None,
            caller: CallerRules::default(),
        }
    }
}

/// A gateway that cannot be used as it is configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("gateway {name}: {field}: {reason}")]
pub struct GatewayError {
    /// The gateway.
    pub name: String,
    /// The field of [`GatewayConfig`].
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl GatewayConfig {
    /// Checks what can be checked without the network; `listeners` is how many there are.
    ///
    /// # Errors
    ///
    /// Names the first field that cannot be used.
    pub fn check(&self, listeners: usize) -> Result<(), GatewayError> {
        let wrong =
            |field, reason: String| Err(GatewayError { name: self.name.clone(), field, reason });
        let Some((transport, _)) = destination(&format!("sip:{}", self.address)) else {
            return wrong("address", format!("{:?} is no address and port", self.address));
        };
        if transport.is_some_and(Transport::is_web_socket) {
            return wrong("address", String::from("a gateway is not reached by a WebSocket"));
        }
        if self.listener >= listeners {
            return wrong("listener", format!("there are {listeners} listeners"));
        }
        if self.capacity == Some(0) {
            return wrong("capacity", String::from("0 would let no call through"));
        }
        if self.patience.is_zero() {
            return wrong("patience", String::from("0 gives it no time to reply"));
        }
        match (&self.login, self.registration) {
            (None, Some(_)) => wrong("login", String::from("a registration needs one")),
            (Some(_), Some(holds)) if holds < SHORTEST => {
                wrong("registration", format!("{} s is shorter than a minute", holds.as_secs()))
            }
            (Some(login), _) if login.user.is_empty() || login.realm.is_empty() => {
                wrong("login", String::from("user and realm must not be empty"))
            }
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }
}

/// The account a carrier gave us.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user of the account; its address of record is `sip:user@realm`.
    pub user: String,
    /// The realm the password is for; a challenge of any other realm is not met.
    pub realm: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("realm", &self.realm).finish_non_exhaustive()
    }
}

/// How callers are told to a gateway, and it tells callers.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallerRules {
    /// The host of the caller's address; the domain of the endpoint when absent.
    pub domain: Option<String>,
    /// Whether the caller is asserted both ways by P-Asserted-Identity (RFC 3325), which is believed from this gateway
    /// before From.
    pub asserted: bool,
    /// The number that is asserted whatever is shown; the one shown when absent.
    pub main_number: Option<String>,
    /// The number that is said to have diverted calls that show a foreign number (Diversion, RFC 5806); carriers
    /// refuse such calls without.
    pub diverted_by: Option<String>,
    /// Whether numbers are marked as such by `;user=phone`.
    pub user_phone: bool,
    /// Which header tells the number that was dialled.
    pub called: CalledNumber,
}

/// Which header of an incoming call tells the number that was dialled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalledNumber {
    /// The Request-URI.
    #[default]
    RequestUri,
    /// To: where calls of all numbers come to the one address that was registered.
    To,
    /// The first one that diverted the call (Diversion, RFC 5806), the Request-URI where nobody did.
    Diversion,
}

/// Whether a gateway takes calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayState {
    /// It has not been heard of yet; calls are tried.
    Unknown,
    /// It replied.
    Up,
    /// It must be registered with first.
    Registering,
    /// It does not let us register.
    Refused,
    /// It did not reply, or said that it takes nothing (503).
    Down,
}

impl GatewayState {
    /// Returns whether calls are sent to it.
    #[must_use]
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Unknown | Self::Up)
    }
}

/// How a gateway is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayStatus {
    /// Its name.
    pub name: String,
    /// The trunk it belongs to.
    pub trunk: String,
    /// Whether it takes calls.
    pub state: GatewayState,
    /// Its calls, both ways.
    pub calls: u32,
    /// How many calls it may carry at once.
    pub capacity: Option<u32>,
    /// How many calls of ours it did not take since the start.
    pub failures: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_cannot_be_used_is_named_with_the_field_and_the_reason() {
        let good = GatewayConfig::new("a", "city", "10.0.0.2:5060;transport=tcp");
        assert_eq!(good.check(1), Ok(()));
        let login =
            |user: &str| Login { user: user.into(), realm: "r".into(), password: "p".into() };
        let minute = Some(Duration::from_secs(60));
        for (wrong, field) in [
            (GatewayConfig { address: "city".into(), ..good.clone() }, "address"),
            (GatewayConfig { address: "10.0.0.2;transport=ws".into(), ..good.clone() }, "address"),
            (GatewayConfig { listener: 1, ..good.clone() }, "listener"),
            (GatewayConfig { capacity: Some(0), ..good.clone() }, "capacity"),
            (GatewayConfig { patience: Duration::ZERO, ..good.clone() }, "patience"),
            (GatewayConfig { registration: minute, ..good.clone() }, "login"),
            (GatewayConfig { login: Some(login("")), ..good.clone() }, "login"),
            (
                GatewayConfig {
                    login: Some(login("u")),
                    registration: Some(Duration::from_secs(1)),
                    ..good.clone()
                },
                "registration",
            ),
        ] {
            let error = wrong.check(1).unwrap_err();
            assert_eq!((error.name.as_str(), error.field), ("a", field), "{error}");
        }
    }

    #[test]
    fn a_login_is_not_printed() {
        let login = Login { user: "u1".into(), realm: "r".into(), password: "secret".into() };
        let printed = format!("{login:?}");
        assert!(!printed.contains("secret") && !printed.contains("u1"), "{printed}");
    }
}
