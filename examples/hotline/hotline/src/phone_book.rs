//! The phone book on disk: `phone-book.csv` in the data folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use hotline_api::phone_book::{PhoneBook, PhoneBookDesk};

use crate::files;

/// The file of the phone book in the data folder.
pub const FILE: &str = "phone-book.csv";

/// The phone book in force, and its file.
#[derive(Debug)]
pub struct KeptPhoneBook {
    book: Mutex<Arc<PhoneBook>>,
    file: PathBuf,
}

impl KeptPhoneBook {
    /// Reads the phone book of a data folder; an empty one when there is none yet.
    ///
    /// # Errors
    /// When the file cannot be read or is no phone book.
    pub fn open(data: &Path) -> io::Result<Self> {
        let file = data.join(FILE);
        let book = match fs::read(&file) {
            Ok(table) => {
                let (book, report) = PhoneBook::import(&table);
                if !report.is_clean() {
                    let reason = format!("{FILE}: {report}");
                    return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
                }
                book
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => PhoneBook::default(),
            Err(error) => return Err(error),
        };
        Ok(Self { book: Mutex::new(Arc::new(book)), file })
    }
}

impl PhoneBookDesk for KeptPhoneBook {
    fn book(&self) -> Arc<PhoneBook> {
        Arc::clone(&self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, book: PhoneBook) -> io::Result<()> {
        // Held while the file is written, so that the file is of the book that is in force.
        let mut now = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        files::replace(&self.file, &book.to_table()?)?;
        *now = Arc::new(book);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_book_that_was_taken_is_there_at_the_next_start() {
        let data = tempfile::tempdir().unwrap();
        let desk = KeptPhoneBook::open(data.path()).unwrap();
        assert!(desk.book().entries().is_empty());
        let (book, _) = PhoneBook::import(b"department,number\nWater,8203\n");
        desk.replace(book.clone()).unwrap();
        assert_eq!(*desk.book(), book);
        assert_eq!(*KeptPhoneBook::open(data.path()).unwrap().book(), book);
    }

    #[test]
    fn a_damaged_phone_book_is_named_at_the_start() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join(FILE), "department,number\nWater,?\n").unwrap();
        let error = KeptPhoneBook::open(data.path()).unwrap_err().to_string();
        assert!(error.contains("line 2: number: must be"), "{error}");
    }
}
