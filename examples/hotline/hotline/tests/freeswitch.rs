//! The hotline with FreeSWITCH at the other end of the wire: a citizen is answered and hears the greeting.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

use hotline::{
    assets,
    config::Config,
    server::{Server, open_store},
};
use hotline_store::{
    demo::{DemoConfig, seed_demo},
    password::PasswordHasher,
};

/// What comes from the switch within this time, or never.
const PATIENCE: Duration = Duration::from_secs(20);

/// Answers every command as a switch does that carries nothing, and passes the commands on.
fn serve(mut stream: TcpStream, commands: &Sender<String>) -> std::io::Result<()> {
    stream.write_all(b"Content-Type: auth/request\n\n")?;
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let Ok(length @ 1..) = stream.read(&mut buffer) else { return Ok(()) };
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
        while let Some(end) = text.find("\n\n") {
            let command: String = text.drain(..end + 2).collect();
            let answer = if command.starts_with("api show ") {
                "Content-Type: api/response\nContent-Length: 15\n\n{\"row_count\":0}"
            } else if command.starts_with("api ") {
                "Content-Type: api/response\nContent-Length: 4\n\n+OK\n"
            } else {
                "Content-Type: command/reply\nReply-Text: +OK\n\n"
            };
            stream.write_all(answer.as_bytes())?;
            // Nobody listens any more when the test is over.
            let _ = commands.send(command);
        }
    }
}

fn event(fields: &[&str]) -> String {
    let body = fields.join("\n") + "\n\n";
    format!("Content-Length: {}\nContent-Type: text/event-plain\n\n{body}", body.len())
}

fn until(commands: &Receiver<String>, start: &str) -> String {
    loop {
        let command = commands.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {start}"));
        if command.starts_with(start) {
            return command;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_whom_freeswitch_parks_is_answered_and_hears_the_prompts_of_the_flow() {
    let folder = tempfile::tempdir().unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let (sender, commands) = channel();
    let (streams, accepted) = channel();
    thread::spawn(move || {
        let (stream, _) = socket.accept().unwrap();
        streams.send(stream.try_clone().unwrap()).unwrap();
        let _ = serve(stream, &sender);
    });

    let password = folder.path().join("password");
    fs::write(&password, "ClueCon\n").unwrap();
    let section = format!(
        "\n[switch]\nkind = \"freeswitch\"\naddress = \"{address}\"\npassword_file = {password:?}\n\
         prompts = \"/prompts\"\n\n[rtp]"
    );
    let text =
        assets::DEMO_TOML.replace("\n[rtp]", &section).replace("127.0.0.1:8080", "127.0.0.1:0");
    let mut config = Config::parse("freeswitch.toml", &text).unwrap();
    config.data = folder.path().join("data");
    let (store, lock) = open_store(&config).await.unwrap();
    assets::lay_out_demo(&config).unwrap();
    let demo = DemoConfig {
        sip_realm: config.sip.domain.clone(),
        queues: config.queue_plan().into_iter().map(|queue| queue.id).collect(),
        hasher: PasswordHasher::default(),
    };
    seed_demo(&store, &demo).await.unwrap();
    let server = Server::start(&config, store, lock, None).await.unwrap();
    let mut stream = accepted.recv_timeout(PATIENCE).unwrap();

    let login = until(&commands, "auth ");
    assert_eq!(login, "auth ClueCon\n\n");
    until(&commands, "api show channels");
    let call = event(&[
        "Event-Name: CHANNEL_PARK",
        "Unique-ID: citizen",
        "Caller-Caller-ID-Number: 13812345678",
        "Caller-Destination-Number: 12345",
        "variable_cti_origin: trunk%3Apstn",
    ]);
    stream.write_all(call.as_bytes()).unwrap();
    until(&commands, "api uuid_answer citizen\n");
    let heard = until(&commands, "sendmsg citizen\n");
    assert!(heard.contains("execute-app-arg: ") && heard.contains("/prompts/zh-CN/"), "{heard}");
    assert_eq!(server.line.live_legs(), 1);
    assert_eq!(server.line.trouble(), None);

    let over = event(&[
        "Event-Name: CHANNEL_HANGUP_COMPLETE",
        "Unique-ID: citizen",
        "Hangup-Cause: NORMAL_CLEARING",
    ]);
    stream.write_all(over.as_bytes()).unwrap();
    let ended = async {
        while server.handle.inspect(|center| center.calls().count()).await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.unwrap();
    server.stop(Duration::from_secs(5), std::future::pending()).await;
}
