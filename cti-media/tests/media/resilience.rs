//! Opening, closing, reports, silence.

use std::{net::UdpSocket, time::Duration};

use cti_media::{
    codec::Codec,
    engine::{
        CommandError, LegKey, Listener, ListenerId, MediaEvent, OpenError, PlayId, PlayItem,
        PortError, WorkerKey,
    },
    rtp::report::{Clock, PeerReports},
    sdp::Negotiated,
};

use crate::{
    phone::datagram,
    world::{World, until},
};

#[test]
fn two_hundred_legs_opened_and_closed_leave_nothing_behind() {
    let world = World::new(60);
    for key in 0..200 {
        let leg = LegKey(key);
        let at = world.media.open_leg(leg, WorkerKey(key), ListenerId(0)).unwrap();
        assert_eq!(at.port() % 2, 0);
        assert_eq!(world.media.live_sockets(), 2);
        world.media.set_remote(leg, Negotiated::simple(world.address(9), Codec::Pcma)).unwrap();
        let music = [PlayItem::Music("a440".to_owned())];
        world.media.play(leg, PlayId(key), &music, true).unwrap();
        world.close(leg);
        assert_eq!((world.media.live_legs(), world.media.live_sockets()), (0, 0));
    }
    assert_eq!(world.count(|event| matches!(event, MediaEvent::LegClosed { .. })), 200);
    assert_eq!(world.count(|event| matches!(event, MediaEvent::PlayEnded { .. })), 200);
    assert_eq!(world.media.dropped_events(), 0);
}

#[test]
fn ports_run_out_with_a_typed_error_and_are_free_at_once_after_a_close() {
    let range = 40_000..=40_003;
    let world = World::with(61, |config| config.listeners[0].ports = range.clone());
    let open = |key| world.media.open_leg(LegKey(key), WorkerKey(1), ListenerId(0));
    assert!(open(1).is_ok() && open(2).is_ok());
    assert_eq!(open(3), Err(OpenError::Ports(PortError::Exhausted(range.clone()))));
    assert_eq!(open(1), Err(OpenError::AlreadyOpen(LegKey(1))));
    world.close(LegKey(2));
    assert_eq!(open(3).unwrap().port(), 40_002);
}

#[test]
fn each_listener_has_its_own_address_and_advertises_another_if_told() {
    let world = World::with(62, |config| {
        let bind = [127, 31, 62, 2].into();
        let advertised = [203, 0, 113, 7].into();
        config.listeners.push(Listener { bind, advertised, ..Listener::loopback() });
    });
    let first = world.media.open_leg(LegKey(1), WorkerKey(1), ListenerId(0)).unwrap();
    let second = world.media.open_leg(LegKey(2), WorkerKey(1), ListenerId(1)).unwrap();
    assert_eq!(
        (first.to_string(), second.to_string()),
        ("127.31.62.1:40000".to_owned(), "203.0.113.7:40000".to_owned())
    );
    let unknown = world.media.open_leg(LegKey(3), WorkerKey(1), ListenerId(2));
    assert_eq!(unknown, Err(OpenError::UnknownListener(ListenerId(2))));
}

