//! Reads the journal's files as their format is documented, apart from the code that writes them.

use std::{fs, path::Path};

use serde_json::Value;

/// "CTI2", the schema version, two bytes of nothing, and a checksum.
const HEAD: usize = 12;
/// Set in the length of the first frame after a sync.
const MARK: u32 = 1 << 31;

/// Returns every event as it is written: one JSON text each.
///
/// # Panics
/// When a file is not as documented.
pub(crate) fn texts(data: &Path) -> Vec<String> {
    let entries = fs::read_dir(data.join("journal")).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut events = Vec::new();
    for file in files {
        let bytes = fs::read(&file).unwrap();
        assert_eq!(&bytes[..4], b"CTI2", "{}", file.display());
        let mut rest = &bytes[HEAD..];
        while !rest.is_empty() {
            // Length, checksum, text; numbers are little-endian.
            let length = u32::from_le_bytes(rest[..4].try_into().unwrap()) & !MARK;
            let length = length as usize;
            events.push(String::from_utf8(rest[8..8 + length].to_vec()).unwrap());
            rest = &rest[8 + length..];
        }
    }
    events
}

/// Returns every event of one kind.
pub(crate) fn facts(data: &Path, name: &str) -> Vec<Value> {
    let events = texts(data).into_iter().map(|text| serde_json::from_str::<Value>(&text).unwrap());
    events.filter(|event| event["fact"] == name).collect()
}
