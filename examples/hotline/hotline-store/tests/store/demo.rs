//! The demonstration centre is seeded once.

use hotline_store::{
    demo::{DemoConfig, seed_demo},
    directory::DirectoryStore as _,
    password::PasswordHasher,
    users::{Role, UserStore as _},
};

use crate::open;

#[tokio::test]
async fn a_second_start_keeps_everything() {
    let data = tempfile::tempdir().unwrap();
    let hasher = PasswordHasher::with_cost(8, 1).unwrap();
    let demo = DemoConfig {
        sip_realm: "hotline".to_owned(),
        queues: vec!["general".parse().unwrap()],
        hasher: hasher.clone(),
    };
    let store = open(data.path()).await;
    seed_demo(&store, &demo).await.unwrap();
    let agents = store.agents().await.unwrap();
    assert_eq!((agents.len(), agents[0].id.as_str()), (16, "8001"));
    assert_eq!(store.seats().await.unwrap().len(), 17);
    assert_eq!(store.sip_accounts().await.unwrap().len(), 17);
    let (user, hash) = store.user("8003").await.unwrap().unwrap();
    assert_eq!((user.role, user.agent.clone()), (Role::Agent, Some("8003".parse().unwrap())));
    assert!(hasher.verify("demo8003", &hash));

    store.put_user(&user, "changed").await.unwrap();
    drop(store);
    let store = open(data.path()).await;
    seed_demo(&store, &demo).await.unwrap();
    assert_eq!(store.user("8003").await.unwrap().unwrap().1, "changed");
    assert_eq!(store.agents().await.unwrap(), agents);
    let (admin, _) = store.user("admin").await.unwrap().unwrap();
    assert_eq!((admin.role, admin.agent), (Role::Admin, None));
}
