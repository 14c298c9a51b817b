//! Citizens' numbers are masked where the role has no right: canaries are planted and looked for.

use crate::{World, answered_call};

const CANARIES: [&str; 2] = ["13812341234", "13900001111"];

#[tokio::test]
async fn an_agent_sees_the_numbers_of_his_own_calls_only() {
    let mut world = World::new().await;
    let call = world.happens(answered_call).await;
    world
        .happens(|log| {
            let waiting = log.dials("13900001111");
            log.queued(waiting, "general");
            let message = log.dials("13900001111");
            log.leaves_message(message);
        })
        .await;
    let (own, other, boss) =
        (world.token("8003").await, world.token("8004").await, world.token("8000").await);
    let text = |answer: crate::Answer| String::from_utf8(answer.body).unwrap();

    let lists = [
        "/calls",
        "/queues",
        "/agents",
        "/seats",
        "/messages",
        "/call-records",
        "/recordings",
        "/alarms",
    ];
    for path in lists {
        let shown = text(world.get(&other, path).await);
        assert!(CANARIES.iter().all(|canary| !shown.contains(canary)), "{path}: {shown}");
    }
    assert!(text(world.get(&other, "/calls").await).contains("138****1234"));
    let shown = text(world.get(&own, "/calls").await);
    assert!(shown.contains(CANARIES[0]) && !shown.contains(CANARIES[1]));
    let shown = text(world.get(&boss, "/calls").await);
    assert!(CANARIES.iter().all(|canary| shown.contains(canary)));

    world
        .happens(|log| {
            log.hangs_up(call, "8003", "A03");
        })
        .await;
    assert!(text(world.get(&own, "/call-records").await).contains(CANARIES[0]));
    assert!(text(world.get(&boss, "/messages").await).contains(CANARIES[1]));
}
