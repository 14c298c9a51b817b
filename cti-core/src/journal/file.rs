//! A journal in append-only files: framed, checksummed, cut back to its last whole frame when it is opened.
//!
//! ```text
//! journal/00000000000000000001.log         a segment: events from number 1 on
//!   "CTI2" version:u16 0:u16 crc32:u32     the head; the checksum is of the eight bytes before
//!   length:u32 crc32:u32 record            a frame per event; the checksum is of the length and the record
//!   …                                      numbers are little-endian; the record is what the codec makes of the event
//! journal/00000000000000271828.log         the next segment
//! ```
//!
//! The highest bit of the length marks the first frame that was written after a sync: everything before it had
//! reached the disk. A crash can leave what was written after the last sync in any state, cut short or with holes. None
//! of it was acknowledged, so it is cut off from the first frame that is not whole. But a broken frame with a marked one
//! behind it had been acknowledged: that is damage, and an error, for cutting there would lose what others rely on.
//!
//! Segments of the first release are read as well; they begin with `CTIJ` and have no checksum in the head, none of the
//! length, and no marks.

mod frame;
mod tail;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use self::{
    frame::{BadHead, HEAD, Records, read_head, records, was_acknowledged},
    tail::Tail,
};
use crate::{
    event::{Event, SCHEMA_VERSION},
    id::EventNo,
    journal::{Codec, CodecError, Journal, JournalError, Plain, upgrade::upgraded},
};

/// A segment that has grown beyond this is followed by a new one.
const SEGMENT_BYTES: u64 = 64 << 20;

/// A journal in a folder.
#[derive(Debug)]
pub struct FileJournal {
    folder: PathBuf,
    segments: Vec<Segment>,
    tail: Tail<File>,
    last: EventNo,
    codec: Box<dyn Codec>,
    segment_bytes: u64,
}

#[derive(Clone, Debug)]
struct Segment {
    path: PathBuf,
    /// The number of its first event, of which its name is made.
    first: EventNo,
}

impl FileJournal {
    /// Opens the journal in `folder`, creating it when it is missing, and cuts off what a crash left.
    ///
    /// # Errors
    /// When the folder cannot be used, a newer program wrote the journal, or acknowledged events are damaged.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        Self::open_with(folder, Box::new(Plain))
    }

    /// Opens the journal in `folder` as [`open`](Self::open) does, with records of another kind. Records of
    /// [`Plain`] that are there already are read by every codec of this crate.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when a record was changed or what the codec needs is not to be had.
    pub fn open_with(folder: &Path, mut codec: Box<dyn Codec>) -> Result<Self, JournalError> {
        fs::create_dir_all(folder).map_err(io_error("create folder"))?;
        let mut segments = segments_in(folder)?;
        drop_unborn(&mut segments)?;
        let mut last = segments.first().map_or(0, |oldest| oldest.first.0 - 1);
        let newest = segments.len().saturating_sub(1);
        let mut end = None;
        for (index, segment) in segments.iter().enumerate() {
            let bytes = fs::read(&segment.path).map_err(io_error("read segment"))?;
            let scanned = Scanned::of(segment, &bytes, codec.as_mut())?;
            if scanned.whole < bytes.len() {
                let broken = &bytes[scanned.whole..];
                if index != newest || was_acknowledged(scanned.format, broken) {
                    return Err(scanned.damaged(segment));
                }
            }
            for event in scanned.events {
                if event.no.0 != last + 1 {
                    return Err(JournalError::Gap { last: EventNo(last), found: event.no });
                }
                last = event.no.0;
            }
            end = Some((scanned.format, scanned.whole as u64));
        }
        let last = EventNo(last);
        let tail = match (segments.last(), end) {
            // What is appended must be read as it is written.
            (Some(segment), Some((frame::Format::Marked, whole))) => take_up(segment, whole)?,
            (Some(segment), Some((frame::Format::Old, whole))) => {
                take_up(segment, whole)?;
                if segment.first > last {
                    fs::remove_file(&segment.path).map_err(io_error("remove empty segment"))?;
                    segments.pop();
                }
                begin(folder, last.next(), &mut segments)?
            }
            (None, _) | (_, None) => begin(folder, EventNo(1), &mut segments)?,
        };
        let folder = folder.to_owned();
        Ok(Self { folder, segments, tail, last, codec, segment_bytes: SEGMENT_BYTES })
    }

    /// Begins a new segment when one has grown beyond `bytes` (usually 64 MiB).
    #[must_use]
    pub fn with_segment_bytes(self, bytes: u64) -> Self {
        Self { segment_bytes: bytes, ..self }
    }

    /// Removes the segments that hold only events up to `no`, once a snapshot and all projections have passed it.
    /// The newest segment stays.
    ///
    /// # Errors
    /// When a file cannot be removed; what is left is a journal all the same.
    pub fn drop_through(&mut self, no: EventNo) -> Result<(), JournalError> {
        while let [oldest, following, ..] = self.segments.as_slice()
            && following.first <= no.next()
        {
            fs::remove_file(&oldest.path).map_err(io_error("remove segment"))?;
            self.segments.remove(0);
        }
        sync_folder(&self.folder)
    }
}

