//! Mailboxes: messages that callers left for an agent, for those who serve a queue, or for whoever leads the centre.
//!
//! ```text
//!   begun ── recording saved, long enough ──▶ New ──▶ Heard ──▶ Done ──▶ deleted
//!     └───── nothing said, too short ──▶ nothing          (each mark can be taken back)
//! ```
//!
//! A message is kept from the moment its recording begins: who hangs up in the middle of it has left it. [`Mailboxes`]
//! is part of the Center's durable state; what flows may ask of it is a [`MailboxQuestion`].

mod question;

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    address::PhoneNumber,
    data::{CallData, MAILBOX, MESSAGE},
    id::{AgentId, CallId, ContactId, MailboxId, QueueId, RecordingId},
    switch::RecordingEnd,
    time::{Timestamp, millis},
};

pub(crate) use question::row;
pub use question::{MAILBOX_SOURCE, MailboxQuestion};

/// A mailbox as the administrator decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailboxConfig {
    /// The mailbox.
    pub id: MailboxId,
    /// What people call it.
    pub name: String,
    /// What is entered on a telephone to mean this box, beside its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The agents whose it is; the first box that an agent has is his own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<AgentId>,
    /// The queues whose agents share it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<QueueId>,
    /// What opens it from any telephone; without one it opens at the seats of those whose it is alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// Where a task waits for each message until somebody has dealt with it; without it the lamp alone tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<QueueId>,
    /// How many messages it holds; who comes then is told that it is full.
    #[serde(default = "a_hundred")]
    pub most_messages: u32,
}

const fn a_hundred() -> u32 {
    100
}

impl MailboxConfig {
    /// The most messages that a mailbox can be allowed to hold.
    pub const MAX_MESSAGES: u32 = 1000;

    /// Returns what cannot be, if anything.
    pub(crate) fn invalid(&self) -> Option<&'static str> {
        let keys =
            |number: &String| !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
        if !self.number.as_ref().is_none_or(keys) {
            return Some("number must be digits");
        }
        let short = |pin: &str| !(4..=16).contains(&pin.len());
        let no_digits = |pin: &str| !pin.bytes().all(|it| it.is_ascii_digit());
        if !(1..=Self::MAX_MESSAGES).contains(&self.most_messages) {
            return Some("most_messages must lie between 1 and 1000");
        }
        self.pin
            .as_deref()
            .is_some_and(|pin| short(pin) || no_digits(pin))
            .then_some("pin must be 4 to 16 digits")
    }

    /// Returns whether the box is meant by what somebody named or entered.
    #[must_use]
    pub fn is_meant_by(&self, name: &MailboxId) -> bool {
        self.id == *name || self.number.as_deref() == Some(name.as_str())
    }

    /// Returns whether the box is this agent's, who serves these queues.
    #[must_use]
    pub fn belongs_to(&self, agent: &AgentId, serves: &[QueueId]) -> bool {
        self.agents.contains(agent) || self.queues.iter().any(|queue| serves.contains(queue))
    }
}

/// What has become of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Nobody has heard it: the lamp is lit.
    #[default]
    New,
    /// Someone heard it, and it is kept.
    Heard,
    /// It is dealt with: the caller was called back, or wants nothing.
    Done,
}

impl MessageState {
    /// Returns the name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Heard => "heard",
            Self::Done => "done",
        }
    }
}

/// A message in a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The call in which it was left.
    pub call: CallId,
    /// The contact of that call.
    pub contact: ContactId,
    /// Who left it.
    pub caller: PhoneNumber,
    /// What he had dialled.
    pub called: PhoneNumber,
    /// The number that he wants to be called back at, where he gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_back: Option<PhoneNumber>,
    /// Whether he wants a reply, where he was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wants_reply: Option<bool>,
    /// When he began to speak.
    pub at: Timestamp,
    /// How long it is; zero while he speaks.
    #[serde(rename = "length_ms", with = "millis")]
    pub length: Duration,
    /// What has become of it.
    #[serde(default)]
    pub state: MessageState,
    /// Who marked it last, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marked: Option<(String, Timestamp)>,
    /// The task by which an agent is to deal with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<ContactId>,
}

