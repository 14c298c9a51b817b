//! One exchange over HTTP/1.1 (RFC 9112), in clear or over TLS.
#![expect(clippy::disallowed_methods, reason = "this is a driver")]

use std::{collections::BTreeMap, fs, io, path::Path, sync::Arc};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Request, Uri,
    body::Bytes,
    header::{self, HeaderName, HeaderValue},
};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::{http::InvalidService, template::Template};

/// A stream in clear or over TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Why an exchange failed; without what was sent.
pub(super) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Where a service is.
pub(super) struct Place {
    host: String,
    /// The name of the certificate, where TLS is spoken.
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Place {
    /// Reads where a URL leads; `schemes` are the one in clear and the one over TLS. TLS needs the certificates of
    /// those whose word is taken (PEM).
    pub(super) fn new(
        url: &str,
        schemes: [&str; 2],
        authorities: Option<&Path>,
    ) -> Result<Self, InvalidService> {
        let wrong = |reason: String| InvalidService { field: "url", reason };
        // Values in it are filled in later; a URL holds no braces.
        let plain: String = url.replace("${", "").replace('}', "");
        let uri: Uri = plain.parse().map_err(|_| wrong("is no URL".to_owned()))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(wrong(format!("begins with {}:// or {}://", schemes[0], schemes[1])));
        };
        let secure = scheme == schemes[1];
        if !secure && scheme != schemes[0] {
            return Err(wrong(format!("begins with {}:// or {}://", schemes[0], schemes[1])));
        }
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let tls = match (secure, authorities) {
            (false, _) => None,
            (true, Some(file)) => {
                let name = ServerName::try_from(authority.host().to_owned());
                Some((connector(file)?, name.map_err(|error| wrong(error.to_string()))?))
            }
            (true, None) => {
                let reason = "is needed for TLS: a file of certificates (PEM)".to_owned();
                return Err(InvalidService { field: "ca", reason });
            }
        };
        Ok(Self { host: format!("{}:{port}", authority.host()), tls })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Opens a connection.
    pub(super) async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect(&self.host).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            None => Box::new(stream),
            Some((connector, name)) => Box::new(connector.connect(name.clone(), stream).await?),
        })
    }

    /// Asks once; an answer that is not 2xx is a failure.
    pub(super) async fn ask(
        &self,
        method: &Method,
        target: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Vec<u8>,
        most: usize,
    ) -> Result<Bytes, Failed> {
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(self.connect().await?)).await?;
        let connection = Carried(tokio::spawn(connection));
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header(header::HOST, &self.host)
            .header(header::CONNECTION, "close");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = sender.send_request(request.body(Full::new(Bytes::from(body)))?).await?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("{} answered {status}", self.host).into());
        }
        let answer = Limited::new(response.into_body(), most).collect().await?.to_bytes();
        drop(connection);
        Ok(answer)
    }
}

/// The task of a connection, which ends when nobody waits for its answer.
struct Carried<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Carried<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn connector(file: &Path) -> Result<TlsConnector, InvalidService> {
    let wrong = |reason: String| InvalidService {
        field: "ca",
        reason: format!("{}: {reason}", file.display()),
    };
    let text = fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    let (known, _) = roots
        .add_parsable_certificates(CertificateDer::pem_slice_iter(&text).filter_map(Result::ok));
    if known == 0 {
        return Err(wrong("holds no certificate".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Reads headers whose values are templates without values: secrets alone.
pub(super) fn headers(
    config: &BTreeMap<String, String>,
) -> Result<Vec<(HeaderName, HeaderValue)>, InvalidService> {
    let wrong = |name: &str, reason: String| InvalidService {
        field: "headers",
        reason: format!("{name}: {reason}"),
    };
    let one = |(name, value): (&String, &String)| {
        let key: HeaderName =
            name.parse().map_err(|_| wrong(name, "is no name of a header".to_owned()))?;
        let value = Template::parse(value, &[]).map_err(|error| wrong(name, error.to_string()))?;
        let value = value.fill(&BTreeMap::new(), super::template::Escape::None);
        let mut value =
            HeaderValue::from_str(&value).map_err(|_| wrong(name, "cannot be sent".to_owned()))?;
        value.set_sensitive(true);
        Ok((key, value))
    };
    config.iter().map(one).collect()
}

/// Returns path and query of a filled URL, as they stand in a request.
pub(super) fn target(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find(['/', '?']).map_or_else(
        || "/".to_owned(),
        |at| {
            let target = &rest[at..];
            if target.starts_with('?') { format!("/{target}") } else { target.to_owned() }
        },
    )
}