impl Journal for FileJournal {
    fn append(&mut self, events: &[Event]) -> Result<(), JournalError> {
        let (mut buffer, mut last) = (Vec::new(), self.last);
        if self.tail.length() > self.segment_bytes {
            self.sync()?;
            self.tail = begin(&self.folder, last.next(), &mut self.segments)?;
        }
        let mut marked = self.tail.is_synced();
        for event in events {
            if event.no != last.next() {
                return Err(JournalError::Gap { last, found: event.no });
            }
            last = event.no;
            let start = frame::begin(&mut buffer);
            self.codec.encode(event, &mut buffer).map_err(codec_error)?;
            if !frame::finish(&mut buffer, start, std::mem::take(&mut marked)) {
                return Err(io_error("serialise event")(io::Error::other("event is too large")));
            }
        }
        self.tail.append(&buffer).map_err(io_error("append"))?;
        self.last = last;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        self.codec.sync().map_err(codec_error)?;
        self.tail.sync().map_err(io_error("sync"))
    }

    fn read(&mut self, after: EventNo) -> Result<Vec<Event>, JournalError> {
        let mut events = Vec::new();
        for segment in reaching(&self.segments, after) {
            let bytes = fs::read(&segment.path).map_err(io_error("read segment"))?;
            let scanned = Scanned::of(segment, &bytes, self.codec.as_mut())?;
            if scanned.whole < bytes.len() {
                return Err(scanned.damaged(segment));
            }
            events.extend(scanned.events.into_iter().filter(|event| event.no > after));
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
    read_durable_with(folder, after, &mut Plain)
}

/// Returns what [`read_durable`] does from a journal with records of another kind.
///
/// # Errors
/// As [`read_durable`], and when a record was changed or what the codec needs is not to be had.
pub fn read_durable_with(
    folder: &Path,
    after: EventNo,
    codec: &mut dyn Codec,
) -> Result<Vec<Event>, JournalError> {
    let mut events = Vec::new();
    for segment in reaching(&segments_in(folder)?, after) {
        let bytes = fs::read(&segment.path).map_err(io_error("read segment"))?;
        if bytes.len() >= HEAD {
            let scanned = Scanned::of(segment, &bytes, codec)?;
            events.extend(scanned.events.into_iter().filter(|event| event.no > after));
        }
    }
    Ok(events)
}

/// What is whole in a segment.
struct Scanned {
    format: frame::Format,
    events: Vec<Event>,
    /// How many bytes it takes, with the head.
    whole: usize,
}

impl Scanned {
    fn of(segment: &Segment, bytes: &[u8], codec: &mut dyn Codec) -> Result<Self, JournalError> {
        let head = read_head(bytes).map_err(|bad| match bad {
            BadHead::Broken => damaged(segment, 0, "this is no journal"),
            BadHead::Newer(found) => JournalError::Version {
                file: segment.path.display().to_string(),
                found,
                known: SCHEMA_VERSION,
            },
        })?;
        let (mut events, mut whole) = (Vec::new(), head.length);
        let mut frames: Records<'_> = records(head.format, &bytes[head.length..]);
        while let Some(record) = frames.next() {
            let record = upgraded(head.version, record);
            events.push(codec.decode(&record).map_err(|error| match error {
                CodecError::Malformed { .. } => damaged(segment, whole, &error.to_string()),
                CodecError::Forged { .. } | CodecError::Unavailable { .. } => codec_error(error),
            })?);
            whole = head.length + frames.at;
        }
        Ok(Self { format: head.format, events, whole })
    }

    fn damaged(&self, segment: &Segment) -> JournalError {
        damaged(segment, self.whole, "a frame is not whole, and what follows was acknowledged")
    }
}

/// Returns the segments in the order of their events.
fn segments_in(folder: &Path) -> Result<Vec<Segment>, JournalError> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder).map_err(io_error("list folder"))? {
        let path = entry.map_err(io_error("list folder"))?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            let first = number.filter(|number| *number > 0).map(EventNo);
            let segment = |first| Segment { path: path.clone(), first };
            let unnamed = || damaged(&segment(EventNo(0)), 0, "its name is no event's number");
            segments.push(first.map(segment).ok_or_else(unnamed)?);
        }
    }
    segments.sort_by_key(|segment| segment.first);
    Ok(segments)
}