#[test]
fn reports_carry_the_loss_the_peer_caused_and_its_round_trip() {
    let world = World::with(63, |config| config.rtcp_interval = Duration::from_millis(100));
    let leg = LegKey(1);
    let at = world.media.open_leg(leg, WorkerKey(1), ListenerId(0)).unwrap();
    let rtp = UdpSocket::bind((world.address(9).ip(), 5000)).unwrap();
    let rtcp = UdpSocket::bind((world.address(9).ip(), 5001)).unwrap();
    rtcp.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let agreed = Negotiated::simple(rtp.local_addr().unwrap(), Codec::Pcma);
    world.media.set_remote(leg, agreed).unwrap();
    world.media.play(leg, PlayId(1), &[PlayItem::Music("a440".to_owned())], true).unwrap();
    for sequence in [0_u16, 1, 2, 5, 6] {
        let packet = datagram(8, 7, sequence, u32::from(sequence) * 160, &[0xD5; 160]);
        rtp.send_to(&packet, at).unwrap();
    }
    let mut buffer = [0; 512];
    let lost = (0..50).find_map(|_| {
        let (len, source) = rtcp.recv_from(&mut buffer).unwrap();
        assert_eq!(source.port(), at.port() + 1);
        let mut seen = PeerReports::default();
        let clock = Clock { now: Duration::ZERO, ntp: 0 };
        seen.read(clock, 7, &buffer[..len]);
        (seen.lost_by_peer > 0).then_some(seen.lost_by_peer)
    });
    assert_eq!(lost, Some(2));
    let stats = world.close(leg);
    assert_eq!((stats.packets_received, stats.packets_lost), (5, 2));
    assert!(stats.packets_sent > 0);
}

#[test]
fn a_peer_that_falls_silent_is_reported_once() {
    let world = World::with(64, |config| {
        config.rtcp_interval = Duration::from_millis(40);
        config.silence_timeout = Duration::from_millis(200);
    });
    let (leg, phone) = world.leg(1, Codec::Pcma);
    phone.say(Codec::Pcma);
    let lost = |event: &MediaEvent| matches!(event, MediaEvent::MediaLost { .. });
    world.wait("the silence", |event| lost(event).then_some(()));
    phone.say(Codec::Pcma);
    world.wait("the second silence", |event| lost(event).then_some(()));
    world.close(leg);
    assert_eq!(world.count(lost), 2);
}

#[test]
fn commands_for_unknown_legs_or_across_workers_are_typed_errors() {
    let world = World::with(65, |config| config.workers = Some(2));
    let media = &world.media;
    for key in [1, 2] {
        media.open_leg(LegKey(key), WorkerKey(key), ListenerId(0)).unwrap();
    }
    let different = CommandError::DifferentWorkers(LegKey(1), LegKey(2));
    assert_eq!(media.bridge(LegKey(1), LegKey(2)), Err(different));
    assert_eq!(media.bridge(LegKey(1), LegKey(1)), Err(CommandError::SameLeg(LegKey(1))));
    assert_eq!(media.close_leg(LegKey(3)), Err(CommandError::UnknownLeg(LegKey(3))));
}

#[test]
fn a_taken_address_and_an_empty_range_are_start_errors() {
    use cti_media::{
        engine::{MediaConfig, MediaEngine, StartError},
        play::ClipLibrary,
    };
    let start = |listeners| {
        let config = MediaConfig { listeners, ..MediaConfig::default() };
        MediaEngine::start(config, ClipLibrary::default().into(), Err)
    };
    assert!(matches!(start(vec![]), Err(StartError::NoListener)));
    let foreign = Listener { bind: [203, 0, 113, 7].into(), ..Listener::loopback() };
    assert!(matches!(start(vec![foreign]), Err(StartError::BadAddress { index: 0, .. })));
    let empty = Listener { ports: 40_001..=40_002, ..Listener::loopback() };
    assert!(matches!(start(vec![empty]), Err(StartError::NoPorts(0))));
}

#[test]
fn a_leg_that_is_closed_while_packets_pour_in_does_not_disturb_the_others() {
    let world = World::new(66);
    let (a, mut phone_a) = world.leg(1, Codec::Pcma);
    let (b, phone_b) = world.leg(2, Codec::Pcma);
    phone_a.talk(Codec::Pcma, 440.0);
    for key in 10..40 {
        let (leg, mut phone) = world.leg(key, Codec::Pcma);
        phone.talk(Codec::Pcma, 1000.0);
        world.media.bridge(a, leg).unwrap();
        world.close(leg);
    }
    world.media.bridge(a, b).unwrap();
    until("the last bridge to carry", || phone_b.heard().len() > 10);
    assert_eq!(world.media.live_legs(), 2);
}
