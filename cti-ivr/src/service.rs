//! What flows ask of outside services, for the driver that answers.
//!
//! A [`FlowEffect::Lookup`](cti_core::flow::FlowEffect::Lookup) names a source and a key. For the nodes `lookup`,
//! `crm_lookup` and their like they are a table and the value of its first column. For `http`, `db_query`,
//! `sms_send` and `fax_hook` the source begins with the kind of the service, and the key is JSON; [`Question::parse`] tells them
//! apart. A flow names services and never hosts: where a name leads is the configuration of the centre, which is
//! the list of what is allowed. Keys may hold secrets: do not log them.

use std::collections::BTreeMap;

use cti_core::flow::CallData;
use serde::{Deserialize, Serialize};

/// A question of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// The row of a table whose first column has this value.
    Row {
        /// Which table.
        table: String,
        /// Which row.
        key: String,
    },
    /// A request over HTTP.
    Http {
        /// The name of the endpoint.
        endpoint: String,
        /// What is asked of it.
        request: HttpRequest,
    },
    /// A query of a database that the centre has under a name.
    Query {
        /// The name of the query.
        query: String,
        /// Its parameters by name, never to be put into the text of the query.
        params: BTreeMap<String, String>,
    },
    /// A short message.
    Sms(Sms),
    /// A fax.
    Fax(Fax),
}

/// A request over HTTP; the endpoint's address comes before the path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpRequest {
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    /// The path, percent-encoded, with a leading `/`.
    pub path: String,
    /// The query, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// The body as a JSON object of texts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub body: BTreeMap<String, String>,
}

/// A short message by a template of the centre.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// The name of the template.
    pub template: String,
    /// Whom it is sent to.
    pub to: String,
    /// What the template is filled with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}

/// A document of the centre as a fax.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fax {
    /// The name of the document.
    pub document: String,
    /// Where it is sent to.
    pub to: String,
    /// What the document is filled with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}

/// A question that no flow asks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key of source {0} cannot be read")]
pub struct InvalidQuestion(String);

pub(crate) const HTTP: &str = "http:";
pub(crate) const QUERY: &str = "query:";
pub(crate) const SMS: &str = "sms:";
pub(crate) const FAX: &str = "fax:";

impl Question {
    /// Reads source and key of a lookup.
    ///
    /// # Errors
    /// When the key is not what its source needs.
    pub fn parse(source: &str, key: &str) -> Result<Self, InvalidQuestion> {
        let wrong = |_| InvalidQuestion(source.to_owned());
        if let Some(endpoint) = source.strip_prefix(HTTP) {
            let request = serde_json::from_str(key).map_err(wrong)?;
            return Ok(Self::Http { endpoint: endpoint.to_owned(), request });
        }
        if let Some(query) = source.strip_prefix(QUERY) {
            let params = serde_json::from_str(key).map_err(wrong)?;
            return Ok(Self::Query { query: query.to_owned(), params });
        }
        if source.starts_with(SMS) {
            return serde_json::from_str(key).map(Self::Sms).map_err(wrong);
        }
        if source.starts_with(FAX) {
            return serde_json::from_str(key).map(Self::Fax).map_err(wrong);
        }
        Ok(Self::Row { table: source.to_owned(), key: key.to_owned() })
    }
}

/// Returns what a table in the place of a service is asked by: the first parameter of a query, else the key itself.
#[cfg(any(test, feature = "testkit"))]
pub(crate) fn first_value(source: &str, key: &str) -> String {
    match Question::parse(source, key) {
        Ok(Question::Query { params, .. }) => params.into_values().next().unwrap_or_default(),
        Ok(Question::Row { .. } | Question::Http { .. } | Question::Sms(_) | Question::Fax(_))
        | Err(_) => key.to_owned(),
    }
}

/// Returns the row that answers an `http` node; longer bodies than 64 KiB should be refused before.
#[must_use]
pub fn http_answer(status: u16, body: &str) -> CallData {
    [("status".to_owned(), status.to_string()), ("body".to_owned(), body.to_owned())].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_told_apart_by_their_source() {
        let row = Question::Row { table: "accounts".into(), key: "{".into() };
        assert_eq!(Question::parse("accounts", "{"), Ok(row));
        let http = Question::parse("http:gjj", r#"{"method":"GET","path":"/a"}"#).unwrap();
        assert!(matches!(http, Question::Http { endpoint, .. } if endpoint == "gjj"));
        let query = Question::parse("query:loan", r#"{"id":"7"}"#).unwrap();
        assert!(matches!(query, Question::Query { params, .. } if params["id"] == "7"));
        assert!(Question::parse("sms:code", r#"{"template":"code","to":"138"}"#).is_ok());
        assert!(matches!(
            Question::parse("fax:form", r#"{"document":"form","to":"0531"}"#),
            Ok(Question::Fax(_))
        ));
        assert!(Question::parse("http:gjj", "7").is_err());
    }
}
