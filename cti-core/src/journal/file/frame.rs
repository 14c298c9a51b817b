//! The bytes of a segment: a head, then a frame for each event. The [module above](super) shows them.

use crate::event::SCHEMA_VERSION;

const MAGIC: &[u8; 4] = b"CTI2";
const OLD_MAGIC: &[u8; 4] = b"CTIJ";
const OLD_HEAD: usize = 8;
pub(super) const HEAD: usize = 12;
const FRAME_HEAD: usize = 8;
/// Set in the length of the first frame after a sync.
const MARK: u32 = 1 << 31;
/// The largest record; a longer frame is taken for damage.
pub(super) const MAX_RECORD: usize = 1 << 20;

/// How the frames of a segment are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Without marks.
    Old,
    /// As new segments are.
    Marked,
}

/// Why the head of a segment cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadHead {
    /// It is not there as a whole, or not what it was.
    Broken,
    /// A newer program wrote it.
    Newer(u16),
}

/// Returns the head of a new segment.
pub(super) fn head() -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(MAGIC);
    head[4..6].copy_from_slice(&SCHEMA_VERSION.to_le_bytes());
    let checksum = crc32fast::hash(&head[..8]);
    head[8..].copy_from_slice(&checksum.to_le_bytes());
    head
}

/// What the head of a segment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) format: Format,
    /// The version of the facts.
    pub(super) version: u16,
    /// Where the frames begin.
    pub(super) length: usize,
}

/// Reads the head of a segment.
pub(super) fn read_head(bytes: &[u8]) -> Result<Head, BadHead> {
    let first = bytes.get(..OLD_HEAD).ok_or(BadHead::Broken)?;
    let (format, length) = if first.starts_with(OLD_MAGIC) {
        (Format::Old, OLD_HEAD)
    } else {
        let checksum = bytes.get(OLD_HEAD..HEAD).ok_or(BadHead::Broken)?;
        if !first.starts_with(MAGIC) || checksum != crc32fast::hash(first).to_le_bytes() {
            return Err(BadHead::Broken);
        }
        (Format::Marked, HEAD)
    };
    match u16::from_le_bytes([first[4], first[5]]) {
        version if version > SCHEMA_VERSION => Err(BadHead::Newer(version)),
        version => Ok(Head { format, version, length }),
    }
}

/// Begins a frame at the end of `bytes`; the record follows, then [`finish`].
pub(super) fn begin(bytes: &mut Vec<u8>) -> usize {
    bytes.extend_from_slice(&[0; FRAME_HEAD]);
    bytes.len() - FRAME_HEAD
}

/// Ends the frame that began at `start`; `false` when its record is too large.
pub(super) fn finish(bytes: &mut [u8], start: usize, marked: bool) -> bool {
    let record = &bytes[start + FRAME_HEAD..];
    let Ok(length) = u32::try_from(record.len()) else { return false };
    if record.len() > MAX_RECORD {
        return false;
    }
    let length = (if marked { length | MARK } else { length }).to_le_bytes();
    let checksum = checksum(length, record).to_le_bytes();
    bytes[start..start + 4].copy_from_slice(&length);
    bytes[start + 4..start + FRAME_HEAD].copy_from_slice(&checksum);
    true
}

/// Returns the records of the whole frames that `bytes` begins with.
pub(super) fn records(format: Format, bytes: &[u8]) -> Records<'_> {
    Records { format, bytes, at: 0 }
}

/// The records of whole frames, up to the first frame that is not.
#[derive(Debug)]
pub(super) struct Records<'a> {
    format: Format,
    bytes: &'a [u8],
    /// How many bytes the frames so far take.
    pub(super) at: usize,
}

impl<'a> Iterator for Records<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (_, record) = frame(self.format, &self.bytes[self.at..])?;
        self.at += FRAME_HEAD + record.len();
        Some(record)
    }
}

/// Returns whether what follows a broken frame shows that it had been acknowledged.
pub(super) fn was_acknowledged(format: Format, broken: &[u8]) -> bool {
    (1..broken.len()).any(|at| match (frame(format, &broken[at..]), format) {
        (Some(_), Format::Old) | (Some((true, _)), Format::Marked) => true,
        (Some((false, _)), Format::Marked) | (None, _) => false,
    })
}

/// Returns the mark and the record of the frame that `bytes` begins with, if it is whole.
fn frame(format: Format, bytes: &[u8]) -> Option<(bool, &[u8])> {
    let (head, rest) = bytes.split_at_checked(FRAME_HEAD)?;
    let word: [u8; 4] = head[..4].try_into().ok()?;
    let number = u32::from_le_bytes(word);
    let (mark, length) = match format {
        Format::Old => (false, number as usize),
        Format::Marked => (number & MARK != 0, (number & !MARK) as usize),
    };
    let record = rest.get(..length).filter(|_| (1..=MAX_RECORD).contains(&length))?;
    let expected = match format {
        Format::Old => crc32fast::hash(record),
        Format::Marked => checksum(word, record),
    };
    (head[4..] == expected.to_le_bytes()).then_some((mark, record))
}

fn checksum(length: [u8; 4], record: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(record);
    hasher.finalize()
}
