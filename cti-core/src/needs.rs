//! What a waiting contact asks of the one who takes it: medium, skills, language, region, a certain agent.
//!
//! A flow, a program or a supervisor states it when the contact is queued; the [router](crate::router) matches it with
//! what it knows of the agents. The Center itself looks at the medium only.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::id::{AgentId, RegionId, SkillId};

/// How the citizen and the agent speak with each other.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// A telephone call.
    #[default]
    Voice,
    /// A call-back that keeps the place of a caller who hung up (回拨).
    CallBack,
    /// A dialogue in writing: web chat, WeChat.
    Chat,
    /// A letter by e-mail.
    Mail,
    /// A fax that came in.
    Fax,
    /// Anything else that a person has to do.
    Task,
}

impl Medium {
    /// Every medium, in the order of the enum.
    pub const ALL: [Self; 6] =
        [Self::Voice, Self::CallBack, Self::Chat, Self::Mail, Self::Fax, Self::Task];

    /// Returns the name as it is written down.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::CallBack => "call_back",
            Self::Chat => "chat",
            Self::Mail => "mail",
            Self::Fax => "fax",
            Self::Task => "task",
        }
    }

    /// Returns whether the agent speaks on his telephone for it: one such contact at a time.
    #[must_use]
    pub fn is_spoken(self) -> bool {
        match self {
            Self::Voice | Self::CallBack => true,
            Self::Chat | Self::Mail | Self::Fax | Self::Task => false,
        }
    }
}

impl fmt::Display for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a contact asks for a certain agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WantedFor {
    /// The caller dialled or chose him (指定坐席).
    Named,
    /// He is the agent of this customer (特定客户特定分配).
    Customer,
    /// He served this caller last (来电记忆).
    Last,
}

/// A certain agent who is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Who.
    pub agent: AgentId,
    /// Why him.
    pub because: WantedFor,
    /// How long only he will do; afterwards anyone in the queue. Nobody else ever when absent.
    #[serde(
        rename = "only_for_ms",
        default,
        with = "crate::time::optional_millis",
        skip_serializing_if = "Option::is_none"
    )]
    pub only_for: Option<Duration>,
}

/// What a contact asks of the one who takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Needs {
    /// How they speak with each other.
    #[serde(skip_serializing_if = "is_voice")]
    pub medium: Medium,
    /// The skills and the least level of each, 1 to 10; at most [`Needs::MAX_SKILLS`].
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub skills: BTreeMap<SkillId, u8>,
    /// The language; it is a skill whose level does not matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<SkillId>,
    /// The region the matter belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionId>,
    /// A certain agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Wanted>,
}

/// Needs that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNeeds {
    /// Too many skills.
    #[error("skills: at most {} can be asked for, these are {count}", Needs::MAX_SKILLS)]
    TooManySkills {
        /// How many there were.
        count: usize,
    },
    /// A level outside 1 to 10.
    #[error("skills.{skill}: a level lies between 1 and 10, this one is {level}")]
    Level {
        /// Of which skill.
        skill: SkillId,
        /// The level.
        level: u8,
    },
}

impl Needs {
    /// The most skills that one contact can ask for.
    pub const MAX_SKILLS: usize = 32;

    /// Returns the needs of a contact of this medium without any wish.
    #[must_use]
    pub fn of(medium: Medium) -> Self {
        Self { medium, ..Self::default() }
    }

    /// Checks bounds.
    ///
    /// # Errors
    /// When there are too many skills, or a level is out of its range.
    pub fn check(&self) -> Result<(), InvalidNeeds> {
        if self.skills.len() > Self::MAX_SKILLS {
            return Err(InvalidNeeds::TooManySkills { count: self.skills.len() });
        }
        match self.skills.iter().find(|(_, level)| !(1..=10).contains(*level)) {
            Some((skill, level)) => {
                Err(InvalidNeeds::Level { skill: skill.clone(), level: *level })
            }
            None => Ok(()),
        }
    }

    /// Returns whether nothing is asked for that not every agent of the queue has.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

fn is_voice(medium: &Medium) -> bool {
    *medium == Medium::Voice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_without_a_wish_are_written_as_nothing_and_read_back() {
        assert_eq!(serde_json::to_string(&Needs::default()).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<Needs>("{}").unwrap(), Needs::default());
        let needs = Needs {
            agent: Some(Wanted {
                agent: "8001".parse().unwrap(),
                because: WantedFor::Last,
                only_for: Some(Duration::from_secs(20)),
            }),
            ..Needs::of(Medium::Chat)
        };
        let text = serde_json::to_string(&needs).unwrap();
        assert_eq!(
            text,
            r#"{"medium":"chat","agent":{"agent":"8001","because":"last","only_for_ms":20000}}"#
        );
        assert_eq!(serde_json::from_str::<Needs>(&text).unwrap(), needs);
    }

    #[test]
    fn a_level_out_of_range_names_the_skill() {
        let skills = [("english".parse().unwrap(), 11)].into();
        let error = Needs { skills, ..Needs::default() }.check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "skills.english: a level lies between 1 and 10, this one is 11"
        );
    }
}
