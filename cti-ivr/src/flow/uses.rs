//! What flows refer to outside themselves, so that a centre can check that it is there.

use std::collections::BTreeSet;

use cti_core::id::{DeviceId, FlowId, MailboxId, QueueId};

use crate::{
    language::Language,
    prompt::Prompt,
    speak::{Style, Word},
};

/// Names that flows use, without repetition and in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Recorded prompts, with the clips that values are spliced from.
    pub prompts: BTreeSet<String>,
    /// Queues.
    pub queues: BTreeSet<QueueId>,
    /// Devices.
    pub devices: BTreeSet<DeviceId>,
    /// Tables.
    pub tables: BTreeSet<String>,
    /// Services over HTTP.
    pub endpoints: BTreeSet<String>,
    /// Queries of databases.
    pub queries: BTreeSet<String>,
    /// Queries that are asked again when the database fails: they must not change anything.
    pub repeated_queries: BTreeSet<String>,
    /// Templates of short messages.
    pub templates: BTreeSet<String>,
    /// Documents that are faxed.
    pub documents: BTreeSet<String>,
    /// Schedules of the calendar.
    pub schedules: BTreeSet<String>,
    /// Mailboxes.
    pub mailboxes: BTreeSet<MailboxId>,
    /// Pickup groups.
    pub groups: BTreeSet<String>,
    /// Other flows.
    pub flows: BTreeSet<FlowId>,
    /// Questions that are asked once within some time.
    pub questions: BTreeSet<String>,
    /// The language whose words for values are counted.
    pub(crate) language: Option<Language>,
}

impl Uses {
    pub(crate) fn prompt(&mut self, prompt: &Prompt) {
        self.prompts.extend(prompt.recorded().map(str::to_owned));
    }

    pub(crate) fn speech(&mut self, style: Style) {
        match self.language {
            None | Some(Language::Mandarin) => {
                self.prompts.extend(style.words().map(|word: Word| word.clip().to_owned()));
            }
            Some(Language::English) => self.prompts.extend(style.english_words()),
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.prompts.extend(other.prompts);
        self.queues.extend(other.queues);
        self.devices.extend(other.devices);
        self.tables.extend(other.tables);
        self.endpoints.extend(other.endpoints);
        self.queries.extend(other.queries);
        self.repeated_queries.extend(other.repeated_queries);
        self.templates.extend(other.templates);
        self.documents.extend(other.documents);
        self.schedules.extend(other.schedules);
        self.mailboxes.extend(other.mailboxes);
        self.groups.extend(other.groups);
        self.flows.extend(other.flows);
        self.questions.extend(other.questions);
    }
}
