//! Tables that an administrator imports: CSV read line by line, with an error per line that names the field.
//!
//! A spreadsheet saves such a file. The first line names the columns, in any order; lines that begin with `#` are
//! skipped. A line that cannot be used is reported and the others are taken, so that one typing error among a
//! thousand lines is mended without guessing where it was; whoever wants all or nothing looks at
//! [`ImportReport::is_clean`] before he uses what was read.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use crate::address::MaskPolicy;

/// Errors beyond this many are counted and not kept.
pub const MAX_ERRORS: usize = 100;

/// Why a line of a table was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line}: {field}: {reason}")]
pub struct LineError {
    /// Which line of the file; the first one is 1.
    pub line: u64,
    /// Which column, or `line` when it is about all of it.
    pub field: String,
    /// What is wrong with it. Telephone numbers in it are masked.
    pub reason: String,
}

/// What became of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// How many lines were taken.
    pub accepted: usize,
    /// Why lines were not taken, in the order of the file, at most [`MAX_ERRORS`].
    pub errors: Vec<LineError>,
    /// How many more lines were not taken.
    pub further_errors: usize,
}

impl ImportReport {
    /// Returns whether every line was taken.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    fn refuse(&mut self, error: LineError) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error);
        } else {
            self.further_errors += 1;
        }
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused = self.errors.len() + self.further_errors;
        write!(f, "{} lines taken, {refused} not", self.accepted)?;
        self.errors.iter().try_for_each(|error| write!(f, "\n{error}"))?;
        match self.further_errors {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

/// A column that a table may have.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its heading, in lower case.
    pub name: &'static str,
    /// The heading in Chinese, which is as good.
    pub chinese: &'static str,
    /// Whether the file must have it, and a value in every line.
    pub required: bool,
}

impl Column {
    /// A column that must be there, with a value in every line.
    #[must_use]
    pub const fn required(name: &'static str, chinese: &'static str) -> Self {
        Self { name, chinese, required: true }
    }

    /// A column that may be left out.
    #[must_use]
    pub const fn optional(name: &'static str, chinese: &'static str) -> Self {
        Self { name, chinese, required: false }
    }
}

/// One line of a table by column.
#[derive(Debug, Default)]
pub struct Row {
    cells: BTreeMap<&'static str, String>,
}

