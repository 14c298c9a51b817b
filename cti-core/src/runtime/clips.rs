//! What a program says, in the words it comes to hand.

use crate::switch::Clip;

/// Clips that are played one after the other: `"welcome"`, `["welcome", "menu"]`, or any [`Clip`]s.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clips(pub Vec<Clip>);

impl From<&str> for Clips {
    fn from(prompt: &str) -> Self {
        Self(vec![Clip::Prompt(prompt.to_owned())])
    }
}

impl From<String> for Clips {
    fn from(prompt: String) -> Self {
        Self(vec![Clip::Prompt(prompt)])
    }
}

impl<const N: usize> From<[&str; N]> for Clips {
    fn from(prompts: [&str; N]) -> Self {
        Self(prompts.map(|prompt| Clip::Prompt(prompt.to_owned())).to_vec())
    }
}

impl From<Clip> for Clips {
    fn from(clip: Clip) -> Self {
        Self(vec![clip])
    }
}

impl From<Vec<Clip>> for Clips {
    fn from(clips: Vec<Clip>) -> Self {
        Self(clips)
    }
}
