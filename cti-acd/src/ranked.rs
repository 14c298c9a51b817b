//! An ordered set that also knows how many elements come before one.
//!
//! The elements lie in sorted blocks of at most [`BLOCK`]; an insertion moves at most one block, a rank adds up the
//! lengths of the blocks before. With a million elements that is some two thousand additions.

/// How many elements a block holds at most.
const BLOCK: usize = 512;

/// A sorted set with ranks.
#[derive(Debug)]
pub(crate) struct Ranked<T> {
    /// Sorted, none empty.
    blocks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Ranked<T> {
    fn default() -> Self {
        Self { blocks: Vec::new(), len: 0 }
    }
}

impl<T: Ord + Copy> Ranked<T> {
    /// Adds an element; returns whether it was new.
    pub(crate) fn insert(&mut self, element: T) -> bool {
        if self.blocks.is_empty() {
            self.blocks.push(vec![element]);
            self.len = 1;
            return true;
        }
        let last = self.blocks.len() - 1;
        let block = self.block_of(&element).min(last);
        let elements = &mut self.blocks[block];
        let Err(position) = elements.binary_search(&element) else { return false };
        self.len += 1;
        if elements.len() < BLOCK {
            elements.insert(position, element);
        } else if block == last && position == BLOCK {
            // Elements that come in order fill their blocks.
            self.blocks.push(vec![element]);
        } else {
            let mut upper = elements.split_off(BLOCK / 2);
            match position <= BLOCK / 2 {
                true => elements.insert(position, element),
                false => upper.insert(position - BLOCK / 2, element),
            }
            self.blocks.insert(block + 1, upper);
        }
        true
    }

    /// Removes an element; returns whether it was there.
    pub(crate) fn remove(&mut self, element: &T) -> bool {
        let block = self.block_of(element);
        let Some(elements) = self.blocks.get_mut(block) else { return false };
        let Ok(position) = elements.binary_search(element) else { return false };
        elements.remove(position);
        self.len -= 1;
        if elements.is_empty() {
            self.blocks.remove(block);
        }
        true
    }

    /// Returns how many elements are smaller.
    pub(crate) fn rank(&self, element: &T) -> usize {
        let block = self.block_of(element);
        let before: usize = self.blocks[..block].iter().map(Vec::len).sum();
        let within =
            self.blocks.get(block).map_or(0, |elements| elements.partition_point(|e| e < element));
        before + within
    }

    /// Returns the smallest element.
    pub(crate) fn first(&self) -> Option<T> {
        self.blocks.first().and_then(|block| block.first()).copied()
    }

    /// Returns the element that `rank` others come before.
    pub(crate) fn nth(&self, rank: usize) -> Option<T> {
        let mut before = rank;
        for block in &self.blocks {
            match block.get(before) {
                Some(element) => return Some(*element),
                None => before -= block.len(),
            }
        }
        None
    }

    /// Returns the smallest element that is greater than the given one.
    pub(crate) fn after(&self, element: &T) -> Option<T> {
        let block = self.blocks.partition_point(|block| block.last().is_some_and(|l| l <= element));
        let elements = self.blocks.get(block)?;
        elements.get(elements.partition_point(|e| e <= element)).copied()
    }

    /// Returns the elements in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.blocks.iter().flatten().copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the first block that can hold the element, or the number of blocks when all elements are smaller.
    fn block_of(&self, element: &T) -> usize {
        self.blocks.partition_point(|elements| elements.last().is_some_and(|last| last < element))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_the_same_elements_in_the_same_order_as_a_plain_set(
            steps in prop::collection::vec((any::<bool>(), 0u32..2000), 0..3000),
        ) {
            let mut ranked = Ranked::default();
            let mut plain = BTreeSet::new();
            for (add, element) in steps {
                if add {
                    prop_assert_eq!(ranked.insert(element), plain.insert(element));
                } else {
                    prop_assert_eq!(ranked.remove(&element), plain.remove(&element));
                }
                prop_assert_eq!(ranked.len(), plain.len());
            }
            for (rank, element) in plain.iter().enumerate() {
                prop_assert_eq!(ranked.rank(element), rank);
                prop_assert_eq!(ranked.nth(rank), Some(*element));
                prop_assert_eq!(ranked.after(element), plain.range(element + 1..).next().copied());
            }
            prop_assert_eq!(ranked.nth(plain.len()), None);
            prop_assert_eq!(ranked.first(), plain.first().copied());
            prop_assert!(ranked.iter().eq(plain.iter().copied()));
            prop_assert!(ranked.blocks.iter().all(|block| (1..=BLOCK).contains(&block.len())));
        }
    }

    #[test]
    fn thousands_of_elements_added_in_order_keep_their_ranks() {
        let mut ranked = Ranked::default();
        for element in 0..5000u32 {
            assert!(ranked.insert(element));
        }
        assert_eq!(ranked.rank(&0), 0);
        assert_eq!(ranked.rank(&4321), 4321);
        assert_eq!(ranked.rank(&9999), 5000);
        assert!(!ranked.is_empty());
    }
}
