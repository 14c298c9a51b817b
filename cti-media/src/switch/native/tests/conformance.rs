//! The native switch keeps the contract of every switch, with phones on loopback at the other end.

use std::time::Duration;

use async_trait::async_trait;
use cti_core::{
    conformance::switch::{self as rules, Act, Adapter, Tape},
    id::DeviceId,
    time::Timestamp,
};
use tokio::time::{Instant, sleep, timeout};

use super::{super::*, listening, phone::*, world::*};

/// The switch has nothing more to say when it has said nothing for so long.
const QUIET: Duration = Duration::from_millis(150);

/// A call at the other end.
struct Party {
    leg: LegId,
    state: State,
    /// Where the centre takes media, once that is known.
    media: Option<std::net::SocketAddr>,
}

enum State {
    /// A caller, who has a phone of his own.
    Calls(Phone),
    Talks(Phone),
    /// The device rings with this INVITE.
    Rings(String),
    /// The device has answered.
    Answered,
    Gone,
}

struct Native {
    world: World,
    device: Phone,
    parties: Vec<Party>,
    /// Legs that were dialled and do not ring yet.
    dialled: Vec<LegId>,
}

impl Native {
    async fn start() -> Self {
        let mut world = World::start().await;
        world.switch = world.switch.with_recognizer(Arc::new(listening::recognizer().await));
        let mut phone = Phone::new(&world, "8001").await;
        phone.register("8001", 600).await;
        assert_eq!(world.report().await, SwitchReport::DeviceInService { device: device() });
        Self { world, device: phone, parties: Vec::new(), dialled: Vec::new() }
    }

    /// Lets the phones do what phones do by themselves; returns whether anything happened.
    async fn serve_phones(&mut self) -> bool {
        let mut busy = false;
        while let Some(message) = self.device.try_receive() {
            busy = true;
            let method = message.split(' ').next().unwrap_or_default();
            match method {
                "INVITE" => {
                    self.device.reply(&message, 180, "").await;
                    let leg = self.dialled.remove(0);
                    let state = State::Rings(message);
                    self.parties.push(Party { leg, state, media: None });
                }
                "CANCEL" => {
                    self.device.reply(&message, 200, "").await;
                    for party in &mut self.parties {
                        if let State::Rings(invite) = &party.state
                            && header(invite, "Call-ID") == header(&message, "Call-ID")
                        {
                            self.device.reply(invite, 487, "").await;
                            party.state = State::Gone;
                        }
                    }
                }
                "BYE" => self.device.reply(&message, 200, "").await,
                _ => {}
            }
        }
        for party in &mut self.parties {
            let (State::Calls(phone) | State::Talks(phone)) = &mut party.state else { continue };
            while let Some(message) = phone.try_receive() {
                busy = true;
                let answers_invite = message.starts_with("SIP/2.0 200")
                    && header(&message, "CSeq").ends_with("INVITE");
                if answers_invite {
                    phone.answer_late(&message, "").await;
                    party.media = Some(media_of(&message));
                } else if message.starts_with("BYE ") {
                    phone.reply(&message, 200, "").await;
                }
            }
            let answered = party.media.is_some() && matches!(party.state, State::Calls(_));
            if answered
                && let State::Calls(phone) = std::mem::replace(&mut party.state, State::Gone)
            {
                party.state = State::Talks(phone);
            }
        }
        busy
    }
}

#[async_trait]
impl Adapter for Native {
    fn device(&self) -> DeviceId {
        device()
    }

    fn absent_device(&self) -> DeviceId {
        DeviceId::new("ext-9").unwrap()
    }

    fn prompt(&self) -> String {
        "long".to_owned()
    }

    async fn execute(&mut self, command: SwitchCommand) {
        if let SwitchCommand::Dial { leg, to, .. } = &command
            && *to == cti_core::switch::Endpoint::Device(device())
        {
            self.dialled.push(*leg);
        }
        self.world.switch.execute(command);
    }

    async fn act(&mut self, act: Act) {
        let of = |parties: &[Party], leg: LegId| parties.iter().position(|it| it.leg == leg);
        match act {
            Act::CallIn => {
                let mut phone = Phone::new(&self.world, "13812345678").await;
                phone.invite().await;
                // Which leg it is follows from the next report.
                let state = State::Calls(phone);
                self.parties.push(Party { leg: LegId(0), state, media: None });
            }
            Act::Answer(leg) => {
                let Some(party) = of(&self.parties, leg) else { return };
                let sdp = self.device.sdp("");
                if let State::Rings(invite) = &self.parties[party].state {
                    self.device.reply(invite, 200, &sdp).await;
                    self.parties[party].state = State::Answered;
                }
            }
            Act::HangUp(leg) => {
                let Some(party) = of(&self.parties, leg) else { return };
                match std::mem::replace(&mut self.parties[party].state, State::Gone) {
                    State::Calls(mut phone) => {
                        phone.send("CANCEL", "", "").await;
                        self.parties[party].state = State::Calls(phone);
                    }
                    State::Talks(mut phone) => {
                        phone.send("BYE", "", "").await;
                        self.parties[party].state = State::Talks(phone);
                    }
                    State::Rings(invite) => self.device.reply(&invite, 486, "").await,
                    State::Answered => self.device.send("BYE", "", "").await,
                    State::Gone => {}
                }
            }
            Act::Press(leg, digit) => {
                let Some(party) = of(&self.parties, leg) else { return };
                let Party { state: State::Talks(phone), media: Some(media), .. } =
                    &mut self.parties[party]
                else {
                    return;
                };
                phone.press(*media, crate::rtp::Digit::try_from(digit).unwrap().code()).await;
            }
        }
    }

    async fn report(&mut self) -> Option<SwitchReport> {
        let mut quiet = Instant::now();
        while quiet.elapsed() < QUIET {
            if self.serve_phones().await {
                quiet = Instant::now();
            }
            let report = timeout(Duration::from_millis(5), self.world.switch.report()).await;
            let Ok(Some(report)) = report else { continue };
            if let SwitchReport::Incoming { leg, .. } = &report
                && let Some(party) = self.parties.iter_mut().find(|party| party.leg == LegId(0))
            {
                party.leg = *leg;
            }
            return Some(report);
        }
        None
    }

    async fn pass(&mut self, time: Duration) {
        sleep(time).await;
    }

    fn now(&self) -> Timestamp {
        now()
    }
}

macro_rules! keeps {
    ($($rule:ident)*) => {$(
        #[tokio::test]
        async fn $rule() {
            let mut native = Native::start().await;
            rules::$rule(&mut Tape::new(&mut native)).await.unwrap();
        }
    )*};
}

keeps! {
    a_caller_has_an_odd_leg_that_was_never_used
    a_leg_that_is_dialled_rings_is_answered_and_ends_once
    a_device_that_cannot_be_reached_ends_its_leg_once
    a_leg_that_is_hung_up_ends_once_in_whatever_state
    a_leg_whose_party_hangs_up_ends_once
    a_command_for_a_leg_that_has_ended_is_ignored
    a_playing_ends_once_however_it_ends
    a_playing_over_and_over_ends_when_it_is_stopped
    a_playing_for_a_leg_that_has_ended_ends_too
    a_recording_ends_once_however_it_ends
    a_recording_ends_when_its_legs_end
    a_recording_of_legs_that_have_ended_ends_too
    a_message_ends_at_its_limit
    a_listening_ends_once_when_it_is_stopped
    a_listening_ends_with_its_leg
    a_listening_to_a_leg_that_has_ended_ends_too
    a_key_is_reported_once
    legs_can_be_bridged_and_mixed_and_end_all_the_same
}
