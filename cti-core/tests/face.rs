//! The async face: programs that route calls, devices and agents, through the driver with the virtual switch.
//!
//! The clock is paused and goes on only where a test says so: nothing here depends on how fast the machine is.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]
#![expect(clippy::disallowed_methods, reason = "callers act while the program waits")]

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use cti_core::{
    address::PhoneNumber,
    agent::AgentState,
    call::Place,
    cause::Cause,
    center::Center,
    command::{Collect, CommandError},
    config::{AgentConfig, CenterConfig, Destination, NumberConfig, QueueConfig, SeatConfig},
    event::{CollectEnd, Fact},
    id::{AgentId, DeviceId, LegId, SeatId},
    journal::memory::MemoryJournal,
    runtime::{
        self, CallError, Calls, Handle, Heard, LiveSwitch, NoLookup, Parts, People, PlayError,
        ProgramCall, Subscription, SubscriptionEvent,
    },
    target::Target,
    testkit::{ScriptedFlows, SimpleRouter},
};
/// How long a program may take before the call goes on.
const WITHIN: Duration = Duration::from_secs(3);

fn center() -> Center {
    let agents = ["8001", "8002"].map(|name| AgentConfig {
        id: name.parse().unwrap(),
        name: name.to_owned(),
        announced_number: name.to_owned(),
        queues: vec!["general".parse().unwrap()],
        capacity: Default::default(),
    });
    let seats = ["8001", "8002", "8003"].map(|name| SeatConfig {
        id: format!("A{name}").parse().unwrap(),
        device: name.parse().unwrap(),
        pickup_group: None,
    });
    let number = |number: &str, to| NumberConfig {
        number: PhoneNumber::parse(number).unwrap(),
        name: number.to_owned(),
        to,
    };
    let config = CenterConfig {
        agents: agents.to_vec(),
        seats: seats.to_vec(),
        queues: vec![QueueConfig {
            id: "general".parse().unwrap(),
            name: "general".to_owned(),
            waiting_flow: None,
            whisper_flow: None,
            after_call_flow: None,
            ring_for: Duration::from_secs(15),
            after_call_work: Duration::ZERO,
        }],
        numbers: vec![
            number(
                "12345",
                Destination::Program {
                    program: "crm".to_owned(),
                    within: WITHIN,
                    otherwise: Target::Queue("general".parse().unwrap()),
                },
            ),
            number("12346", Destination::Queue("general".parse().unwrap())),
        ],
        ..CenterConfig::default()
    };
    let flows = ScriptedFlows::default();
    Center::new(config, Box::new(SimpleRouter::default()), Box::new(flows)).unwrap()
}

/// A centre whose time stands still.
struct Fixture {
    centre: Handle,
    people: People,
    /// While a blocking task runs the paused clock does not go on by itself.
    _time_stands: mpsc::Sender<()>,
}

fn start() -> Fixture {
    let (time_stands, until_dropped) = mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || until_dropped.recv());
    let center = center();
    let (switch, people) = LiveSwitch::new(&center);
    let parts = Parts {
        switch: Box::new(switch),
        journal: Box::new(MemoryJournal::default()),
        lookup: Arc::new(NoLookup),
        version: "test".to_owned(),
        trace: None,
    };
    Fixture { centre: runtime::spawn(center, parts), people, _time_stands: time_stands }
}

impl Fixture {
    fn dials(&self, caller: &str, called: &str) -> LegId {
        let number = |text: &str| PhoneNumber::parse(text).unwrap();
        self.people.dials(number(caller), number(called), "trunk".parse().unwrap())
    }

    /// A citizen dials and the program has answered him.
    async fn answered(&self, calls: &mut Calls) -> (LegId, ProgramCall) {
        let leg = self.dials("13812341234", "12345");
        let call = calls.next().await.unwrap();
        call.answer().await.unwrap();
        (leg, call)
    }

    async fn place(&self, call: &ProgramCall) -> Option<Place> {
        let id = call.id();
        self.centre.inspect(move |it| it.call(id).map(|it| it.place.clone())).await.unwrap()
    }

    async fn agent_at(&self, name: &str) -> AgentId {
        let (agent, device): (AgentId, DeviceId) = (name.parse().unwrap(), name.parse().unwrap());
        let mut events = self.centre.subscribe(None).await.unwrap();
        self.people.registers(&device);
        until(&mut events, |fact| matches!(fact, Fact::DeviceInService { .. })).await;
        self.centre.agent(agent.clone()).sign_in(seat(name)).await.unwrap();
        agent
    }
}

