//! What the check can say of a flow only when it knows the recordings: which are missing, how long callers listen.

use std::{collections::BTreeMap, time::Duration};

use cti_core::switch::{Clip, Tone};
use serde::{Deserialize, Serialize};

use super::{Code, Finding, Flow, Uses, check};
use crate::prompt::Prompt;

/// The recordings of a centre: their lengths by language and id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recordings {
    /// By language, then by the id of the prompt.
    pub languages: BTreeMap<String, BTreeMap<String, Duration>>,
}

impl Recordings {
    /// Returns how long a prompt is in the language in which it is longest; what is missing counts as nothing.
    fn length(&self, prompt: &Prompt) -> Duration {
        let clip = |lengths: &BTreeMap<String, Duration>, clip: &Clip| match clip {
            Clip::Prompt(id) => lengths.get(id).copied().unwrap_or_default(),
            Clip::Tone(Tone::Beep) => Duration::from_millis(200),
            // They go on until something else is played.
            Clip::Tone(Tone::RingBack | Tone::Busy | Tone::Congestion) => Duration::ZERO,
            Clip::Silence(length) => *length,
            // No prompt of a flow names one.
            Clip::Recording(_) | Clip::Text { .. } => Duration::ZERO,
        };
        let all = |lengths| prompt.clips().iter().map(|it| clip(lengths, it)).sum();
        self.languages.values().map(all).max().unwrap_or_default()
    }
}

impl Flow {
    /// Returns what the recordings of the centre let the check find: prompts that are missing in a language, and
    /// callers who listen for long before their first key counts.
    #[must_use]
    pub fn review(&self, recordings: &Recordings) -> Vec<Finding> {
        let mut findings = Vec::new();
        let nothing = BTreeMap::new();
        for language in self.languages() {
            let mut sets: Vec<(&str, &BTreeMap<String, Duration>)> = recordings
                .languages
                .iter()
                .filter(|(set, _)| language.has_set(set))
                .map(|(set, known)| (set.as_str(), known))
                .collect();
            // A centre of whose recordings nothing is known lacks none.
            if sets.is_empty() && !recordings.languages.is_empty() {
                sets.push((language.tag(), &nothing));
            }
            for placed in self.nodes() {
                let mut uses = Uses { language: Some(*language), ..Uses::default() };
                placed.node.uses(&mut uses);
                for (set, known) in &sets {
                    for missing in uses.prompts.iter().filter(|id| !known.contains_key(*id)) {
                        let reason = format!("there is no recording {missing} in {set}");
                        findings.push(Finding::node(Code::MissingPrompt, &placed.id, reason));
                    }
                }
            }
        }
        findings.extend(check::late_first_key(self, |prompt| recordings.length(prompt)));
        findings
    }
}
