//! Last agent: he served this caller last (来电记忆).

use cti_core::id::AgentId;

use super::Words;

/// The rule's name.
pub(crate) const NAME: &str = "last_agent";

/// What it does, in one line.
pub(crate) fn description() -> Words {
    Words::new(
        "上次受理该来电的坐席；可设时限，过时或其不在岗时任何人均可",
        "the agent who served this caller last; anyone after the time that the contact gives, or when he is away",
    )
}

/// Says why the contact goes to this agent and to no other.
pub(crate) fn why(agent: &AgentId) -> Words {
    Words::new(format!("{agent} 上次受理过该来电"), format!("{agent} served this caller last"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_names_who_served_last() {
        let words = why(&AgentId::new("8003").unwrap());
        assert!(words.zh.contains("8003") && words.en.contains("8003"));
        assert!(description().en.contains("agent"));
    }
}