fn seat(name: &str) -> SeatId {
    format!("A{name}").parse().unwrap()
}

/// Lets time pass: a little more, since the timers of the runtime count whole milliseconds.
async fn passes(time: Duration) {
    tokio::time::advance(time + Duration::from_millis(2)).await;
}

async fn until(events: &mut Subscription, mut wanted: impl FnMut(&Fact) -> bool) {
    loop {
        match events.next().await.unwrap() {
            SubscriptionEvent::Event(event) if wanted(&event.fact) => return,
            SubscriptionEvent::Event(_) => {}
            SubscriptionEvent::Lost => panic!("nothing is lost in a test"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_reads_top_to_bottom() {
    let it = start();
    let mut calls = it.centre.calls("crm");
    let people = it.people.clone();
    let leg = it.dials("13812341234", "12345");
    let caller = tokio::spawn(async move {
        people.hears(leg, "welcome").await;
        passes(Duration::from_secs(2)).await;
        people.hears(leg, "which-city").await;
        people.presses(leg, "0531#");
    });

    let call = calls.next().await.unwrap();
    assert_eq!(call.caller().reveal(), "13812341234");
    assert_eq!(call.called().reveal(), "12345");
    call.answer().await.unwrap();
    assert_eq!(call.play("welcome").await.unwrap(), Heard::All);
    let pressed = call.ask("which-city", Collect { max: 6, ..Collect::default() }).await.unwrap();
    assert_eq!((pressed.digits.as_str(), pressed.end), ("0531", CollectEnd::Complete));
    call.set_data("city", &pressed.digits).await.unwrap();
    assert_eq!(call.data().await.unwrap()["city"], "0531");
    call.queue("general").await.unwrap();

    assert!(matches!(it.place(&call).await, Some(Place::Queue(_))));
    assert_eq!(call.queue("general").await, Err(CallError::Gone { call: call.id() }));
    caller.await.unwrap();
    it.people.hangs_up(leg);
    assert_eq!(call.ended().await, Ok(Cause::Normal));
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_hangs_up_while_he_is_asked_is_a_typed_error() {
    let it = start();
    let mut calls = it.centre.calls("crm");
    let (leg, call) = it.answered(&mut calls).await;
    let people = it.people.clone();
    tokio::spawn(async move {
        people.hears(leg, "account").await;
        people.presses(leg, "12");
        people.hangs_up(leg);
    });
    let hung_up = CallError::HungUp { call: call.id() };
    let asked = call.ask("account", Collect { max: 8, ..Collect::default() }).await;
    assert_eq!(asked, Err(PlayError::Call(hung_up.clone())));
    assert_eq!(call.play("welcome").await, Err(PlayError::Call(hung_up.clone())));
    assert_eq!(call.data().await, Err(hung_up.clone()));
    assert_eq!(call.hang_up().await, Err(hung_up));
    assert_eq!(call.ended().await, Ok(Cause::Normal));
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_hangs_up_while_a_message_plays_is_a_typed_error() {
    let it = start();
    let mut calls = it.centre.calls("crm");
    let (leg, call) = it.answered(&mut calls).await;
    let people = it.people.clone();
    tokio::spawn(async move {
        people.hears(leg, "welcome").await;
        people.hangs_up(leg);
    });
    let played = call.play("welcome").await;
    assert_eq!(played, Err(PlayError::Call(CallError::HungUp { call: call.id() })));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_another_one_replaces_was_heard_in_part() {
    let it = start();
    let mut calls = it.centre.calls("crm");
    let (leg, call) = it.answered(&mut calls).await;
    let (first, people) = (call.clone(), it.people.clone());
    let first = tokio::spawn(async move { first.play("long").await });
    people.hears(leg, "long").await;
    call.play_over_and_over(["music", "sorry"]).await.unwrap();
    assert_eq!(first.await.unwrap(), Ok(Heard::Part));
    call.stop_playing().await.unwrap();
    assert_eq!(call.play(Vec::new()).await, Ok(Heard::All), "nothing to hear is heard at once");
}

#[tokio::test(start_paused = true)]
async fn keys_that_do_not_come_in_time_are_told_as_far_as_they_came() {
    let it = start();
    let mut calls = it.centre.calls("crm");
    let (leg, call) = it.answered(&mut calls).await;
    let how = Collect { max: 4, secret: true, ..Collect::default() };
    let patience = how.inter_digit;
    let mut events = it.centre.subscribe(None).await.unwrap();
    let asking = call.clone();
    let asked = tokio::spawn(async move { asking.ask("pin", how).await.unwrap() });
    it.people.hears(leg, "pin").await;
    it.people.presses(leg, "7");
    until(&mut events, |fact| matches!(fact, Fact::MessagePlayed { .. })).await;
    passes(patience).await;
    let pressed = asked.await.unwrap();
    assert_eq!((pressed.count, pressed.end), (1, CollectEnd::TimedOut));
    assert_eq!(pressed.digits, "", "a secret is in no event");
}

#[tokio::test(start_paused = true)]
async fn programs_of_one_name_share_the_calls_and_each_call_goes_to_one() {
    let it = start();
    let mut one = it.centre.calls("crm");
    let mut two = it.centre.calls("crm");
    let mut other = it.centre.calls("survey");
    for caller in 0..6 {
        it.dials(&format!("1381234000{caller}"), "12345");
    }
    let mut given = Vec::new();
    for _ in 0..3 {
        given.push(one.next().await.unwrap());
        given.push(two.next().await.unwrap());
    }
    let mut ids: Vec<_> = given.iter().map(ProgramCall::id).collect();
    assert!(ids.is_sorted(), "who waited longest comes first: {ids:?}");
    ids.dedup();
    assert_eq!(ids.len(), 6);
    for call in &given {
        // That a program answers is told by the fact that told of the call.
        call.answer().await.unwrap();
    }
    tokio::select! {
        biased;
        again = one.next() => panic!("{again:?} was given away twice"),
        wrong = other.next() => panic!("{wrong:?} is not for this program"),
        _ = it.centre.subscribe(None) => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waited_before_the_program_came_is_given_to_it() {
    let it = start();
    let mut events = it.centre.subscribe(None).await.unwrap();
    it.dials("13812341234", "12345");
    until(&mut events, |fact| matches!(fact, Fact::RouteRequested { .. })).await;
    let call = it.centre.calls("crm").next().await.unwrap();
    call.hang_up().await.unwrap();
    assert_eq!(call.ended().await, Ok(Cause::Cleared));
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_program_is_dropped_goes_on_when_its_time_is_over() {
    let it = start();
    let mut events = it.centre.subscribe(None).await.unwrap();
    let mut calls = it.centre.calls("crm");
    it.dials("13812341234", "12345");
    let call = calls.next().await.unwrap();
    let id = call.id();
    drop((call, calls));
    let waits = it.centre.inspect(move |it| it.call(id).unwrap().waiting().is_some());
    assert!(!waits.await.unwrap(), "there is time left");
    passes(WITHIN).await;
    until(&mut events, |fact| matches!(fact, Fact::Queued { call: Some(it), .. } if *it == id))
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_answered_call_whose_program_is_dropped_goes_on_at_once() {
    let it = start();
    let mut events = it.centre.subscribe(None).await.unwrap();
    let mut calls = it.centre.calls("crm");
    let (_, call) = it.answered(&mut calls).await;
    let clone = call.clone();
    drop(call);
    assert!(matches!(it.place(&clone).await, Some(Place::Program(_))), "a clone still has it");
    drop(clone);
    until(&mut events, |fact| matches!(fact, Fact::Queued { .. })).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_given_to_one_who_gave_up_asking_goes_to_the_next() {
    let it = start();
    let mut gone = it.centre.calls("crm");
    tokio::select! {
        biased;
        call = gone.next() => panic!("nobody has called yet: {call:?}"),
        _ = it.centre.subscribe(None) => {}
    }
    let mut events = it.centre.subscribe(None).await.unwrap();
    it.dials("13812341234", "12345");
    until(&mut events, |fact| matches!(fact, Fact::RouteRequested { .. })).await;
    // The call has been given to who asked first and never came back for it.
    drop(gone);
    assert!(it.centre.calls("crm").next().await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_given_up_loses_no_call() {
    let it = start();
    let mut calls = it.centre.calls("crm");
    tokio::select! {
        biased;
        call = calls.next() => panic!("nobody has called yet: {call:?}"),
        _ = it.centre.subscribe(None) => {}
    }
    it.dials("13812341234", "12345");
    assert!(calls.next().await.is_some());
}

#[tokio::test(start_paused = true)]
async fn calls_and_their_programs_end_with_the_centre() {
    let it = start();
    let mut calls = it.centre.calls("crm");
    let (_, call) = it.answered(&mut calls).await;
    it.centre.stop().await;
    assert!(calls.next().await.is_none());
    assert_eq!(call.play("welcome").await, Err(PlayError::Call(CallError::Stopped)));
    assert!(call.ended().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_tells_the_program_what_is_wrong() {
    let it = start();
    let mut calls = it.centre.calls("crm");
    let leg = it.dials("13812341234", "12345");
    let call = calls.next().await.unwrap();
    let early = call.play("welcome").await;
    assert!(
        matches!(
            early,
            Err(PlayError::Call(CallError::Refused(CommandError::InvalidConnection { .. })))
        ),
        "a caller who was not answered hears nothing: {early:?}"
    );
    let queue = "nowhere".parse().unwrap();
    let unknown = CallError::Refused(CommandError::UnknownQueue { queue });
    assert_eq!(call.queue("nowhere").await, Err(unknown));
    let how = Collect { max: 0, ..Collect::default() };
    call.answer().await.unwrap();
    let refused = call.collect(how).await.unwrap_err();
    assert_eq!(refused.to_string(), "collect.max: must lie between 1 and 64");
    it.people.hangs_up(leg);
    assert_eq!(call.ended().await, Ok(Cause::Normal));
}

#[tokio::test(start_paused = true)]
async fn agents_and_devices_work_by_their_handles() {
    let it = start();
    let (first, second) = (it.agent_at("8001").await, it.agent_at("8002").await);
    let agent = it.centre.agent(first.clone());
    agent.ready().await.unwrap();
    assert_eq!(agent.state().await, Ok(Some(AgentState::Ready)));
    let mut events = it.centre.subscribe(None).await.unwrap();
    it.dials("13812341234", "12346");
    let device: DeviceId = "8001".parse().unwrap();
    let rings = it.people.rings(&device).await;
    it.people.answers(rings);
    until(&mut events, |fact| matches!(fact, Fact::Connected { .. })).await;

    let phone = it.centre.device(device.clone());
    let call = phone.calls().await.unwrap()[0].id;
    phone.hold_call(call).await.unwrap();
    phone.retrieve_call(call).await.unwrap();
    let consultation = phone.consultation_call(call, Target::Agent(second)).await.unwrap();
    let asked = it.people.rings(&"8002".parse().unwrap()).await;
    it.people.answers(asked);
    until(
        &mut events,
        |fact| matches!(fact, Fact::Connected { call, .. } if *call == consultation),
    )
    .await;
    phone.transfer_call(call, consultation).await.unwrap();
    assert!(phone.calls().await.unwrap().is_empty(), "who transfers a call leaves it");

    let refused = phone.hold_call(call).await.unwrap_err();
    assert!(matches!(refused, CommandError::NotInCall { .. }), "{refused}");
    agent.not_ready("lunch").await.unwrap();
    agent.sign_out().await.unwrap();
    assert_eq!(agent.state().await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_device_makes_a_call_to_another_one() {
    let it = start();
    let mut events = it.centre.subscribe(None).await.unwrap();
    let devices: [DeviceId; 2] = ["8001", "8003"].map(|name| name.parse().unwrap());
    devices.iter().for_each(|device| it.people.registers(device));
    let mut registered = 0;
    until(&mut events, |fact| {
        registered += usize::from(matches!(fact, Fact::DeviceInService { .. }));
        registered == 2
    })
    .await;
    let [from, to] = devices;
    let phone = it.centre.device(from.clone());
    let call = phone.make_call(Target::Device(to.clone())).await.unwrap();
    for device in [&from, &to] {
        let leg = it.people.rings(device).await;
        it.people.answers(leg);
    }
    until(&mut events, |fact| matches!(fact, Fact::Connected { .. })).await;
    phone.clear_connection(call).await.unwrap();
    until(&mut events, |fact| matches!(fact, Fact::CallEnded { .. })).await;
    let nobody = it.centre.device("9999".parse().unwrap());
    let refused = nobody.make_call(Target::Device(to)).await;
    assert!(matches!(refused, Err(CommandError::UnknownDevice { .. })), "{refused:?}");
}
