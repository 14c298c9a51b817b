//! Tickets: made in one transaction with their number, their first event and the name of the request.

use async_trait::async_trait;
use cti_bindings::records::filter::{Page, PageRequest};
use cti_core::{
    address::PhoneNumber,
    id::{CallId, ContactId},
    time::Timestamp,
};
use hotline_ticket::{
    category::{Categories, Category},
    draft::NewTicket,
    number::TicketNo,
    status::TicketStatus,
    ticket::Ticket,
};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, sqlite::SqliteRow};

use super::{
    SqliteStore,
    calls::push_page,
    value::{
        get_at, get_int, get_int_opt, get_number, get_parsed, get_parsed_opt, get_text,
        get_text_opt, int, json, micros,
    },
};
use crate::{
    error::StoreError,
    tickets::{CreateTicketError, Created, TicketFilter, TicketRequest, TicketStore},
};

const TICKET: &str = "SELECT id, no, query_code, kind, category, title, text, caller_number, \
     caller_name, address, call, contact, agent, seat, status, created, updated, version FROM ticket \
     WHERE true";

#[async_trait]
impl TicketStore for SqliteStore {
    async fn create(
        &self,
        now: Timestamp,
        request: TicketRequest,
        ticket: NewTicket,
    ) -> Result<Created, CreateTicketError> {
        let day = self.day(now)?;
        let digest = hex::encode(Sha256::digest(json("ticket", &ticket)?));
        let mut transaction = self.begin().await?;
        if let Some(key) = &request.key
            && let Some((earlier, sha256)) =
                asked_before(&mut transaction, &request.user, key).await?
        {
            if sha256 != digest {
                return Err(CreateTicketError::KeyReused);
            }
            return Ok(Created { ticket: earlier, fresh: false });
        }
        let earlier = match ticket.call {
            Some(call) => of_call(&mut transaction, call).await?,
            None => None,
        };
        let fresh = earlier.is_none();
        let (id, ticket) = match earlier {
            Some(earlier) => earlier,
            None => {
                let name = self.config.ticket_numbers.sequence_name(day);
                let sequence = next_sequence(&mut transaction, &name).await?;
                let no = self.config.ticket_numbers.number(day, sequence)?;
                let ticket = accepted(now, no, ticket)?;
                (insert(&mut transaction, &ticket, &request).await?, ticket)
            }
        };
        if let Some(key) = &request.key {
            remember(&mut transaction, now, &request.user, key, &digest, id).await?;
        }
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(Created { ticket, fresh })
    }

    async fn ticket(&self, no: &TicketNo) -> Result<Option<Ticket>, StoreError> {
        let mut query = QueryBuilder::new(TICKET);
        query.push(" AND no = ").push_bind(no.as_str().to_owned());
        let mut connection = self.readers.acquire().await?;
        Ok(read(&mut connection, query).await?.pop().map(|(_, ticket)| ticket))
    }

    async fn tickets(
        &self,
        filter: &TicketFilter,
        request: PageRequest,
    ) -> Result<Page<Ticket>, StoreError> {
        let after: Option<i64> = match &request.after {
            Some(after) => Some(
                after
                    .parse()
                    .map_err(|_| StoreError::value("after", "is no cursor of this list"))?,
            ),
            None => None,
        };
        let mut query = QueryBuilder::new(TICKET);
        if let Some(caller) = &filter.caller {
            query.push(" AND caller_normal = ").push_bind(caller.reveal().to_owned());
        }
        if let Some(status) = filter.status {
            query.push(" AND status = ").push_bind(status.name());
        }
        if let Some(agent) = &filter.agent {
            query.push(" AND agent = ").push_bind(agent.to_string());
        }
        push_page(&mut query, "id", after, request.limit);
        let mut connection = self.readers.acquire().await?;
        let found = read(&mut connection, query).await?;
        let page =
            super::calls::page(found, request.limit, |(id, _)| u64::try_from(*id).unwrap_or(0));
        let items = page.items.into_iter().map(|(_, ticket)| ticket).collect();
        Ok(Page { items, next: page.next })
    }

