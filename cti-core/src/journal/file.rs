//! A journal in append-only files: framed, checksummed, cut back to its last whole frame when it is opened.
//!
//! ```text
//! journal/00000000000000000001.log
//!   "CTIJ" version:u16 0:u16            the head of a segment
//!   length:u32 crc32:u32 payload        one frame per event, little-endian; the payload is the event as JSON
//!   …
//! ```
//!
//! A crash can tear the last frames of the last segment; they were never acknowledged, so they are cut off. Damage
//! anywhere else is an error: cutting there would lose what was acknowledged.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    event::{Event, SCHEMA_VERSION},
    id::EventNo,
    journal::{Journal, JournalError},
};

const MAGIC: &[u8; 4] = b"CTIJ";
const HEAD: usize = 8;
const FRAME_HEAD: usize = 8;
/// The largest event; a longer frame is taken for damage.
const MAX_PAYLOAD: usize = 1 << 20;
/// A segment that has grown beyond this is followed by a new one.
const SEGMENT_BYTES: u64 = 64 << 20;

/// A journal in a folder.
#[derive(Debug)]
pub struct FileJournal {
    folder: PathBuf,
    segments: Vec<PathBuf>,
    current: File,
    written: u64,
    last: EventNo,
    buffer: Vec<u8>,
}

impl FileJournal {
    /// Opens the journal in `folder`, creating it when it is missing, and cuts off what a crash tore.
    ///
    /// # Errors
    /// When the folder cannot be used, a newer program wrote the journal, or acknowledged events are damaged.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        fs::create_dir_all(folder).map_err(io_error("create folder"))?;
        let mut segments = segments_in(folder)?;
        // A crash right after a segment was created leaves it without a whole head.
        if let Some(newest) = segments.last()
            && fs::metadata(newest).map_err(io_error("look at segment"))?.len() < HEAD as u64
        {
            fs::remove_file(newest).map_err(io_error("remove empty segment"))?;
            segments.pop();
        }
        let mut last = EventNo::default();
        let newest = segments.len().saturating_sub(1);
        for (index, path) in segments.iter().enumerate() {
            let bytes = fs::read(path).map_err(io_error("read segment"))?;
            let (events, whole) = scan(path, &bytes)?;
            if whole < bytes.len() {
                if index != newest || frame_behind(&bytes[whole..]) {
                    return Err(damaged(path, whole, "a frame is not whole, and others follow it"));
                }
                let file =
                    OpenOptions::new().write(true).open(path).map_err(io_error("open segment"))?;
                file.set_len(whole as u64).map_err(io_error("cut torn tail"))?;
                file.sync_all().map_err(io_error("sync segment"))?;
            }
            for event in events {
                if last != EventNo::default() && event.no != last.next() {
                    return Err(JournalError::Gap { last, found: event.no });
                }
                last = event.no;
            }
        }
        let (current, written) = match segments.last() {
            Some(path) => {
                let mut file =
                    OpenOptions::new().append(true).open(path).map_err(io_error("open segment"))?;
                let end = file.seek(SeekFrom::End(0)).map_err(io_error("find end of segment"))?;
                (file, end)
            }
            None => {
                let (path, file) = new_segment(folder, EventNo(1))?;
                segments.push(path);
                (file, HEAD as u64)
            }
        };
        Ok(Self { folder: folder.to_owned(), segments, current, written, last, buffer: Vec::new() })
    }
}

