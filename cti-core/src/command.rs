//! All that people and programs can ask of the Center.
//!
//! Calls are commanded by the services of ECMA-269, under their names there ([`Service`]); agents, queues and contacts
//! by what a call centre needs beyond it. Each command is answered once, by a [`Reply`] or a [`CommandError`]; what
//! follows from it is told by events.

mod error;
mod service;

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

pub use self::{
    error::{CommandError, CstaError, JtapiError, TsapiError},
    service::{Collect, Service},
};
use crate::{
    address::PhoneNumber,
    calendar::CalendarChange,
    config::QueueConfig,
    event::{AlarmKind, DeviceFeature},
    flow::{CallData, FlowAnswer, FlowOrder},
    id::{
        AgentId, CallId, CollectionId, ContactId, DeviceId, EntryId, LegId, MailboxId, PlayId,
        QueueId, RecordingId, RequestId, SeatId,
    },
    mailbox::{MailboxContents, MessageMark},
    needs::{Medium, Needs},
    numbers::ListEntry,
    router::{Explanation, RulesChange},
};

/// What is asked. The one who asks has been authorised already: the Center knows no passwords.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    // --- agents --------------------------------------------------------------
    /// An agent begins work at a seat (CSTA Set Agent State, agentLoggedOn).
    SignIn {
        /// Who.
        agent: AgentId,
        /// Where.
        seat: SeatId,
        /// For which queues; all of his when absent.
        queues: Option<Vec<QueueId>>,
    },
    /// An agent ends work (agentLoggedOff).
    SignOut {
        /// Who.
        agent: AgentId,
    },
    /// An agent wants calls (agentReady); ends after-call work, or is what he does after the call he is on.
    SetReady {
        /// Who.
        agent: AgentId,
    },
    /// An agent wants no calls (agentNotReady); during a call, when it is over.
    SetNotReady {
        /// Who.
        agent: AgentId,
        /// Why, from the centre's list of reason codes.
        reason: String,
    },
    /// A supervisor changes an agent's state (强制示闲, 强制示忙, 强制签出); an offer that is out is withdrawn first.
    ForceAgent {
        /// Whose.
        agent: AgentId,
        /// What he is made to do.
        to: ForcedState,
        /// Who does it.
        by: String,
    },
    /// The program at an agent's seat is alive; one that has sent this once must go on sending it.
    Heartbeat {
        /// Whose.
        agent: AgentId,
    },
    /// Change which queues an agent serves and how much he works at together: at once if he is at work, and at his next
    /// sign-in. Who keeps the configuration writes it down for the next start.
    SetDuties {
        /// Whose.
        agent: AgentId,
        /// The queues he serves from here on; as before when absent.
        queues: Option<Vec<QueueId>>,
        /// How many contacts of each medium that is not spoken he works at together, none when not listed; as before
        /// when absent.
        capacity: Option<BTreeMap<Medium, u8>>,
        /// Who does it.
        by: String,
    },
    /// Bring the telephone of an agent into order (复位): consultations end, held callers come back, nobody is muted.
    Reset {
        /// Whose.
        agent: AgentId,
    },

    // --- calls ---------------------------------------------------------------
    /// A service on a call.
    Call(Service),
    /// End a call for all its parties (CSTA Clear Call; 强拆).
    ClearCall {
        /// Which call.
        call: CallId,
    },
    /// Switch a feature of a device.
    SetFeature {
        /// Which device.
        device: DeviceId,
        /// Which feature, and how it is to stand.
        feature: DeviceFeature,
    },

    /// Switch several features of a device, all of them or none.
    SetFeatures {
        /// Which device.
        device: DeviceId,
        /// Which features, and how they are to stand; at most 200. A refusal names its place: `features[3].to`.
        features: Vec<DeviceFeature>,
    },

    // --- queues and contacts -------------------------------------------------
    /// Change the priority of a waiting contact.
    SetPriority {
        /// Which contact.
        contact: ContactId,
        /// Higher is served first.
        priority: u8,
        /// Who does it.
        by: String,
    },
    /// Let a waiting contact go on waiting in another queue; its wait so far counts.
    MoveContact {
        /// Which contact.
        contact: ContactId,
        /// Where to.
        queue: QueueId,
        /// Who does it.
        by: String,
    },
    /// Give a waiting contact to one agent alone, as soon as he is free; to anyone again when absent (强制分配).
    AssignContact {
        /// Which contact.
        contact: ContactId,
        /// To whom.
        agent: Option<AgentId>,
        /// Who does it.
        by: String,
    },
    /// Bring in a contact that is not spoken, or a number to be called back.
    OpenContact {
        /// How citizen and agent speak with each other.
        medium: Medium,
        /// The citizen's number, where there is one; needed for a call-back.
        caller: PhoneNumber,
        /// Where it waits.
        queue: QueueId,
        /// Higher is served first.
        priority: u8,
        /// What it asks of the agent; its medium is taken from `medium`.
        needs: Needs,
        /// What belongs to it.
        data: CallData,
    },
    /// An agent accepts what he was offered and is not spoken.
    AcceptContact {
        /// Which contact.
        contact: ContactId,
        /// Who.
        agent: AgentId,
    },
    /// An agent refuses what he was offered.
    RejectContact {
        /// Which contact.
        contact: ContactId,
        /// Who.
        agent: AgentId,
    },
    /// An agent has finished what he worked at.
    FinishContact {
        /// Which contact.
        contact: ContactId,
        /// Who.
        agent: AgentId,
    },
    /// A contact without a call is withdrawn.
    WithdrawContact {
        /// Which contact.
        contact: ContactId,
    },
    /// A caller who waits is to be called back and hangs up; his place is kept (回拨).
    RequestCallBack {
        /// Which contact.
        contact: ContactId,
        /// Under which number; the one he calls from when absent.
        number: Option<PhoneNumber>,
    },
    /// Explain where a contact stands.
    Explain {
        /// Which contact.
        contact: ContactId,
    },

    /// Show how long somebody would wait who comes to each queue now.
    ShowWaits,
    /// Explain why a contact is not with an agent.
    WhyNot {
        /// Which contact.
        contact: ContactId,
        /// Which agent.
        agent: AgentId,
    },
    /// Change the rules by which contacts are given to agents; at once, and nobody loses his place.
    ChangeRules {
        /// How.
        change: RulesChange,
        /// Who does it.
        by: String,
    },
    /// Show the rules by which contacts are given to agents.
    ShowRules,
    /// Open a queue, or change its settings: who comes, is offered or is answered from here on has them. Who keeps the
    /// configuration writes it down for the next start.
    ConfigureQueue {
        /// The queue as it is to be.
        queue: QueueConfig,
        /// Who does it.
        by: String,
    },
    /// Change the hours or the holidays that router and flows go by, at once. Who keeps the calendar writes it down for
    /// the next start.
    ChangeCalendar {
        /// How.
        change: CalendarChange,
        /// Who does it.
        by: String,
    },

    // --- lists of callers ----------------------------------------------------
    /// Put callers on the blacklist or the whitelist (黑白名单): all entries or none. When they are made is the
    /// Center's time.
    AddListEntries {
        /// Who, which calls of theirs, what follows, until when, and why.
        entries: Vec<ListEntry>,
    },
    /// Take an entry off its list.
    RemoveListEntry {
        /// Which entry.
        entry: EntryId,
        /// Who does it.
        by: String,
    },

    // --- mailboxes -----------------------------------------------------------
    /// Do something with a message that was left.
    MarkMessage {
        /// In which mailbox.
        mailbox: MailboxId,
        /// Which message.
        recording: RecordingId,
        /// What.
        mark: MessageMark,
        /// Who does it.
        by: String,
    },
    /// Call back who left a message, from a device of the centre; the message is done with it.
    CallBackMessage {
        /// In which mailbox.
        mailbox: MailboxId,
        /// Which message.
        recording: RecordingId,
        /// The device that is rung first.
        from: DeviceId,
        /// Who does it.
        by: String,
    },
    /// Let a mailbox greet as the flow does, and no longer with what was spoken for it.
    RemoveGreeting {
        /// Which mailbox.
        mailbox: MailboxId,
        /// Who does it.
        by: String,
    },
    /// Show mailboxes with what lies in them.
    ShowMailboxes {
        /// Which one; all when absent.
        mailbox: Option<MailboxId>,
    },

    // --- flows ---------------------------------------------------------------
    /// Change the flows while calls are in them.
    Flows {
        /// What is wanted.
        #[serde(flatten)]
        order: FlowOrder,
        /// Who wants it.
        by: String,
    },

    // --- the centre ----------------------------------------------------------
    /// Write down that what was known of a person was erased (see the module `seal`); whoever does it destroys the
    /// keys.
    NoteErasure {
        /// The person's contacts; none of them may be live.
        contacts: Vec<ContactId>,
        /// Who does it.
        by: String,
        /// Why.
        reason: String,
    },
    /// Tell the supervisors of something that needs a person, or that it is over: what the Center cannot see itself,
    /// such as holidays that nobody has imported.
    SetAlarm {
        /// What it is.
        kind: AlarmKind,
        /// Whether it stands.
        stands: bool,
    },
    /// Refuse new calls, or take them again.
    Drain {
        /// Whether to refuse.
        on: bool,
    },
    /// End all calls.
    ClearAll,
}

