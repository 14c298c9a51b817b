//! What flows ask of outside: rows of tables, named queries of databases, endpoints over HTTP.
//!
//! A flow names a service; where a name leads is the configuration, which is the list of what is allowed. Keys and
//! answers may be secret or personal: neither is logged.

pub mod endpoint;
pub mod gateway;
pub mod query;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use cti_core::{
    flow::{CallData, LookupFailure},
    runtime::Lookup,
};
use cti_ivr::service::{HttpRequest, Question};
use tokio::sync::Semaphore;

use self::{
    endpoint::Endpoint,
    gateway::{FaxConfig, SmsConfig, hand},
    query::Queries,
};
use crate::{config::Config, server::StartError, tables::Tables};

/// At most this many services are asked at a time; what comes beyond it waits, and the flow's time-out decides.
const AT_A_TIME: usize = 64;

/// The services of a centre.
#[derive(Debug)]
pub struct Services {
    tables: Arc<Tables>,
    queries: Queries,
    endpoints: BTreeMap<String, Endpoint>,
    sms: Option<SmsConfig>,
    fax: Option<FaxConfig>,
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
        let gateways = [
            ("sms", config.sms.as_ref().map(|it| &it.endpoint)),
            ("fax", config.fax.as_ref().map(|it| &it.endpoint)),
        ];
        for (section, endpoint) in gateways {
            if let Some(unknown) = endpoint.filter(|it| !endpoints.contains_key(*it)) {
                return Err(format!("{section}.endpoint: there is no endpoint {unknown}").into());
            }
        }
        Ok(Self {
            queries: Queries::open(&config.queries, &tables).await?,
            tables,
            endpoints,
            sms: config.sms.clone(),
            fax: config.fax.clone(),
            asking: Semaphore::new(AT_A_TIME),
        })
    }

    /// Returns the names of the templates of short messages.
    pub fn templates(&self) -> impl Iterator<Item = &str> {
        self.sms.iter().flat_map(|it| it.templates.keys()).map(String::as_str)
    }

    /// Returns the names of the documents that can be faxed.
    pub fn documents(&self) -> impl Iterator<Item = &str> {
        self.fax.iter().flat_map(|it| &it.documents).map(String::as_str)
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
            Question::Sms(sms) => {
                let gateway = self.sms.as_ref().ok_or(LookupFailure::UnknownSource)?;
                let request = gateway.request(&sms).map_err(|reason| {
                    tracing::warn!(%reason, "A short message cannot be written");
                    LookupFailure::NotFound
                })?;
                self.hand_over(&gateway.endpoint, &request).await
            }
            Question::Fax(fax) => {
                let gateway = self.fax.as_ref().ok_or(LookupFailure::UnknownSource)?;
                let request = gateway.request(&fax).ok_or(LookupFailure::NotFound)?;
                self.hand_over(&gateway.endpoint, &request).await
            }
        }
    }
}

impl Services {
    async fn hand_over(
        &self,
        endpoint: &str,
        request: &HttpRequest,
    ) -> Result<CallData, LookupFailure> {
        let known = self.endpoints.get(endpoint).ok_or(LookupFailure::UnknownSource)?;
        let _turn = self.turn().await?;
        hand(known, request).await
    }

    async fn turn(&self) -> Result<tokio::sync::SemaphorePermit<'_>, LookupFailure> {
        self.asking.acquire().await.map_err(|_| LookupFailure::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
    use serde_json::{Value, json};
    use tokio::sync::mpsc;

    use super::*;
    use crate::assets;

    type Took = mpsc::UnboundedSender<Value>;

    /// A gateway that takes everything but what goes to 110.
    async fn take(State(took): State<Took>, Json(body): Json<Value>) -> StatusCode {
        if body["to"] == "110" {
            return StatusCode::FORBIDDEN;
        }
        took.send(body).unwrap();
        StatusCode::ACCEPTED
    }

    #[expect(clippy::disallowed_methods, reason = "the test serves the gateway")]
    async fn open(more: &str) -> (Result<Services, StartError>, mpsc::UnboundedReceiver<Value>) {
        let (took, taken) = mpsc::unbounded_channel();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router =
            Router::new().route("/gateway/sms", post(take)).route("/gateway/fax", post(take));
        tokio::spawn(async move { axum::serve(listener, router.with_state(took)).await });
        let endpoint =
            format!("[[endpoints]]\nid = \"gateway\"\nbase = \"http://{address}/gateway\"\n");
        let text = format!("{}\n{endpoint}{more}", assets::DEMO_TOML);
        let mut config = Config::parse("demo.toml", &text).unwrap();
        config.queries.clear();
        let folder = tempfile::tempdir().unwrap();
        let tables = Arc::new(Tables::load(folder.path()).unwrap());
        (Services::open(&config, tables).await, taken)
    }

    #[tokio::test]
    async fn a_result_is_sent_by_short_message_or_fax_once_and_a_refusal_is_told() {
        let gateways = "
            [sms]
            endpoint = \"gateway\"
            path = \"/sms\"
            templates = { balance = \"余额{balance}元\" }
            [fax]
            endpoint = \"gateway\"
            path = \"/fax\"
            documents = [\"statement\"]";
        let (services, mut taken) = open(gateways).await;
        let services = services.unwrap();
        let sms = |to: &str| json!({"template": "balance", "to": to, "params": {"balance": "7"}});
        services.find("sms:balance", &sms("13800001234").to_string()).await.unwrap();
        let body = taken.recv().await.unwrap();
        assert_eq!(body, json!({"to": "13800001234", "template": "balance", "text": "余额7元"}));
        let refused = services.find("sms:balance", &sms("110").to_string()).await;
        assert_eq!(refused, Err(LookupFailure::Unavailable));
        let fax =
            json!({"document": "statement", "to": "053188887777", "params": {"account": "7"}});
        services.find("fax:statement", &fax.to_string()).await.unwrap();
        let body = taken.recv().await.unwrap();
        assert_eq!(body, json!({"to": "053188887777", "document": "statement", "account": "7"}));
        assert!(taken.try_recv().is_err(), "each is handed over once");
    }

    #[tokio::test]
    async fn a_gateway_without_its_endpoint_is_no_configuration() {
        let (services, _) = open("[sms]\nendpoint = \"nowhere\"\ntemplates = {}\n").await;
        let why = services.unwrap_err().to_string();
        assert_eq!(why, "sms.endpoint: there is no endpoint nowhere");
    }
}
