//! Mailboxes: messages are left, heard and dealt with, and lamps say that some wait (message waiting).

use std::{collections::BTreeMap, time::Duration};

use super::{Answer, Center, work::Opening};
use crate::{
    call::Call,
    command::{CommandError, Reply},
    data::{MAILBOX, MESSAGE},
    event::{DeviceFeature, Fact, RecordingKind},
    flow::{CallData, FlowInput, LookupFailure, RecordInto},
    id::{AgentId, CallId, ContactId, DeviceId, MailboxId, RecordingId, SessionId},
    mailbox::{
        Mailbox, MailboxChange, MailboxConfig, MailboxContents, MailboxQuestion, Message,
        MessageMark, MessageState, row,
    },
    needs::{Medium, Needs},
    switch::{Origin, SwitchCommand},
    target::Target,
};

impl Center {
    fn mailbox(&self, mailbox: &MailboxId) -> Option<&MailboxConfig> {
        self.config.mailboxes.iter().find(|it| it.is_meant_by(mailbox))
    }

    /// Records what a flow wants kept in a mailbox. A message that has no place there is kept as any other is; nobody
    /// who spoke is lost.
    pub(super) fn record_into(
        &mut self,
        call: CallId,
        limit: Duration,
        silence: Duration,
        into: RecordInto,
    ) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let recording = RecordingId(self.state.counters.recording.0 + 1);
        let (mailbox, change) = match into {
            RecordInto::Message { mailbox, call_back, shortest } => {
                let Some(mailbox) = self.mailbox(&mailbox).filter(|_| self.room(&mailbox) > 0)
                else {
                    tracing::warn!(%call, %mailbox, "A mailbox is full or not there");
                    return self.record_message(call, limit, silence);
                };
                let message = Box::new(Message {
                    call,
                    contact: it.contact,
                    caller: it.caller.clone(),
                    called: it.called.clone(),
                    call_back,
                    wants_reply: None,
                    at: self.now,
                    length: Duration::ZERO,
                    state: MessageState::New,
                    marked: None,
                    task: None,
                });
                (mailbox.id.clone(), MailboxChange::Begun { recording, message, shortest })
            }
            RecordInto::Greeting { mailbox } => {
                let Some(mailbox) = self.mailbox(&mailbox) else {
                    let nothing =
                        FlowInput::RecordingEnded { saved: false, length: Duration::ZERO };
                    return self.tell_main(call, nothing);
                };
                (mailbox.id.clone(), MailboxChange::GreetingBegun { recording, call })
            }
        };
        let leg = it.leg;
        self.answer_caller(call);
        self.silence(leg);
        self.emit(Fact::RecordingStarted { recording, call, kind: RecordingKind::Message });
        self.emit(Fact::MailboxChanged { mailbox, change });
        self.command(SwitchCommand::RecordMessage { recording, leg, limit, silence, at: self.now });
    }

    /// Returns how many more messages a mailbox can hold.
    fn room(&self, mailbox: &MailboxId) -> usize {
        self.mailbox(mailbox).map_or(0, |it| {
            (it.most_messages as usize).saturating_sub(self.state.mailboxes.held(&it.id))
        })
    }

    /// Answers a flow that asks about a mailbox.
    pub(super) fn answer_about_mailboxes(
        &mut self,
        session: SessionId,
        call: CallId,
        lookup: u32,
        key: &str,
    ) {
        let result = match serde_json::from_str(key) {
            Ok(question) => self.about_mailboxes(call, question),
            Err(error) => {
                tracing::warn!(%session, %error, "A question about a mailbox cannot be read");
                Err(LookupFailure::UnknownSource)
            }
        };
        self.tell(session, FlowInput::LookupDone { lookup, result });
    }

    fn about_mailboxes(
        &mut self,
        call: CallId,
        question: MailboxQuestion,
    ) -> Result<CallData, LookupFailure> {
        match question {
            MailboxQuestion::Open { mailbox, pin } => self.open_mailbox(call, mailbox, pin),
            MailboxQuestion::Greeting { mailbox } => {
                let it = self.mailbox(&mailbox).ok_or(LookupFailure::NotFound)?;
                let greeting = self.state.mailboxes.get(&it.id).and_then(|it| it.greeting);
                Ok(BTreeMap::from([
                    ("greeting".to_owned(), name_of(greeting)),
                    ("room".to_owned(), self.room(&mailbox).to_string()),
                ]))
            }
            MailboxQuestion::Next { mailbox, after, only } => {
                let it = self.state.mailboxes.get(&mailbox).ok_or(LookupFailure::NotFound)?;
                it.messages
                    .iter()
                    .filter(|(recording, _)| after.is_none_or(|after| **recording > after))
                    .find(|(_, message)| only.is_none_or(|only| message.state == only))
                    .map(|(recording, message)| {
                        let number = message.number();
                        let dialled = self.way_back(number).unwrap_or_else(|| number.clone());
                        row(*recording, message, &dialled)
                    })
                    .ok_or(LookupFailure::NotFound)
            }
            MailboxQuestion::Mark { mailbox, recording, mark } => {
                let by = self.who_calls(call);
                self.mark_message(&mailbox, recording, mark, by)
                    .map(|_| CallData::new())
                    .map_err(|_| LookupFailure::NotFound)
            }
            MailboxQuestion::Note { call_back, wants_reply } => {
                let left = self.state.mailboxes.last_of(call);
                let (mailbox, recording) = left.ok_or(LookupFailure::NotFound)?;
                let call_back = call_back.and_then(|it| it.parse().ok());
                let change = MailboxChange::Noted { recording, call, call_back, wants_reply };
                self.emit(Fact::MailboxChanged { mailbox, change });
                Ok(CallData::new())
            }
        }
    }

    /// Opens a mailbox to who calls: at the seat of someone whose it is, or by its PIN from anywhere.
    fn open_mailbox(
        &self,
        call: CallId,
        mailbox: Option<MailboxId>,
        pin: Option<String>,
    ) -> Result<CallData, LookupFailure> {
        let it = self.state.calls.get(&call).ok_or(LookupFailure::NotFound)?;
        let agent = self.agent_who_calls(it);
        let wanted = match (&mailbox, &agent) {
            (Some(mailbox), _) => self.mailbox(mailbox),
            (None, Some(agent)) => {
                let own = self.config.mailboxes.iter().find(|it| it.agents.contains(agent));
                own.or_else(|| self.mailboxes_of(agent).next())
            }
            (None, None) => None,
        };
        let wanted = wanted.ok_or(LookupFailure::NotFound)?;
        let his = agent.as_ref().is_some_and(|it| self.mailboxes_of(it).any(|it| it == wanted));
        let known = pin.is_some_and(|pin| wanted.pin.as_ref() == Some(&pin));
        if !his && !known {
            return Err(LookupFailure::UnknownSource);
        }
        let empty = Mailbox::default();
        let contents = self.state.mailboxes.get(&wanted.id).unwrap_or(&empty);
        let new = contents.unheard();
        Ok(BTreeMap::from([
            ("mailbox".to_owned(), wanted.id.to_string()),
            ("new".to_owned(), new.to_string()),
            ("kept".to_owned(), (contents.messages.len() - new).to_string()),
            ("greeting".to_owned(), name_of(contents.greeting)),
        ]))
    }

    /// Returns the agent who is signed in where a call comes from.
    fn agent_who_calls(&self, call: &Call) -> Option<AgentId> {
        match &call.origin {
            Origin::Device(device) => self.agent_at(device),
            Origin::Trunk(_) => None,
        }
    }

    fn who_calls(&self, call: CallId) -> String {
        let agent = self.state.calls.get(&call).and_then(|it| self.agent_who_calls(it));
        agent.map_or_else(|| call.to_string(), |agent| agent.to_string())
    }

    /// Returns the mailboxes that belong to an agent, by himself or by the queues that he serves today.
    fn mailboxes_of<'a>(&'a self, agent: &'a AgentId) -> impl Iterator<Item = &'a MailboxConfig> {
        let serves = self.state.agents.get(agent).map_or(&[][..], |it| it.queues.as_slice());
        self.config.mailboxes.iter().filter(move |it| it.belongs_to(agent, serves))
    }

    pub(super) fn mark_message(
        &mut self,
        mailbox: &MailboxId,
        recording: RecordingId,
        mark: MessageMark,
        by: String,
    ) -> Answer {
        let contents = self.contents_of(mailbox)?;
        if !contents.is_some_and(|it| it.messages.contains_key(&recording)) {
            return Err(not_there(mailbox));
        }
        let task = contents.and_then(|it| it.messages.get(&recording)).and_then(|it| it.task);
        let change = MailboxChange::Marked { recording, mark, by };
        self.emit(Fact::MailboxChanged { mailbox: mailbox.clone(), change });
        match (mark, task) {
            (MessageMark::Done | MessageMark::Deleted, Some(task)) => self.task_dealt_with(task),
            (MessageMark::New | MessageMark::Heard, _) | (_, None) => {}
        }
        Ok(Reply::Done)
    }

    /// A recording is saved: where it is a message of a box whose messages are tasks, one waits for an agent.
    pub(super) fn message_left(&mut self, recording: RecordingId) {
        let Some((mailbox, message)) = self.state.mailboxes.find(recording) else { return };
        let Some(queue) = self.mailbox(mailbox).and_then(|it| it.tasks.clone()) else { return };
        let mut data = CallData::new();
        MAILBOX.set(&mut data, mailbox);
        MESSAGE.set(&mut data, &recording);
        let caller = message.caller.clone();
        let (medium, needs, priority) = (Medium::Task, Needs::of(Medium::Task), 0);
        let opened = self.open_contact(Opening { medium, caller, queue, priority, needs, data });
        if let Err(error) = opened {
            // The message lies in its box all the same, and the lamp tells of it.
            tracing::warn!(%recording, %error, "No task waits for a message");
        }
    }

    /// The message that a task is about has been dealt with.
    fn task_dealt_with(&mut self, task: ContactId) {
        let Some(work) = self.state.works.get(&task) else { return };
        let ended = match work.agent.clone() {
            Some(agent) => self.finish_contact(task, &agent),
            None => self.withdraw_contact(task),
        };
        debug_assert!(ended.is_ok(), "{task} is open: {ended:?}");
    }

    /// An agent has finished a task: the message that it was about is dealt with.
    pub(super) fn task_finished(&mut self, task: ContactId, data: &CallData, agent: &AgentId) {
        let (Ok(Some(mailbox)), Ok(Some(recording))) = (MAILBOX.get(data), MESSAGE.get(data))
        else {
            return;
        };
        let message = self.state.mailboxes.get(&mailbox).and_then(|it| it.messages.get(&recording));
        if message.is_some_and(|it| it.task == Some(task) && it.state != MessageState::Done) {
            let (mark, by) = (MessageMark::Done, agent.to_string());
            let change = MailboxChange::Marked { recording, mark, by };
            self.emit(Fact::MailboxChanged { mailbox, change });
        }
    }

    /// Calls who left a message at the number that he gave, or that he called from.
    pub(super) fn call_back_message(
        &mut self,
        mailbox: &MailboxId,
        recording: RecordingId,
        from: &DeviceId,
        by: String,
    ) -> Answer {
        let message = self.contents_of(mailbox)?.and_then(|it| it.messages.get(&recording));
        let Some(number) = message.map(|it| it.number().clone()) else {
            return Err(not_there(mailbox));
        };
        let dialled = self.way_back(&number).unwrap_or(number);
        let reply = self.make_call(from, Some(Target::Number(dialled)), CallData::new())?;
        self.mark_message(mailbox, recording, MessageMark::Done, by)?;
        Ok(reply)
    }

    pub(super) fn remove_greeting(&mut self, mailbox: &MailboxId, by: String) -> Answer {
        if self.contents_of(mailbox)?.is_some_and(|it| it.greeting.is_some()) {
            let change = MailboxChange::GreetingRemoved { by };
            self.emit(Fact::MailboxChanged { mailbox: mailbox.clone(), change });
        }
        Ok(Reply::Done)
    }

    fn contents_of(&self, mailbox: &MailboxId) -> Result<Option<&Mailbox>, CommandError> {
        match self.config.mailboxes.iter().any(|it| it.id == *mailbox) {
            true => Ok(self.state.mailboxes.get(mailbox)),
            false => Err(CommandError::InvalidValue {
                field: "mailbox".to_owned(),
                reason: format!("there is no {mailbox}"),
            }),
        }
    }

    /// Returns all mailboxes, or one, with what lies in them.
    pub(super) fn show_mailboxes(&self, only: Option<&MailboxId>) -> Answer {
        if let Some(only) = only {
            self.contents_of(only)?;
        }
        let wanted =
            self.config.mailboxes.iter().filter(|it| only.is_none_or(|only| it.id == *only));
        let shown = wanted.map(|it| MailboxContents {
            config: MailboxConfig { pin: None, ..it.clone() },
            contents: self.state.mailboxes.get(&it.id).cloned().unwrap_or_default(),
        });
        Ok(Reply::Mailboxes(shown.collect()))
    }

    /// Remembers whose lamps a fact may light or put out.
    pub(super) fn messages_may_wait(&mut self, fact: &Fact) {
        if self.config.mailboxes.is_empty() {
            return;
        }
        #[expect(clippy::wildcard_enum_match_arm, reason = "few facts are about messages")]
        match fact {
            Fact::MailboxChanged { .. } | Fact::RecordingEnded { .. } | Fact::DataErased { .. } => {
                self.lamps.extend(self.state.agents.values().map(|it| it.device.clone()));
            }
            Fact::AgentSignedIn { device, .. } => {
                self.lamps.insert(device.clone());
            }
            Fact::AgentSignedOut { agent, .. } => {
                // Before the fact is applied he still sits there.
                let his = self.mailboxes_of(agent).next().is_some();
                if let Some(it) = self.state.agents.get(agent).filter(|_| his) {
                    self.unlit.insert(it.device.clone());
                }
            }
            _ => {}
        }
    }

    /// Lets the lamps show how many messages wait for those who sit there.
    pub(super) fn light_lamps(&mut self) {
        for device in std::mem::take(&mut self.unlit) {
            self.show_waiting(&device, 0);
        }
        for device in std::mem::take(&mut self.lamps) {
            let Some(agent) = self.agent_at(&device) else { continue };
            let mut his = self.mailboxes_of(&agent).peekable();
            if his.peek().is_none() {
                continue;
            }
            let unheard =
                |it: &MailboxConfig| self.state.mailboxes.get(&it.id).map_or(0, Mailbox::unheard);
            let count: usize = his.map(unheard).sum();
            self.show_waiting(&device, u32::try_from(count).unwrap_or(u32::MAX));
        }
    }

    fn show_waiting(&mut self, device: &DeviceId, count: u32) {
        let lit = self.state.devices.get(device).map_or(0, |it| it.messages);
        if lit != count {
            let switched = self.set_feature(device, DeviceFeature::MessageWaiting(count));
            debug_assert!(switched.is_ok(), "a seat has a device: {switched:?}");
        }
    }
}

fn not_there(mailbox: &MailboxId) -> CommandError {
    CommandError::InvalidValue {
        field: "recording".to_owned(),
        reason: format!("is no message of mailbox {mailbox}"),
    }
}

fn name_of(recording: Option<RecordingId>) -> String {
    recording.map(|it| it.to_string()).unwrap_or_default()
}
