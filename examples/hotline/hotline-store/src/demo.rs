//! The people, seats and telephones of the demonstration centre.
//!
//! Sixteen agents 8001 to 8016 at seats A01 to A16, a supervisor 8000 and an administrator. `serve` never calls this:
//! a real centre has no default accounts.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::{
    config::{AgentConfig, SeatConfig},
    needs::Medium,
};
use hotline_ticket::category::Categories;

use crate::{
    directory::{DirectoryStore as _, SipAccount},
    error::StoreError,
    password::PasswordHasher,
    sqlite::SqliteStore,
    tickets::TicketStore as _,
    users::{Role, UserStore as _, WebUser},
};

const NAMES: [&str; 16] = [
    "王芳", "张伟", "李娜", "刘洋", "陈静", "杨磊", "赵敏", "黄丽", "周强", "吴霞", "徐杰", "孙艳",
    "马超", "朱琳", "胡军", "郭婷",
];
/// The supervisor's number, which is his device's too.
const SUPERVISOR: u32 = 8000;

/// What the demonstration centre adds to the defaults.
#[derive(Clone, Debug)]
pub struct DemoConfig {
    /// The realm that the SIP accounts' hashes hold for.
    pub sip_realm: String,
    /// The queues that every agent serves.
    pub queues: Vec<cti_core::id::QueueId>,
    /// What hashes the web passwords.
    pub hasher: PasswordHasher,
}

/// Fills an empty store; what is there already stays, and a second call changes nothing.
///
/// The password of number N is `demo` and N, for SIP and web alike; the administrator is `admin` with `demoadmin`.
///
/// # Errors
/// When the database fails or the system has no randomness.
pub async fn seed_demo(store: &SqliteStore, demo: &DemoConfig) -> Result<(), StoreError> {
    if store.categories().await?.entries().is_empty() {
        store.put_categories(&Categories::standard()).await?;
    }
    let known = store.agents().await?;
    for (number, name) in (8001..).zip(NAMES) {
        let id = parse("agent", &number.to_string())?;
        if known.iter().any(|agent| agent.id == id) {
            continue;
        }
        let announced_number = number.to_string();
        let queues = demo.queues.clone();
        store
            .put_agent(&AgentConfig {
                id,
                name: name.to_owned(),
                announced_number,
                queues,
                capacity: BTreeMap::from([(Medium::Chat, 2), (Medium::Task, 1)]),
            })
            .await?;
    }
    let seats = store.seats().await?;
    let accounts = store.sip_accounts().await?;
    for number in SUPERVISOR..=8016 {
        let user = number.to_string();
        let device = parse("device", &user)?;
        let seat = SeatConfig {
            id: parse("seat", &format!("A{:02}", number - SUPERVISOR))?,
            device,
            pickup_group: Some("hall".to_owned()),
        };
        if !seats.iter().any(|known| known.id == seat.id) {
            store.put_seat(&seat).await?;
        }
        if !accounts.iter().any(|account| account.user == user && account.realm == demo.sip_realm) {
            let password = format!("demo{number}");
            let account = SipAccount::new(&user, seat.device, &demo.sip_realm, &password);
            store.put_sip_account(&account).await?;
        }
    }
    seed_users(store, &demo.hasher).await
}

async fn seed_users(store: &SqliteStore, hasher: &PasswordHasher) -> Result<(), StoreError> {
    let mut missing = Vec::new();
    for (user, password) in users()? {
        if store.user(&user.name).await?.is_none() {
            missing.push((user, password));
        }
    }
    for (user, hash) in hash_all(missing, hasher.clone()).await? {
        store.put_user(&user, &hash).await?;
    }
    Ok(())
}

fn users() -> Result<Vec<(WebUser, String)>, StoreError> {
    let user = |name: &str, display_name: &str, role, agent| WebUser {
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        role,
        agent,
        queues: BTreeSet::new(),
    };
    let mut users = vec![
        (user("admin", "系统管理员", Role::Admin, None), "demoadmin".to_owned()),
        (user("8000", "班长 林涛", Role::Supervisor, None), "demo8000".to_owned()),
    ];
    for (number, name) in (8001..).zip(NAMES) {
        let id = number.to_string();
        let agent = Some(parse("agent", &id)?);
        users.push((user(&id, name, Role::Agent, agent), format!("demo{number}")));
    }
    Ok(users)
}

/// Hashes the passwords on all processors: one takes tens of milliseconds by intent.
async fn hash_all(
    users: Vec<(WebUser, String)>,
    hasher: PasswordHasher,
) -> Result<Vec<(WebUser, String)>, StoreError> {
    let tasks: Vec<_> = users
        .into_iter()
        .map(|(user, password)| {
            let hasher = hasher.clone();
            tokio::task::spawn_blocking(move || (user, hasher.hash(&password)))
        })
        .collect();
    let mut hashed = Vec::with_capacity(tasks.len());
    for task in tasks {
        let (user, hash) = task.await.map_err(|error| StoreError::value("password_hash", error))?;
        hashed.push((user, hash.map_err(|error| StoreError::value("password_hash", error))?));
    }
    Ok(hashed)
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(
    field: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    text.parse().map_err(|error| StoreError::value(field, error))
}
