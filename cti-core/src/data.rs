//! Data that travels with a call (随路数据), and keys that say of what type their values are.
//!
//! The values are texts, so that flows, programs in any language and the log have the same; a [`DataKey`] reads and
//! writes them as what they mean. A call carries at most [`MAX_VALUES`] of them; each change raises its version.

use std::{collections::BTreeMap, fmt, marker::PhantomData, str::FromStr};

use crate::id::{FlowId, MailboxId, RecordingId};

/// What the flow collected and what agents typed, by name.
pub type CallData = BTreeMap<String, String>;

/// The most values that one call carries.
pub const MAX_VALUES: usize = 128;
/// The longest name, in bytes.
pub const MAX_NAME: usize = 64;
/// The longest value, in bytes.
pub const MAX_VALUE: usize = 4096;

/// The flow that the agent of a call hears before he is put through, in place of the queue's.
pub const WHISPER_FLOW: DataKey<FlowId> = DataKey::new("agent.whisper");
/// The flow that a caller goes on in when those he talks to have hung up, in place of the queue's.
pub const AFTER_CALL_FLOW: DataKey<FlowId> = DataKey::new("call.then");
/// The mailbox in which the message lies that a task is about.
pub const MAILBOX: DataKey<MailboxId> = DataKey::new("task.mailbox");
/// The recording of the message that a task is about.
pub const MESSAGE: DataKey<RecordingId> = DataKey::new("task.message");

/// The name of a value of a call's data, and what the value is.
///
/// # Examples
///
/// ```
/// use cti_core::data::{CallData, DataKey};
///
/// /// What the citizen keyed in for the amount, in cents.
/// const AMOUNT: DataKey<u32> = DataKey::new("amount");
///
/// let mut data = CallData::new();
/// assert_eq!(AMOUNT.get(&data)?, None);
/// AMOUNT.set(&mut data, &1250);
/// assert_eq!(data["amount"], "1250");
/// assert_eq!(AMOUNT.get(&data)?, Some(1250));
///
/// data.insert("amount".to_owned(), "a lot".to_owned());
/// assert_eq!(AMOUNT.get(&data).unwrap_err().to_string(), "data.amount: invalid digit found in string");
/// # Ok::<(), cti_core::data::InvalidData>(())
/// ```
pub struct DataKey<T> {
    name: &'static str,
    of: PhantomData<fn() -> T>,
}

/// A value of a call's data that is not what its key says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("data.{name}: {reason}")]
pub struct InvalidData {
    /// The name of the value.
    pub name: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl<T> DataKey<T> {
    /// Returns the key of this name.
    ///
    /// # Panics
    /// When the name is empty or longer than [`MAX_NAME`]: in a constant, when the program is compiled.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        assert!(!name.is_empty() && name.len() <= MAX_NAME, "a name has 1 to 64 bytes");
        Self { name, of: PhantomData }
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<T: FromStr<Err: fmt::Display>> DataKey<T> {
    /// Returns the value, if there is one.
    ///
    /// # Errors
    /// When it is not of this type.
    pub fn get(&self, data: &CallData) -> Result<Option<T>, InvalidData> {
        let wrong = |error: T::Err| InvalidData { name: self.name, reason: error.to_string() };
        data.get(self.name).map(|text| text.parse().map_err(wrong)).transpose()
    }
}

impl<T: fmt::Display> DataKey<T> {
    /// Puts a value in place of the one that is there.
    pub fn set(&self, data: &mut CallData, value: &T) {
        data.insert(self.name.to_owned(), value.to_string());
    }
}

impl<T> fmt::Debug for DataKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({})", self.name)
    }
}
