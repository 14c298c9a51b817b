//! What flows ask of outside: rows of tables, named queries of databases, endpoints over HTTP.
//!
//! A flow names a service; where a name leads is the configuration, which is the list of what is allowed. Keys and
//! answers may be secret or personal: neither is logged.

pub mod endpoint;
pub mod query;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use cti_core::{
    flow::{CallData, LookupFailure},
    runtime::Lookup,
};
use cti_ivr::service::Question;
use tokio::sync::Semaphore;

use self::{endpoint::Endpoint, query::Queries};
use crate::{config::Config, server::StartError, tables::Tables};

/// At most this many services are asked at a time; what comes beyond it waits, and the flow's time-out decides.
const AT_A_TIME: usize = 64;

/// The services of a centre.
#[derive(Debug)]
pub struct Services {
    tables: Arc<Tables>,
    queries: Queries,
    endpoints: BTreeMap<String, Endpoint>,
    asking: Semaphore,
}

impl Services {
    /// Opens the services of a configuration.
    ///
    /// # Errors
    /// When a query or an endpoint cannot be used; one line that names it.
    pub async fn open(config: &Config, tables: Arc<Tables>) -> Result<Self, StartError> {
        let mut endpoints = BTreeMap::new();
        for it in &config.endpoints {
            let named = |reason| format!("endpoint {}: {reason}", it.id);
            endpoints.insert(it.id.clone(), Endpoint::new(it).map_err(named)?);
        }
        let queries = Queries::open(&config.queries, &tables).await?;
        Ok(Self { tables, queries, endpoints, asking: Semaphore::new(AT_A_TIME) })
    }

    /// Returns the names of the queries.
    pub fn queries(&self) -> impl Iterator<Item = &str> {
        self.queries.names()
    }

    /// Returns the names of the queries that change rows.
    pub fn writing_queries(&self) -> impl Iterator<Item = &str> {
        self.queries.writing()
    }

    /// Returns the names of the endpoints.
    pub fn endpoints(&self) -> impl Iterator<Item = &str> {
        self.endpoints.keys().map(String::as_str)
    }
}

#[async_trait]
impl Lookup for Services {
    async fn find(&self, source: &str, key: &str) -> Result<CallData, LookupFailure> {
        let question = Question::parse(source, key).map_err(|error| {
            tracing::warn!(%error, "A flow asks what no service can answer");
            LookupFailure::Unavailable
        })?;
        match question {
            Question::Row { table, key } => self.tables.find(&table, &key).await,
            Question::Query { query, params } => {
                let _turn = self.turn().await?;
                self.queries.ask(&query, &params).await
            }
            Question::Http { endpoint, request } => {
                let known = self.endpoints.get(&endpoint).ok_or(LookupFailure::UnknownSource)?;
                let _turn = self.turn().await?;
                known.ask(&request).await
            }
            Question::Sms(_) | Question::Fax(_) => Err(LookupFailure::UnknownSource),
        }
    }
}

impl Services {
    async fn turn(&self) -> Result<tokio::sync::SemaphorePermit<'_>, LookupFailure> {
        self.asking.acquire().await.map_err(|_| LookupFailure::Unavailable)
    }
}
