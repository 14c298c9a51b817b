//! What a number tells, and the blacklist, the whitelist and the table of customers' agents: read, changed by one entry, imported as a table.

use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
};
use cti_core::{
    command::{Command, Reply},
    id::EntryId,
    import::ImportReport,
    numbers::{ListDraft, ListEntry, ListImport, NumberRules},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    RestState,
    authorize::{Action, Caller, Principal},
    extract::{Body, Id, Params},
    list::{List, page},
    problem::Problem,
    show::plain,
};
use crate::records::filter::PageRequest;

/// The longest table, in bytes.
const TABLE_LIMIT: usize = 4 << 20;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<RestState> {
    let import =
        OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::max(TABLE_LIMIT));
    OpenApiRouter::new()
        .routes(routes!(lists, add))
        .routes(routes!(remove))
        .routes(routes!(tell))
        .merge(import)
}

/// An entry of the blacklist, the whitelist or the table of customers' agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Entry {
    /// The entry, for example `entry-7`.
    pub id: String,
    /// `black`, `white` or `agent`.
    pub list: String,
    /// A number in normal form, a prefix `+86532*`, a pattern `+86138????0000` or a kind of number; masked unless you
    /// may see it.
    pub number: String,
    /// What follows: `refuse`, `flow:night`, `warn`; `free`, `priority:5`, `free priority:5`; `8001 for:60`.
    pub level: String,
    /// Of which calls it speaks: `centre`, `called:12345`, `queue:general`.
    pub scope: String,
    /// Until when.
    pub expires: Option<String>,
    /// Whether that is over.
    pub expired: bool,
    /// Why it was made.
    pub reason: String,
    /// Who made it.
    pub entered_by: String,
    /// When.
    pub entered_at: String,
}

/// A new entry.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEntry {
    /// `black`, `white` or `agent`.
    pub list: String,
    /// A number in any spelling, `0532*`, `138????0000`, `withheld`, `international`.
    pub number: String,
    /// On the blacklist `refuse`, `flow:night` or `warn`; on the whitelist `free`, `priority:5` or both; of a customer's
    /// agent `8001`, or `8001 for:30` for how many seconds nobody else will do.
    pub level: String,
    /// `centre` (when absent), `called:12345` or `queue:general`.
    #[serde(default)]
    pub scope: String,
    /// A date, until its end, or a moment; for ever when absent.
    #[serde(default)]
    pub expires: String,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// The entry that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Added {
    /// The entry.
    pub id: String,
}

/// What became of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Imported {
    /// How many lines were taken.
    pub accepted: usize,
    /// Why lines were not taken, at most 100.
    pub errors: Vec<LineError>,
    /// How many more lines were not taken.
    pub further_errors: usize,
}

/// Why a line of a table was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineError {
    /// Which line; the first one is 1.
    pub line: u64,
    /// Which column.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl From<ImportReport> for Imported {
    fn from(report: ImportReport) -> Self {
        let line = |error: cti_core::import::LineError| LineError {
            line: error.line,
            field: error.field,
            reason: error.reason,
        };
        Self {
            accepted: report.accepted,
            errors: report.errors.into_iter().map(line).collect(),
            further_errors: report.further_errors,
        }
    }
}

/// Which entries.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListsQuery {
    /// Only those that describe this number, in any spelling.
    pub number: Option<String>,
    /// At most this many, 1 to 200.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// Which number.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NumberQuery {
    /// The number, in any spelling.
    pub number: String,
}

/// What a number tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Told {
    /// Its one normal form.
    pub normal: String,
    /// `mobile`, `fixed`, `non_geographic`, `service`, `international`, `extension`, `withheld` or `unknown`.
    pub kind: String,
    /// The extension written behind it.
    pub behind: Option<String>,
    /// The area code with its 0.
    pub area: Option<String>,
    /// Province and city.
    pub region: Option<String>,
    /// The country.
    pub country: Option<String>,
}

/// Lists the entries of the blacklist, the whitelist and the table of customers' agents, the newest first.
#[utoipa::path(get, path = "/numbers/lists", tag = "numbers", security(("bearer" = [])), params(ListsQuery),
    responses((status = 200, body = List<Entry>), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn lists(
    State(state): State<RestState>,
    Caller(who): Caller,
    Params(query): Params<ListsQuery>,
) -> Result<Json<List<Entry>>, Problem> {
    state.require(&who, Action::ManageLists)?;
    let PageRequest { limit, after } = page(query.limit, query.after)?;
    let before = after.map(|after| after.parse::<EntryId>()).transpose();
    let before = before.map_err(|error| Problem::invalid("after", error))?;
    let view = state.live.view();
    let number =
        query.number.as_deref().map(|text| state.rules(&view).map(|it| it.normalize(text)));
    let number = number.transpose()?;
    let now = state.centre.now();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found: Vec<(EntryId, &ListEntry)> = match &number {
        Some(number) => view.lists().describing(number).collect(),
        None => view.lists().entries().collect(),
    };
    found.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
    found.retain(|(id, _)| before.is_none_or(|before| *id < before));
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|(id, _)| id.to_string());
    let items = found.into_iter().map(|(id, entry)| state.entry(&who, id, entry, now)).collect();
    Ok(Json(List { items, next }))
}

