//! Named agent: the caller dialled or chose him (指定坐席).

use cti_core::id::AgentId;

use super::Words;

/// The rule's name.
pub(crate) const NAME: &str = "named_agent";

/// What it does, in one line.
pub(crate) fn description() -> Words {
    Words::new(
        "来电人指定的坐席；可设时限，过时任何人均可",
        "the agent whom the caller dialled or chose; anyone after the time that the contact gives",
    )
}

/// Says why the contact goes to this agent and to no other.
pub(crate) fn why(agent: &AgentId) -> Words {
    Words::new(format!("来电人指定 {agent}"), format!("the caller asked for {agent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_names_whom_the_caller_asked_for() {
        let words = why(&AgentId::new("8003").unwrap());
        assert!(words.zh.contains("8003") && words.en.contains("8003"));
        assert!(description().en.contains("agent"));
    }
}