impl Row {
    /// Returns what stands in a column; empty where the file has no such column.
    #[must_use]
    pub fn cell(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// The column and the reason why a line is not taken.
pub type Refusal = (&'static str, String);

/// Reads a table and hands each line to `take`, which refuses it by naming the column and the reason.
pub fn read(
    text: &[u8],
    columns: &[Column],
    max_rows: usize,
    mut take: impl FnMut(u64, &Row) -> Result<(), Refusal>,
) -> ImportReport {
    let mut report = ImportReport::default();
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(text);
    let mut heading: Option<Vec<&Column>> = None;
    let mut record = csv::ByteRecord::new();
    while let Ok(true) = reader.read_byte_record(&mut record) {
        if record.get(0).is_some_and(|cell| cell.starts_with(b"#")) {
            continue;
        }
        let line = record.position().map_or(0, |position| first_line(text, position));
        let refused =
            |(field, reason): (&str, String)| LineError { line, field: field.to_owned(), reason };
        let Some(named) = &heading else {
            match read_heading(&record, columns) {
                Ok(named) => heading = Some(named),
                Err(refusal) => {
                    report.refuse(refused(refusal));
                    return report;
                }
            }
            continue;
        };
        if report.accepted == max_rows {
            let reason = format!(
                "the table holds at most {max_rows} lines; this and what follows is left out"
            );
            report.refuse(refused(("line", reason)));
            return report;
        }
        match read_row(&record, named).and_then(|row| take(line, &row)) {
            Ok(()) => report.accepted += 1,
            Err(refusal) => report.refuse(refused(refusal)),
        }
    }
    if heading.is_none() {
        let reason = "the file is empty; its first line names the columns".to_owned();
        report.refuse(LineError { line: 1, field: "line".to_owned(), reason });
    }
    report
}

/// The position of a record is before the empty lines that are skipped on the way to it.
fn first_line(text: &[u8], position: &csv::Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let skipped = text.iter().skip(start).take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let skipped = skipped.filter(|byte| **byte == b'\n').count();
    position.line() + u64::try_from(skipped).unwrap_or_default()
}

fn read_heading<'c>(
    record: &csv::ByteRecord,
    columns: &'c [Column],
) -> Result<Vec<&'c Column>, Refusal> {
    let names = || columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
    let mut heading: Vec<&Column> = Vec::new();
    for cell in record {
        let found = columns.iter().find(|column| {
            cell.eq_ignore_ascii_case(column.name.as_bytes()) || cell == column.chinese.as_bytes()
        });
        let Some(column) = found else {
            // A file without a heading begins with data, which may be a citizen's number.
            let shown = MaskPolicy::MiddleFour.apply(&String::from_utf8_lossy(cell));
            return Err((
                "line",
                format!("there is no column {shown:?}; the columns are {}", names()),
            ));
        };
        if heading.iter().any(|earlier| earlier.name == column.name) {
            return Err((column.name, "the column is there twice".to_owned()));
        }
        heading.push(column);
    }
    let missing = columns
        .iter()
        .find(|column| column.required && !heading.iter().any(|it| it.name == column.name));
    match missing {
        Some(column) => Err((column.name, "the column is missing".to_owned())),
        None => Ok(heading),
    }
}

fn read_row(record: &csv::ByteRecord, heading: &[&Column]) -> Result<Row, Refusal> {
    if record.len() > heading.len() {
        let reason = format!("has {} fields, the heading names {}", record.len(), heading.len());
        return Err(("line", reason));
    }
    let mut row = Row::default();
    for (column, cell) in heading.iter().zip(record) {
        let text = str::from_utf8(cell)
            .map_err(|_| (column.name, "is not UTF-8; save the file as CSV UTF-8".to_owned()))?;
        row.cells.insert(column.name, text.to_owned());
    }
    match heading.iter().find(|column| column.required && row.cell(column.name).is_empty()) {
        Some(column) => Err((column.name, "is empty".to_owned())),
        None => Ok(row),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 2] =
        [Column::required("prefix", "号段"), Column::optional("region", "归属地")];

    fn import(text: &[u8]) -> (Vec<(u64, String, String)>, ImportReport) {
        let mut rows = Vec::new();
        let report = read(text, &COLUMNS, 3, |line, row| {
            if row.cell("region") == "?" {
                return Err(("region", "is a question".to_owned()));
            }
            rows.push((line, row.cell("prefix").to_owned(), row.cell("region").to_owned()));
            Ok(())
        });
        (rows, report)
    }

    #[test]
    fn columns_stand_in_any_order_and_language() {
        let (rows, report) =
            import("\u{feff}归属地, prefix\r\n济南,1381\r\n\r\n# a remark\n\n,1382\n".as_bytes());
        assert!(report.is_clean(), "{report}");
        assert_eq!(rows, [(2, "1381".into(), "济南".into()), (6, "1382".into(), String::new())]);
    }

    #[test]
    fn each_line_that_cannot_be_used_is_named_and_the_others_are_taken() {
        let (rows, report) = import(b"prefix,region\n,x\n1,?\n2,ok\n3,a,b\n4,\xff\n5,ok\n");
        assert_eq!(rows.len(), 2);
        assert_eq!(
            report.to_string(),
            "2 lines taken, 4 not\nline 2: prefix: is empty\nline 3: region: is a question\n\
             line 5: line: has 3 fields, the heading names 2\n\
             line 6: region: is not UTF-8; save the file as CSV UTF-8"
        );
    }

    #[test]
    fn a_heading_that_does_not_fit_stops_the_import() {
        let reason = |text: &[u8]| import(text).1.to_string();
        assert!(reason(b"region\nx\n").ends_with("line 1: prefix: the column is missing"));
        assert!(reason(b"prefix,town\n").contains("there is no column \"town\""));
        assert!(reason(b"13812341234,x\n").contains("there is no column \"138****1234\""));
        assert!(reason(b"prefix,prefix\n").contains("the column is there twice"));
        assert!(reason(b"").contains("the file is empty"));
    }

    #[test]
    fn rows_and_kept_errors_are_bounded() {
        let (rows, report) = import(b"prefix\n1\n2\n3\n4\n5\n");
        assert_eq!(rows.len(), 3);
        assert!(report.to_string().contains("line 5: line: the table holds at most 3 lines"));
        let (_, report) = import(format!("prefix,region\n{}", "1,?\n".repeat(150)).as_bytes());
        assert_eq!((report.errors.len(), report.further_errors), (MAX_ERRORS, 50));
        assert!(report.to_string().ends_with("and 50 more"));
    }
}
