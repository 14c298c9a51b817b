//! Sessions end by themselves.

use cti_core::time::Timestamp;
use hotline_store::users::{Role, UserStore as _, WebUser};

use crate::open;

#[tokio::test]
async fn a_session_ends_when_it_is_ended_or_its_time_is_over() {
    let data = tempfile::tempdir().unwrap();
    let store = open(data.path()).await;
    let user = WebUser {
        name: "lin".to_owned(),
        display_name: "林涛".to_owned(),
        role: Role::Supervisor,
        agent: None,
        queues: ["general", "night"].map(|queue| queue.parse().unwrap()).into(),
    };
    store.put_user(&user, "$argon2id$x").await.unwrap();
    store.put_user(&user, "$argon2id$y").await.unwrap();
    assert_eq!(store.user("lin").await.unwrap(), Some((user.clone(), "$argon2id$y".to_owned())));
    let at = Timestamp::from_secs;
    store.begin_session(at(10), [1; 32], "lin", at(20)).await.unwrap();
    store.begin_session(at(10), [2; 32], "lin", at(30)).await.unwrap();
    assert_eq!(store.session(at(19), &[1; 32]).await.unwrap(), Some(user.clone()));
    assert_eq!(store.session(at(20), &[1; 32]).await.unwrap(), None);
    assert_eq!(store.session(at(20), &[2; 32]).await.unwrap(), Some(user));
    store.end_session(&[2; 32]).await.unwrap();
    assert_eq!(store.session(at(20), &[2; 32]).await.unwrap(), None);
}