impl Message {
    /// Returns the number to call back: the one that he gave, else the one that he called from.
    #[must_use]
    pub fn number(&self) -> &PhoneNumber {
        self.call_back.as_ref().unwrap_or(&self.caller)
    }
}

/// What is done with a message that was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageMark {
    /// It counts as not heard again.
    New,
    /// It was heard and is kept.
    Heard,
    /// It is dealt with.
    Done,
    /// It is taken out of the box; its recording stays where recordings are kept.
    Deleted,
}

/// What happens to a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailboxChange {
    /// A caller begins to leave a message; it is in the box once its recording is saved.
    Begun {
        /// The recording.
        recording: RecordingId,
        /// What is known of it.
        message: Box<Message>,
        /// A shorter one is none.
        #[serde(rename = "shortest_ms", with = "millis")]
        shortest: Duration,
    },
    /// A caller said more about the message that he left.
    Noted {
        /// The message.
        recording: RecordingId,
        /// In which call.
        call: CallId,
        /// Where he wants to be called back; as it was when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call_back: Option<PhoneNumber>,
        /// Whether he wants a reply; as it was when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wants_reply: Option<bool>,
    },
    /// Somebody dealt with a message.
    Marked {
        /// The message.
        recording: RecordingId,
        /// How.
        mark: MessageMark,
        /// Who.
        by: String,
    },
    /// A greeting is being spoken; it is the box's once its recording is saved.
    GreetingBegun {
        /// The recording.
        recording: RecordingId,
        /// In which call.
        call: CallId,
    },
    /// The box has no greeting of its own any more.
    GreetingRemoved {
        /// Who removed it.
        by: String,
    },
}

impl MailboxChange {
    /// Returns the call that it is about.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        match self {
            Self::Begun { message, .. } => Some(message.call),
            Self::Noted { call, .. } | Self::GreetingBegun { call, .. } => Some(*call),
            Self::Marked { .. } | Self::GreetingRemoved { .. } => None,
        }
    }
}

/// What lies in one mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The messages by their recordings, the oldest first.
    pub messages: BTreeMap<RecordingId, Message>,
    /// The greeting that was spoken for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greeting: Option<RecordingId>,
}

impl Mailbox {
    /// Returns how many messages nobody has heard.
    #[must_use]
    pub fn unheard(&self) -> usize {
        self.messages.values().filter(|message| message.state == MessageState::New).count()
    }
}

/// What is being recorded for a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BeingSpoken {
    Message { message: Box<Message>, shortest: Duration },
    Greeting,
}

/// All mailboxes that ever held something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailboxes {
    boxes: BTreeMap<MailboxId, Mailbox>,
    being_spoken: BTreeMap<RecordingId, (MailboxId, BeingSpoken)>,
}

impl Mailboxes {
    /// Returns what lies in a mailbox, if anything ever did.
    #[must_use]
    pub fn get(&self, mailbox: &MailboxId) -> Option<&Mailbox> {
        self.boxes.get(mailbox)
    }

    /// Returns how many messages a mailbox holds, with those that are being left.
    pub(crate) fn held(&self, mailbox: &MailboxId) -> usize {
        let kept = self.get(mailbox).map_or(0, |it| it.messages.len());
        let coming = self.being_spoken.values().filter(|(whose, spoken)| {
            whose == mailbox && matches!(spoken, BeingSpoken::Message { .. })
        });
        kept + coming.count()
    }

    /// Returns the message that was left last in a call, and where it lies or will lie.
    pub(crate) fn last_of(&self, call: CallId) -> Option<(MailboxId, RecordingId)> {
        let coming = self.being_spoken.iter().rev().find_map(|(recording, (mailbox, spoken))| {
            matches!(spoken, BeingSpoken::Message { message, .. } if message.call == call)
                .then(|| (mailbox.clone(), *recording))
        });
        coming.or_else(|| {
            let lasts = self.boxes.iter().filter_map(|(mailbox, it)| {
                let of_call = it.messages.iter().rev().find(|(_, message)| message.call == call);
                of_call.map(|(recording, _)| (mailbox.clone(), *recording))
            });
            lasts.max_by_key(|(_, recording)| *recording)
        })
    }

