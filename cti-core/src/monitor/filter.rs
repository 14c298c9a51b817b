//! Which kinds of events a monitor hears.

use serde::{Deserialize, Serialize};

/// A kind of event; every event is of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Calls begin, ring, connect, are held and end (ECMA-269 call control events).
    CallControl,
    /// Data and digits travel with a call (call associated events).
    CallAssociated,
    /// A flow speaks with the caller.
    Flow,
    /// Contacts wait, are offered and leave the queue.
    Queue,
    /// Agents sign in and out and change their state (logical device events of an agent).
    Agent,
    /// Devices come into and go out of service, and change their features (device maintenance events).
    Device,
    /// Recordings begin and end (media events).
    Media,
    /// Something needs a person.
    Alarm,
    /// The process itself.
    System,
}

impl Category {
    /// All categories.
    pub const ALL: [Self; 9] = [
        Self::CallControl,
        Self::CallAssociated,
        Self::Flow,
        Self::Queue,
        Self::Agent,
        Self::Device,
        Self::Media,
        Self::Alarm,
        Self::System,
    ];

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A set of categories. It is written as a list of their names.
///
/// ```
/// use cti_core::monitor::{Category, Filter};
///
/// let calls = Filter::only([Category::CallControl, Category::CallAssociated]);
/// assert!(calls.passes(Category::CallControl) && !calls.passes(Category::Agent));
/// assert!(Filter::all().without([Category::Flow]).passes(Category::Agent));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Category>", into = "Vec<Category>")]
pub struct Filter(u16);

impl Filter {
    /// Lets everything pass.
    #[must_use]
    pub fn all() -> Self {
        Self::only(Category::ALL)
    }

    /// Lets these categories pass and nothing else.
    #[must_use]
    pub fn only(categories: impl IntoIterator<Item = Category>) -> Self {
        Self(categories.into_iter().fold(0, |bits, category| bits | category.bit()))
    }

    /// Lets these categories no longer pass.
    #[must_use]
    pub fn without(self, categories: impl IntoIterator<Item = Category>) -> Self {
        Self(self.0 & !Self::only(categories).0)
    }

    /// Returns whether events of this category pass.
    #[must_use]
    pub fn passes(self, category: Category) -> bool {
        self.0 & category.bit() != 0
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self::all()
    }
}

impl From<Vec<Category>> for Filter {
    fn from(categories: Vec<Category>) -> Self {
        Self::only(categories)
    }
}

impl From<Filter> for Vec<Category> {
    fn from(filter: Filter) -> Self {
        Category::ALL.into_iter().filter(|category| filter.passes(*category)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_written_as_the_names_of_its_categories() {
        let filter = Filter::only([Category::Queue, Category::CallControl]);
        let text = serde_json::to_string(&filter).unwrap();
        assert_eq!(text, r#"["call_control","queue"]"#);
        assert_eq!(serde_json::from_str::<Filter>(&text).unwrap(), filter);
    }

    #[test]
    fn every_category_has_its_own_bit() {
        for category in Category::ALL {
            let only = Filter::only([category]);
            assert_eq!(Vec::from(only), [category]);
        }
    }
}
