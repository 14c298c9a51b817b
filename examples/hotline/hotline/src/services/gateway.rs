//! Gateways for short messages and faxes: an endpoint is handed each of them once, as JSON.
//!
//! A flow names a template or a document and never writes the words itself; which there are is the configuration. A short
//! message is `{"to", "template", "text"}`, a fax `{"to", "document"}` with the values that the flow gave beside them. The
//! gateway answers with a status of 2xx when it has taken it over.

use std::collections::BTreeMap;

use cti_core::flow::{CallData, LookupFailure};
use cti_ivr::service::{Fax, HttpRequest, Sms};
use serde::Deserialize;

use super::endpoint::Endpoint;

/// The longest text of a short message, in characters: what four parts of one carry.
const MAX_TEXT: usize = 268;

/// Where short messages go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsConfig {
    /// The endpoint that takes them.
    pub endpoint: String,
    /// The path below it.
    #[serde(default)]
    pub path: String,
    /// The texts by name; `{name}` in a text is a value that the flow gives.
    pub templates: BTreeMap<String, String>,
}

/// Where faxes go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaxConfig {
    /// The endpoint that takes them.
    pub endpoint: String,
    /// The path below it.
    #[serde(default)]
    pub path: String,
    /// The documents that the gateway has.
    pub documents: Vec<String>,
}

/// Why a short message cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritten {
    /// There is no such template.
    #[error("there is no template {0}")]
    UnknownTemplate(String),
    /// The template names a value that the flow does not give.
    #[error("template {template} needs {value:?}")]
    Missing {
        /// The template.
        template: String,
        /// The value.
        value: String,
    },
    /// A bracket of the template is not closed.
    #[error("template {0}: a {{ is not closed")]
    Open(String),
    /// It is too long.
    #[error("template {template}: {length} characters, {MAX_TEXT} at most")]
    Long {
        /// The template.
        template: String,
        /// How long it would be.
        length: usize,
    },
}

impl SmsConfig {
    /// Returns what the gateway is handed for a short message.
    ///
    /// # Errors
    /// When the template is not there, or needs what the flow does not give, or gets too long.
    pub fn request(&self, sms: &Sms) -> Result<HttpRequest, Unwritten> {
        let Sms { template, to, params } = sms;
        let pattern = self
            .templates
            .get(template)
            .ok_or_else(|| Unwritten::UnknownTemplate(template.clone()))?;
        let text = fill(template, pattern, params)?;
        let body = [("to", to), ("template", template), ("text", &text)];
        Ok(post(&self.path, body.map(|(name, value)| (name.to_owned(), value.clone())).into()))
    }
}

impl FaxConfig {
    /// Returns what the gateway is handed for a fax; nothing when it does not have the document.
    #[must_use]
    pub fn request(&self, fax: &Fax) -> Option<HttpRequest> {
        self.documents.contains(&fax.document).then(|| {
            let mut body = fax.params.clone();
            body.insert("to".to_owned(), fax.to.clone());
            body.insert("document".to_owned(), fax.document.clone());
            post(&self.path, body)
        })
    }
}

fn post(path: &str, body: BTreeMap<String, String>) -> HttpRequest {
    let (method, path) = ("POST".to_owned(), path.to_owned());
    HttpRequest { method, path, body, ..HttpRequest::default() }
}

fn fill(
    template: &str,
    pattern: &str,
    params: &BTreeMap<String, String>,
) -> Result<String, Unwritten> {
    let (mut text, mut rest) = (String::new(), pattern);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) =
            after.split_once('}').ok_or_else(|| Unwritten::Open(template.to_owned()))?;
        let value = params.get(name).ok_or_else(|| Unwritten::Missing {
            template: template.to_owned(),
            value: name.to_owned(),
        })?;
        text.push_str(before);
        text.push_str(value);
        rest = behind;
    }
    text.push_str(rest);
    let length = text.chars().count();
    if length > MAX_TEXT {
        return Err(Unwritten::Long { template: template.to_owned(), length });
    }
    Ok(text)
}

/// Hands something to a gateway, once.
///
/// # Errors
/// When the gateway does not say that it has taken it.
pub(super) async fn hand(
    gateway: &Endpoint,
    request: &HttpRequest,
) -> Result<CallData, LookupFailure> {
    let answer = gateway.ask(request).await?;
    let status = answer.get("status").map_or("", String::as_str);
    if status.starts_with('2') {
        return Ok(CallData::new());
    }
    tracing::warn!(status, "A gateway did not take what it was handed");
    Err(LookupFailure::Unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gateway() -> SmsConfig {
        let text = "您的公积金余额为{balance}元。12329";
        let templates = [("balance", text), ("open", "a {b"), ("long", "{x}")];
        SmsConfig {
            endpoint: "sms".to_owned(),
            path: "/messages".to_owned(),
            templates: templates.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
        }
    }

    fn sms(template: &str, params: &[(&str, &str)]) -> Sms {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let (template, to) = (template.to_owned(), "13800001234".to_owned());
        Sms { template, to, params: params.collect() }
    }

    #[test]
    fn a_short_message_says_what_its_template_says_with_the_values_of_the_flow() {
        let request = gateway().request(&sms("balance", &[("balance", "12345.60")])).unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/messages"));
        assert_eq!(request.body["text"], "您的公积金余额为12345.60元。12329");
        assert_eq!(request.body["to"], "13800001234");
    }

    #[test]
    fn a_short_message_that_cannot_be_written_says_why() {
        let value = "x".repeat(MAX_TEXT + 1);
        let cases = [
            (sms("nothing", &[]), "there is no template nothing"),
            (sms("balance", &[]), "template balance needs \"balance\""),
            (sms("open", &[]), "template open: a { is not closed"),
            (sms("long", &[("x", &value)]), "template long: 269 characters, 268 at most"),
        ];
        for (sms, why) in cases {
            assert_eq!(gateway().request(&sms).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn a_fax_is_one_of_the_documents_that_the_gateway_has() {
        let documents = vec!["statement".to_owned()];
        let gateway = FaxConfig { endpoint: "fax".to_owned(), path: String::new(), documents };
        let fax = |document: &str| Fax {
            document: document.to_owned(),
            to: "053188887777".to_owned(),
            params: [("account".to_owned(), "7".to_owned())].into(),
        };
        assert_eq!(gateway.request(&fax("other")), None);
        let body = gateway.request(&fax("statement")).unwrap().body;
        assert_eq!((body["document"].as_str(), body["account"].as_str()), ("statement", "7"));
    }
}
