//! Endpoints over HTTP/1.1 (RFC 9112), without TLS: put them on this machine or behind a proxy of the centre's own.

use std::{collections::BTreeMap, time::Duration};

use cti_core::flow::{CallData, LookupFailure};
use cti_ivr::service::{HttpRequest, http_answer};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Method, Request, body::Bytes, header};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;

/// A longer answer is refused, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// One endpoint in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointConfig {
    /// What flows call it.
    pub id: String,
    /// Where it is: `http://host:port/path`; what flows add comes after it.
    pub base: String,
    /// How long one attempt may take, in milliseconds.
    #[serde(default = "five_seconds")]
    pub timeout_ms: u64,
    /// Headers that are sent along, for example a key.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

fn five_seconds() -> u64 {
    5000
}

/// One endpoint.
pub struct Endpoint {
    host: String,
    path: String,
    timeout: Duration,
    headers: Vec<(header::HeaderName, header::HeaderValue)>,
}

impl std::fmt::Debug for Endpoint {
    /// Prints where it is; headers may hold keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// Reads the configuration of an endpoint.
    ///
    /// # Errors
    /// When the address or a header cannot be used.
    pub fn new(config: &EndpointConfig) -> Result<Self, String> {
        let rest = config
            .base
            .strip_prefix("http://")
            .ok_or_else(|| format!("base: {:?} does not begin with http://", config.base))?;
        let (host, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if host.is_empty() || host.contains(['@', '?', '#', ' ']) || path.contains(['?', '#']) {
            return Err(format!("base: {:?} is no http://HOST[:PORT][/PATH]", config.base));
        }
        let host = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        let header = |(name, value): (&String, &String)| {
            let wrong = |_| format!("headers: {name}: cannot be sent");
            let name: header::HeaderName =
                name.parse().map_err(|_| format!("headers: {name}: is no name of a header"))?;
            let mut value = header::HeaderValue::from_str(value).map_err(wrong)?;
            value.set_sensitive(true);
            Ok((name, value))
        };
        Ok(Self {
            host,
            path: path.trim_end_matches('/').to_owned(),
            timeout: Duration::from_millis(config.timeout_ms),
            headers: config.headers.iter().map(header).collect::<Result<_, String>>()?,
        })
    }

    /// Asks once; whether to ask again is the flow's.
    ///
    /// # Errors
    /// When nothing answers in time, or too much.
    pub async fn ask(&self, request: &HttpRequest) -> Result<CallData, LookupFailure> {
        match tokio::time::timeout(self.timeout, self.exchange(request)).await {
            Ok(Ok((status, body))) => Ok(http_answer(status, &body)),
            Ok(Err(reason)) => {
                tracing::warn!(host = self.host, %reason, "An endpoint did not answer");
                Err(LookupFailure::Unavailable)
            }
            Err(_) => {
                tracing::warn!(host = self.host, timeout = ?self.timeout, "An endpoint is too slow");
                Err(LookupFailure::Unavailable)
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is a driver")]
    async fn exchange(
        &self,
        request: &HttpRequest,
    ) -> Result<(u16, String), Box<dyn std::error::Error + Send + Sync>> {
        let stream = TcpStream::connect(&self.host).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let response = sender.send_request(self.request(request)?).await?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await?.to_bytes();
        connection.abort();
        Ok((status, String::from_utf8(body.to_vec())?))
    }

    fn request(
        &self,
        wanted: &HttpRequest,
    ) -> Result<Request<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
        let mut target = format!("{}{}", self.path, wanted.path);
        for (at, (name, value)) in wanted.query.iter().enumerate() {
            target.push(if at == 0 { '?' } else { '&' });
            target.push_str(&format!("{}={}", encoded(name), encoded(value)));
        }
        let body = match wanted.method.as_str() {
            "GET" => Bytes::new(),
            _ => Bytes::from(serde_json::to_vec(&wanted.body)?),
        };
        let mut request = Request::builder()
            .method(wanted.method.parse::<Method>()?)
            .uri(target)
            .header(header::HOST, &self.host)
            .header(header::ACCEPT, "application/json")
            .header(header::CONNECTION, "close");
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        Ok(request.body(Full::new(body))?)
    }
}

/// Percent-encodes everything but the unreserved characters (RFC 3986 §2.3).
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use axum::{Json, Router, extract::RawQuery, http::StatusCode, routing::get};
    use serde_json::{Value, json};

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "the test serves the endpoint")]
    async fn serve() -> String {
        let router = Router::new()
            .route(
                "/api/accounts/7",
                get(|RawQuery(query): RawQuery| async move { Json(json!({"query": query})) })
                    .post(|Json(body): Json<Value>| async move { Json(body) }),
            )
            .route("/api/gone", get(|| async { StatusCode::NOT_FOUND }))
            .route("/api/long", get(|| async { "x".repeat(MAX_ANSWER + 1) }))
            .route("/api/slow", get(std::future::pending::<()>));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/api/")
    }

    fn endpoint(base: &str, timeout_ms: u64) -> Endpoint {
        let (id, base) = ("gjj".to_owned(), base.to_owned());
        Endpoint::new(&EndpointConfig { id, base, timeout_ms, headers: BTreeMap::new() }).unwrap()
    }

    fn get_of(path: &str) -> HttpRequest {
        let (method, path) = ("GET".to_owned(), path.to_owned());
        HttpRequest { method, path, ..HttpRequest::default() }
    }

    #[tokio::test]
    async fn an_endpoint_is_asked_with_path_query_and_body_and_its_status_is_told() {
        let base = serve().await;
        let endpoint = endpoint(&base, 5000);
        let mut request = get_of("/accounts/7");
        request.query = [("a b".to_owned(), "1&2".to_owned())].into();
        let answer = endpoint.ask(&request).await.unwrap();
        assert_eq!(answer["status"], "200");
        assert_eq!(answer["body"], r#"{"query":"a%20b=1%262"}"#);
        request.method = "POST".to_owned();
        request.body = [("kind".to_owned(), "loan".to_owned())].into();
        assert_eq!(endpoint.ask(&request).await.unwrap()["body"], r#"{"kind":"loan"}"#);
        assert_eq!(endpoint.ask(&get_of("/gone")).await.unwrap()["status"], "404");
        assert_eq!(endpoint.ask(&get_of("/long")).await, Err(LookupFailure::Unavailable));
    }

    #[tokio::test]
    async fn an_endpoint_that_is_slow_or_not_there_is_unavailable() {
        let base = serve().await;
        let slow = endpoint(&base, 50).ask(&get_of("/slow")).await;
        assert_eq!(slow, Err(LookupFailure::Unavailable));
        let nobody = endpoint("http://127.0.0.1:1", 1000).ask(&get_of("/x")).await;
        assert_eq!(nobody, Err(LookupFailure::Unavailable));
    }

    #[test]
    fn an_address_that_cannot_be_used_says_why() {
        for base in ["https://x", "http://", "http://u@h/", "http://h/?q"] {
            let (id, base) = (String::new(), base.to_owned());
            let config = EndpointConfig { id, base, timeout_ms: 1, headers: BTreeMap::new() };
            assert!(Endpoint::new(&config).unwrap_err().starts_with("base: "));
        }
    }
}
