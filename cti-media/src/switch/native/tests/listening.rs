//! Callers who are listened to, by a service that was recorded.

use cti_core::{
    cause::Cause,
    id::RecognitionId,
    speech::{AudioFormat, Grammar, RecognitionEnd, RecognitionRequest},
};

use super::{super::*, phone::*, world::*};
use crate::speech::{HttpRecognizer, tests::listens_by_http};

const SILENCE: u8 = 0xD5;
const VOICE: u8 = 0x2A;

pub(super) async fn recognizer() -> HttpRecognizer {
    let (address, _asked) = listens_by_http().await;
    let config = serde_json::json!({
        "url": format!("http://{address}/asr"),
        "text": "/result/text", "confidence": "/result/confidence",
    });
    HttpRecognizer::new(serde_json::from_value(config).unwrap()).unwrap()
}

fn recognize(leg: LegId, recognition: RecognitionId) -> SwitchCommand {
    let words = vec!["社保".to_owned(), "公积金".to_owned()];
    let request = RecognitionRequest {
        end_silence: std::time::Duration::from_millis(300),
        ..RecognitionRequest::new(Grammar::Keywords(words), AudioFormat::TELEPHONE)
    };
    SwitchCommand::Recognize { leg, recognition, request: Box::new(request) }
}

/// A caller whose call was answered.
async fn caller(world: &mut World) -> (Phone, LegId, std::net::SocketAddr) {
    let mut caller = Phone::new(world, "13812345678").await;
    caller.invite().await;
    let leg = world.incoming().await;
    world.switch.execute(SwitchCommand::Answer { leg });
    let media = caller.connect().await;
    (caller, leg, media)
}

/// Lets him speak, at the pace of a telephone, until something is reported.
async fn speaks_until_report(
    world: &mut World,
    caller: &mut Phone,
    media: std::net::SocketAddr,
    voice: &mut dyn Iterator<Item = u8>,
) -> SwitchReport {
    let mut clock = tokio::time::interval(std::time::Duration::from_millis(20));
    loop {
        tokio::select! {
            report = world.report() => return report,
            _ = clock.tick() => caller.speak(media, voice.next().unwrap_or(SILENCE)).await,
        }
    }
}

#[tokio::test]
async fn what_a_caller_says_is_understood_by_a_service_and_reported_once() {
    let mut world = World::start().await;
    world.switch = world.switch.with_recognizer(Arc::new(recognizer().await));
    let (mut caller, leg, media) = caller(&mut world).await;
    let recognition = RecognitionId(7);
    world.switch.execute(recognize(leg, recognition));
    let mut voice = [SILENCE; 15].into_iter().chain([VOICE; 30]);
    let began = speaks_until_report(&mut world, &mut caller, media, &mut voice).await;
    assert_eq!(began, SwitchReport::SpeechBegan { leg, recognition });
    let ended = speaks_until_report(&mut world, &mut caller, media, &mut voice).await;
    let SwitchReport::RecognitionEnded { end: RecognitionEnd::Final(said), .. } = ended else {
        panic!("{ended:?}")
    };
    assert_eq!((said.keyword.as_deref(), said.confidence), (Some("公积金"), 93));
    // One that is over is not stopped, one that is stopped is not understood.
    world.switch.execute(SwitchCommand::StopRecognition { leg, recognition });
    let recognition = RecognitionId(8);
    world.switch.execute(recognize(leg, recognition));
    world.switch.execute(SwitchCommand::StopRecognition { leg, recognition });
    let end = RecognitionEnd::Stopped;
    assert_eq!(world.report().await, SwitchReport::RecognitionEnded { leg, recognition, end });
    world.nothing_is_reported().await;
}

#[tokio::test]
async fn a_listening_ends_with_its_leg_and_fails_without_a_recognizer() {
    let mut world = World::start().await;
    let (mut caller, leg, _) = caller(&mut world).await;
    let ended = |recognition, end| SwitchReport::RecognitionEnded { leg, recognition, end };
    world.switch.execute(recognize(leg, RecognitionId(1)));
    assert_eq!(world.report().await, ended(RecognitionId(1), RecognitionEnd::Failed));
    world.switch = world.switch.with_recognizer(Arc::new(recognizer().await));
    world.switch.execute(recognize(leg, RecognitionId(2)));
    caller.send("BYE", "", "").await;
    assert_eq!(world.report().await, ended(RecognitionId(2), RecognitionEnd::LegEnded));
    let cause = Cause::Normal;
    assert_eq!(world.report().await, SwitchReport::LegEnded { leg, cause });
    world.switch.execute(recognize(leg, RecognitionId(3)));
    assert_eq!(world.report().await, ended(RecognitionId(3), RecognitionEnd::LegEnded));
    world.assert_nothing_left().await;
}