/// Puts somebody on the blacklist or the whitelist, or gives a customer an agent of his own; it counts for the next call.
#[utoipa::path(post, path = "/numbers/lists", tag = "numbers", security(("bearer" = [])), request_body = NewEntry,
    responses((status = 201, body = Added), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn add(
    State(state): State<RestState>,
    Caller(who): Caller,
    Body(new): Body<NewEntry>,
) -> Result<(StatusCode, Json<Added>), Problem> {
    state.require(&who, Action::ManageLists)?;
    let NewEntry { list, number, level, scope, expires, reason } = new;
    let draft = ListDraft { list, number, level, scope, expires, reason };
    let entry = {
        let view = state.live.view();
        let import = state.import(&who, state.rules(&view)?);
        let entry = draft.read(&import);
        let entry = entry.map_err(|error| Problem::invalid(error.field, error.reason))?;
        // The Center decides; what is refused here is named without its place in a list of one.
        view.lists().check(&entry).map_err(|error| {
            let text = error.to_string();
            let (field, reason) = text.split_once(": ").unwrap_or(("entry", &text));
            Problem::invalid(field, reason)
        })?;
        entry
    };
    let id = state.add_entries(vec![entry]).await?.into_iter().next();
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    tracing::info!(user = %who.name, entry = %id, "Put a caller on a list");
    Ok((StatusCode::CREATED, Json(Added { id })))
}

/// Adds the entries of a table (CSV) with the columns `list,number,level,scope,expires,reason`, or their headings in
/// Chinese. Lines that cannot be used are named with field and reason; the others are taken.
#[utoipa::path(post, path = "/numbers/lists/import", tag = "numbers", security(("bearer" = [])),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Imported), (status = 403, body = Problem), (status = 413, body = Problem)))]
pub async fn import(
    State(state): State<RestState>,
    Caller(who): Caller,
    table: Bytes,
) -> Result<Json<Imported>, Problem> {
    state.require(&who, Action::ManageLists)?;
    let (report, entries) = {
        let view = state.live.view();
        let import = state.import(&who, state.rules(&view)?);
        let mut lists = view.lists().clone();
        lists.remove_expired(import.now);
        let first = lists.next_id();
        let report = lists.import(&table, &import);
        let new = lists.entries().filter(|(id, _)| *id >= first);
        let new: Vec<ListEntry> = new.map(|(_, entry)| entry.clone()).collect();
        (report, new)
    };
    if !entries.is_empty() {
        state.add_entries(entries).await?;
    }
    tracing::info!(user = %who.name, accepted = report.accepted, "Imported lists of callers");
    Ok(Json(report.into()))
}

/// Takes an entry off its list.
#[utoipa::path(delete, path = "/numbers/lists/{id}", tag = "numbers", security(("bearer" = [])),
    params(("id" = String, Path, description = "The entry, for example entry-7")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn remove(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(entry): Id<EntryId>,
) -> Result<StatusCode, Problem> {
    state.require(&who, Action::ManageLists)?;
    if state.live.view().lists().get(entry).is_none() {
        return Err(Problem::unknown("unknown_entry", format!("there is no {entry}")));
    }
    state.centre.request(Command::RemoveListEntry { entry, by: who.name.clone() }).await?;
    tracing::info!(user = %who.name, %entry, "Took a caller off a list");
    Ok(StatusCode::NO_CONTENT)
}

/// Tells what a number is: its one normal form, its kind, where it is at home.
#[utoipa::path(get, path = "/numbers/tell", tag = "numbers", security(("bearer" = [])), params(NumberQuery),
    responses((status = 200, body = Told), (status = 409, body = Problem)))]
pub async fn tell(
    State(state): State<RestState>,
    _caller: Caller,
    Params(query): Params<NumberQuery>,
) -> Result<Json<Told>, Problem> {
    let view = state.live.view();
    let rules = state.rules(&view)?;
    let read = rules.read(&query.number);
    let analysis = rules.analyse(&read.number);
    Ok(Json(Told {
        normal: read.number.reveal().to_owned(),
        kind: plain(&analysis.kind),
        behind: read.behind.map(|digits| digits.reveal().to_owned()),
        area: analysis.area,
        region: analysis.region.map(|region| region.to_string()),
        country: analysis.country.map(ToOwned::to_owned),
    }))
}

impl RestState {
    fn rules<'v>(&self, view: &'v crate::view::View) -> Result<&'v NumberRules, Problem> {
        view.number_rules().ok_or_else(|| {
            let detail = "this centre has no rules of numbers";
            Problem::new(StatusCode::CONFLICT, "no_numbering", detail)
        })
    }

    fn import<'a>(&self, who: &'a Principal, rules: &'a NumberRules) -> ListImport<'a> {
        let now = self.centre.now();
        ListImport { zone: self.zone.clone(), ..ListImport::new(rules, &who.name, now) }
    }

    async fn add_entries(&self, entries: Vec<ListEntry>) -> Result<Vec<EntryId>, Problem> {
        let reply = self.centre.request(Command::AddListEntries { entries }).await?;
        let Reply::ListEntries(ids) = reply else { return Err(Problem::wrong_reply(&reply)) };
        Ok(ids)
    }

    fn entry(&self, who: &Principal, id: EntryId, entry: &ListEntry, now: Timestamp) -> Entry {
        let sees = self.authorizer.may(who, Action::SeeNumber { agent: None });
        let words = entry.level.to_string();
        let (list, level) = words.split_once(' ').unwrap_or((&words, ""));
        Entry {
            id: id.to_string(),
            list: list.to_owned(),
            number: if sees { entry.number.reveal() } else { entry.number.to_string() },
            level: level.to_owned(),
            scope: entry.scope.to_string(),
            expires: entry.expires.map(|at| self.time(at)),
            expired: entry.has_expired(now),
            reason: entry.reason.clone(),
            entered_by: entry.entered_by.clone(),
            entered_at: self.time(entry.entered_at),
        }
    }
}
