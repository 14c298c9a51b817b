//! Tables that `lookup` nodes ask: CSV files whose first column is the key.

use std::collections::BTreeMap;

use cti_core::flow::CallData;

/// A table has at most this many rows.
pub const MAX_ROWS: usize = 1_000_000;

/// A table that cannot be used; names the file, the line and the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTable {
    /// A line is not CSV, or has more or fewer columns than the header.
    #[error("{file}: line {line}: {reason}")]
    Line {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The header names no column, an empty one, or one twice.
    #[error("{file}: header: {reason}")]
    Header {
        /// Which file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There are too many rows.
    #[error("{file}: more than {MAX_ROWS} rows")]
    TooLarge {
        /// Which file.
        file: String,
    },
}

/// Rows by the value of their first column.
///
/// ```
/// let table = cti_ivr::table::Table::parse("accounts.csv", "account,balance\n1001,45.50\n")?;
/// assert_eq!(table.row("1001").unwrap()["balance"], "45.50");
/// assert!(table.row("1002").is_none());
/// # Ok::<(), cti_ivr::table::InvalidTable>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    columns: Vec<String>,
    rows: BTreeMap<String, Vec<String>>,
}

impl Table {
    /// Reads CSV (RFC 4180, UTF-8, with a header line); `file` is the name that errors show.
    ///
    /// # Errors
    /// When the text is not such a table, or a key is empty or occurs twice.
    pub fn parse(file: &str, text: &str) -> Result<Self, InvalidTable> {
        // Spreadsheets write a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let at =
            |line: u64, reason: String| InvalidTable::Line { file: file.to_owned(), line, reason };
        let broken = |error: csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            at(line, reason(error.kind()))
        };
        let columns: Vec<String> =
            reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
        check_header(&columns)
            .map_err(|reason| InvalidTable::Header { file: file.to_owned(), reason })?;
        let mut rows = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(broken)?;
            let line = record.position().map_or(0, csv::Position::line);
            let row: Vec<String> = record.iter().map(str::to_owned).collect();
            let key = row.first().cloned().unwrap_or_default();
            if key.is_empty() {
                return Err(at(line, format!("{} is empty", columns[0])));
            }
            if rows.contains_key(&key) {
                return Err(at(line, format!("{} {key} occurs twice", columns[0])));
            }
            if rows.len() == MAX_ROWS {
                return Err(InvalidTable::TooLarge { file: file.to_owned() });
            }
            rows.insert(key, row);
        }
        Ok(Self { columns, rows })
    }

    /// Returns a row as names and values.
    #[must_use]
    pub fn row(&self, key: &str) -> Option<CallData> {
        let row = self.rows.get(key)?;
        Some(self.columns.iter().cloned().zip(row.iter().cloned()).collect())
    }

    /// Returns the names of the columns, that of the key first.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Returns all rows by their keys.
    pub fn rows(&self) -> impl Iterator<Item = CallData> {
        self.rows
            .values()
            .map(|row| self.columns.iter().cloned().zip(row.iter().cloned()).collect())
    }

    /// Returns how many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

fn check_header(columns: &[String]) -> Result<(), String> {
    for (index, column) in columns.iter().enumerate() {
        if column.is_empty() {
            return Err(format!("column {} has no name", index + 1));
        }
        if columns[..index].contains(column) {
            return Err(format!("column {column} occurs twice"));
        }
    }
    if columns.is_empty() { Err("there is no header line".to_owned()) } else { Ok(()) }
}

/// The words for an error, without the values of the row, which may be personal.
fn reason(kind: &csv::ErrorKind) -> String {
    if let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = kind {
        format!("has {len} columns, the header has {expected_len}")
    } else {
        "is not CSV".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_cannot_be_used_names_file_line_and_reason() {
        let error = |text| Table::parse("t.csv", text).unwrap_err().to_string();
        assert_eq!(error(""), "t.csv: header: there is no header line");
        assert_eq!(error("a,,c\n"), "t.csv: header: column 2 has no name");
        assert_eq!(error("a,a\n"), "t.csv: header: column a occurs twice");
        assert_eq!(error("a,b\n1,2\n3\n"), "t.csv: line 3: has 1 columns, the header has 2");
        assert_eq!(error("a,b\n1,2\n,3\n"), "t.csv: line 3: a is empty");
        assert_eq!(error("a,b\n1,2\n1,3\n"), "t.csv: line 3: a 1 occurs twice");
    }

    #[test]
    fn quotes_and_a_byte_order_mark_are_understood() {
        let table = Table::parse("t.csv", "\u{feff}a,b\n1,\"x, \"\"y\"\"\"\n").unwrap();
        assert_eq!(table.row("1").unwrap()["b"], "x, \"y\"");
        assert_eq!((table.len(), table.is_empty()), (1, false));
    }
}
