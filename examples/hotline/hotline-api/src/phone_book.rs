//! The phone book (通讯录): departments and their leaders, whom an agent sends a caller to by one click.

use std::{io, sync::Arc};

use axum::{Json, body::Bytes, extract::State};
use cti_bindings::rest::{extract::Params, problem::Problem};
use cti_core::import::{self, Column, ImportReport, Refusal, Row};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// The most entries of a phone book.
pub const MAX_ENTRIES: usize = 5_000;
/// The longest name of a department, a person or an office, in characters.
const MAX_NAME: usize = 60;
/// The longest number, in digits.
const MAX_NUMBER: usize = 40;

const COLUMNS: [Column; 5] = [
    Column::required("department", "部门"),
    Column::optional("name", "姓名"),
    Column::optional("title", "职务"),
    Column::required("number", "号码"),
    Column::optional("urgent", "紧急"),
];

/// Somebody, or an office, that callers are sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PhoneBookEntry {
    /// The department.
    pub department: String,
    /// Who it is; empty for the department's own number.
    pub name: String,
    /// His office, for example 值班局长.
    pub title: String,
    /// What an agent dials to reach him.
    #[schema(example = "8201")]
    pub number: String,
    /// Whether it is for what cannot wait; such entries come first.
    pub urgent: bool,
}

/// A phone book: the urgent entries first, then in the order in which they were imported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhoneBook(Vec<PhoneBookEntry>);

impl PhoneBook {
    /// Reads a table with the columns `department,name,title,number,urgent` (部门,姓名,职务,号码,紧急).
    ///
    /// # Examples
    ///
    /// ```
    /// use hotline_api::phone_book::PhoneBook;
    ///
    /// let (book, report) = PhoneBook::import("部门,姓名,职务,号码,紧急
    /// 水务局,,值班室,8203,
    /// 应急管理局,李明,值班局长,8201,是
    /// 城管局,,,八二〇二,\n".as_bytes());
    /// assert_eq!(book.find("局长").next().map(|it| it.number.as_str()), Some("8201"));
    /// assert_eq!(book.entries()[0].department, "应急管理局");
    /// assert_eq!(report.errors[0].to_string(), "line 4: number: must be 1 to 40 of 0-9 * # +");
    /// ```
    #[must_use]
    pub fn import(table: &[u8]) -> (Self, ImportReport) {
        let mut entries = Vec::new();
        let report = import::read(table, &COLUMNS, MAX_ENTRIES, |_, row| {
            entries.push(read_entry(row)?);
            Ok(())
        });
        entries.sort_by_key(|entry: &PhoneBookEntry| !entry.urgent);
        (Self(entries), report)
    }

    /// Returns the table that [`import`](Self::import) reads.
    ///
    /// # Errors
    /// When it cannot be written, which memory always allows.
    pub fn to_table(&self) -> io::Result<Vec<u8>> {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(COLUMNS.map(|column| column.name))?;
        for entry in &self.0 {
            let PhoneBookEntry { department, name, title, number, urgent } = entry;
            let urgent = if *urgent { "yes" } else { "no" };
            table.write_record([department, name, title, number, urgent])?;
        }
        table.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }

    /// Returns all entries.
    #[must_use]
    pub fn entries(&self) -> &[PhoneBookEntry] {
        &self.0
    }

    /// Returns the entries in which every word of `text` stands, whatever the case.
    pub fn find<'b>(&'b self, text: &str) -> impl Iterator<Item = &'b PhoneBookEntry> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        self.0.iter().filter(move |entry| {
            let PhoneBookEntry { department, name, title, number, urgent: _ } = entry;
            let line = format!("{department} {name} {title} {number}").to_lowercase();
            words.iter().all(|word| line.contains(word.as_str()))
        })
    }
}

fn read_entry(row: &Row) -> Result<PhoneBookEntry, Refusal> {
    let text = |column: &'static str| {
        let text = row.cell(column);
        if text.chars().count() > MAX_NAME {
            return Err((column, format!("is longer than {MAX_NAME} characters")));
        }
        Ok(text.to_owned())
    };
    let number = row.cell("number");
    let dials = |c: char| c.is_ascii_digit() || "*#+".contains(c);
    if number.is_empty() || number.len() > MAX_NUMBER || !number.chars().all(dials) {
        return Err(("number", format!("must be 1 to {MAX_NUMBER} of 0-9 * # +")));
    }
    let urgent = match row.cell("urgent") {
        "" | "no" | "否" => false,
        "yes" | "是" => true,
        _ => return Err(("urgent", "is neither yes nor no (是, 否)".to_owned())),
    };
    Ok(PhoneBookEntry {
        department: text("department")?,
        name: text("name")?,
        title: text("title")?,
        number: number.to_owned(),
        urgent,
    })
}

/// The phone book in force, and where it is kept.
pub trait PhoneBookDesk: Send + Sync {
    /// Returns the phone book in force.
    fn book(&self) -> Arc<PhoneBook>;

    /// Takes another one in place of it, at once and for the next start.
    ///
    /// # Errors
    /// When it could not be kept; the earlier one stays in force.
    fn replace(&self, book: PhoneBook) -> io::Result<()>;
}

/// What is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Find {
    /// Words of department, name, office or number; everything when absent.
    #[serde(default)]
    q: String,
}

/// What became of an import.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhoneBookImported {
    /// How many entries there are now.
    pub entries: usize,
}

/// Lists the departments and leaders to whom callers are sent, the urgent ones first.
#[utoipa::path(get, path = "/phone-book", tag = "configuration", security(("bearer" = [])), params(Find),
    responses((status = 200, body = [PhoneBookEntry])))]
pub async fn list(
    State(state): State<ApiState>,
    _signed_in: SignedIn,
    Params(find): Params<Find>,
) -> Json<Vec<PhoneBookEntry>> {
    Json(state.phone_book.book().find(&find.q).cloned().collect())
}

/// Takes another phone book (CSV) with the columns `department,name,title,number,urgent`, or their headings in Chinese,
/// in place of the present one. Nothing is taken when a line cannot be used; the first one is named.
#[utoipa::path(put, path = "/phone-book", tag = "configuration", security(("bearer" = [])),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = PhoneBookImported), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn replace(
    State(state): State<ApiState>,
    signed_in: SignedIn,
    table: Bytes,
) -> Result<Json<PhoneBookImported>, Problem> {
    state.require_configure(&signed_in)?;
    let (book, report) = PhoneBook::import(&table);
    if let Some(error) = report.errors.first() {
        return Err(Problem::invalid(&error.field, &report));
    }
    let desk = Arc::clone(&state.phone_book);
    let entries = book.entries().len();
    tokio::task::spawn_blocking(move || desk.replace(book))
        .await
        .map_err(io::Error::other)
        .flatten()
        .map_err(|error| Problem::internal(&error))?;
    Ok(Json(PhoneBookImported { entries }))
}
