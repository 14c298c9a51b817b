//! Blacklist and whitelist: who is refused, diverted or announced, and who is preferred; and which customer has an agent
//! of his own.

mod entry;
mod import;

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    normal::NormalNumber,
    pattern::{NumberPattern, PatternMap, TooManyShapes},
};
use crate::{
    id::{AgentId, EntryId, QueueId},
    time::Timestamp,
};

pub use entry::{BlackLevel, ListEntry, ListLevel, ListScope};
pub use import::{InvalidDraft, ListDraft, ListImport};

/// Most entries that the lists of a centre hold.
const MAX_ENTRIES: usize = 100_000;
/// Most characters of a reason.
const MAX_REASON: usize = 200;
/// How long a customer can wait for his agent alone.
const AGENT_TIME: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(3600);

/// What the lists say about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement<'l> {
    /// No entry speaks of it.
    Unlisted,
    /// It is on the whitelist.
    White {
        /// Which entry decided.
        id: EntryId,
        /// The entry.
        entry: &'l ListEntry,
        /// Whether the call is free of charge.
        free: bool,
        /// How much the contact's priority is raised.
        priority: i32,
    },
    /// It is on the blacklist.
    Black {
        /// Which entry decided.
        id: EntryId,
        /// The entry.
        entry: &'l ListEntry,
        /// What becomes of the call.
        level: &'l BlackLevel,
    },
}

/// Why an entry was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The lists are full.
    #[error("entry: the lists hold at most {MAX_ENTRIES} entries")]
    Full,
    /// There is an entry with the same numbers, scope and colour.
    #[error("number: {number} is listed in this scope already, by {id}")]
    Listed {
        /// The numbers, masked.
        number: String,
        /// The entry that is there.
        id: EntryId,
    },
    /// An entry that may be read by someone later needs a reason.
    #[error("reason: is empty")]
    NoReason,
    /// The reason is too long.
    #[error("reason: has {length} characters, more than {MAX_REASON}")]
    LongReason {
        /// How many characters it has.
        length: usize,
    },
    /// A customer would wait for his agent for a time that cannot be.
    #[error("level: a customer waits for his agent for 1 to 3600 s")]
    AgentTime,
    /// The entry ends before it was made.
    #[error("expires: is before the entry was made")]
    Expired,
    /// There are too many shapes of patterns.
    #[error("number: {0}")]
    Shapes(#[from] TooManyShapes),
}

/// The blacklist and the whitelist of a centre, and its table of customers' agents.
///
/// Written to a state or a file it holds numbers in clear; only what is printed is masked.
///
/// # Which entry decides
///
/// Of the entries that describe the caller, whose scope holds the call and that have not expired:
///
/// 1. White beats black, however narrow the black one is: who must always get through does.
/// 2. The closest description of the number decides: one number before a pattern with `?` before a prefix before a
///    kind of number, and more digits before fewer.
/// 3. The narrowest scope decides: a queue before a called number before the whole centre.
/// 4. The entry that was made first decides.
///
/// # Examples
///
/// ```
/// use cti_core::{
///     numbers::{
///         BlackLevel, Judgement, ListEntry, ListLevel, ListScope, NumberLists, NumberRules,
///     },
///     time::Timestamp,
/// };
///
/// let rules = NumberRules::china("0531")?;
/// let now = Timestamp::from_secs(1_000_000);
/// let mut lists = NumberLists::default();
/// lists.add(ListEntry {
///     number: rules.pattern("138-1234-1234")?,
///     scope: ListScope::Centre,
///     level: ListLevel::Black(BlackLevel::Refuse),
///     expires: Some(Timestamp::from_secs(2_000_000)),
///     reason: "40 calls in an hour".to_owned(),
///     entered_by: "8000".to_owned(),
///     entered_at: now,
/// })?;
///
/// let hotline = rules.normalize("12345");
/// let judgement = lists.judge(&rules.normalize("+8613812341234"), &hotline, None, now);
/// assert!(matches!(judgement, Judgement::Black { level: BlackLevel::Refuse, .. }));
/// assert!(!format!("{judgement:?}").contains("13812341234"));
///
/// let later = Timestamp::from_secs(2_000_000);
/// assert_eq!(lists.judge(&rules.normalize("13812341234"), &hotline, None, later), Judgement::Unlisted);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct NumberLists {
    entries: BTreeMap<EntryId, ListEntry>,
    last: EntryId,
    index: PatternMap<EntryId>,
}

