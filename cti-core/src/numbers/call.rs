//! The numbers of one call in normal form.

use serde::{Deserialize, Serialize};

use super::{
    areas::Region,
    normal::{NormalNumber, NumberKind},
    rules::NumberRules,
};
use crate::{address::PhoneNumber, id::TrunkId};

/// The numbers of a call in normal form, and where the person outside is at home; the numbers as they were received
/// stay beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallNumbers {
    /// The caller's.
    pub caller: NormalNumber,
    /// The number dialled.
    pub called: NormalNumber,
    /// The area code, with its 0, of the person outside: the caller, or whom the centre calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Where he is at home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

impl CallNumbers {
    /// Returns the numbers as whoever is erased leaves them: that there were some.
    #[must_use]
    pub fn withheld() -> Self {
        let number = NormalNumber::withheld();
        Self { caller: number.clone(), called: number, area: None, region: None }
    }
}

impl NumberRules {
    /// Reads the numbers of a call that came in by a trunk, or from a phone of the house.
    ///
    /// ```
    /// # use cti_core::{address::PhoneNumber, numbers::NumberRules};
    /// let rules = NumberRules::china("0531")?;
    /// let (caller, called) = (PhoneNumber::parse("053282345678")?, PhoneNumber::parse("053112345")?);
    /// let numbers = rules.incoming(Some(&"city".parse()?), &caller, &called);
    /// assert_eq!(numbers.called.reveal(), "12345");
    /// assert_eq!(numbers.region.unwrap().city, "青岛");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn incoming(
        &self,
        trunk: Option<&TrunkId>,
        caller: &PhoneNumber,
        called: &PhoneNumber,
    ) -> CallNumbers {
        let (caller, called) = (self.caller(trunk, caller), self.called(trunk, called));
        let outside = if trunk.is_some() { caller.clone() } else { called.clone() };
        self.located(caller, called, &outside)
    }

    /// Reads the numbers of a call that the centre makes; `dialled` is without what is dialled to get a line.
    #[must_use]
    pub fn outgoing(&self, caller: &PhoneNumber, dialled: &PhoneNumber) -> CallNumbers {
        let caller = self.normalize(caller.reveal());
        let called = self.normalize(dialled.reveal());
        let outside = called.clone();
        self.located(caller, called, &outside)
    }

    fn located(
        &self,
        caller: NormalNumber,
        called: NormalNumber,
        outside: &NormalNumber,
    ) -> CallNumbers {
        let analysis = self.analyse(outside);
        // A service that is dialled here is no place where somebody lives.
        let lives = outside.kind() != NumberKind::Service;
        CallNumbers {
            caller,
            called,
            area: analysis.area.filter(|_| lives),
            region: analysis.region.filter(|_| lives),
        }
    }
}
