//! Providers against recorded exchanges: a server on this machine answers what a service once answered, and the test
//! compares what it was asked. No service of anybody's is asked.
#![expect(clippy::disallowed_methods, reason = "the test serves the service")]

use std::{net::SocketAddr, time::Duration};

use cti_core::{
    conformance::speech::{
        RecognizerHarness, Sound as What, run_all_recognition, run_all_synthesis,
    },
    speech::{
        Audio, AudioFormat, Grammar, Heard, RecognitionError, RecognitionRequest, Recognizer,
        SynthesisError, SynthesisRequest, Synthesizer,
    },
};
use futures::{SinkExt as _, StreamExt as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::play::wav;

/// What a recorded service was asked: the head, and the body.
type Asked = mpsc::UnboundedReceiver<(String, Vec<u8>)>;

/// Serves answers that were recorded, each to whoever asks next; the last one again and again.
async fn recorded(answers: Vec<Vec<u8>>) -> (SocketAddr, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for n in 0.. {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let answer = answers[n.min(answers.len() - 1)].clone();
            let request = request(&mut stream).await;
            // The test may have ended.
            let _ = tell.send(request);
            let _ = stream.write_all(&answer).await;
        }
    });
    (address, asked)
}

async fn request(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut all = Vec::new();
    loop {
        let mut some = [0; 4096];
        let count = stream.read(&mut some).await.unwrap();
        all.extend_from_slice(&some[..count]);
        let Some(end) = all.windows(4).position(|it| it == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(all[..end].to_vec()).unwrap();
        let length = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
            })
            .unwrap_or(0);
        if all.len() >= end + 4 + length || count == 0 {
            return (head, all[end + 4..].to_vec());
        }
    }
}

