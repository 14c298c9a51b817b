//! Mailboxes: what lies in them, and what is done with the messages.

use axum::{Json, extract::State, http::StatusCode};
use cti_core::{
    command::{Command, Reply},
    id::{AgentId, DeviceId, MailboxId, QueueId, RecordingId},
    mailbox::{self, MailboxContents, MessageMark},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    RestState,
    authorize::{Action, Caller, Principal, Whose},
    extract::{Body, Id, Ids},
    list::List,
    problem::Problem,
    services::{Begun, Created},
    show::millis,
};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<RestState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(messages))
        .routes(routes!(mark, delete))
        .routes(routes!(call_back))
        .routes(routes!(remove_greeting))
}

/// A mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mailbox {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The agents whose it is.
    pub agents: Vec<String>,
    /// The queues whose agents share it.
    pub queues: Vec<String>,
    /// How many messages nobody has heard.
    pub new: usize,
    /// How many messages there are.
    pub messages: usize,
    /// How many it can hold.
    pub most_messages: u32,
    /// The recording that greets, where somebody has spoken one.
    pub greeting: Option<String>,
}

/// A message in a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MailboxMessage {
    /// The message; the name of its recording.
    pub id: String,
    /// The call in which it was left.
    pub call: String,
    /// Who left it.
    pub caller: String,
    /// The number to call back: what he gave, else what he called from.
    pub call_back: String,
    /// Whether he gave that number himself.
    pub call_back_given: bool,
    /// Whether he wants a reply; null where he was not asked.
    pub wants_reply: Option<bool>,
    /// The number dialled.
    pub called: String,
    /// When it was left.
    pub at: String,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// `new`, `heard` or `done`.
    pub state: String,
    /// Who marked it last.
    pub marked_by: Option<String>,
    /// When.
    pub marked_at: Option<String>,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    /// It counts as not heard again.
    New,
    /// It was heard and is kept.
    Heard,
    /// It is dealt with.
    Done,
}

/// A mark.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// What becomes of the message.
    pub state: Becomes,
}

/// From where somebody is called back.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallFrom {
    /// The device; the one of the agent who asks when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub device: Option<DeviceId>,
}

/// Lists the mailboxes that you may open.
#[utoipa::path(get, path = "/mailboxes", tag = "mailboxes", security(("bearer" = [])),
    responses((status = 200, body = List<Mailbox>)))]
pub async fn list(
    State(state): State<RestState>,
    Caller(who): Caller,
) -> Result<Json<List<Mailbox>>, Problem> {
    let all = state.mailboxes(None).await?;
    let items = all.iter().filter(|it| state.may_open(&who, it)).map(shown);
    Ok(Json(List::whole(items.collect())))
}

