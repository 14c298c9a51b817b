//! Follows an agent and his queue with monitors (ECMA-269 Monitor Start), is cut off, and resumes without a gap.
//!
//! ```text
//! cargo run -p cti-examples --example monitor
//! ```
//!
//! You see what an agent's page and a wallboard of the queue are told of one call. The page is cut off while the phone
//! rings; afterwards it goes on with the next event that it does not have.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::error::Error;

use cti_core::{
    id::EventNo,
    monitor::{
        Category, Delivery, Filter, Limits, MonitorId, Monitors, Request, Resumption, Started,
        Subject, View,
    },
    testkit::{World, run},
    time::Timestamp,
    words::in_words,
};
use cti_examples::small_center;

/// What a program is shown when its monitor starts: the Center's getters as one line.
struct Now<'a>(&'a World);

impl View for Now<'_> {
    type Snapshot = String;

    fn last_event(&self) -> EventNo {
        self.0.center.last_event()
    }

    fn snapshot(&self, subject: &Subject) -> Option<String> {
        let center = &self.0.center;
        match subject {
            Subject::Agent(agent) => center.agent(agent).map(|it| it.state.name().to_owned()),
            Subject::Queue(queue) => {
                let waiting = center.calls().filter_map(|call| call.waiting());
                Some(format!("{} wait", waiting.filter(|it| it.queue == *queue).count()))
            }
            Subject::Everything
            | Subject::Device(_)
            | Subject::CallsVia(_)
            | Subject::Call(_)
            | Subject::Contact(_) => None,
        }
    }
}

/// Plays lines, and publishes what came of them, as a driver does with what is durable.
fn play(
    world: &mut World,
    monitors: &mut Monitors,
    published: &mut usize,
    script: &str,
) -> Result<(), Box<dyn Error>> {
    run(world, script)?;
    for event in &world.events[*published..] {
        monitors.publish(event.clone())?;
    }
    *published = world.events.len();
    Ok(())
}

/// Prints everything that a monitor has, and returns the number of the last event.
fn read(monitors: &mut Monitors, monitor: MonitorId, who: &str) -> Result<EventNo, Box<dyn Error>> {
    let mut last = EventNo(0);
    while let Some(delivery) = monitors.poll(monitor)? {
        match delivery {
            Delivery::Event(event) => {
                println!("{who:9} {:4} {}", event.no.to_string(), in_words(&event.fact));
                last = event.no;
            }
            Delivery::Lost { from, to } => println!("{who:9} lost {from} to {to}"),
            Delivery::Stopped(reason) => println!("{who:9} stopped: {reason:?}"),
        }
    }
    Ok(last)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut world = World::new(small_center()?, Timestamp::from_secs(1_000_000));
    let (mut monitors, mut published) = (Monitors::new(Limits::default(), EventNo(0)), 0);
    let begins = "
        00:00 phone 8001 registers
        00:00 agent 8001 signs in at A01
        00:01 agent 8001 is ready";
    play(&mut world, &mut monitors, &mut published, begins)?;

    let agent = Request::new(Subject::Agent("8001".parse()?));
    let Started { monitor: page, at: since, snapshot } =
        monitors.start(agent.clone(), &Now(&world))?;
    println!("page      {since:4} agent 8001 is {snapshot}");
    let queue = Request::new(Subject::Queue("general".parse()?))
        .filtered(Filter::only([Category::Queue, Category::CallControl]));
    let Started { monitor: wallboard, snapshot, .. } = monitors.start(queue, &Now(&world))?;
    println!("wallboard {since:4} {snapshot}");

    let calls = "
        00:05 citizen 13812341234 dials 12345
        00:20";
    play(&mut world, &mut monitors, &mut published, calls)?;
    let after = read(&mut monitors, page, "page")?;
    monitors.stop(page)?;
    println!("page      is cut off");

    let talks = "
        00:01 phone 8001 answers
        00:30 citizen 13812341234 hangs up";
    play(&mut world, &mut monitors, &mut published, talks)?;
    let page = monitors.resume(agent, Resumption { since, after })?;
    println!("page      resumes after {after}");
    let last = read(&mut monitors, page, "page")?;
    assert!(last > after, "the talk was not missed");
    read(&mut monitors, wallboard, "wallboard")?;
    Ok(())
}