fn answer(kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Half a second of a tone at 16 kHz.
fn tone() -> Vec<u8> {
    let one = |n| ((f64::from(n) * 0.2).sin() * 8_000.0) as i16;
    wav::write(&(0..8_000).map(one).collect::<Vec<_>>(), 16_000)
}

fn synthesizer(address: SocketAddr, more: serde_json::Value) -> HttpSynthesizer {
    let mut config = serde_json::json!({
        "url": format!("http://{address}/v1/speak?lang=${{language}}"),
        "headers": {"Content-Type": "application/json", "X-Key": "secret"},
        "body": r#"{"input": "${text}", "voice": "${voice}", "speed": ${speed}}"#,
        "languages": ["zh"], "voices": ["lin", "wei"],
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    HttpSynthesizer::new(serde_json::from_value(config).unwrap()).unwrap()
}

fn hello() -> SynthesisRequest {
    SynthesisRequest {
        rate: 120, ..SynthesisRequest::new("他说\"您好\"", AudioFormat::TELEPHONE)
    }
}

#[tokio::test]
async fn a_service_is_asked_as_its_description_says_and_its_sound_fits_the_telephone() {
    let (address, mut asked) = recorded(vec![answer("audio/wav", &tone())]).await;
    let audio = synthesizer(address, serde_json::json!({})).synthesize(&hello()).await.unwrap();
    assert_eq!((audio.format(), audio.bytes().len()), (AudioFormat::TELEPHONE, 4_000));
    let (head, body) = asked.recv().await.unwrap();
    assert!(head.starts_with("POST /v1/speak?lang=zh-CN HTTP/1.1\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains("\r\nx-key: secret"), "{head}");
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let expected = serde_json::json!({"input": "他说\"您好\"", "voice": "lin", "speed": 1.2});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_service_over_http_keeps_the_rules_of_synthesizers() {
    let (address, _asked) = recorded(vec![answer("audio/wav", &tone())]).await;
    let service = synthesizer(address, serde_json::json!({}));
    run_all_synthesis(&service, &hello()).await.expect_conformance();
    let voice = Some("nobody".to_owned());
    let unknown = service.synthesize(&SynthesisRequest { voice, ..hello() }).await;
    assert!(matches!(unknown, Err(SynthesisError::UnknownVoice { .. })));
    let french = SynthesisRequest { language: "fr".to_owned(), ..hello() };
    let answer = service.synthesize(&french).await;
    assert!(matches!(answer, Err(SynthesisError::UnsupportedLanguage { .. })));
}

#[tokio::test]
async fn samples_in_base64_within_json_are_sound_too() {
    use base64::Engine as _;
    let samples = [0_i16, 8_000, -8_000].repeat(1_000);
    let bytes: Vec<u8> = samples.iter().flat_map(|it| it.to_le_bytes()).collect();
    let sound = base64::engine::general_purpose::STANDARD.encode(bytes);
    let body = serde_json::json!({"data": {"audio": sound}}).to_string();
    let (address, _asked) = recorded(vec![answer("application/json", body.as_bytes())]).await;
    let more = serde_json::json!({"answer": {"pcm": {"rate": 24_000}}, "pointer": "/data/audio"});
    let audio = synthesizer(address, more).synthesize(&hello()).await.unwrap();
    assert_eq!(audio.bytes().len(), 1_000);
}

#[tokio::test]
async fn what_a_service_answers_wrongly_is_a_passing_failure_that_tells_no_text() {
    let refused = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".to_vec();
    for (wrong, words) in [
        (refused, "401"),
        (answer("audio/mpeg", b"ID3"), "no WAV"),
        (answer("audio/wav", &wav::write(&[], 8_000)), "no sound"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ncut".to_vec(), ""),
        (b"nonsense\r\n\r\n".to_vec(), ""),
    ] {
        let (address, _asked) = recorded(vec![wrong]).await;
        let service = synthesizer(address, serde_json::json!({}));
        let error = service.synthesize(&hello()).await.unwrap_err();
        assert!(error.is_passing() && error.to_string().contains(words), "{error}");
        assert!(!error.to_string().contains("您好"), "{error}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let service = synthesizer(nobody, serde_json::json!({}));
    assert!(service.synthesize(&hello()).await.unwrap_err().is_passing());
}

#[test]
fn a_description_that_cannot_be_used_is_refused_by_its_field() {
    let refused = |text: &str| {
        let config = serde_json::from_str(text).unwrap();
        HttpSynthesizer::new(config).unwrap_err().to_string()
    };
    assert!(refused(r#"{"url": "ftp://x/"}"#).starts_with("url: "));
    assert!(refused(r#"{"url": "https://x/"}"#).starts_with("ca: "));
    assert!(refused(r#"{"url": "http://x/${word}"}"#).starts_with("url: ${word}"));
    assert!(refused(r#"{"url": "http://x/", "body": "${text"}"#).starts_with("body: "));
    let header = r#"{"url": "http://x/", "headers": {"A": "${env:CTI_NO_SUCH}"}}"#;
    assert!(refused(header).starts_with("headers: A: "));
}

/// A recognizer, and sounds that its recorded service tells apart by their loudness.
struct Room<R>(R);

impl<R: Recognizer> RecognizerHarness for Room<R> {
    fn recognizer(&self) -> &dyn Recognizer {
        &self.0
    }

    fn request(&self) -> RecognitionRequest {
        keywords()
    }

    fn sound(&self, what: What) -> Audio {
        match what {
            What::Matching => said(0.5),
            What::Other => said(0.05),
            What::Silence => said(0.0),
        }
    }
}

fn keywords() -> RecognitionRequest {
    let words = vec!["社保".to_owned(), "公积金".to_owned()];
    let end_silence = Duration::from_millis(300);
    RecognitionRequest {
        end_silence,
        ..RecognitionRequest::new(Grammar::Keywords(words), AudioFormat::TELEPHONE)
    }
}

/// 200 ms of silence, 600 ms of a tone, 600 ms of silence.
fn said(loudness: f32) -> Audio {
    let tone = (0..4_800).map(|n| (n as f32 * 0.5).sin() * loudness);
    let silence = |count| std::iter::repeat_n(0.0_f32, count);
    let samples = silence(1_600).chain(tone).chain(silence(4_800)).collect();
    to_audio(&wav::Sound { rate: 8_000, samples }, AudioFormat::TELEPHONE).unwrap()
}

/// What a service says to sound: loud is about the housing fund, soft is something else.
fn words_of(samples: &[f32]) -> (&'static str, f64) {
    let loudest = crate::dsp::shape::peak(samples);
    match loudest {
        it if it > 0.3 => ("我想查公积金", 0.93),
        it if it > 0.01 => ("今天天气不错", 0.88),
        _ => ("", 0.0),
    }
}

/// A service that answers a posted WAV file as a known one does.
pub(crate) async fn listens_by_http() -> (SocketAddr, mpsc::UnboundedReceiver<(String, u32)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (head, body) = request(&mut stream).await;
            let sound = wav::read(&body).unwrap();
            let (words, sure) = words_of(&sound.samples);
            let _ = tell.send((head, sound.rate));
            let body = serde_json::json!({"result": {"text": words, "confidence": sure}});
            let _ =
                stream.write_all(&answer("application/json", body.to_string().as_bytes())).await;
        }
    });
    (address, asked)
}

#[tokio::test]
async fn a_recognizer_over_http_keeps_the_rules_and_posts_one_utterance() {
    let (address, mut asked) = listens_by_http().await;
    let config = serde_json::json!({
        "url": format!("http://{address}/asr?lang=${{language}}&hints=${{hints}}"),
        "text": "/result/text", "confidence": "/result/confidence",
    });
    let recognizer = HttpRecognizer::new(serde_json::from_value(config).unwrap()).unwrap();
    run_all_recognition(&Room(recognizer)).await.expect_conformance();
    let (head, rate) = asked.recv().await.unwrap();
    assert!(head.starts_with("POST /asr?lang=zh-CN&hints=%E7%A4%BE"), "{head}");
    assert!(head.to_ascii_lowercase().contains("content-type: audio/wav"), "{head}");
    assert_eq!(rate, 16_000);
}

#[tokio::test]
async fn a_recognizer_over_http_that_fails_is_unavailable() {
    let broken = answer("application/json", br#"{"error": "quota"}"#);
    let (address, _asked) = recorded(vec![broken]).await;
    let config = serde_json::json!({"url": format!("http://{address}/")});
    let recognizer = HttpRecognizer::new(serde_json::from_value(config).unwrap()).unwrap();
    let mut listening = recognizer.listen(&keywords()).await.unwrap();
    let mut began = false;
    for frame in said(0.5).frames() {
        began |= listening.hear(frame).await.unwrap() == Some(Heard::SpeechBegan);
    }
    assert!(began);
    let error = listening.finish().await.unwrap_err();
    assert!(matches!(error, RecognitionError::Unavailable { .. }), "{error}");
}

/// A service over WebSocket: a message of JSON, sound, a message of JSON; words while it listens, and at the end.
async fn listens_by_websocket() -> (SocketAddr, mpsc::UnboundedReceiver<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tell = tell.clone();
            tokio::spawn(async move {
                let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
                let (mut texts, mut samples) = (Vec::new(), Vec::new());
                while let Some(Ok(message)) = socket.next().await {
                    match message {
                        Message::Text(text) => texts.push(text.to_string()),
                        Message::Binary(bytes) => {
                            let one = |it: &[u8]| f32::from(i16::from_le_bytes([it[0], it[1]]));
                            samples.extend(bytes.chunks_exact(2).map(|it| one(it) / 32_768.0));
                        }
                        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
                        Message::Close(_) => break,
                    }
                    let (words, sure) = words_of(&samples);
                    let ended = texts.len() == 2;
                    let answer = serde_json::json!({
                        "type": if ended { "final" } else { "partial" },
                        "alternatives": [{"transcript": words, "confidence": sure}],
                    });
                    if socket.send(Message::text(answer.to_string())).await.is_err() || ended {
                        break;
                    }
                }
                let _ = tell.send(texts);
            });
        }
    });
    (address, told)
}

fn by_websocket(address: SocketAddr) -> WebSocketRecognizer {
    let config = serde_json::json!({
        "url": format!("ws://{address}/stream?lang=${{language}}"),
        "begin": r#"{"type": "start", "rate": ${rate}, "hints": "${hints}"}"#,
        "end": r#"{"type": "stop"}"#,
        "text": "/alternatives/0/transcript", "confidence": "/alternatives/0/confidence",
        "is_final": "/type", "final_value": "final",
    });
    WebSocketRecognizer::new(serde_json::from_value(config).unwrap()).unwrap()
}

#[tokio::test]
async fn a_recognizer_over_websocket_keeps_the_rules_and_says_where_sound_begins_and_ends() {
    let (address, mut told) = listens_by_websocket().await;
    run_all_recognition(&Room(by_websocket(address))).await.expect_conformance();
    let texts = told.recv().await.unwrap();
    assert_eq!(texts[0], r#"{"type": "start", "rate": 16000, "hints": "社保,公积金"}"#);
}

#[tokio::test]
async fn words_come_while_somebody_speaks_where_they_are_wanted() {
    let (address, _told) = listens_by_websocket().await;
    let request = RecognitionRequest { interim: true, ..keywords() };
    let mut listening = by_websocket(address).listen(&request).await.unwrap();
    let (mut interim, mut end) = (0, None);
    for frame in said(0.5).frames() {
        // The service answers while sound goes on, as on a telephone.
        tokio::time::sleep(Duration::from_millis(2)).await;
        match listening.hear(frame).await.unwrap() {
            Some(Heard::Interim(_)) => interim += 1,
            Some(heard) if heard.is_end() => end = Some(heard),
            Some(_) | None => {}
        }
        if end.is_some() {
            break;
        }
    }
    let end = match end {
        Some(end) => end,
        None => listening.finish().await.unwrap(),
    };
    let Heard::Final(heard) = end else { panic!("{end:?}") };
    assert_eq!((heard.keyword.as_deref(), heard.confidence), (Some("公积金"), 93));
    assert!(interim > 0);
}

#[tokio::test]
async fn a_service_that_hangs_up_fails_the_recognition_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        drop(socket);
    });
    let mut listening = by_websocket(address).listen(&keywords()).await.unwrap();
    let mut failed = None;
    for frame in said(0.5).frames() {
        if let Err(error) = listening.hear(frame).await {
            failed = Some(error);
            break;
        }
    }
    let error = match failed {
        Some(error) => error,
        None => listening.finish().await.unwrap_err(),
    };
    assert!(matches!(error, RecognitionError::Unavailable { .. }), "{error}");
    assert_eq!(listening.finish().await, Err(RecognitionError::Over));
}
