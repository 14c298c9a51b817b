//! The people file: agents, seats with their telephones, and web users of a centre, to be taken into its store.
//!
//! Each is named on its own, since any agent can sit at any seat. Passwords are kept as hashes; delete the file
//! afterwards, or leave the passwords out to keep those that are stored.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::{
    config::{AgentConfig, SeatConfig},
    id::{AgentId, DeviceId, QueueId, SeatId},
    needs::Medium,
};
use hotline_store::{
    directory::{DirectoryStore as _, SipAccount},
    password::PasswordHasher,
    sqlite::SqliteStore,
    users::{Role, UserStore as _, WebUser},
};
use serde::Deserialize;

use crate::server::StartError;

/// The shortest password of a web user or a telephone.
const PASSWORD: usize = 8;

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct People {
    agents: Vec<Agent>,
    seats: Vec<Seat>,
    users: Vec<User>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Agent {
    id: AgentId,
    name: String,
    /// The id when absent.
    announced_number: Option<String>,
    queues: Vec<QueueId>,
    /// How many contacts of each medium that is not spoken the agent works at together.
    #[serde(default)]
    capacity: BTreeMap<Medium, u8>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seat {
    id: SeatId,
    device: DeviceId,
    /// Phones of one group can take each other's calls.
    pickup_group: Option<String>,
    /// The device's name when absent.
    sip_user: Option<String>,
    /// The stored one when absent.
    sip_password: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    name: String,
    display_name: String,
    role: String,
    agent: Option<AgentId>,
    /// The queues that a supervisor looks after; all of them when absent.
    #[serde(default)]
    queues: BTreeSet<QueueId>,
    /// The stored one when absent.
    password: Option<String>,
}

impl People {
    /// Reads a people file; `file` is the name that errors show.
    ///
    /// # Errors
    /// When the text is not such a file, or a value cannot be used.
    pub fn parse(file: &str, text: &str) -> Result<Self, StartError> {
        let people: Self = toml::from_str(text)
            .map_err(|error| format!("{file}: {}", error.to_string().trim().replace('\n', " ")))?;
        let short = |password: &Option<String>| {
            password.as_ref().is_some_and(|password| password.chars().count() < PASSWORD)
        };
        for seat in &people.seats {
            if short(&seat.sip_password) {
                return Err(format!(
                    "{file}: seat {}: sip_password needs {PASSWORD} characters",
                    seat.id
                )
                .into());
            }
        }
        for user in &people.users {
            let agent = &user.agent;
            let role = user
                .role
                .parse::<Role>()
                .map_err(|error| format!("{file}: user {}: role: {error}", user.name))?;
            if role != Role::Supervisor && !user.queues.is_empty() {
                return Err(format!(
                    "{file}: user {}: only a supervisor looks after queues",
                    user.name
                )
                .into());
            }
            if short(&user.password) {
                return Err(format!(
                    "{file}: user {}: password needs {PASSWORD} characters",
                    user.name
                )
                .into());
            }
            if let Some(agent) = agent
                && !people.agents.iter().any(|known| known.id == *agent)
            {
                return Err(format!(
                    "{file}: user {}: there is no agent {agent} in this file",
                    user.name
                )
                .into());
            }
        }
        Ok(people)
    }

    /// Takes the people into a store; who is there already is replaced, nobody is removed.
    ///
    /// # Errors
    /// When someone who is new has no password, serves a queue that is not there, or the store fails.
    pub async fn take_in(
        &self,
        store: &SqliteStore,
        realm: &str,
        queues: &BTreeSet<QueueId>,
        hasher: &PasswordHasher,
    ) -> Result<(), StartError> {
        for agent in &self.agents {
            if let Some(queue) = agent.queues.iter().find(|queue| !queues.contains(queue)) {
                return Err(format!("agent {}: there is no queue {queue}", agent.id).into());
            }
        }
        for user in &self.users {
            if let Some(queue) = user.queues.iter().find(|queue| !queues.contains(queue)) {
                return Err(format!("user {}: there is no queue {queue}", user.name).into());
            }
        }
        let accounts = store.sip_accounts().await?;
        for agent in &self.agents {
            let announced = agent.announced_number.clone();
            let config = AgentConfig {
                id: agent.id.clone(),
                name: agent.name.clone(),
                announced_number: announced.unwrap_or_else(|| agent.id.to_string()),
                queues: agent.queues.clone(),
                capacity: agent.capacity.clone(),
            };
            store.put_agent(&config).await?;
        }
        for seat in &self.seats {
            let user = seat.sip_user.clone().unwrap_or_else(|| seat.device.to_string());
            store.put_device(&seat.device).await?;
            store
                .put_seat(&SeatConfig {
                    id: seat.id.clone(),
                    device: seat.device.clone(),
                    pickup_group: seat.pickup_group.clone(),
                })
                .await?;
            match &seat.sip_password {
                Some(password) => {
                    let account = SipAccount::new(&user, seat.device.clone(), realm, password);
                    store.put_sip_account(&account).await?;
                }
                None if accounts.iter().any(|known| known.user == user && known.realm == realm) => {
                }
                None => {
                    return Err(
                        format!("seat {}: a new telephone needs sip_password", seat.id).into()
                    );
                }
            }
        }
        for user in &self.users {
            let known = store.user(&user.name).await?;
            let hash = match (&user.password, known) {
                (Some(password), _) => hasher.hash(password)?,
                (None, Some((_, hash))) => hash,
                (None, None) => {
                    return Err(format!("user {}: a new user needs a password", user.name).into());
                }
            };
            let web_user = WebUser {
                name: user.name.clone(),
                display_name: user.display_name.clone(),
                role: user.role.parse()?,
                agent: user.agent.clone(),
                queues: user.queues.clone(),
            };
            store.put_user(&web_user, &hash).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_store::sqlite::StoreConfig;

    const TEXT: &str = r#"
        [[agents]]
        id = "1001"
        name = "王芳"
        queues = ["general"]

        [[seats]]
        id = "A01"
        device = "6001"
        sip_password = "a long secret"

        [[users]]
        name = "wangfang"
        display_name = "王芳"
        role = "agent"
        agent = "1001"
        password = "another secret"
    "#;

    async fn store(folder: &std::path::Path) -> SqliteStore {
        SqliteStore::open(StoreConfig::in_folder(folder)).await.unwrap()
    }

    #[tokio::test]
    async fn people_are_taken_in_and_keep_their_passwords_the_second_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let queues = BTreeSet::from(["general".parse().unwrap()]);
        let hasher = PasswordHasher::with_cost(64, 1).unwrap();
        let people = People::parse("people.toml", TEXT).unwrap();
        people.take_in(&store, "city", &queues, &hasher).await.unwrap();
        let (user, hash) = store.user("wangfang").await.unwrap().unwrap();
        assert_eq!(user.agent, Some("1001".parse().unwrap()));
        assert!(hasher.verify("another secret", &hash));

        let without = TEXT
            .replace("password = \"another secret\"", "")
            .replace("sip_password = \"a long secret\"", "");
        let again = People::parse("people.toml", &without).unwrap();
        again.take_in(&store, "city", &queues, &hasher).await.unwrap();
        assert_eq!(store.user("wangfang").await.unwrap().unwrap().1, hash);
        assert_eq!(store.sip_accounts().await.unwrap().len(), 1);
        assert_eq!(store.agents().await.unwrap()[0].announced_number, "1001");
    }

    #[tokio::test]
    async fn who_is_new_needs_a_password_and_a_queue_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let hasher = PasswordHasher::with_cost(64, 1).unwrap();
        let people = People::parse("people.toml", TEXT).unwrap();
        let error = people.take_in(&store, "city", &BTreeSet::new(), &hasher).await.unwrap_err();
        assert_eq!(error.to_string(), "agent 1001: there is no queue general");
        let queues = BTreeSet::from(["general".parse().unwrap()]);
        let without = TEXT.replace("sip_password = \"a long secret\"", "");
        let people = People::parse("people.toml", &without).unwrap();
        let error = people.take_in(&store, "city", &queues, &hasher).await.unwrap_err();
        assert_eq!(error.to_string(), "seat A01: a new telephone needs sip_password");
    }

    #[test]
    fn a_wrong_value_names_its_entry() {
        let wrong = |from: &str, to: &str| {
            People::parse("p.toml", &TEXT.replace(from, to)).unwrap_err().to_string()
        };
        assert_eq!(
            wrong("\"agent\"", "\"boss\""),
            "p.toml: user wangfang: role: there is no role boss"
        );
        assert_eq!(
            wrong("another secret", "short"),
            "p.toml: user wangfang: password needs 8 characters"
        );
        assert_eq!(
            wrong("agent = \"1001\"", "agent = \"1\""),
            "p.toml: user wangfang: there is no agent 1 in this file"
        );
        assert_eq!(
            wrong("role = \"agent\"", "role = \"agent\"\nqueues = [\"general\"]"),
            "p.toml: user wangfang: only a supervisor looks after queues"
        );
        assert!(wrong("device =", "divice =").starts_with("p.toml: "));
    }
}
