//! Departments and leaders are imported by an administrator and found by agents.

use std::{
    io,
    sync::{Arc, Mutex},
};

use hotline_api::phone_book::{PhoneBook, PhoneBookDesk};
use serde_json::json;

use crate::World;

/// A phone book without a file.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<Arc<PhoneBook>>);

impl PhoneBookDesk for Remembered {
    fn book(&self) -> Arc<PhoneBook> {
        Arc::clone(&self.0.lock().unwrap())
    }

    fn replace(&self, book: PhoneBook) -> io::Result<()> {
        *self.0.lock().unwrap() = Arc::new(book);
        Ok(())
    }
}

#[tokio::test]
async fn an_agent_finds_whom_an_administrator_has_imported_urgent_ones_first() {
    let world = World::new().await;
    let admin = world.token("admin").await;
    let agent = world.token("8003").await;
    assert_eq!(world.get(&agent, "/phone-book").await.json(), json!([]));
    let table =
        "部门,姓名,职务,号码,紧急\n水务局,,值班室,8203,\n应急管理局,李明,值班局长,8201,是\n";
    assert_eq!(world.table(&agent, "PUT", "/phone-book", table).await.problem().0, 403);
    let imported = world.table(&admin, "PUT", "/phone-book", table).await;
    assert_eq!((imported.status.as_u16(), imported.json()), (200, json!({"entries": 2})));
    let all = world.get(&agent, "/phone-book").await.json();
    let urgent = json!({"department": "应急管理局", "name": "李明", "title": "值班局长", "number": "8201", "urgent": true});
    assert_eq!((&all[0], &all[1]["number"]), (&urgent, &json!("8203")));
    let found = world.get(&agent, "/phone-book?q=%E6%B0%B4%E5%8A%A1%20820").await.json();
    assert_eq!(
        (found.as_array().map(Vec::len), &found[0]["department"]),
        (Some(1), &json!("水务局"))
    );
}

#[tokio::test]
async fn a_line_that_cannot_be_used_is_named_and_the_earlier_phone_book_stays() {
    let world = World::new().await;
    let admin = world.token("admin").await;
    let good = "department,number\nWater,8203\n";
    assert_eq!(world.table(&admin, "PUT", "/phone-book", good).await.status.as_u16(), 200);
    for (wrong, field, line) in [
        ("department,number\nWater,82o3\n", "number", "line 2"),
        ("department,number,urgent\nWater,1,no\nFire,2,maybe\n", "urgent", "line 3"),
        ("department\nWater\n", "number", "line 1"),
    ] {
        let refused = world.table(&admin, "PUT", "/phone-book", wrong).await;
        assert_eq!(refused.problem().2.as_deref(), Some(field), "{wrong}");
        assert!(refused.json()["detail"].as_str().unwrap().contains(line), "{wrong}");
    }
    assert_eq!(world.get(&admin, "/phone-book").await.json()[0]["number"], "8203");
}