    /// Follows one change.
    pub(crate) fn apply(&mut self, at: Timestamp, mailbox: &MailboxId, change: &MailboxChange) {
        match change {
            MailboxChange::Begun { recording, message, shortest } => {
                let spoken = BeingSpoken::Message { message: message.clone(), shortest: *shortest };
                self.being_spoken.insert(*recording, (mailbox.clone(), spoken));
            }
            MailboxChange::GreetingBegun { recording, .. } => {
                self.being_spoken.insert(*recording, (mailbox.clone(), BeingSpoken::Greeting));
            }
            MailboxChange::Noted { recording, call_back, wants_reply, .. } => {
                if let Some(message) = self.message_mut(mailbox, *recording) {
                    message.call_back = call_back.clone().or(message.call_back.take());
                    message.wants_reply = wants_reply.or(message.wants_reply);
                }
            }
            MailboxChange::Marked { recording, mark, by } => {
                let Some(it) = self.boxes.get_mut(mailbox) else { return };
                let state = match mark {
                    MessageMark::New => MessageState::New,
                    MessageMark::Heard => MessageState::Heard,
                    MessageMark::Done => MessageState::Done,
                    MessageMark::Deleted => return drop(it.messages.remove(recording)),
                };
                if let Some(message) = it.messages.get_mut(recording) {
                    message.state = state;
                    message.marked = Some((by.clone(), at));
                }
            }
            MailboxChange::GreetingRemoved { .. } => {
                if let Some(it) = self.boxes.get_mut(mailbox) {
                    it.greeting = None;
                }
            }
        }
    }

    fn message_mut(&mut self, mailbox: &MailboxId, recording: RecordingId) -> Option<&mut Message> {
        match self.being_spoken.get_mut(&recording) {
            Some((_, BeingSpoken::Message { message, .. })) => Some(message),
            Some((_, BeingSpoken::Greeting)) => None,
            None => self.boxes.get_mut(mailbox)?.messages.get_mut(&recording),
        }
    }

    /// Keeps what was spoken, if there is a file of it; what it replaces is forgotten.
    pub(crate) fn recording_ended(&mut self, recording: RecordingId, end: &RecordingEnd) {
        let Some((mailbox, spoken)) = self.being_spoken.remove(&recording) else { return };
        let RecordingEnd::Saved { length, .. } = end else { return };
        match spoken {
            BeingSpoken::Message { mut message, shortest } => {
                if *length >= shortest && !length.is_zero() {
                    message.length = *length;
                    let it = self.boxes.entry(mailbox).or_default();
                    it.messages.insert(recording, *message);
                }
            }
            BeingSpoken::Greeting if length.is_zero() => {}
            BeingSpoken::Greeting => {
                self.boxes.entry(mailbox).or_default().greeting = Some(recording);
            }
        }
    }

    /// Returns the message that is in a box as this recording, and the box.
    pub(crate) fn find(&self, recording: RecordingId) -> Option<(&MailboxId, &Message)> {
        let mut boxes = self.boxes.iter();
        boxes.find_map(|(mailbox, it)| Some((mailbox, it.messages.get(&recording)?)))
    }

    /// Follows a task that was opened: it may be the one for a message, which has one at most.
    pub(crate) fn task_opened(&mut self, contact: ContactId, data: &CallData) {
        let (Ok(Some(mailbox)), Ok(Some(recording))) = (MAILBOX.get(data), MESSAGE.get(data))
        else {
            return;
        };
        if let Some(message) = self.message_mut(&mailbox, recording) {
            message.task.get_or_insert(contact);
        }
    }

    /// Forgets the messages of contacts that were erased.
    pub(crate) fn erase(&mut self, contacts: &[ContactId]) {
        for it in self.boxes.values_mut() {
            it.messages.retain(|_, message| !contacts.contains(&message.contact));
        }
    }
}

