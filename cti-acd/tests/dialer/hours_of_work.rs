//! Hours of dialling: how many calls find nobody, and how much agents have to do.
//!
//! `CTI_DIALER_HOURS=40` runs forty of them, as `cargo xtask long dialer` does; eight without it, but in the hardest
//! world.

use std::{sync::LazyLock, time::Duration};

use cti_acd::dialer::{Campaign, FirstGuess, Mode, Region, SampleRules};

use crate::simulator::{Report, World, simulate};

/// How many hours are dialled.
static HOURS: LazyLock<u64> = LazyLock::new(|| {
    std::env::var("CTI_DIALER_HOURS").ok().and_then(|it| it.parse().ok()).unwrap_or(8)
});

/// Whether a moment lies in the second quarter of the hours.
fn second_quarter(seconds: f64) -> bool {
    let quarter = *HOURS as f64 * 900.0;
    (quarter..2.0 * quarter).contains(&seconds)
}

/// A swing of a third up and down in two hours.
fn swing(seconds: f64) -> f64 {
    1.0 + 0.33 * (2.0 * std::f64::consts::PI * seconds / 7_200.0).sin()
}

fn campaign(mode: Mode) -> Campaign {
    Campaign {
        // The list is long: whoever was dialled once is not needed again.
        sample: SampleRules { max_attempts: 1, ..SampleRules::default() },
        first_guess: FirstGuess {
            answer_rate: 0.4,
            answer_after: Duration::from_secs(10),
            handle: Duration::from_secs(100),
        },
        ..Campaign::new(mode, Region::any_time("all"))
    }
}

fn hours(agents: fn(f64) -> u32, answer_rate: fn(f64) -> f64) -> World {
    World { agents, answer_rate, trunks: |_| true, hours: *HOURS }
}

/// Runs both modes in the same world, prints what came of it and checks what must hold in every world.
#[track_caller]
fn compare(name: &str, world: World, gain: Option<f64>) -> (Report, Report) {
    let seed = 0x5eed_0000 + name.len() as u64 * 7_919;
    let progressive = simulate(campaign(Mode::Progressive), world, seed);
    let predictive = simulate(campaign(Mode::Predictive), world, seed);
    println!("{name} (seed {seed:#x})");
    println!("  progressive: {progressive}");
    println!("  predictive:  {predictive}");
    assert!(predictive.abandonment() <= 3.0, "{name}: {predictive}");
    assert!(progressive.abandonment() <= 3.0, "{name}: {progressive}");
    if progressive.went + predictive.went == 0 {
        assert_eq!(progressive.abandoned, 0, "one call for each free agent");
        assert!(predictive.worst_window <= 0.03, "the cap holds at every moment: {predictive}");
    }
    if let Some(gain) = gain {
        let gained = predictive.utilisation() - progressive.utilisation();
        assert!(gained >= gain, "{name}: {gained:.1} points more than progressive");
    }
    (progressive, predictive)
}

#[test]
fn ten_agents_of_whose_calls_three_in_ten_are_answered() {
    let world = hours(|_| 10, |at| 0.30 * swing(at));
    compare("10 agents, p = 0.30", world, Some(0.0));
}

#[test]
fn twenty_agents_of_whose_calls_three_in_ten_are_answered() {
    let world = hours(|_| 20, |at| 0.30 * swing(at));
    compare("20 agents, p = 0.30", world, Some(15.0));
}

#[test]
fn fifty_agents_of_whose_calls_three_in_ten_are_answered() {
    let world = hours(|_| 50, |at| 0.30 * swing(at));
    compare("50 agents, p = 0.30", world, Some(15.0));
}

#[test]
fn a_hundred_agents_of_whose_calls_three_in_ten_are_answered() {
    let world = hours(|_| 100, |at| 0.30 * swing(at));
    compare("100 agents, p = 0.30", world, Some(15.0));
}

#[test]
fn fifty_agents_whom_hardly_anybody_answers() {
    let world = hours(|_| 50, |at| 0.15 * swing(at));
    compare("50 agents, p = 0.15", world, Some(15.0));
}

#[test]
fn fifty_agents_whom_most_people_answer() {
    // Progressive dialling keeps agents busy here for four fifths of the time; there is no room for 15 points.
    let world = hours(|_| 50, |at| 0.60 * swing(at));
    compare("50 agents, p = 0.60", world, Some(5.0));
}

#[test]
fn suddenly_twice_as_many_people_answer() {
    let rate = |at: f64| if second_quarter(at) { 0.5 } else { 0.25 };
    compare("50 agents, answers double", hours(|_| 50, rate), Some(15.0));
}

#[test]
fn suddenly_half_of_the_agents_leave() {
    let agents = |at: f64| if second_quarter(at) { 25 } else { 50 };
    let (_, predictive) =
        compare("50 agents, half leave", hours(agents, |at| 0.30 * swing(at)), Some(15.0));
    let at_once = predictive.went as f64 / predictive.answered as f64;
    assert!(predictive.worst_window <= 0.03 + at_once, "{predictive}");
}

#[test]
fn trunks_fail_for_ten_minutes_every_five_hours() {
    let world = World {
        trunks: |at| at % 18_000.0 > 600.0 || at < 18_000.0,
        ..hours(|_| 50, |at| 0.30 * swing(at))
    };
    compare("50 agents, trunks fail", world, Some(15.0));
}

#[test]
fn when_everybody_suddenly_answers_the_cap_still_holds_at_every_moment() {
    // One call in ten is answered, and so ten phones ring for each answer; then for a minute all are.
    let rate = |at: f64| if at > 20_000.0 && at % 1_800.0 < 60.0 { 1.0 } else { 0.10 };
    // The hardest world has its forty hours in every run.
    let waves = World { hours: 40, ..hours(|_| 20, rate) };
    let (_, predictive) = compare("20 agents, waves", waves, Some(15.0));
    assert!(predictive.worst_window > 0.01, "the cap was put to the test: {predictive}");
}
