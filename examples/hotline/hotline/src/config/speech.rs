//! What callers hear: which set of prompts.

use hotline_api::flows::prompts::shelf::language_of;
use serde::Deserialize;

use crate::prompts::DEFAULT_SET;

/// What callers hear.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Speech {
    /// The set of prompts that callers hear: a language (`zh-CN`), or a language and a voice (`zh-CN-lin`), whose
    /// missing prompts are taken from the language's own.
    pub set: String,
}

impl Default for Speech {
    fn default() -> Self {
        Self { set: DEFAULT_SET.to_owned() }
    }
}

impl Speech {
    /// Checks the values; names the field and the reason.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        match language_of(&self.set) {
            Some(_) => Ok(()),
            None => {
                let reason = format!("{:?} is no set such as zh-CN or zh-CN-lin", self.set);
                Err(("speech.set".to_owned(), reason))
            }
        }
    }
}
