//! Sets of the parties of one mix.

/// The most parties one mix can have.
pub const MAX_PARTIES: usize = 200;

const WORDS: usize = MAX_PARTIES.div_ceil(64);

/// A set of parties, each named by its position in the mix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartySet([u64; WORDS]);

impl PartySet {
    /// Adds a party.
    ///
    /// # Panics
    ///
    /// Panics when `party` is not below [`MAX_PARTIES`].
    pub fn insert(&mut self, party: usize) {
        assert!(party < MAX_PARTIES, "party {party} is beyond {MAX_PARTIES}");
        self.0[party / 64] |= 1 << (party % 64);
    }

    /// Returns the set with `party` added.
    #[must_use]
    pub fn with(mut self, party: usize) -> Self {
        self.insert(party);
        self
    }

    /// Returns the set with `party` taken out.
    #[must_use]
    pub fn without(mut self, party: usize) -> Self {
        if let Some(word) = self.0.get_mut(party / 64) {
            *word &= !(1 << (party % 64));
        }
        self
    }

    /// Returns whether a party is in the set.
    #[must_use]
    pub fn contains(&self, party: usize) -> bool {
        self.0.get(party / 64).is_some_and(|word| word & (1 << (party % 64)) != 0)
    }

    /// Returns whether nobody is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == [0; WORDS]
    }

    /// Returns how many parties are in the set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Returns who is in both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|n| self.0[n] & other.0[n]))
    }

    /// Returns who is in either set.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|n| self.0[n] | other.0[n]))
    }

    /// Returns the parties of the set in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + use<> {
        let words = self.0;
        (0..WORDS).flat_map(move |n| {
            let mut word = words[n];
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(n * 64 + bit)
            })
        })
    }
}

impl FromIterator<usize> for PartySet {
    fn from_iter<I: IntoIterator<Item = usize>>(parties: I) -> Self {
        parties.into_iter().fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_set_is_a_set(
            a in prop::collection::btree_set(0..MAX_PARTIES, 0..MAX_PARTIES),
            b in prop::collection::btree_set(0..MAX_PARTIES, 0..MAX_PARTIES),
            x in 0..MAX_PARTIES,
        ) {
            let (left, right): (PartySet, PartySet) =
                (a.iter().copied().collect(), b.iter().copied().collect());
            let sorted = |set: BTreeSet<usize>| set.into_iter().collect::<Vec<_>>();
            prop_assert_eq!(left.iter().collect::<Vec<_>>(), sorted(a.clone()));
            prop_assert_eq!((left.len(), left.is_empty()), (a.len(), a.is_empty()));
            prop_assert_eq!(left.contains(x), a.contains(&x));
            let without: Vec<usize> = a.iter().copied().filter(|&party| party != x).collect();
            prop_assert_eq!(left.without(x).iter().collect::<Vec<_>>(), without);
            prop_assert_eq!(left.and(&right).iter().collect::<Vec<_>>(), sorted(&a & &b));
            prop_assert_eq!(left.or(&right).iter().collect::<Vec<_>>(), sorted(&a | &b));
        }
    }
}