/// A mailbox with what lies in it, as programs see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailboxContents {
    /// How the administrator decided it; without what opens it.
    pub config: MailboxConfig,
    /// What lies in it.
    pub contents: Mailbox,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(call: u64) -> Box<Message> {
        Box::new(Message {
            call: CallId(call),
            contact: ContactId(call),
            caller: PhoneNumber::parse("13812341234").unwrap(),
            called: PhoneNumber::parse("12345").unwrap(),
            call_back: None,
            wants_reply: None,
            at: Timestamp::from_secs(1),
            length: Duration::ZERO,
            state: MessageState::New,
            marked: None,
            task: None,
        })
    }

    fn saved(secs: u64) -> RecordingEnd {
        RecordingEnd::Saved {
            file: String::new(),
            length: Duration::from_secs(secs),
            bytes: 0,
            sha256: String::new(),
        }
    }

    fn leader() -> MailboxId {
        MailboxId::new("leader").unwrap()
    }

    /// Box `leader` in which the caller of call 1 speaks.
    fn spoken() -> Mailboxes {
        let mut boxes = Mailboxes::default();
        let shortest = Duration::from_secs(2);
        let begun =
            MailboxChange::Begun { recording: RecordingId(7), message: message(1), shortest };
        boxes.apply(Timestamp::ZERO, &leader(), &begun);
        boxes
    }

    #[test]
    fn a_message_is_in_the_box_once_its_recording_is_saved() {
        let mut boxes = spoken();
        assert_eq!((boxes.held(&leader()), boxes.get(&leader())), (1, None));
        boxes.recording_ended(RecordingId(7), &saved(5));
        assert_eq!(boxes.get(&leader()).unwrap().unheard(), 1);
        assert_eq!(boxes.held(&leader()), 1);
    }

    #[test]
    fn what_is_too_short_or_was_not_written_is_no_message() {
        for end in [saved(1), RecordingEnd::Failed { reason: "disk full".to_owned() }] {
            let mut boxes = spoken();
            boxes.recording_ended(RecordingId(7), &end);
            assert_eq!((boxes.held(&leader()), boxes.get(&leader())), (0, None));
        }
    }

    #[test]
    fn what_the_caller_says_of_his_message_is_kept_with_it_before_and_after_it_is_saved() {
        let mut boxes = spoken();
        let number = PhoneNumber::parse("05318888").unwrap();
        let noted = |call_back: Option<&PhoneNumber>, wants_reply| MailboxChange::Noted {
            recording: RecordingId(7),
            call: CallId(1),
            call_back: call_back.cloned(),
            wants_reply,
        };
        boxes.apply(Timestamp::ZERO, &leader(), &noted(Some(&number), None));
        boxes.recording_ended(RecordingId(7), &saved(5));
        assert_eq!(boxes.last_of(CallId(1)), Some((leader(), RecordingId(7))));
        boxes.apply(Timestamp::ZERO, &leader(), &noted(None, Some(true)));
        let kept = &boxes.get(&leader()).unwrap().messages[&RecordingId(7)];
        assert_eq!((kept.number(), kept.wants_reply), (&number, Some(true)));
    }

    #[test]
    fn marks_can_be_taken_back_and_deleting_cannot() {
        let mut boxes = spoken();
        boxes.recording_ended(RecordingId(7), &saved(5));
        let mut mark = |mark| {
            let (recording, by) = (RecordingId(7), "zhao".to_owned());
            let marked = MailboxChange::Marked { recording, mark, by };
            boxes.apply(Timestamp::from_secs(9), &leader(), &marked);
            boxes.get(&leader()).unwrap().messages.get(&recording).map(|it| it.state)
        };
        assert_eq!(mark(MessageMark::Done), Some(MessageState::Done));
        assert_eq!(mark(MessageMark::New), Some(MessageState::New));
        assert_eq!(mark(MessageMark::Deleted), None);
        assert_eq!(mark(MessageMark::Heard), None);
    }

    #[test]
    fn an_erased_contact_leaves_no_message_behind() {
        let mut boxes = spoken();
        boxes.recording_ended(RecordingId(7), &saved(5));
        boxes.erase(&[ContactId(2)]);
        assert_eq!(boxes.held(&leader()), 1);
        boxes.erase(&[ContactId(1)]);
        assert_eq!(boxes.held(&leader()), 0);
    }
}