/// Lists the messages of a mailbox, the newest first.
#[utoipa::path(get, path = "/mailboxes/{id}/messages", tag = "mailboxes", security(("bearer" = [])),
    params(("id" = String, Path, description = "The mailbox")),
    responses((status = 200, body = List<MailboxMessage>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn messages(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(id): Id<MailboxId>,
) -> Result<Json<List<MailboxMessage>>, Problem> {
    let opened = state.open(&who, id).await?;
    let items = opened.contents.messages.iter().rev();
    Ok(Json(List::whole(items.map(|(id, message)| state.message(*id, message)).collect())))
}

/// Marks a message as new, heard or done.
#[utoipa::path(put, path = "/mailboxes/{id}/messages/{message}", tag = "mailboxes", security(("bearer" = [])),
    params(("id" = String, Path, description = "The mailbox"),
        ("message" = String, Path, description = "The message, for example recording-7")), request_body = Mark,
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn mark(
    State(state): State<RestState>,
    Caller(who): Caller,
    Ids(mailbox, message): Ids<MailboxId, RecordingId>,
    Body(asked): Body<Mark>,
) -> Result<StatusCode, Problem> {
    let mark = match asked.state {
        Becomes::New => MessageMark::New,
        Becomes::Heard => MessageMark::Heard,
        Becomes::Done => MessageMark::Done,
    };
    state.mark(&who, mailbox, message, mark).await
}

/// Takes a message out of a mailbox. Its recording stays where recordings are kept.
#[utoipa::path(delete, path = "/mailboxes/{id}/messages/{message}", tag = "mailboxes", security(("bearer" = [])),
    params(("id" = String, Path, description = "The mailbox"),
        ("message" = String, Path, description = "The message, for example recording-7")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn delete(
    State(state): State<RestState>,
    Caller(who): Caller,
    Ids(mailbox, message): Ids<MailboxId, RecordingId>,
) -> Result<StatusCode, Problem> {
    state.mark(&who, mailbox, message, MessageMark::Deleted).await
}

/// Lets a telephone of the centre call back who left a message, and marks it as done.
#[utoipa::path(post, path = "/mailboxes/{id}/messages/{message}/call-back", tag = "mailboxes", security(("bearer" = [])),
    params(("id" = String, Path, description = "The mailbox"),
        ("message" = String, Path, description = "The message, for example recording-7")), request_body = CallFrom,
    responses((status = 201, body = Begun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn call_back(
    State(state): State<RestState>,
    Caller(who): Caller,
    Ids(mailbox, message): Ids<MailboxId, RecordingId>,
    Body(asked): Body<CallFrom>,
) -> Result<Created, Problem> {
    has(&state.open(&who, mailbox.clone()).await?, message)?;
    let (from, by) = (state.device(&who, asked.device)?, who.name);
    let command = Command::CallBackMessage { mailbox, recording: message, from, by };
    state.begun(state.centre.request(command).await?).await
}

/// Lets a mailbox greet with the flow's own words again.
#[utoipa::path(delete, path = "/mailboxes/{id}/greeting", tag = "mailboxes", security(("bearer" = [])),
    params(("id" = String, Path, description = "The mailbox")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn remove_greeting(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(mailbox): Id<MailboxId>,
) -> Result<StatusCode, Problem> {
    state.open(&who, mailbox.clone()).await?;
    state.centre.request(Command::RemoveGreeting { mailbox, by: who.name }).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(it: &MailboxContents) -> Mailbox {
    let MailboxContents { config, contents } = it;
    Mailbox {
        id: config.id.to_string(),
        name: config.name.clone(),
        agents: config.agents.iter().map(ToString::to_string).collect(),
        queues: config.queues.iter().map(ToString::to_string).collect(),
        new: contents.unheard(),
        messages: contents.messages.len(),
        most_messages: config.most_messages,
        greeting: contents.greeting.map(|it| it.to_string()),
    }
}

fn has(opened: &MailboxContents, message: RecordingId) -> Result<(), Problem> {
    match opened.contents.messages.contains_key(&message) {
        true => Ok(()),
        false => {
            let words = format!("mailbox {} has no {message}", opened.config.id);
            Err(Problem::unknown("unknown_message", words))
        }
    }
}

impl RestState {
    async fn mailboxes(&self, mailbox: Option<MailboxId>) -> Result<Vec<MailboxContents>, Problem> {
        let reply = self.centre.request(Command::ShowMailboxes { mailbox }).await?;
        let Reply::Mailboxes(mailboxes) = reply else { return Err(Problem::wrong_reply(&reply)) };
        Ok(mailboxes)
    }

    /// Returns a mailbox with what lies in it, if he may open it.
    async fn open(&self, who: &Principal, id: MailboxId) -> Result<MailboxContents, Problem> {
        let all = self.mailboxes(None).await?;
        let unknown = || Problem::unknown("unknown_mailbox", format!("there is no mailbox {id}"));
        let opened = all.into_iter().find(|it| it.config.id == id).ok_or_else(unknown)?;
        let (agents, queues) = self.owners(&opened);
        self.require(who, Action::OpenMailbox(Whose { agents: &agents, queues: &queues }))?;
        Ok(opened)
    }

    /// Returns whether a recording lies in a mailbox that he may open, as a message or as its greeting.
    pub(super) async fn in_his_mailbox(
        &self,
        who: &Principal,
        recording: RecordingId,
    ) -> Result<bool, Problem> {
        let holds = |it: &MailboxContents| {
            it.contents.greeting == Some(recording) || it.contents.messages.contains_key(&recording)
        };
        let all = self.mailboxes(None).await?;
        Ok(all.iter().any(|it| holds(it) && self.may_open(who, it)))
    }

    fn may_open(&self, who: &Principal, mailbox: &MailboxContents) -> bool {
        let (agents, queues) = self.owners(mailbox);
        self.authorizer.may(who, Action::OpenMailbox(Whose { agents: &agents, queues: &queues }))
    }

    /// Returns whose a mailbox is: by name, or by the queues that they serve now.
    fn owners(&self, mailbox: &MailboxContents) -> (Vec<AgentId>, Vec<QueueId>) {
        let config = &mailbox.config;
        let theirs = config.agents.iter().flat_map(|agent| self.queues_of(agent));
        let queues = config.queues.iter().cloned().chain(theirs).collect();
        let view = self.live.view();
        let at_work = view.agents(self.centre.now()).filter(|it| it.seat.is_some());
        let serving = at_work.filter(|it| it.queues.iter().any(|it| config.queues.contains(it)));
        let mut agents = config.agents.clone();
        agents.extend(serving.map(|it| it.config.id.clone()));
        (agents, queues)
    }

    async fn mark(
        &self,
        who: &Principal,
        mailbox: MailboxId,
        recording: RecordingId,
        mark: MessageMark,
    ) -> Result<StatusCode, Problem> {
        has(&self.open(who, mailbox.clone()).await?, recording)?;
        let by = who.name.clone();
        self.centre.request(Command::MarkMessage { mailbox, recording, mark, by }).await?;
        Ok(StatusCode::NO_CONTENT)
    }

    /// Shows a message to who may open its mailbox: he is to call the citizen back, so numbers are not masked.
    fn message(&self, id: RecordingId, message: &mailbox::Message) -> MailboxMessage {
        MailboxMessage {
            id: id.to_string(),
            call: message.call.to_string(),
            caller: message.caller.reveal().to_owned(),
            call_back: message.number().reveal().to_owned(),
            call_back_given: message.call_back.is_some(),
            wants_reply: message.wants_reply,
            called: message.called.reveal().to_owned(),
            at: self.time(message.at),
            length_ms: millis(message.length),
            state: message.state.as_str().to_owned(),
            marked_by: message.marked.as_ref().map(|(by, _)| by.clone()),
            marked_at: message.marked.as_ref().map(|(_, at)| self.time(*at)),
        }
    }
}
