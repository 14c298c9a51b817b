//! The end of the newest segment, where frames are written.

use std::{
    fs::File,
    io::{self, Write as _},
};

/// What a tail needs of a file.
pub(super) trait Storage {
    /// Writes at the end.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Cuts the file to this length.
    fn cut(&mut self, length: u64) -> io::Result<()>;
    /// Returns once everything is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file opened for appending.
impl Storage for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// A file that is appended to. What is not known to be on the disk is kept: after a failed sync the system may have
/// dropped it and report the next sync as good, so it is written again first.
#[derive(Debug)]
pub(super) struct Tail<F> {
    file: F,
    /// How long the file is as far as it is on the disk.
    synced: u64,
    /// What was written since.
    pending: Vec<u8>,
    /// Whether the file may end otherwise than with `pending`.
    doubtful: bool,
}

impl<F: Storage> Tail<F> {
    pub(super) fn new(file: F, length: u64) -> Self {
        Self { file, synced: length, pending: Vec::new(), doubtful: false }
    }

    /// Returns how long the file is.
    pub(super) fn length(&self) -> u64 {
        self.synced + self.pending.len() as u64
    }

    /// Returns whether everything is on the disk.
    pub(super) fn is_synced(&self) -> bool {
        self.pending.is_empty()
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.repair()?;
        if let Err(error) = self.file.write(bytes) {
            self.doubtful = true;
            // A half-written frame must not stay; if it does, it is cut before the next is written.
            let _ = self.repair();
            return Err(error);
        }
        self.pending.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.repair()?;
        if let Err(error) = self.file.sync() {
            self.doubtful = true;
            return Err(error);
        }
        self.synced = self.length();
        self.pending.clear();
        Ok(())
    }

    /// Writes again what may not be there.
    fn repair(&mut self) -> io::Result<()> {
        if self.doubtful {
            self.file.cut(self.synced)?;
            self.file.write(&self.pending)?;
            self.doubtful = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk under a page cache that forgets what it could not write, as Linux does.
    #[derive(Debug, Default)]
    struct Disk {
        cached: Vec<u8>,
        stored: Vec<u8>,
        /// What the next syncs and writes do.
        failures: Vec<bool>,
    }

    impl Disk {
        fn fails(&mut self) -> io::Result<()> {
            match self.failures.pop() {
                Some(true) => Err(io::Error::other("no space")),
                Some(false) | None => Ok(()),
            }
        }
    }

    impl Storage for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
            if let Err(error) = self.fails() {
                self.cached.extend_from_slice(&bytes[..bytes.len() / 2]);
                return Err(error);
            }
            self.cached.extend_from_slice(bytes);
            Ok(())
        }

        fn cut(&mut self, length: u64) -> io::Result<()> {
            let length = usize::try_from(length).unwrap();
            self.cached.truncate(length);
            self.stored.truncate(length);
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            if let Err(error) = self.fails() {
                // The pages are clean from here on, though they never reached the disk.
                self.stored.resize(self.cached.len(), 0);
                return Err(error);
            }
            let stored = self.stored.len();
            self.stored.extend_from_slice(&self.cached[stored..]);
            Ok(())
        }
    }

    #[test]
    fn what_a_failed_sync_dropped_is_written_again_before_the_next_is_believed() {
        let mut tail = Tail::new(Disk::default(), 0);
        tail.append(b"one").unwrap();
        tail.file.failures = vec![true];
        assert!(tail.sync().is_err());
        tail.sync().unwrap();
        assert_eq!(tail.file.stored, b"one");
    }

    #[test]
    fn a_half_written_frame_is_gone_before_the_next() {
        let mut tail = Tail::new(Disk::default(), 0);
        tail.append(b"one").unwrap();
        tail.file.failures = vec![true];
        assert!(tail.append(b"twotwo").is_err());
        tail.append(b"three").unwrap();
        tail.sync().unwrap();
        assert_eq!(tail.file.stored, b"onethree");
        assert_eq!(tail.length(), 8);
    }

    #[test]
    fn a_disk_that_fails_again_and_again_loses_nothing() {
        for seed in 0..500_u32 {
            let mut tail = Tail::new(Disk::default(), 0);
            let mut expected = Vec::new();
            for step in 0..12_u8 {
                tail.file.failures =
                    (0..4).map(|n| (seed >> ((u32::from(step) + n) % 9)) & 3 == 3).collect();
                if tail.append(&[step; 4]).is_ok() {
                    expected.extend_from_slice(&[step; 4]);
                }
                if tail.sync().is_ok() {
                    assert_eq!(tail.file.stored, expected, "seed {seed}, step {step}");
                }
            }
            tail.file.failures.clear();
            tail.sync().unwrap();
            assert_eq!(tail.file.stored, expected, "seed {seed}");
        }
    }
}
