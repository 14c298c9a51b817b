//! A FreeSWITCH as its documentation describes it: channels, applications, conferences, recordings, registrations.

#![expect(clippy::disallowed_methods, reason = "a server has a clock and tasks of its own")]

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::Instant,
};

/// How long every prompt is.
pub(super) const PROMPT: Duration = Duration::from_millis(1_500);

#[derive(Clone, Debug)]
pub(super) struct Model(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What is sent to who is connected and let in.
    listener: Option<mpsc::UnboundedSender<Option<String>>>,
    channels: BTreeMap<String, Channel>,
    /// Members by conference: number and channel.
    conferences: BTreeMap<String, Vec<(u32, String)>>,
    /// Who does not hear whom.
    deaf: BTreeSet<(u32, u32)>,
    /// Members that nobody hears.
    mute: BTreeSet<u32>,
    registered: BTreeSet<String>,
    next: u32,
    /// Whether nobody is let in.
    away: bool,
    /// Every command, as it came.
    commands: Vec<String>,
}

#[derive(Debug, Default)]
struct Channel {
    inbound: bool,
    answered: bool,
    variables: BTreeMap<String, String>,
    /// Application, its data, its name, and which one it is.
    application: Option<(String, String, String, u32)>,
    displaced: Option<(String, u32)>,
    bridged: Option<String>,
    recordings: BTreeMap<String, Instant>,
    job: Option<String>,
}