/// What a supervisor can make an agent do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForcedState {
    /// Take calls.
    Ready,
    /// Take no calls, for a reason of the centre's list.
    NotReady(String),
    /// End work; after the call he is on.
    SignedOut,
}

/// What a successful command answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It is done.
    Done,
    /// The call that began.
    Call(CallId),
    /// The contact that was opened.
    Contact(ContactId),
    /// The leg of the party who is being brought in.
    Leg(LegId),
    /// The collection that began; its end is an event.
    Collection(CollectionId),
    /// The message that is played; its end is an event.
    Message(PlayId),
    /// The entries that were added, in the order of the command.
    ListEntries(Vec<EntryId>),
    /// What came of an order about flows.
    Flows(FlowAnswer),
    /// The explanation asked for, oldest decision first.
    Explanation(Vec<Explanation>),
    /// The wait that somebody can expect who comes now, of each queue of which enough is known.
    Waits(BTreeMap<QueueId, Duration>),
    /// The rules asked for, as the router describes them.
    Rules(serde_json::Value),
    /// The mailboxes asked for, in the order of the configuration.
    Mailboxes(Vec<MailboxContents>),
}

/// A command with the name under which its answer is returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The name of the answer.
    pub id: RequestId,
    /// What is asked.
    pub command: Command,
}
