//! Who signs in, and who does not.

use serde_json::json;

use crate::World;

#[tokio::test]
async fn a_session_begins_with_the_password_and_ends_on_sign_out() {
    let world = World::new().await;
    let answer = world.post("", "/session", json!({"user": "8003", "password": "demo8003"})).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(
        body["user"],
        json!({"name": "8003", "display_name": "李娜", "role": "agent", "agent": "8003", "queues": []})
    );
    assert!(body["expires_at"].as_str().unwrap().ends_with("+08:00"));
    let token = body["token"].as_str().unwrap();
    assert_eq!(world.get(token, "/session").await.json(), body["user"]);
    assert_eq!(world.get(token, "/me").await.json()["permissions"], json!([]));
    assert_eq!(world.ask(token, "DELETE", "/session", None).await.status, 204);
    assert_eq!(world.get(token, "/session").await.problem().1, "invalid_token");
}

#[tokio::test]
async fn a_session_is_over_after_twelve_hours() {
    let mut world = World::new().await;
    let token = world.token("8003").await;
    world
        .happens(|log| {
            log.seconds(12 * 3600 - 1);
        })
        .await;
    assert_eq!(world.get(&token, "/session").await.status, 200);
    world
        .happens(|log| {
            log.seconds(1);
        })
        .await;
    assert_eq!(world.get(&token, "/session").await.status, 401);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let world = World::new().await;
    let wrong = world.post("", "/session", json!({"user": "8003", "password": "no"})).await;
    let unknown = world.post("", "/session", json!({"user": "nobody", "password": "no"})).await;
    assert_eq!(wrong.problem(), (401, "invalid_credentials".to_owned(), None));
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(wrong.headers["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn five_failures_lock_the_user_for_a_time_even_with_the_right_password() {
    let mut world = World::new().await;
    for _ in 0..5 {
        let answer = world.post("", "/session", json!({"user": "8003", "password": "no"})).await;
        assert_eq!(answer.status, 401);
    }
    let right = json!({"user": "8003", "password": "demo8003"});
    let locked = world.post("", "/session", right.clone()).await;
    assert_eq!(locked.problem(), (429, "too_many_failures".to_owned(), None));
    assert_eq!(locked.headers["retry-after"], "301");
    world.token("8004").await;
    world
        .happens(|log| {
            log.seconds(300);
        })
        .await;
    assert_eq!(world.post("", "/session", right).await.status, 200);
}

#[tokio::test]
async fn the_database_holds_no_token() {
    let world = World::new().await;
    let token = world.token("8003").await;
    for file in ["hotline.db", "hotline.db-wal"] {
        let bytes = std::fs::read(world.data.path().join(file)).unwrap();
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()));
    }
}