impl Model {
    /// Begins to serve; returns where.
    pub(super) async fn start() -> (Self, SocketAddr) {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let model = Self(Arc::new(Mutex::new(State::default())));
        let serving = model.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        (model, address)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    async fn serve(self, mut stream: TcpStream) {
        if self.state().away {
            return;
        }
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let _ = sender.send(Some("Content-Type: auth/request\n\n".to_owned()));
        let (mut text, mut buffer) = (String::new(), [0; 4096]);
        loop {
            tokio::select! {
                out = receiver.recv() => match out {
                    Some(Some(out)) => {
                        if stream.write_all(out.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                    Some(None) | None => return,
                },
                read = stream.read(&mut buffer) => {
                    let Ok(length @ 1..) = read else { return };
                    text.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
                    while let Some(end) = text.find("\n\n") {
                        let command: String = text.drain(..end + 2).collect();
                        self.command(command.trim_end(), &sender);
                    }
                }
            }
        }
    }

    fn command(&self, command: &str, to: &mpsc::UnboundedSender<Option<String>>) {
        let mut state = self.state();
        state.commands.push(command.to_owned());
        let (verb, rest) = command.split_once([' ', '\n']).unwrap_or((command, ""));
        let reply = |text: &str| {
            let _ = to.send(Some(format!("Content-Type: command/reply\nReply-Text: {text}\n\n")));
        };
        match verb {
            "auth" if rest == "ClueCon" => reply("+OK accepted"),
            "auth" => reply("-ERR invalid"),
            "event" => {
                reply("+OK event listener enabled plain");
                state.listener = Some(to.clone());
            }
            "sendevent" => reply("+OK 1"),
            "sendmsg" => {
                let uuid = rest.lines().next().unwrap();
                if !state.channels.contains_key(uuid) {
                    return reply("-ERR invalid session id [c9c]");
                }
                reply("+OK");
                let field = |name: &str| {
                    let line = rest.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap().trim().to_owned()
                };
                let (name, data) = (field("execute-app-name:"), field("execute-app-arg:"));
                self.executes(&mut state, uuid, name, data, field("Event-UUID:"));
            }
            "bgapi" => {
                let (order, job) = rest.split_once("\nJob-UUID: ").unwrap();
                reply(&format!("+OK Job-UUID: {job}"));
                originate(&mut state, order, job);
            }
            "api" => {
                let text = self.api(&mut state, rest);
                let length = text.len();
                let head = format!("Content-Type: api/response\nContent-Length: {length}\n\n");
                let _ = to.send(Some(head + &text));
            }
            _ => reply("-ERR command not found"),
        }
    }

    fn executes(&self, state: &mut State, uuid: &str, name: String, data: String, id: String) {
        state.next += 1;
        let this = state.next;
        let channel = state.channels.get_mut(uuid).unwrap();
        channel.application = Some((name.clone(), data.clone(), id, this));
        if name == "playback" && !data.contains("loops=-1") {
            let (model, uuid) = (self.clone(), uuid.to_owned());
            tokio::spawn(async move {
                tokio::time::sleep(PROMPT).await;
                model.state().application_ends(&uuid, Some(this), "FILE PLAYED");
            });
        }
    }

    fn api(&self, state: &mut State, text: &str) -> String {
        let words: Vec<&str> = text.split(' ').collect();
        match words.as_slice() {
            ["show", "registrations", "as", "json"] => {
                let rows: Vec<_> = state
                    .registered
                    .iter()
                    .map(|user| serde_json::json!({"reg_user": user, "token": format!("{user}@phone")}))
                    .collect();
                table(&rows)
            }
            ["show", "channels", "as", "json"] => {
                let rows: Vec<_> = state
                    .channels
                    .iter()
                    .map(|(uuid, it)| {
                        let direction = if it.inbound { "inbound" } else { "outbound" };
                        serde_json::json!({"uuid": uuid, "direction": direction, "application": "park"})
                    })
                    .collect();
                table(&rows)
            }
            ["conference", _, "unmute", member, "quiet"] => {
                state.mute.remove(&member.parse().unwrap());
                "+OK unmute".to_owned()
            }
            ["conference", _, "relate", a, b, how] => {
                let pair = (a.parse().unwrap(), b.parse().unwrap());
                match *how {
                    "nohear" => drop(state.deaf.insert(pair)),
                    "clear" => drop(state.deaf.remove(&pair)),
                    other => panic!("relate {other}"),
                }
                "+OK relationship".to_owned()
            }
            [verb, uuid, rest @ ..] if verb.starts_with("uuid_") => {
                if state.channels.contains_key(*uuid) {
                    self.on_channel(state, verb, uuid, rest)
                } else {
                    "-ERR No such channel!\n".to_owned()
                }
            }
            _ => "-ERR unknown command\n".to_owned(),
        }
    }

    fn on_channel(&self, state: &mut State, verb: &str, uuid: &str, rest: &[&str]) -> String {
        match (verb, rest) {
            ("uuid_dump", ["json"]) => return state.dump(uuid),
            ("uuid_ring_ready" | "uuid_phone_event" | "uuid_send_dtmf", _) => {}
            ("uuid_answer", []) => state.answers(uuid),
            ("uuid_kill", [cause]) => state.ends(uuid, cause),
            ("uuid_break", ["all"]) => state.application_ends(uuid, None, "FILE PLAYED"),
            ("uuid_park", []) => state.leaves(uuid),
            ("uuid_setvar_multi", [pairs]) => {
                let channel = state.channels.get_mut(uuid).unwrap();
                for pair in pairs.split(';') {
                    let (name, value) = pair.split_once('=').unwrap();
                    channel.variables.insert(name.to_owned(), value.to_owned());
                }
            }
            ("uuid_bridge", [other]) => {
                if !state.channels.contains_key(*other) {
                    return "-ERR Invalid uuid\n".to_owned();
                }
                for (one, two) in [(uuid, *other), (*other, uuid)] {
                    state.leaves(one);
                    state.channels.get_mut(one).unwrap().bridged = Some(two.to_owned());
                }
            }
            ("uuid_transfer", [application, "inline"]) => {
                let name = application.strip_prefix("conference:").unwrap();
                let name = name.split('@').next().unwrap().to_owned();
                state.leaves(uuid);
                state.next += 1;
                let member = state.next;
                assert!(application.ends_with("+flags{mute}"), "{application}");
                state.mute.insert(member);
                let members = state.conferences.entry(name.clone()).or_default();
                members.push((member, uuid.to_owned()));
                state.tells(&[
                    ("Event-Name", "CUSTOM"),
                    ("Event-Subclass", "conference::maintenance"),
                    ("Action", "add-member"),
                    ("Conference-Name", &name),
                    ("Member-ID", &member.to_string()),
                    ("Unique-ID", uuid),
                ]);
            }
            ("uuid_displace", ["start", source, "0", flags]) => {
                state.next += 1;
                let this = state.next;
                state.channels.get_mut(uuid).unwrap().displaced =
                    Some(((*source).to_owned(), this));
                if !flags.contains('l') {
                    let (model, uuid) = (self.clone(), uuid.to_owned());
                    tokio::spawn(async move {
                        tokio::time::sleep(PROMPT).await;
                        model.state().displacing_ends(&uuid, Some(this));
                    });
                }
            }
            ("uuid_displace", ["stop", _]) => state.displacing_ends(uuid, None),
            ("uuid_record", ["start", name, limit @ ..]) => {
                state
                    .channels
                    .get_mut(uuid)
                    .unwrap()
                    .recordings
                    .insert((*name).to_owned(), Instant::now());
                if let [limit] = limit {
                    let limit = Duration::from_secs(limit.parse().unwrap());
                    let (model, uuid, name) = (self.clone(), uuid.to_owned(), (*name).to_owned());
                    tokio::spawn(async move {
                        tokio::time::sleep(limit).await;
                        model.state().recording_ends(&uuid, &name);
                    });
                }
            }
            ("uuid_record", ["stop", name]) => state.recording_ends(uuid, name),
            ("uuid_record", ["mask" | "unmask", _]) => {}
            _ => return format!("-USAGE: {verb}\n"),
        }
        "+OK\n".to_owned()
    }

    /// A telephone registers, or goes.
    pub(super) fn registers(&self, account: &str, on: bool) {
        let mut state = self.state();
        let subclass = if on { "sofia::register" } else { "sofia::unregister" };
        if on {
            state.registered.insert(account.to_owned());
        } else {
            state.registered.remove(account);
        }
        let by = format!("{account}@phone");
        state.tells(&[
            ("Event-Name", "CUSTOM"),
            ("Event-Subclass", subclass),
            ("from-user", account),
            ("call-id", &by),
        ]);
    }

    /// A citizen calls, and the dialplan parks the call.
    pub(super) fn calls(&self, uuid: &str, caller: &str, origin: &str) {
        let mut state = self.state();
        let variables = BTreeMap::from([
            ("cti_origin".to_owned(), origin.to_owned()),
            ("caller".to_owned(), caller.to_owned()),
        ]);
        let channel = Channel { inbound: true, variables, ..Channel::default() };
        state.channels.insert(uuid.to_owned(), channel);
        state.tells(&[("Event-Name", "CHANNEL_CREATE"), ("Unique-ID", uuid)]);
        let fields = state.fields(uuid);
        let mut event = vec![("Event-Name", "CHANNEL_PARK")];
        event.extend(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        state.tells(&event);
    }

    pub(super) fn answers(&self, uuid: &str) {
        self.state().answers(uuid);
    }

    pub(super) fn hangs_up(&self, uuid: &str) {
        self.state().ends(uuid, "NORMAL_CLEARING");
    }

    pub(super) fn presses(&self, uuid: &str, digit: char) {
        let digit = digit.to_string();
        self.state().tells(&[("Event-Name", "DTMF"), ("Unique-ID", uuid), ("DTMF-Digit", &digit)]);
    }

    /// The channel of a leg.
    pub(super) fn channel_of(&self, leg: &str) -> Option<String> {
        let state = self.state();
        let of = |channel: &Channel| channel.variables.get("cti_leg").is_some_and(|it| it == leg);
        state.channels.iter().find(|(_, channel)| of(channel)).map(|(uuid, _)| uuid.clone())
    }

    /// Whether one channel hears another.
    pub(super) fn hears(&self, hearer: &str, heard: &str) -> bool {
        let state = self.state();
        if state.channels[hearer].bridged.as_deref() == Some(heard) {
            return true;
        }
        state.conferences.values().any(|members| {
            let number = |uuid: &str| members.iter().find(|(_, it)| it == uuid).map(|(id, _)| *id);
            match (number(hearer), number(heard)) {
                (Some(hearer), Some(heard)) => {
                    !state.deaf.contains(&(hearer, heard)) && !state.mute.contains(&heard)
                }
                _ => false,
            }
        })
    }

    /// Whether a command that begins so came.
    pub(super) fn was_told(&self, start: &str) -> bool {
        self.state().commands.iter().any(|command| command.starts_with(start))
    }

    /// Breaks the connection, and lets nobody in until it is back.
    pub(super) fn goes_away(&self) {
        let mut state = self.state();
        state.away = true;
        if let Some(listener) = state.listener.take() {
            let _ = listener.send(None);
        }
    }

    /// Lets people in again.
    pub(super) fn is_back(&self) {
        self.state().away = false;
    }
}

fn table(rows: &[serde_json::Value]) -> String {
    if rows.is_empty() {
        return serde_json::json!({"row_count": 0}).to_string();
    }
    serde_json::json!({"row_count": rows.len(), "rows": rows}).to_string()
}

fn originate(state: &mut State, order: &str, job: &str) {
    let order = order.strip_prefix("originate {").unwrap();
    let (variables, rest) = order.split_once('}').unwrap();
    let target = rest.split(' ').next().unwrap();
    let variables: BTreeMap<String, String> = variables
        .split(',')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let uuid = variables["origination_uuid"].clone();
    let account = target.strip_prefix("user/").and_then(|it| it.split('@').next());
    if account.is_some_and(|account| !state.registered.contains(account)) {
        return state.job_ends(job, "-ERR USER_NOT_REGISTERED\n");
    }
    let job = Some(job.to_owned());
    state.channels.insert(uuid.clone(), Channel { variables, job, ..Channel::default() });
    for name in ["CHANNEL_CREATE", "CHANNEL_PROGRESS"] {
        state.tells(&[("Event-Name", name), ("Unique-ID", &uuid)]);
    }
}

impl State {
    fn tells(&self, fields: &[(&str, &str)]) {
        self.tells_with(fields, "");
    }

    fn tells_with(&self, fields: &[(&str, &str)], body: &str) {
        let Some(listener) = &self.listener else { return };
        let mut event = String::new();
        for (name, value) in fields {
            let escaped: String = value
                .bytes()
                .map(|byte| match byte {
                    b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' => {
                        char::from(byte).to_string()
                    }
                    _ => format!("%{byte:02X}"),
                })
                .collect();
            event += &format!("{name}: {escaped}\n");
        }
        if !body.is_empty() {
            event += &format!("Content-Length: {}\n", body.len());
        }
        event += "\n";
        event += body;
        let head = format!("Content-Length: {}\nContent-Type: text/event-plain\n\n", event.len());
        let _ = listener.send(Some(head + &event));
    }

    fn fields(&self, uuid: &str) -> Vec<(String, String)> {
        let channel = &self.channels[uuid];
        let answer = if channel.answered { "answered" } else { "ringing" };
        let caller = channel.variables.get("caller").cloned().unwrap_or_default();
        let mut fields = vec![
            ("Unique-ID".to_owned(), uuid.to_owned()),
            ("Answer-State".to_owned(), answer.to_owned()),
            ("Caller-Caller-ID-Number".to_owned(), caller),
            ("Caller-Destination-Number".to_owned(), "12345".to_owned()),
            ("variable_sip_call_id".to_owned(), format!("{uuid}@sip")),
        ];
        for (name, value) in &channel.variables {
            fields.push((format!("variable_{name}"), value.clone()));
        }
        if let Some(other) = &channel.bridged {
            fields.push(("variable_bridge_uuid".to_owned(), other.clone()));
        }
        let mut all = self.conferences.values().flatten();
        if let Some((member, _)) = all.find(|(_, member)| member == uuid) {
            fields.push(("variable_current_application".to_owned(), "conference".to_owned()));
            fields.push(("variable_conference_member_id".to_owned(), member.to_string()));
        } else if let Some((name, data, ..)) = &channel.application {
            fields.push(("variable_current_application".to_owned(), name.clone()));
            fields.push(("variable_current_application_data".to_owned(), data.clone()));
        }
        fields
    }

    fn dump(&self, uuid: &str) -> String {
        let fields = self.fields(uuid);
        serde_json::to_string(&fields.into_iter().collect::<BTreeMap<_, _>>()).unwrap()
    }

    fn answers(&mut self, uuid: &str) {
        let Some(channel) = self.channels.get_mut(uuid) else { return };
        channel.answered = true;
        let job = channel.job.take();
        self.tells(&[("Event-Name", "CHANNEL_ANSWER"), ("Unique-ID", uuid)]);
        if let Some(job) = job {
            self.job_ends(&job, &format!("+OK {uuid}\n"));
        }
    }

    fn job_ends(&self, job: &str, body: &str) {
        self.tells_with(&[("Event-Name", "BACKGROUND_JOB"), ("Job-UUID", job)], body);
    }

    fn ends(&mut self, uuid: &str, cause: &str) {
        if !self.channels.contains_key(uuid) {
            return;
        }
        self.tells(&[
            ("Event-Name", "CHANNEL_HANGUP"),
            ("Unique-ID", uuid),
            ("Hangup-Cause", cause),
        ]);
        self.leaves(uuid);
        let recordings: Vec<String> = self.channels[uuid].recordings.keys().cloned().collect();
        for name in recordings {
            self.recording_ends(uuid, &name);
        }
        let job = self.channels.get_mut(uuid).and_then(|channel| channel.job.take());
        self.tells(&[
            ("Event-Name", "CHANNEL_HANGUP_COMPLETE"),
            ("Unique-ID", uuid),
            ("Hangup-Cause", cause),
        ]);
        if let Some(job) = job {
            self.job_ends(&job, &format!("-ERR {cause}\n"));
        }
        self.channels.remove(uuid);
        self.tells(&[("Event-Name", "CHANNEL_DESTROY"), ("Unique-ID", uuid)]);
    }

    /// A channel is alone again.
    fn leaves(&mut self, uuid: &str) {
        self.application_ends(uuid, None, "FILE PLAYED");
        self.displacing_ends(uuid, None);
        for members in self.conferences.values_mut() {
            members.retain(|(_, member)| member != uuid);
        }
        let other = self.channels.get_mut(uuid).and_then(|channel| channel.bridged.take());
        if let Some(other) = other.and_then(|other| self.channels.get_mut(&other)) {
            other.bridged = None;
        }
    }

    fn application_ends(&mut self, uuid: &str, only: Option<u32>, response: &str) {
        let Some(channel) = self.channels.get_mut(uuid) else { return };
        let ended = channel.application.take_if(|(.., this)| only.is_none_or(|only| only == *this));
        if let Some((name, data, id, _)) = ended {
            self.tells(&[
                ("Event-Name", "CHANNEL_EXECUTE_COMPLETE"),
                ("Unique-ID", uuid),
                ("Application", &name),
                ("Application-Data", &data),
                ("Application-UUID", &id),
                ("Application-Response", response),
            ]);
        }
    }

    fn displacing_ends(&mut self, uuid: &str, only: Option<u32>) {
        let Some(channel) = self.channels.get_mut(uuid) else { return };
        let ended = channel.displaced.take_if(|(_, this)| only.is_none_or(|only| only == *this));
        if let Some((source, _)) = ended {
            self.tells(&[
                ("Event-Name", "MEDIA_BUG_STOP"),
                ("Unique-ID", uuid),
                ("Media-Bug-Function", "displace"),
                ("Media-Bug-Target", &source),
            ]);
        }
    }

    fn recording_ends(&mut self, uuid: &str, name: &str) {
        let begun = self.channels.get_mut(uuid).and_then(|it| it.recordings.remove(name));
        let Some(begun) = begun else { return };
        std::fs::create_dir_all(std::path::Path::new(name).parent().unwrap()).unwrap();
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(name, spec).unwrap();
        (0..begun.elapsed().as_millis() * 16).for_each(|_| wav.write_sample(0_i16).unwrap());
        wav.finalize().unwrap();
        self.tells(&[
            ("Event-Name", "RECORD_STOP"),
            ("Unique-ID", uuid),
            ("Record-File-Path", name),
        ]);
    }
}