impl PartialEq for NumberLists {
    /// The index is made of the entries.
    fn eq(&self, other: &Self) -> bool {
        self.last == other.last && self.entries == other.entries
    }
}

/// What is kept of the lists; the index is made of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Saved {
    last: EntryId,
    entries: Vec<(EntryId, ListEntry)>,
}

impl From<NumberLists> for Saved {
    fn from(lists: NumberLists) -> Self {
        Self { last: lists.last, entries: lists.entries.into_iter().collect() }
    }
}

impl TryFrom<Saved> for NumberLists {
    type Error = ListError;
    fn try_from(saved: Saved) -> Result<Self, ListError> {
        let mut lists = Self::default();
        for (id, entry) in saved.entries {
            lists.check(&entry)?;
            lists.insert(id, entry)?;
        }
        lists.last = lists.last.max(saved.last);
        Ok(lists)
    }
}

impl NumberLists {
    /// Adds an entry and returns its id.
    ///
    /// # Errors
    /// When the lists are full, the same numbers are listed in this scope and colour already, the reason is missing
    /// or too long, or the entry would have expired when it was made.
    pub fn add(&mut self, entry: ListEntry) -> Result<EntryId, ListError> {
        self.check(&entry)?;
        let id = self.next_id();
        self.insert(id, entry)?;
        Ok(id)
    }

    /// Returns the id that the next entry gets.
    #[must_use]
    pub fn next_id(&self) -> EntryId {
        EntryId(self.last.0 + 1)
    }

    /// Takes over an entry that was added elsewhere under its id, for whoever follows a log; one that is there already
    /// is replaced.
    ///
    /// # Errors
    /// When there are too many shapes of patterns; nothing has changed then.
    pub fn insert(&mut self, id: EntryId, entry: ListEntry) -> Result<(), TooManyShapes> {
        self.remove(id);
        self.index.insert(entry.number.clone(), id)?;
        self.entries.insert(id, entry);
        self.last = self.last.max(id);
        Ok(())
    }

