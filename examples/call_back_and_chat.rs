//! One agent, several media: two chats at once, then a call-back that a web form has asked for.
//!
//! ```text
//! cargo run -p cti-examples --example call_back_and_chat
//! ```
//!
//! You see the events of the centre while the agent accepts both chats and finishes them; his phone rings for the
//! call-back, and the citizen is dialled once the agent has answered. The switch and the people are virtual.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_core::{
    address::PhoneNumber,
    command::{Command, Reply},
    event::Fact,
    flow::CallData,
    id::{ContactId, DeviceId},
    needs::{Medium, Needs},
    runtime::{Handle, Subscription, SubscriptionEvent},
    words::in_words,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (centre, people) = cti_examples::live_desk()?;
    let mut events = centre.subscribe(None).await?;
    let device: DeviceId = "8001".parse()?;
    people.registers(&device);
    until(&mut events, |fact| matches!(fact, Fact::DeviceInService { .. })).await;
    let agent = centre.agent("8001".parse()?);
    agent.sign_in("A01".parse()?).await?;
    agent.ready().await?;

    let chats =
        [open(&centre, Medium::Chat, "web").await?, open(&centre, Medium::Chat, "wechat").await?];
    for chat in chats {
        until(
            &mut events,
            |fact| matches!(fact, Fact::Offered { contact, .. } if *contact == chat),
        )
        .await;
        agent.accept(chat).await?;
    }
    let call_back = open(&centre, Medium::CallBack, "form").await?;
    for chat in chats {
        agent.finish(chat).await?;
    }
    let rings = people.rings(&device).await;
    people.answers(rings);
    let called = people.is_called("13812341234").await;
    people.answers(called);
    until(
        &mut events,
        |fact| matches!(fact, Fact::Connected { contact, .. } if *contact == call_back),
    )
    .await;
    people.hangs_up(called);
    until(&mut events, |fact| matches!(fact, Fact::CallEnded { .. })).await;
    centre.stop().await;
    Ok(())
}

async fn open(centre: &Handle, medium: Medium, from: &str) -> Result<ContactId, Box<dyn Error>> {
    let opened = centre.request(Command::OpenContact {
        medium,
        caller: PhoneNumber::parse("913812341234")?,
        queue: "general".parse()?,
        priority: 0,
        needs: Needs::default(),
        data: CallData::from([("from".to_owned(), from.to_owned())]),
    });
    let Reply::Contact(contact) = opened.await? else {
        return Err("a contact that is opened is answered by its name".into());
    };
    Ok(contact)
}

/// Prints what happens until something has happened.
async fn until(events: &mut Subscription, happened: impl Fn(&Fact) -> bool) {
    while let Some(SubscriptionEvent::Event(event)) = events.next().await {
        println!("{}", in_words(&event.fact));
        if happened(&event.fact) {
            return;
        }
    }
}
