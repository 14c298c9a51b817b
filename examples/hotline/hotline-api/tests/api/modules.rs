//! Which modules have registered, and how they are.

use crate::World;

#[tokio::test]
async fn a_supervisor_sees_how_each_module_is_and_an_agent_does_not() {
    let world = World::new().await;
    let supervisor = world.token("8000").await;
    let modules = world.get(&supervisor, "/modules").await.json();
    assert_eq!(modules[0]["name"], "calendar");
    assert_eq!(modules[0]["state"], "working");
    assert_eq!(modules[1]["name"], "records");
    assert_eq!(modules[1]["state"], "failing");
    assert_eq!(modules[1]["reason"], "database is locked");
    assert!(modules[1]["since"].is_string());
    let agent = world.token("8001").await;
    assert_eq!(world.get(&agent, "/modules").await.status, 403);
}
