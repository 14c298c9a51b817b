//! Values in numbered slots that are used again.

/// A growing list whose free slots are filled first.
#[derive(Debug)]
pub(super) struct Slab<T> {
    slots: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Returns the slot the next insertion will use.
    pub(super) fn next_slot(&self) -> usize {
        self.free.last().copied().unwrap_or(self.slots.len())
    }

    pub(super) fn insert(&mut self, value: T) -> usize {
        let slot = self.next_slot();
        if self.free.pop().is_some() {
            self.slots[slot] = Some(value);
        } else {
            self.slots.push(Some(value));
        }
        slot
    }

    pub(super) fn remove(&mut self, slot: usize) -> Option<T> {
        let value = self.slots.get_mut(slot)?.take();
        if value.is_some() {
            self.free.push(slot);
        }
        value
    }

    pub(super) fn get_mut(&mut self, slot: usize) -> Option<&mut T> {
        self.slots.get_mut(slot)?.as_mut()
    }

    /// Returns two different values at once.
    pub(super) fn pair_mut(&mut self, a: usize, b: usize) -> Option<(&mut T, &mut T)> {
        let [a, b] = self.slots.get_disjoint_mut([a, b]).ok()?;
        Some((a.as_mut()?, b.as_mut()?))
    }

    /// Returns the number of slots, free ones included.
    pub(super) fn slots(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.free.len() == self.slots.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_slot_is_used_again() {
        let mut slab = Slab::default();
        let (a, b) = (slab.insert('a'), slab.insert('b'));
        assert_eq!(slab.remove(a), Some('a'));
        assert_eq!(slab.remove(a), None);
        assert_eq!(slab.next_slot(), a);
        assert_eq!(slab.insert('c'), a);
        assert_eq!(slab.pair_mut(a, b).map(|(c, b)| (*c, *b)), Some(('c', 'b')));
        assert!(slab.pair_mut(a, a).is_none());
        slab.remove(a);
        slab.remove(b);
        assert!(slab.is_empty());
        assert_eq!(slab.slots(), 2);
    }
}