    /// Returns whether an entry could be added, and why not.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn check(&self, entry: &ListEntry) -> Result<(), ListError> {
        let length = entry.reason.chars().count();
        if entry.reason.trim().is_empty() {
            return Err(ListError::NoReason);
        }
        if length > MAX_REASON {
            return Err(ListError::LongReason { length });
        }
        if entry.expires.is_some_and(|end| end <= entry.entered_at) {
            return Err(ListError::Expired);
        }
        if let ListLevel::Agent { only_for, .. } = &entry.level
            && !AGENT_TIME.contains(only_for)
        {
            return Err(ListError::AgentTime);
        }
        if self.entries.len() >= MAX_ENTRIES {
            return Err(ListError::Full);
        }
        if let Some(id) = self.listed(&entry.number, &entry.scope, &entry.level) {
            return Err(ListError::Listed { number: entry.number.to_string(), id });
        }
        Ok(self.index.has_room_for(&entry.number)?)
    }

    fn listed(
        &self,
        number: &NumberPattern,
        scope: &ListScope,
        level: &ListLevel,
    ) -> Option<EntryId> {
        self.index.values(number).iter().copied().find(|id| {
            self.entries.get(id).is_some_and(|it| it.scope == *scope && it.level.same_list(level))
        })
    }

    /// Removes an entry and returns it.
    pub fn remove(&mut self, id: EntryId) -> Option<ListEntry> {
        let entry = self.entries.remove(&id)?;
        self.index.remove(&entry.number, &id);
        Some(entry)
    }

    /// Returns the ids of what has expired.
    pub fn expired(&self, now: Timestamp) -> impl Iterator<Item = EntryId> {
        self.entries.iter().filter(move |(_, entry)| entry.has_expired(now)).map(|(id, _)| *id)
    }

    /// Removes what has expired and returns the ids.
    pub fn remove_expired(&mut self, now: Timestamp) -> Vec<EntryId> {
        let expired: Vec<EntryId> = self.expired(now).collect();
        for id in &expired {
            self.remove(*id);
        }
        expired
    }

    /// Returns an entry.
    #[must_use]
    pub fn get(&self, id: EntryId) -> Option<&ListEntry> {
        self.entries.get(&id)
    }

    /// Returns all entries in the order they were made.
    pub fn entries(&self) -> impl Iterator<Item = (EntryId, &ListEntry)> {
        self.entries.iter().map(|(id, entry)| (*id, entry))
    }

    /// Returns the entries that describe a number, in any scope and expired ones too, the closest description first.
    pub fn describing(&self, number: &NormalNumber) -> impl Iterator<Item = (EntryId, &ListEntry)> {
        let ids = self.index.all(number).into_iter();
        ids.filter_map(|id| Some((*id, self.entries.get(id)?)))
    }

    /// Returns how many entries there are, expired ones too.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Says what the lists make of a call, by the [rules](Self#which-entry-decides) above. Entries of a queue speak
    /// once it is known which queue the caller goes to.
    #[must_use]
    pub fn judge(
        &self,
        caller: &NormalNumber,
        called: &NormalNumber,
        queue: Option<&QueueId>,
        now: Timestamp,
    ) -> Judgement<'_> {
        let lists = |it: &(EntryId, &ListEntry)| !matches!(it.1.level, ListLevel::Agent { .. });
        let speaking = self.in_force(caller, called, queue, now).filter(lists);
        let decides = speaking.min_by_key(|(id, entry)| {
            let breadth = entry.scope.breadth();
            (!entry.level.is_white(), std::cmp::Reverse(entry.number.closeness()), breadth, *id)
        });
        match decides {
            None => Judgement::Unlisted,
            Some((id, entry)) => match &entry.level {
                ListLevel::White { free, priority } => {
                    Judgement::White { id, entry, free: *free, priority: *priority }
                }
                ListLevel::Black(level) => Judgement::Black { id, entry, level },
                ListLevel::Agent { .. } => Judgement::Unlisted,
            },
        }
    }

    /// Returns the caller's own agent and how long nobody else will do: of the entries that name one, the one that the
    /// [rules](Self#which-entry-decides) from the second on choose.
    #[must_use]
    pub fn own_agent(
        &self,
        caller: &NormalNumber,
        called: &NormalNumber,
        queue: Option<&QueueId>,
        now: Timestamp,
    ) -> Option<(&AgentId, Duration)> {
        let named = self.in_force(caller, called, queue, now).filter_map(|(id, entry)| {
            let ListLevel::Agent { agent, only_for } = &entry.level else { return None };
            Some((id, entry, (agent, *only_for)))
        });
        let closest = named.min_by_key(|(id, entry, _)| {
            (std::cmp::Reverse(entry.number.closeness()), entry.scope.breadth(), *id)
        });
        closest.map(|(_, _, agent)| agent)
    }

    fn in_force(
        &self,
        caller: &NormalNumber,
        called: &NormalNumber,
        queue: Option<&QueueId>,
        now: Timestamp,
    ) -> impl Iterator<Item = (EntryId, &ListEntry)> {
        self.describing(caller)
            .filter(move |(_, entry)| entry.scope.holds(called, queue) && !entry.has_expired(now))
    }
}