/// Returns the segments that may hold events after `after`.
fn reaching(segments: &[Segment], after: EventNo) -> &[Segment] {
    let skipped = segments.iter().skip(1).take_while(|next| next.first <= after.next()).count();
    &segments[skipped..]
}

/// Removes the newest segment if a crash came before its head was on the disk; no event is in it then.
fn drop_unborn(segments: &mut Vec<Segment>) -> Result<(), JournalError> {
    if let Some(newest) = segments.last() {
        let bytes = fs::read(&newest.path).map_err(io_error("read segment"))?;
        if bytes.len() <= HEAD && read_head(&bytes) == Err(BadHead::Broken) {
            fs::remove_file(&newest.path).map_err(io_error("remove empty segment"))?;
            segments.pop();
        }
    }
    Ok(())
}

/// Opens a segment to write on behind its whole frames.
fn take_up(segment: &Segment, whole: u64) -> Result<Tail<File>, JournalError> {
    let file =
        OpenOptions::new().append(true).open(&segment.path).map_err(io_error("open segment"))?;
    file.set_len(whole).map_err(io_error("cut torn tail"))?;
    // A process that was killed may have left whole frames that were never synced; they count from here on.
    file.sync_all().map_err(io_error("sync segment"))?;
    Ok(Tail::new(file, whole))
}

/// Begins a segment.
fn begin(
    folder: &Path,
    first: EventNo,
    segments: &mut Vec<Segment>,
) -> Result<Tail<File>, JournalError> {
    let path = folder.join(format!("{:020}.log", first.0));
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(io_error("create segment"))?;
    // An attempt before may have failed half-way.
    file.set_len(0).map_err(io_error("create segment"))?;
    file.write_all(&frame::head()).map_err(io_error("write head of segment"))?;
    file.sync_all().map_err(io_error("sync segment"))?;
    sync_folder(folder)?;
    segments.push(Segment { path, first });
    Ok(Tail::new(file, HEAD as u64))
}

/// Makes the names of files durable.
fn sync_folder(folder: &Path) -> Result<(), JournalError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error("sync folder"))
}

fn io_error(what: &'static str) -> impl Fn(io::Error) -> JournalError {
    move |source| JournalError::Io { what, source }
}

fn codec_error(error: CodecError) -> JournalError {
    match error {
        CodecError::Malformed { reason } => {
            io_error("read event")(io::Error::new(io::ErrorKind::InvalidData, reason))
        }
        CodecError::Forged { no } => JournalError::Forged { no },
        CodecError::Unavailable { what, source } => JournalError::Io { what, source },
    }
}

fn damaged(segment: &Segment, offset: usize, reason: &str) -> JournalError {
    JournalError::Damaged {
        file: segment.path.display().to_string(),
        offset: offset as u64,
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_of_a_newer_program_is_refused_and_says_which_version_it_is_of() {
        let folder = tempfile::tempdir().unwrap();
        drop(FileJournal::open(folder.path()).unwrap());
        let path = folder.path().join("00000000000000000001.log");
        let mut head = frame::head();
        head[4..6].copy_from_slice(&(SCHEMA_VERSION + 1).to_le_bytes());
        let checksum = crc32fast::hash(&head[..8]);
        head[8..].copy_from_slice(&checksum.to_le_bytes());
        fs::write(&path, head).unwrap();
        let error = FileJournal::open(folder.path()).unwrap_err();
        let found = SCHEMA_VERSION + 1;
        assert!(matches!(error, JournalError::Version { found: it, .. } if it == found), "{error}");
    }
}