impl Journal for FileJournal {
    fn append(&mut self, events: &[Event]) -> Result<(), JournalError> {
        self.buffer.clear();
        let mut last = self.last;
        for event in events {
            if event.no != last.next() {
                return Err(JournalError::Gap { last, found: event.no });
            }
            last = event.no;
            let start = self.buffer.len();
            self.buffer.extend_from_slice(&[0; FRAME_HEAD]);
            serde_json::to_writer(&mut self.buffer, event)
                .map_err(|error| io_error("serialise event")(error.into()))?;
            let payload = start + FRAME_HEAD;
            let length = self.buffer.len() - payload;
            if length > MAX_PAYLOAD {
                return Err(io_error("serialise event")(io::Error::other("event is too large")));
            }
            let checksum = crc32fast::hash(&self.buffer[payload..]);
            let length = u32::try_from(length).expect("checked against MAX_PAYLOAD");
            self.buffer[start..start + 4].copy_from_slice(&length.to_le_bytes());
            self.buffer[start + 4..payload].copy_from_slice(&checksum.to_le_bytes());
        }
        if self.written > SEGMENT_BYTES {
            self.sync()?;
            let (path, file) = new_segment(&self.folder, self.last.next())?;
            self.segments.push(path);
            self.current = file;
            self.written = HEAD as u64;
        }
        if let Err(error) = self.current.write_all(&self.buffer) {
            // A half-written frame must not stand before the next one.
            let _ = self.current.set_len(self.written);
            return Err(io_error("append")(error));
        }
        self.written += self.buffer.len() as u64;
        self.last = last;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        self.current.sync_data().map_err(io_error("sync"))
    }

    fn read(&mut self, after: EventNo) -> Result<Vec<Event>, JournalError> {
        let mut events = Vec::new();
        for path in &self.segments {
            let mut bytes = Vec::new();
            File::open(path)
                .and_then(|mut file| file.read_to_end(&mut bytes))
                .map_err(io_error("read segment"))?;
            let (found, whole) = scan(path, &bytes)?;
            if whole < bytes.len() {
                return Err(damaged(path, whole, "a frame is not whole"));
            }
            events.extend(found.into_iter().filter(|event| event.no > after));
        }
        Ok(events)
    }

    fn last(&self) -> EventNo {
        self.last
    }
}

/// Returns the whole events after `after` from a journal that is being written meanwhile. What is only in the
/// writer's hands yet may be missing, or not durable: who needs more than the past follows the runtime.
///
/// # Errors
/// When a segment cannot be read or is no journal.
pub fn read_durable(folder: &Path, after: EventNo) -> Result<Vec<Event>, JournalError> {
    let mut events = Vec::new();
    for path in segments_in(folder)? {
        let bytes = fs::read(&path).map_err(io_error("read segment"))?;
        if bytes.len() >= HEAD {
            let (found, _) = scan(&path, &bytes)?;
            events.extend(found.into_iter().filter(|event| event.no > after));
        }
    }
    Ok(events)
}

fn segments_in(folder: &Path) -> Result<Vec<PathBuf>, JournalError> {
    let mut segments: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(io_error("list folder"))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    segments.sort();
    Ok(segments)
}

fn new_segment(folder: &Path, first: EventNo) -> Result<(PathBuf, File), JournalError> {
    let path = folder.join(format!("{:020}.log", first.0));
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(io_error("create segment"))?;
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(MAGIC);
    head[4..6].copy_from_slice(&SCHEMA_VERSION.to_le_bytes());
    file.write_all(&head).map_err(io_error("write head of segment"))?;
    file.sync_all().map_err(io_error("sync segment"))?;
    // The name of the new file must be durable as well.
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error("sync folder"))?;
    Ok((path, file))
}

/// Returns the whole events of a segment and how many bytes they take.
fn scan(path: &Path, bytes: &[u8]) -> Result<(Vec<Event>, usize), JournalError> {
    if bytes.len() < HEAD || &bytes[..4] != MAGIC {
        return Err(damaged(path, 0, "this is no journal"));
    }
    let found = u16::from_le_bytes([bytes[4], bytes[5]]);
    if found > SCHEMA_VERSION {
        return Err(JournalError::Version {
            file: path.display().to_string(),
            found,
            known: SCHEMA_VERSION,
        });
    }
    let mut events = Vec::new();
    let mut at = HEAD;
    while let Some(payload) = frame(&bytes[at..]) {
        match serde_json::from_slice(payload) {
            Ok(event) => events.push(event),
            Err(error) => return Err(damaged(path, at, &format!("event cannot be read: {error}"))),
        }
        at += FRAME_HEAD + payload.len();
    }
    Ok((events, at))
}

