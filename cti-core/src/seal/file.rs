//! Keys in files.
//!
//! ```text
//! keys/00000000000000004096.keys     the keys of contacts 4096 to 8191
//!   "CTIK" version:u16 0:u16         the head
//!   contact:u64 kind:u8 key:[u8; 32] crc32:u32     an entry, little-endian; kind 1: the key, 2: it was erased
//! ```
//!
//! Keys are appended. To erase one its file is written anew without it beside the old one, and takes its place in one
//! step, so that a crash leaves either.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{Key, KeyError, KeyState, KeyTable};
use crate::id::ContactId;

const HEAD: &[u8; 8] = b"CTIK\x01\x00\x00\x00";
const ENTRY: usize = 8 + 1 + Key::LENGTH + 4;
const KEPT: u8 = 1;
const ERASED: u8 = 2;
/// How many contacts share a file.
const CONTACTS: u64 = 4096;
/// How many files are held in memory.
const FILES: usize = 64;

/// A table of keys in a folder.
#[derive(Debug)]
pub struct FileKeys {
    folder: PathBuf,
    /// The files in use, by their first contact.
    files: BTreeMap<u64, KeyFile>,
    uses: u64,
}

#[derive(Debug)]
struct KeyFile {
    path: PathBuf,
    /// `None` stands for a key that was erased.
    keys: BTreeMap<ContactId, Option<Key>>,
    /// How many bytes of the file are whole.
    length: u64,
    /// Inserted and not yet written, or not known to be durable.
    unsynced: Vec<ContactId>,
    last_use: u64,
}

impl FileKeys {
    /// Opens the table in `folder`, creating it when it is missing.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn open(folder: &Path) -> Result<Self, KeyError> {
        fs::create_dir_all(folder).map_err(io_error("create folder"))?;
        for entry in fs::read_dir(folder).map_err(io_error("list folder"))? {
            let path = entry.map_err(io_error("list folder"))?.path();
            // A crash came before this took its place; it may hold keys that are being erased.
            if path.extension().is_some_and(|extension| extension == "new") {
                fs::remove_file(&path).map_err(io_error("remove half-written file"))?;
            }
        }
        Ok(Self { folder: folder.to_owned(), files: BTreeMap::new(), uses: 0 })
    }

    /// Returns the file that holds a contact's key.
    fn file(&mut self, contact: ContactId) -> Result<&mut KeyFile, KeyError> {
        let first = contact.0 / CONTACTS * CONTACTS;
        self.uses += 1;
        if !self.files.contains_key(&first) {
            while self.files.len() >= FILES {
                let oldest = self
                    .files
                    .iter()
                    .filter(|(_, file)| file.unsynced.is_empty())
                    .min_by_key(|(_, file)| file.last_use)
                    .map(|(first, _)| *first);
                match oldest {
                    Some(oldest) => drop(self.files.remove(&oldest)),
                    None => self.sync()?,
                }
            }
            let path = self.folder.join(format!("{first:020}.keys"));
            self.files.insert(first, KeyFile::load(path)?);
        }
        let file = self.files.get_mut(&first).expect("it was loaded just now");
        file.last_use = self.uses;
        Ok(file)
    }
}

impl KeyTable for FileKeys {
    fn key(&mut self, contact: ContactId) -> Result<KeyState, KeyError> {
        Ok(match self.file(contact)?.keys.get(&contact) {
            None => KeyState::None,
            Some(Some(key)) => KeyState::Kept(key.clone()),
            Some(None) => KeyState::Erased,
        })
    }

    fn insert(&mut self, contact: ContactId, key: &Key) -> Result<(), KeyError> {
        let file = self.file(contact)?;
        if file.keys.contains_key(&contact) {
            return Err(KeyError::Taken { contact });
        }
        file.keys.insert(contact, Some(key.clone()));
        file.unsynced.push(contact);
        Ok(())
    }

    fn sync(&mut self) -> Result<(), KeyError> {
        for file in self.files.values_mut().filter(|file| !file.unsynced.is_empty()) {
            file.sync(&self.folder)?;
        }
        Ok(())
    }

