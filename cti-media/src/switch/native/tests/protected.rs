//! Voice that is protected, and who is refused because it is not.

use bytes::Bytes;
use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    id::ContactId,
    switch::{Endpoint, Origin},
};
use tokio::time::timeout;

use super::{super::*, phone::*, world::*};
use crate::{
    sdp::{Direction, Local, Profile, Protection, Session},
    sip::Transport,
    srtp::Srtp,
};

/// A phone that wants SRTP: its offer, and what it makes of the answer.
fn keyed(world: &World, phone: &Phone) -> Session {
    let local = Local::new(phone.rtp.local_addr().unwrap());
    Session::new(1, local.protected(world.control.media().protect(Profile::Sdes)))
}

fn srtp_of(session: &mut Session, answer: &str) -> Srtp {
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    let agreed = session.accept(body.as_bytes()).unwrap();
    let Protection::Sdes(keys) = agreed.protection else { panic!("no keys: {answer}") };
    Srtp::new(&keys)
}

fn voice(sequence: u16, byte: u8) -> Vec<u8> {
    let mut packet = vec![0x80, 8];
    packet.extend_from_slice(&sequence.to_be_bytes());
    packet.extend_from_slice(&(u32::from(sequence) * 160).to_be_bytes());
    packet.extend_from_slice(&[0, 0, 0, 7]);
    packet.extend_from_slice(&[byte; 160]);
    packet
}

#[tokio::test]
async fn a_phone_with_keys_talks_to_one_without_and_only_its_own_way_is_secret() {
    let mut world = World::start().await;
    let mut secret = Phone::new(&world, "13812345678").await;
    let mut session = keyed(&world, &secret);
    secret.send("INVITE", "", &session.offer(Direction::SendRecv)).await;
    let a = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg: a });
    let answer = secret.status(200).await;
    let mut srtp = srtp_of(&mut session, &answer);
    secret.answer_late(&answer, "").await;

    let mut plain = Phone::new(&world, "13812345679").await;
    plain.invite().await;
    let b = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg: b });
    let to_plain = plain.connect().await;
    world.switch.execute(SwitchCommand::Bridge { a, b });

    // In clear nothing is believed; the first packet that is heard is the sealed one.
    secret.rtp.send_to(&voice(1, 0x11), media_of(&answer)).await.unwrap();
    let mut sealed = voice(2, 0x22);
    srtp.protect(&mut sealed).unwrap();
    secret.rtp.send_to(&sealed, media_of(&answer)).await.unwrap();
    assert_eq!(plain.hear().await, [0x22; 160]);

    plain.speak(to_plain, 0x33).await;
    let mut heard = vec![0; 400];
    let read =
        timeout(DEADLINE, secret.rtp.recv(&mut heard)).await.expect("audio in time").unwrap();
    heard.truncate(read);
    assert!(!heard.windows(8).any(|part| part == [0x33; 8]), "sent in clear");
    let len = srtp.open(&mut heard).expect("sealed with the agreed key");
    assert_eq!(heard[12..len], [0x33; 160]);
}

#[tokio::test]
async fn a_page_that_offers_plain_voice_or_keys_in_the_description_is_refused() {
    let mut world = World::start().await;
    let mut page =
        world.control.sip().attach(Transport::Ws, "127.0.0.1:4000".parse().unwrap()).await.unwrap();
    let nowhere = Local::new("127.0.0.1:5000".parse().unwrap());
    for (call, profile, status) in
        [("a", Profile::Plain, 488), ("b", Profile::Sdes, 488), ("c", Profile::Dtls, 200)]
    {
        let protect = world.control.media().protect(profile);
        let sdp = Session::new(1, nowhere.clone().protected(protect)).offer(Direction::SendRecv);
        // A browser is no lite agent.
        let sdp = sdp.replace("a=ice-lite\r\n", "");
        let invite = format!(
            "INVITE sip:12345@city SIP/2.0\r\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bK-{call}\r\n\
             From: <sip:guest@city>;tag={call}\r\nTo: <sip:12345@city>\r\nCall-ID: {call}\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:p@x.invalid;transport=ws>\r\nContent-Type: application/sdp\r\n\r\n{sdp}"
        );
        page.receive(Bytes::from(invite)).await.unwrap();
        if status == 200 {
            let report = world.report().await;
            let SwitchReport::Incoming { leg, origin, caller, .. } = report else { panic!() };
            assert!(matches!(origin, Origin::Trunk(trunk) if trunk.as_str() == "web"));
            assert!(caller.is_withheld());
            world.switch.execute(SwitchCommand::Answer { leg });
        }
        let wanted = format!("SIP/2.0 {status} ");
        let told = async {
            loop {
                tokio::select! {
                    message = page.next() => {
                        let message = message.unwrap();
                        if message.starts_with(wanted.as_bytes()) {
                            return message;
                        }
                    }
                    report = world.switch.report() => panic!("{report:?}"),
                }
            }
        };
        let told = timeout(DEADLINE, told).await.unwrap_or_else(|_| panic!("no {status}"));
        // Pages come in by the second listener, whose voice has another address.
        let answer = str::from_utf8(&told).unwrap();
        assert_eq!(answer.contains("c=IN IP4 127.0.0.2\r\n"), status == 200, "{answer}");
    }
}

#[tokio::test]
async fn a_device_that_must_protect_its_voice_is_offered_nothing_else() {
    let mut world = World::with_srtp().await;
    let mut phone = Phone::new(&world, "8001").await;
    tokio::join!(phone.register("8001", 600), async {
        let up = SwitchReport::DeviceInService { device: device() };
        assert_eq!(world.report().await, up);
    });
    for (leg, plain) in [(202, true), (204, false)] {
        let (to, caller) = (Endpoint::Device(device()), PhoneNumber::withheld());
        let contact = ContactId(1);
        let leg = LegId(leg);
        world.switch.execute(SwitchCommand::Dial { leg, to, caller, contact, auto_answer: false });
        let invite = phone.receive("INVITE ").await;
        assert!(invite.contains(" RTP/SAVP ") && invite.contains("a=crypto:1 "), "{invite}");
        let mut session = keyed(&world, &phone);
        let offer = invite.split("\r\n\r\n").nth(1).unwrap();
        let (answer, _) = session.answer(offer.as_bytes(), Direction::SendRecv).unwrap();
        let answer = if plain { phone.sdp("") } else { answer };
        phone.reply(&invite, 200, &answer).await;
        let expected = match plain {
            true => SwitchReport::LegEnded { leg, cause: Cause::Incompatible },
            false => SwitchReport::Answered { leg },
        };
        assert_eq!(world.report().await, expected);
    }
}