/// Returns the payload of the frame that `bytes` begins with, if it is whole.
fn frame(bytes: &[u8]) -> Option<&[u8]> {
    let (head, rest) = bytes.split_at_checked(FRAME_HEAD)?;
    let length = u32::from_le_bytes(head[..4].try_into().ok()?) as usize;
    let checksum = u32::from_le_bytes(head[4..].try_into().ok()?);
    let payload = rest.get(..length).filter(|_| (1..=MAX_PAYLOAD).contains(&length))?;
    (crc32fast::hash(payload) == checksum).then_some(payload)
}

/// Returns whether a whole frame begins anywhere behind a broken one.
fn frame_behind(bytes: &[u8]) -> bool {
    (1..bytes.len()).any(|at| frame(&bytes[at..]).is_some())
}

fn io_error(what: &'static str) -> impl Fn(io::Error) -> JournalError {
    move |source| JournalError::Io { what, source }
}

fn damaged(path: &Path, offset: usize, reason: &str) -> JournalError {
    JournalError::Damaged {
        file: path.display().to_string(),
        offset: offset as u64,
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::Fact, time::Timestamp};

    fn event(no: u64) -> Event {
        let device = format!("device{no}").parse().unwrap();
        Event {
            no: EventNo(no),
            at: Timestamp::from_micros(no * 1000),
            fact: Fact::DeviceInService { device },
        }
    }

    fn written(folder: &Path, count: u64) -> Vec<u8> {
        let mut journal = FileJournal::open(folder).unwrap();
        for no in 1..=count {
            journal.append(&[event(no)]).unwrap();
        }
        journal.sync().unwrap();
        fs::read(folder.join("00000000000000000001.log")).unwrap()
    }

    #[test]
    fn what_was_appended_is_read_back_after_opening_again() {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path(), 5);
        let mut journal = FileJournal::open(folder.path()).unwrap();
        assert_eq!(journal.last(), EventNo(5));
        assert_eq!(journal.read(EventNo(3)).unwrap(), vec![event(4), event(5)]);
        journal.append(&[event(6)]).unwrap();
        assert!(matches!(journal.append(&[event(8)]), Err(JournalError::Gap { .. })));
        assert_eq!(journal.read(EventNo(0)).unwrap().len(), 6);
    }

    #[test]
    fn a_tail_torn_at_any_byte_opens_as_a_prefix() {
        let source = tempfile::tempdir().unwrap();
        let bytes = written(source.path(), 6);
        for cut in 0..=bytes.len() {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("00000000000000000001.log"), &bytes[..cut]).unwrap();
            let mut journal = FileJournal::open(folder.path()).unwrap();
            let events = journal.read(EventNo(0)).unwrap();
            let expected: Vec<_> = (1..=events.len() as u64).map(event).collect();
            assert_eq!(events, expected, "cut at byte {cut}");
            let next = journal.last().next();
            journal.append(&[Event { no: next, ..event(next.0) }]).unwrap();
            assert_eq!(FileJournal::open(folder.path()).unwrap().last(), next);
        }
    }

    #[test]
    fn damage_before_the_end_is_an_error_that_names_the_file_and_the_byte() {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = written(folder.path(), 20);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
        fs::write(folder.path().join("00000000000000000001.log"), &bytes).unwrap();
        let error = FileJournal::open(folder.path()).unwrap_err();
        assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
    }

    #[test]
    fn a_journal_of_a_newer_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = written(folder.path(), 1);
        bytes[4..6].copy_from_slice(&(SCHEMA_VERSION + 1).to_le_bytes());
        fs::write(folder.path().join("00000000000000000001.log"), &bytes).unwrap();
        assert!(matches!(FileJournal::open(folder.path()), Err(JournalError::Version { .. })));
    }
}
