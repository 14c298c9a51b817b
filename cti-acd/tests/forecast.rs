//! Forecasts against published tables, 60-digit sums, naive sums, and each other.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]
#![expect(clippy::excessive_precision, reason = "figures stand here as they were computed")]

use std::time::Duration;

use cti_acd::forecast::{
    Counting, ErlangA, ErlangB, ErlangC, FiniteQueue, Interval, InvalidForecast, LoadCurve,
    Reached, Target, Traffic, agents_for,
};
use proptest::prelude::*;

const HANDLE: Duration = Duration::from_secs(180);

fn secs(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn erlangs(erlangs: f64) -> Traffic {
    Traffic::erlangs_of(erlangs, HANDLE).unwrap()
}

#[track_caller]
fn close(what: &str, is: f64, should: f64, relative: f64) {
    assert!(
        (is - should).abs() <= relative * should.abs() + 1e-300,
        "{what}: {is} should be {should}, off by {:e}",
        (is / should - 1.0).abs()
    );
}

/// Probabilities of 0, 1, 2 … calls, summed naively until they vanish; no scaling, so only for small groups.
fn naive(arrivals: f64, service: f64, impatience: f64, agents: u32, places: u32) -> Vec<f64> {
    let mut weights = vec![1.0_f64];
    for n in 1..=agents + places {
        let out =
            f64::from(n.min(agents)) * service + f64::from(n.saturating_sub(agents)) * impatience;
        weights.push(weights.last().unwrap() * arrivals / out);
    }
    let total: f64 = weights.iter().rev().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

#[test]
fn erlang_b_is_that_of_the_published_tables() {
    // Traffic that so many lines carry at 1 % and at 0.1 % loss, as tables since Erlang's print it.
    for (lines, at_1, at_01) in
        [(5, 1.36, 0.762), (10, 4.46, 3.09), (20, 12.0, 9.41), (30, 20.3, 16.7), (100, 84.1, 75.2)]
    {
        for (traffic, loss) in [(at_1, 0.01), (at_01, 0.001)] {
            let blocking = ErlangB::new(erlangs(traffic), lines).unwrap().blocking();
            assert!((blocking / loss - 1.0).abs() < 0.03, "{lines} lines, {traffic} E: {blocking}");
        }
    }
}

#[test]
fn erlang_b_agrees_with_sums_of_sixty_digits() {
    for (traffic, lines, blocking) in [
        (4.46, 10, 0.009_985_278_363_173_836_7),
        (20.337, 30, 0.009_998_613_935_441_467_8),
        (900.0, 1_000, 5.929_862_670_146_223_9e-5),
        (5_000.0, 5_000, 0.011_199_358_278_505_486),
        (9_900.0, 10_000, 0.002_858_126_738_856_586_4),
    ] {
        let is = ErlangB::new(erlangs(traffic), lines).unwrap().blocking();
        close(&format!("B({traffic}, {lines})"), is, blocking, 1e-12);
    }
}

#[test]
fn erlang_c_agrees_with_sums_of_sixty_digits() {
    for (traffic, agents, wait) in [
        (5.0, 8, 0.167_266_506_661_756_61),
        (10.0, 11, 0.682_118_204_689_332_37),
        (10.0, 14, 0.174_131_933_595_049_84),
        (24.0, 28, 0.333_138_527_992_722_88),
        (95.0, 100, 0.506_456_853_913_020_59),
        (990.0, 1_000, 0.659_080_421_880_854_44),
        (4_990.0, 5_000, 0.834_367_312_635_296_26),
    ] {
        let is = ErlangC::new(erlangs(traffic), agents).unwrap().wait_probability();
        close(&format!("C({traffic}, {agents})"), is, wait, 1e-11);
    }
}

#[test]
fn a_hundred_calls_in_half_an_hour_are_answered_as_the_well_known_example_says() {
    // 100 calls of 3 minutes in half an hour, 20 s: 14 agents reach 88.8 %, an ASA of 7.8 s, 71.4 % occupancy.
    let traffic = Traffic::per_hour(200.0, HANDLE).unwrap();
    let queue = ErlangC::new(traffic, 14).unwrap();
    assert!((queue.service_level(secs(20.0)) - 0.888).abs() < 5e-4);
    assert!((queue.average_wait().unwrap().as_secs_f64() - 7.8).abs() < 0.05);
    assert!((queue.occupancy() - 0.714).abs() < 5e-4);
    assert_eq!(agents_for(traffic, None, &Target::service_level(0.8, secs(20.0))).unwrap(), 14);
}

#[test]
fn patience_makes_the_difference_that_garnett_mandelbaum_and_reiman_print() {
    // "Designing a call center with impatient customers" (2002): 48 calls of 1 minute per minute, 50 agents, 2 minutes'
    // patience. Wait 20.8 s against 3.7 s, queue 17 against 3, utilisation 96 % against 93 %, 3.1 % give up.
    let traffic = Traffic::per_hour(2_880.0, secs(60.0)).unwrap();
    let patient = ErlangC::new(traffic, 50).unwrap();
    let real = ErlangA::new(traffic, 50, secs(120.0)).unwrap();
    let tenths = |duration: Duration| (duration.as_secs_f64() * 10.0).round() / 10.0;
    assert_eq!(tenths(patient.average_wait().unwrap()), 20.8);
    assert_eq!(tenths(real.average_wait()), 3.7);
    assert_eq!(patient.average_queue().unwrap().round(), 17.0);
    assert_eq!(real.average_queue().round(), 3.0);
    assert_eq!((patient.occupancy() * 100.0).round(), 96.0);
    assert_eq!((real.occupancy() * 100.0).round(), 93.0);
    assert_eq!((real.abandonment() * 1000.0).round(), 31.0);
    // 90 % wait less than 58.1 s and 12.5 s.
    assert!((patient.service_level(secs(58.1)) - 0.9).abs() < 1e-3);
    assert!((real.waits_longer_than(secs(12.5)) - 0.1).abs() < 1e-3);
}

/// Erlangs, agents, patience and time in handling times of 180 s; P(wait), P(abandon), answered within the time, P(wait
/// longer), ASA in seconds, occupancy: quadrature of the density of the offered wait with 60 digits.
type Row = (f64, Duration, u32, f64, f64, [f64; 6]);

fn sixty_digits() -> Vec<Row> {
    vec![
        (
            48.0,
            secs(60.0),
            50,
            120.0,
            20.0,
            [
                0.467_774_068_553_790_39,
                0.030_912_249_162_193_218,
                0.943_018_954_746_981_06,
                0.027_135_608_292_191_905,
                3.615_900_239_553_114_4,
                0.930_324_240_804_294_51,
            ],
        ),
        (
            105.0,
            HANDLE,
            100,
            180.0,
            20.0,
            [
                0.700_245_342_391_156_27,
                0.066_981_946_454_548_82,
                0.697_882_133_609_746_09,
                0.250_419_693_467_766_84,
                11.977_970_576_501_691,
                0.979_668_956_222_723_74,
            ],
        ),
        (
            12.0,
            secs(240.0),
            4,
            60.0,
            30.0,
            [
                0.936_452_603_395_935_71,
                0.673_367_821_983_270_41,
                0.148_264_119_014_889_02,
                0.500_857_320_678_319_6,
                44.574_089_029_793_644,
                0.979_896_534_050_188_78,
            ],
        ),
        (
            1_000.0,
            secs(240.0),
            1_000,
            120.0,
            10.0,
            [
                0.419_160_616_788_565_29,
                0.014_778_419_878_863_464,
                0.959_648_923_653_424_48,
                0.026_039_681_938_062_045,
                1.749_575_088_014_526_5,
                0.985_221_580_121_136_54,
            ],
        ),
        (
            2_000.0,
            secs(300.0),
            1_000,
            600.0,
            60.0,
            [1.0, 0.5, 0.0, 0.904_837_418_035_959_57, 415.738_320_835_966_87, 1.0],
        ),
    ]
}

#[test]
fn erlang_a_agrees_with_integrals_of_sixty_digits() {
    for (load, handle, agents, patience, within, should) in sixty_digits() {
        let traffic = Traffic::erlangs_of(load, handle).unwrap();
        let queue = ErlangA::new(traffic, agents, secs(patience)).unwrap();
        let is = [
            queue.wait_probability(),
            queue.abandonment(),
            queue.answered_within(secs(within)),
            queue.waits_longer_than(secs(within)),
            queue.average_speed_of_answer().as_secs_f64(),
            queue.occupancy(),
        ];
        for (figure, (is, should)) in is.into_iter().zip(should).enumerate() {
            // Shares are exact to ten places; durations are kept in nanoseconds.
            assert!(
                (is - should).abs() < 1e-10 + 1e-9 * should.abs(),
                "{load} E, {agents} agents, figure {figure}: {is} should be {should}"
            );
        }
    }
}

#[test]
fn a_finite_queue_agrees_with_sums_of_sixty_digits() {
    for (load, agents, places, within, should) in finite_rows() {
        let queue = FiniteQueue::new(erlangs(load), agents, places).unwrap();
        let is = [
            queue.blocking(),
            queue.wait_probability(),
            queue.average_queue(),
            queue.answered_within(secs(within * 180.0)),
        ];
        for (figure, (is, should)) in is.into_iter().zip(should).enumerate() {
            close(
                &format!("{load} E, {agents} agents, {places} places, {figure}"),
                is,
                should,
                1e-9,
            );
        }
    }
}

/// Erlangs, agents, places, time in handling times; blocking, P(wait), mean queue, answered within the time.
fn finite_rows() -> Vec<(f64, u32, u32, f64, [f64; 4])> {
    vec![
        (
            5.0,
            4,
            2,
            1.0 / 9.0,
            [
                0.293_542_993_480_997_2,
                0.422_701_910_612_635_97,
                0.821_920_381_746_792_16,
                0.368_508_294_186_829_18,
            ],
        ),
        (
            95.0,
            100,
            10,
            1.0 / 9.0,
            [
                0.021_296_727_123_681_064,
                0.285_453_906_375_767_78,
                1.377_246_067_640_185_7,
                0.959_219_165_915_506_09,
            ],
        ),
        (
            1_200.0,
            1_000,
            300,
            0.25,
            [
                0.166_666_666_666_666_67,
                0.833_333_333_333_333_33,
                295.0,
                0.004_713_373_719_904_676_1,
            ],
        ),
        (
            1_000.0,
            1_000,
            50,
            0.02,
            [
                0.011_073_803_108_395_363,
                0.553_690_155_419_768_17,
                14.119_098_963_204_088,
                0.656_712_103_554_014_26,
            ],
        ),
    ]
}

#[test]
fn without_patience_to_lose_erlang_a_becomes_erlang_c() {
    for agents in [1, 10, 100, 3_000] {
        let traffic = erlangs(f64::from(agents) * 0.93);
        let patient = ErlangC::new(traffic, agents).unwrap();
        let nearly = ErlangA::new(traffic, agents, Duration::from_secs(1_000_000_000_000)).unwrap();
        close("P(wait)", nearly.wait_probability(), patient.wait_probability(), 1e-7);
        let asa = patient.average_wait().unwrap().as_secs_f64();
        close("ASA", nearly.average_speed_of_answer().as_secs_f64(), asa, 1e-6);
        let level = patient.service_level(secs(20.0));
        close("level", nearly.service_level(secs(20.0), Counting::Offered), level, 1e-7);
        assert!(nearly.abandonment() < 1e-8);
    }
}

#[test]
fn without_patience_at_all_erlang_a_becomes_erlang_b() {
    for agents in [1, 10, 100] {
        let traffic = erlangs(f64::from(agents) * 1.2);
        let hasty = ErlangA::new(traffic, agents, secs(0.001)).unwrap();
        let lost = ErlangB::new(traffic, agents).unwrap();
        close("loss", hasty.abandonment(), lost.blocking(), 1e-2);
    }
}

#[test]
fn a_finite_queue_lies_between_no_queue_and_an_endless_one() {
    let traffic = erlangs(95.0);
    let none = FiniteQueue::new(traffic, 100, 0).unwrap();
    close("B", none.blocking(), ErlangB::new(traffic, 100).unwrap().blocking(), 1e-12);
    let endless = FiniteQueue::new(traffic, 100, 10_000).unwrap();
    let patient = ErlangC::new(traffic, 100).unwrap();
    close("C", endless.wait_probability(), patient.wait_probability(), 1e-11);
    close("level", endless.service_level(secs(20.0)), patient.service_level(secs(20.0)), 1e-11);
    let wait = patient.average_wait().unwrap().as_secs_f64();
    close("wait", endless.average_wait().as_secs_f64(), wait, 1e-9);
    assert!(endless.blocking() < 1e-200);
}

#[test]
fn a_hundred_thousand_agents_are_reckoned_with_in_any_load() {
    for load in [0.0, 1.0, 99_000.0, 100_000.0, 130_000.0, 900_000.0] {
        let traffic = erlangs(load);
        let shares = [
            ErlangB::new(traffic, 100_000).unwrap().blocking(),
            ErlangB::new(traffic, 100_000).unwrap().occupancy(),
            ErlangC::new(traffic, 100_000).unwrap().wait_probability(),
            ErlangC::new(traffic, 100_000).unwrap().service_level(secs(20.0)),
            FiniteQueue::new(traffic, 100_000, 1_000).unwrap().blocking(),
            FiniteQueue::new(traffic, 100_000, 1_000).unwrap().answered_within(secs(20.0)),
        ];
        for share in shares {
            assert!((0.0..=1.0).contains(&share), "{load}: {shares:?}");
        }
        let queue = ErlangA::new(traffic, 100_000, secs(120.0)).unwrap();
        let shares = [
            queue.wait_probability(),
            queue.abandonment(),
            queue.answered_within(secs(20.0)),
            queue.service_level(secs(20.0), Counting::Answered),
            queue.service_level(secs(20.0), Counting::WithoutShortAbandons),
        ];
        for share in shares {
            assert!((0.0..=1.0 + 1e-9).contains(&share), "{load}: {shares:?}");
        }
        // In great overload the fluid limit: who is not served gives up.
        if load > 120_000.0 {
            close("fluid", queue.abandonment(), 1.0 - 100_000.0 / load, 1e-6);
        }
    }
}

#[test]
fn who_waits_behind_others_is_told_the_mean_of_the_steps_before_him() {
    let queue = ErlangA::new(erlangs(10.0), 10, secs(360.0)).unwrap();
    // 10 agents of 180 s complete one call in 18 s; each caller before him may give up, too.
    let theta = 1.0 / 360.0;
    let steps =
        [1.0 / (10.0 / 180.0), 1.0 / (10.0 / 180.0 + theta), 1.0 / (10.0 / 180.0 + 2.0 * theta)];
    close("0 ahead", queue.expected_wait(0).as_secs_f64(), steps[0], 1e-9);
    close("2 ahead", queue.expected_wait(2).as_secs_f64(), steps.iter().sum(), 1e-9);
}

#[test]
fn what_cannot_be_reckoned_with_is_refused_by_name() {
    let refused = |error: InvalidForecast| error.to_string();
    assert_eq!(
        refused(ErlangC::new(erlangs(1.0), 0).unwrap_err()),
        "agents must lie between 1 and 1000000, not 0"
    );
    assert!(
        refused(ErlangA::new(erlangs(1.0), 1, Duration::ZERO).unwrap_err()).starts_with("patience")
    );
    let endless = ErlangA::new(erlangs(1000.0), 1, Duration::from_secs(1_000_000_000)).unwrap_err();
    assert_eq!(endless, InvalidForecast::QueueWithoutEnd { most: 1e8 });
    let target = Target { service_level: Some((1.5, secs(20.0))), ..Target::default() };
    assert!(
        refused(agents_for(erlangs(1.0), None, &target).unwrap_err())
            .starts_with("service level must")
    );
    assert!(
        refused(ErlangB::lines_for(erlangs(1.0), 0.0).unwrap_err()).starts_with("blocking must")
    );
}

#[test]
fn a_day_is_staffed_interval_by_interval_and_the_roster_covers_absence() {
    let curve = LoadCurve {
        interval: Duration::from_secs(1_800),
        patience: Some(secs(120.0)),
        shrinkage: 0.3,
        at_least: 2,
        target: Target {
            service_level: Some((0.8, secs(20.0))),
            occupancy: Some(0.85),
            ..Target::default()
        },
    };
    let calls = [0.0, 20.0, 120.0, 260.0, 200.0, 90.0, 10.0];
    let intervals = calls.map(|calls| Interval { calls, handle: HANDLE });
    let plan = curve.plan(&intervals).unwrap();
    assert_eq!(plan.intervals[0].agents, 2, "nobody calls, yet somebody sits there");
    for one in &plan.intervals {
        assert!(one.reached.service_level >= 0.8 && one.reached.occupancy <= 0.85, "{one:?}");
        assert!(f64::from(one.rostered) * 0.7 >= f64::from(one.agents) - 1e-9);
        assert!(f64::from(one.rostered - 1) * 0.7 < f64::from(one.agents));
        if one.agents > curve.at_least {
            let traffic = Traffic::per_hour(one.interval.calls * 2.0, HANDLE).unwrap();
            let fewer = Reached::with(traffic, one.agents - 1, curve.patience, secs(20.0)).unwrap();
            assert!(fewer.service_level < 0.8 || fewer.occupancy > 0.85, "one less is too few");
        }
    }
    assert!(plan.service_level >= 0.8);
    let rostered: u32 = plan.intervals.iter().map(|one| one.rostered).sum();
    assert_eq!(plan.rostered_hours, f64::from(rostered) / 2.0);
    let wrong = LoadCurve { shrinkage: 1.0, ..curve }.plan(&intervals).unwrap_err();
    assert_eq!(wrong.to_string(), "shrinkage must lie between 0 and 0.99, not 1");
}

proptest! {
    #[test]
    fn small_groups_agree_with_naive_sums(
        agents in 1_u32..30,
        load in 0.05_f64..1.6,
        patience in 0.05_f64..5.0,
    ) {
        let handle = 180.0;
        let traffic = erlangs(load * f64::from(agents));
        let (arrivals, service) = (load * f64::from(agents) / handle, 1.0 / handle);
        let n = agents as usize;

        let chain = naive(arrivals, service, 0.0, agents, 0);
        close("B", ErlangB::new(traffic, agents).unwrap().blocking(), chain[n], 1e-10);

        let theta = 1.0 / (patience * handle);
        let chain = naive(arrivals, service, theta, agents, 2_000);
        let queue = ErlangA::new(traffic, agents, secs(patience * handle)).unwrap();
        let waiting: f64 = chain[n..].iter().sum();
        let mean: f64 = chain[n..].iter().zip(0_u32..).map(|(p, k)| p * f64::from(k)).sum();
        close("P(wait)", queue.wait_probability(), waiting, 1e-8);
        close("queue", queue.average_queue(), mean, 1e-8);
        close("P(abandon)", queue.abandonment(), theta * mean / arrivals, 1e-8);
        let busy: f64 = chain.iter().zip(0_u32..).map(|(p, k)| p * f64::from(k.min(agents))).sum();
        close("occupancy", queue.occupancy(), busy / f64::from(agents), 1e-8);

        if load < 0.98 {
            let b = ErlangB::new(traffic, agents).unwrap().blocking();
            let c = ErlangC::new(traffic, agents).unwrap().wait_probability();
            close("C from B", c, b / (1.0 - load * (1.0 - b)), 1e-9);
        }
    }

    #[test]
    fn callers_are_answered_or_give_up_and_at_once_or_later(
        agents in 1_u32..200,
        load in 0.1_f64..2.0,
        patience in 1.0_f64..2_000.0,
        time in 0.0_f64..600.0,
    ) {
        let queue = ErlangA::new(erlangs(load * f64::from(agents)), agents, secs(patience)).unwrap();
        let within = queue.answered_within(secs(time)) + queue.abandoned_within(secs(time));
        prop_assert!((within + queue.waits_longer_than(secs(time)) - 1.0).abs() < 1e-9);
        prop_assert!((queue.waits_longer_than(Duration::ZERO) - queue.wait_probability()).abs() < 1e-9);
        prop_assert!(queue.answered_within(secs(time + 10.0)) >= queue.answered_within(secs(time)) - 1e-12);
        // Little's law, once more from the waits of both kinds.
        prop_assert!(queue.average_wait().as_secs_f64() - patience * queue.abandonment() < 1e-6);
    }

    #[test]
    fn one_more_agent_never_makes_it_worse(agents in 1_u32..300, load in 0.1_f64..1.5) {
        let traffic = erlangs(load * f64::from(agents));
        let (less, more) = (
            ErlangA::new(traffic, agents, secs(100.0)).unwrap(),
            ErlangA::new(traffic, agents + 1, secs(100.0)).unwrap(),
        );
        let level = |queue: ErlangA| queue.service_level(secs(20.0), Counting::Offered);
        prop_assert!(level(more) >= level(less));
        prop_assert!(more.abandonment() <= less.abandonment());
        prop_assert!(more.average_speed_of_answer() <= less.average_speed_of_answer());
    }

    #[test]
    fn staffing_is_the_least_number_that_reaches_the_target(
        load in 0.1_f64..400.0,
        share in 0.5_f64..0.99,
        patient in any::<bool>(),
    ) {
        let patience = (!patient).then_some(secs(90.0));
        let target = Target::service_level(share, secs(20.0));
        let agents = agents_for(erlangs(load), patience, &target).unwrap();
        let level = |agents| Reached::with(erlangs(load), agents, patience, secs(20.0)).unwrap().service_level;
        prop_assert!(level(agents) >= share);
        prop_assert!(agents == 1 || level(agents - 1) < share);
    }
}