    fn erase(&mut self, contacts: &[ContactId]) -> Result<(), KeyError> {
        let mut by_file: BTreeMap<u64, Vec<ContactId>> = BTreeMap::new();
        for contact in contacts {
            by_file.entry(contact.0 / CONTACTS).or_default().push(*contact);
        }
        let folder = self.folder.clone();
        by_file
            .into_values()
            .try_for_each(|contacts| self.file(contacts[0])?.erase(&folder, &contacts))
    }
}

impl KeyFile {
    /// Reads a file, or begins one that is not there.
    fn load(path: PathBuf) -> Result<Self, KeyError> {
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(io_error("read file")(error)),
        };
        let damaged = |offset: usize| KeyError::Damaged {
            file: path.display().to_string(),
            offset: offset as u64,
        };
        let mut keys = BTreeMap::new();
        let mut length = bytes.len().min(HEAD.len());
        if bytes.len() > HEAD.len() && !bytes.starts_with(HEAD) {
            return Err(damaged(0));
        }
        let entries = bytes.get(HEAD.len()..).unwrap_or_default();
        for entry in entries.chunks(ENTRY) {
            let Some((contact, key)) = read_entry(entry) else { break };
            keys.insert(contact, key);
            length += ENTRY;
        }
        // What follows was never synced, unless something whole follows it.
        let rest = bytes.get(length + ENTRY..).unwrap_or_default();
        if rest.chunks(ENTRY).any(|entry| read_entry(entry).is_some()) {
            return Err(damaged(length));
        }
        Ok(Self { path, keys, length: length as u64, unsynced: Vec::new(), last_use: 0 })
    }

    /// Appends what was inserted; whatever an earlier attempt left behind the whole entries is cut off.
    fn sync(&mut self, folder: &Path) -> Result<(), KeyError> {
        let is_new = self.length < HEAD.len() as u64;
        let mut bytes = if is_new { HEAD.to_vec() } else { Vec::new() };
        for contact in &self.unsynced {
            write_entry(&mut bytes, *contact, self.keys.get(contact).and_then(Option::as_ref));
        }
        let start = if is_new { 0 } else { self.length };
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .map_err(io_error("open file"))?;
        file.set_len(start)
            .and_then(|()| file.write_all(&bytes))
            .and_then(|()| file.sync_all())
            .map_err(io_error("append"))?;
        if is_new {
            sync_folder(folder)?;
        }
        self.length = start + bytes.len() as u64;
        self.unsynced.clear();
        Ok(())
    }

    fn erase(&mut self, folder: &Path, contacts: &[ContactId]) -> Result<(), KeyError> {
        let mut keys = self.keys.clone();
        keys.extend(contacts.iter().map(|contact| (*contact, None)));
        let mut bytes = HEAD.to_vec();
        for (contact, key) in &keys {
            write_entry(&mut bytes, *contact, key.as_ref());
        }
        let new = self.path.with_extension("new");
        let replace = || {
            let mut file = File::create(&new)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&new, &self.path)
        };
        replace().map_err(io_error("erase"))?;
        self.keys = keys;
        self.length = bytes.len() as u64;
        self.unsynced.clear();
        sync_folder(folder)
    }
}

fn write_entry(bytes: &mut Vec<u8>, contact: ContactId, key: Option<&Key>) {
    let start = bytes.len();
    bytes.extend_from_slice(&contact.0.to_le_bytes());
    bytes.push(if key.is_some() { KEPT } else { ERASED });
    bytes.extend_from_slice(key.map_or(&[0; Key::LENGTH], |key| key.as_bytes()));
    let checksum = crc32fast::hash(&bytes[start..]);
    bytes.extend_from_slice(&checksum.to_le_bytes());
}

fn read_entry(entry: &[u8]) -> Option<(ContactId, Option<Key>)> {
    let (contact, rest) = entry.split_first_chunk()?;
    let (kind, rest) = rest.split_first()?;
    let (key, checksum) = rest.split_first_chunk()?;
    if checksum != crc32fast::hash(&entry[..ENTRY - 4]).to_le_bytes() {
        return None;
    }
    let key = match *kind {
        KEPT => Some(Key::from_bytes(*key)),
        ERASED => None,
        _ => return None,
    };
    Some((ContactId(u64::from_le_bytes(*contact)), key))
}

fn sync_folder(folder: &Path) -> Result<(), KeyError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error("sync folder"))
}

fn io_error(what: &'static str) -> impl Fn(io::Error) -> KeyError {
    move |source| KeyError::Io { what, source }
}