    async fn categories(&self) -> Result<Categories, StoreError> {
        let rows =
            sqlx::query("SELECT code, parent, label_zh, label_en FROM category ORDER BY position")
                .fetch_all(&self.readers)
                .await?;
        let entries: Result<Vec<_>, StoreError> = rows
            .iter()
            .map(|row| {
                Ok(Category {
                    code: get_text(row, "code")?,
                    parent: get_text_opt(row, "parent")?,
                    label_zh: get_text(row, "label_zh")?,
                    label_en: get_text(row, "label_en")?,
                })
            })
            .collect();
        entries.map(Categories::new)
    }
}

impl SqliteStore {
    /// Keeps the entries of a classification; entries of the same code get the new labels.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_categories(&self, categories: &Categories) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for (position, entry) in (0_i64..).zip(categories.entries()) {
            sqlx::query(
                "INSERT INTO category (code, parent, label_zh, label_en, position) \
                 VALUES (?, ?, ?, ?, ?) ON CONFLICT (code) DO UPDATE SET parent = excluded.parent, \
                 label_zh = excluded.label_zh, label_en = excluded.label_en, \
                 position = excluded.position",
            )
            .bind(&entry.code)
            .bind(&entry.parent)
            .bind(&entry.label_zh)
            .bind(&entry.label_en)
            .bind(position)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Brings the citizens' numbers of all tickets into the form by which they are found, after rules of numbers have
    /// changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renumber_tickets(
        &self,
        normal: impl Fn(&PhoneNumber) -> PhoneNumber,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let rows = sqlx::query("SELECT DISTINCT caller_number, caller_normal FROM ticket")
            .fetch_all(&mut *transaction)
            .await?;
        for row in &rows {
            let number = get_number(row, "caller_number")?;
            let normal = normal(&number);
            if normal.reveal() != get_text(row, "caller_normal")? {
                sqlx::query("UPDATE ticket SET caller_normal = ? WHERE caller_number = ?")
                    .bind(normal.reveal())
                    .bind(number.reveal())
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    fn day(&self, now: Timestamp) -> Result<Date, StoreError> {
        jiff::Timestamp::from_microsecond(micros(now))
            .map(|moment| moment.to_zoned(self.config.zone.clone()).date())
            .map_err(|error| StoreError::value("created", error))
    }
}

fn accepted(now: Timestamp, no: TicketNo, new: NewTicket) -> Result<Ticket, StoreError> {
    Ok(Ticket {
        no,
        query_code: query_code()?,
        kind: new.kind,
        category: new.category,
        title: new.title,
        text: new.text,
        caller_number: new.caller_number,
        caller_name: new.caller_name,
        address: new.address,
        call: new.call,
        contact: new.contact,
        agent: new.agent,
        seat: new.seat,
        status: TicketStatus::Accepted,
        created: now,
        updated: now,
        version: 1,
    })
}

/// Returns six digits that cannot be guessed from the ticket's number.
fn query_code() -> Result<String, StoreError> {
    let number = getrandom::u32().map_err(|error| StoreError::value("query_code", error))?;
    Ok(format!("{:06}", number % 1_000_000))
}

async fn next_sequence(connection: &mut SqliteConnection, name: &str) -> Result<u32, StoreError> {
    let row = sqlx::query(
        "INSERT INTO ticket_sequence (name, last) VALUES (?, 1) \
         ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last",
    )
    .bind(name)
    .fetch_one(connection)
    .await?;
    u32::try_from(get_int(&row, "last")?).map_err(|error| StoreError::value("last", error))
}

async fn insert(
    connection: &mut SqliteConnection,
    ticket: &Ticket,
    request: &TicketRequest,
) -> Result<i64, StoreError> {
    let id = sqlx::query(
        "INSERT INTO ticket (no, query_code, kind, category, title, text, caller_number, \
         caller_normal, caller_name, address, call, contact, agent, seat, status, created, updated, \
         version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(ticket.no.as_str())
    .bind(&ticket.query_code)
    .bind(ticket.kind.name())
    .bind(&ticket.category)
    .bind(&ticket.title)
    .bind(&ticket.text)
    .bind(ticket.caller_number.reveal())
    .bind(request.caller_normal.as_ref().unwrap_or(&ticket.caller_number).reveal())
    .bind(&ticket.caller_name)
    .bind(&ticket.address)
    .bind(ticket.call.map(|call| int(call.0)))
    .bind(ticket.contact.map(|contact| int(contact.0)))
    .bind(ticket.agent.as_ref().map(|agent| agent.as_str()))
    .bind(ticket.seat.as_ref().map(|seat| seat.as_str()))
    .bind(ticket.status.name())
    .bind(micros(ticket.created))
    .bind(micros(ticket.updated))
    .bind(i64::from(ticket.version))
    .execute(&mut *connection)
    .await?
    .last_insert_rowid();
    sqlx::query(
        "INSERT INTO ticket_event (ticket, version, at, user, what) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(i64::from(ticket.version))
    .bind(micros(ticket.created))
    .bind(&request.user)
    .bind(ticket.status.name())
    .execute(connection)
    .await?;
    Ok(id)
}

async fn asked_before(
    connection: &mut SqliteConnection,
    user: &str,
    key: &str,
) -> Result<Option<(Ticket, String)>, StoreError> {
    let row = sqlx::query("SELECT ticket, sha256 FROM ticket_request WHERE user = ? AND key = ?")
        .bind(user)
        .bind(key)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut query = QueryBuilder::new(TICKET);
    query.push(" AND id = ").push_bind(int(get_int(&row, "ticket")?));
    let found = read(connection, query).await?.pop();
    found.map(|(_, ticket)| Ok((ticket, get_text(&row, "sha256")?))).transpose()
}

async fn of_call(
    connection: &mut SqliteConnection,
    call: CallId,
) -> Result<Option<(i64, Ticket)>, StoreError> {
    let mut query = QueryBuilder::new(TICKET);
    query.push(" AND call = ").push_bind(int(call.0));
    Ok(read(connection, query).await?.pop())
}

async fn remember(
    connection: &mut SqliteConnection,
    now: Timestamp,
    user: &str,
    key: &str,
    sha256: &str,
    ticket: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO ticket_request (user, key, sha256, ticket, at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(user)
    .bind(key)
    .bind(sha256)
    .bind(ticket)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

async fn read(
    connection: &mut SqliteConnection,
    mut query: QueryBuilder<Sqlite>,
) -> Result<Vec<(i64, Ticket)>, StoreError> {
    let rows = query.build().fetch_all(connection).await?;
    rows.iter().map(|row| Ok((int(get_int(row, "id")?), ticket(row)?))).collect()
}

fn ticket(row: &SqliteRow) -> Result<Ticket, StoreError> {
    Ok(Ticket {
        no: get_parsed(row, "no")?,
        query_code: get_text(row, "query_code")?,
        kind: get_parsed(row, "kind")?,
        category: get_text(row, "category")?,
        title: get_text(row, "title")?,
        text: get_text(row, "text")?,
        caller_number: get_number(row, "caller_number")?,
        caller_name: get_text_opt(row, "caller_name")?,
        address: get_text_opt(row, "address")?,
        call: get_int_opt(row, "call")?.map(CallId),
        contact: get_int_opt(row, "contact")?.map(ContactId),
        agent: get_parsed_opt(row, "agent")?,
        seat: get_parsed_opt(row, "seat")?,
        status: get_parsed(row, "status")?,
        created: get_at(row, "created")?,
        updated: get_at(row, "updated")?,
        version: u32::try_from(get_int(row, "version")?)
            .map_err(|error| StoreError::value("version", error))?,
    })
}
