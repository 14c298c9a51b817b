//! A store that speaks S3: MinIO, Ceph, OBS, OSS, COS and others, in path style.

#![expect(clippy::disallowed_methods, reason = "this is a driver")]

use std::{io, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::stream;
use http_body_util::{BodyExt as _, Either, Empty, Limited, StreamBody};
use hyper::{
    Method, Request, Response,
    body::{Bytes, Frame, Incoming},
    header,
};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use rusty_s3::{
    Bucket, Credentials, S3Action as _, UrlStyle,
    actions::{DeleteObject, GetObject, HeadObject, PutObject},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use url::{Position, Url};

use super::target::Target;
use crate::config::recording::S3Config;

/// How long a signed request holds, by the clocks of both sides.
const SIGNED_FOR: Duration = Duration::from_secs(300);

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How long an answer may take, beyond the time that a body needs.
const ANSWER: Duration = Duration::from_secs(30);

/// The slowest that a body may travel, in bytes a second.
const SLOWEST: u64 = 100_000;

/// How much of a file is read at once, in bytes.
const PIECE: usize = 64 * 1024;

/// How much of an answer that refuses is shown, in bytes.
const SHOWN: usize = 4096;

type Body = Either<Empty<Bytes>, StreamBody<stream::BoxStream<'static, io::Result<Frame<Bytes>>>>>;

/// A bucket.
pub struct S3 {
    host: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    bucket: Bucket,
    /// What names in the bucket begin with: nothing, or something that ends with a slash.
    prefix: String,
    credentials: Credentials,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3")
            .field("host", &self.host)
            .field("bucket", &self.bucket.name())
            .finish_non_exhaustive()
    }
}

impl S3 {
    /// Reads the configuration, the credentials and the authorities.
    ///
    /// # Errors
    /// Names the field and what is wrong with it.
    pub fn open(config: &S3Config) -> Result<Self, String> {
        let (host, secure) = match config.endpoint.split_once("://") {
            Some(("http", host)) => (host, false),
            Some(("https", host)) => (host, true),
            Some(_) | None => {
                return Err(format!("endpoint: {:?} is no http:// or https://", config.endpoint));
            }
        };
        let host = host.trim_end_matches('/');
        if host.is_empty() || host.contains(['/', '@', '?']) {
            return Err(format!("endpoint: {:?} is more than a host and a port", config.endpoint));
        }
        let is_name = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|it| it.is_ascii_alphanumeric() || b".-_".contains(&it))
        };
        if !is_name(&config.bucket) {
            return Err(format!("bucket: {:?} is no name of a bucket", config.bucket));
        }
        let file = &config.credentials;
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("credentials: {}: {error}", file.display()))?;
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let (Some(id), Some(secret), None) = (lines.next(), lines.next(), lines.next()) else {
            let file = file.display();
            return Err(format!("credentials: {file} has not two lines, the id and the secret"));
        };
        let tls = secure.then(|| connector(config, host)).transpose()?;
        let endpoint =
            Url::parse(&config.endpoint).map_err(|error| format!("endpoint: {error}"))?;
        let bucket =
            Bucket::new(endpoint, UrlStyle::Path, config.bucket.clone(), config.region.clone())
                .map_err(|error| format!("bucket: {error}"))?;
        let prefix = config.prefix.trim_matches('/');
        Ok(Self {
            host: host.to_owned(),
            tls,
            bucket,
            prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") },
            credentials: Credentials::new(id, secret),
        })
    }

    /// Returns the key of a recording in the bucket.
    fn key(&self, name: &str) -> io::Result<String> {
        // Keys with steps in them would lead out of the bucket.
        let leads_away = |part: &str| matches!(part, "" | "." | "..");
        if name.split('/').any(leads_away) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{name} is no key")));
        }
        Ok(format!("{}{name}", self.prefix))
    }

    async fn ask(
        &self,
        method: Method,
        url: Url,
        range: Option<&str>,
        (body, length): (Body, u64),
    ) -> io::Result<Response<Incoming>> {
        let mut request = Request::builder()
            .method(method)
            .uri(&url[Position::BeforePath..])
            .header(header::HOST, &self.host)
            .header(header::CONNECTION, "close");
        if let Some(range) = range {
            request = request.header(header::RANGE, range);
        }
        if length > 0 {
            request = request.header(header::CONTENT_LENGTH, length);
        }
        let request = request.body(body).map_err(io::Error::other)?;
        let limit = ANSWER + Duration::from_secs(length / SLOWEST);
        timeout(limit, self.send(request)).await.map_err(|_| io::ErrorKind::TimedOut)?
    }

    async fn send(&self, request: Request<Body>) -> io::Result<Response<Incoming>> {
        let host = match self.host.rsplit_once(':') {
            Some((_, port)) if port.parse::<u16>().is_ok() => self.host.clone(),
            Some(_) | None => {
                format!("{}:{}", self.host, if self.tls.is_some() { 443 } else { 80 })
            }
        };
        let stream = timeout(CONNECT, TcpStream::connect(&host)).await;
        let stream = stream.map_err(|_| io::ErrorKind::TimedOut)??;
        match &self.tls {
            Some((tls, name)) => exchange(tls.connect(name.clone(), stream).await?, request).await,
            None => exchange(stream, request).await,
        }
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
) -> io::Result<Response<Incoming>> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    // Each connection has one request, and ends with its answer.
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "A connection to the store of recordings broke");
        }
    });
    sender.send_request(request).await.map_err(io::Error::other)
}

fn connector(config: &S3Config, host: &str) -> Result<(TlsConnector, ServerName<'static>), String> {
    let file = config
        .authorities
        .as_ref()
        .ok_or("authorities: https needs the file of certificates that are believed".to_owned())?;
    let bad = |reason: String| format!("authorities: {}: {reason}", file.display());
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(file).map_err(|error| bad(error.to_string()))?;
    for certificate in found {
        let certificate = certificate.map_err(|error| bad(error.to_string()))?;
        roots.add(certificate).map_err(|error| bad(error.to_string()))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has suites for TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let name = ServerName::try_from(name.trim_matches(['[', ']']).to_owned())
        .map_err(|_| format!("endpoint: {name:?} is no name of a server"))?;
    Ok((TlsConnector::from(Arc::new(tls)), name))
}

fn nothing() -> (Body, u64) {
    (Either::Left(Empty::new()), 0)
}

/// What a store answers that refuses.
async fn refused(response: Response<Incoming>) -> io::Error {
    let status = response.status();
    let body = Limited::new(response.into_body(), SHOWN).collect().await;
    let text = body.map_or_else(|_| Vec::new(), |body| body.to_bytes().to_vec());
    let text = String::from_utf8_lossy(&text);
    // The answer is XML; its code is what a person looks for.
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let code = code.map(|(code, _)| format!(" {code}")).unwrap_or_default();
    io::Error::other(format!("the store answers {}{code}", status.as_u16()))
}

#[async_trait]
impl Target for S3 {
    async fn put(&self, name: &str, file: &Path) -> io::Result<()> {
        let key = self.key(name)?;
        let url = PutObject::new(&self.bucket, Some(&self.credentials), &key).sign(SIGNED_FOR);
        let file = tokio::fs::File::open(file).await?;
        let length = file.metadata().await?.len();
        let pieces = stream::try_unfold(file, |mut file| async move {
            let mut piece = vec![0; PIECE];
            let read = file.read(&mut piece).await?;
            piece.truncate(read);
            io::Result::Ok((read > 0).then(|| (Frame::data(Bytes::from(piece)), file)))
        });
        let pieces: stream::BoxStream<'static, _> = Box::pin(pieces);
        let body = (Either::Right(StreamBody::new(pieces)), length);
        let response = self.ask(Method::PUT, url, None, body).await?;
        if response.status().is_success() { Ok(()) } else { Err(refused(response).await) }
    }

    async fn length(&self, name: &str) -> io::Result<Option<u64>> {
        let key = self.key(name)?;
        let url = HeadObject::new(&self.bucket, Some(&self.credentials), &key).sign(SIGNED_FOR);
        let response = self.ask(Method::HEAD, url, None, nothing()).await?;
        match response.status().as_u16() {
            404 => Ok(None),
            200 => {
                let length = response.headers().get(header::CONTENT_LENGTH);
                let length = length.and_then(|it| it.to_str().ok()?.parse().ok());
                let missing = || io::Error::other("the store names no length");
                Ok(Some(length.ok_or_else(missing)?))
            }
            _ => Err(refused(response).await),
        }
    }

    async fn read(&self, name: &str, from: u64, wanted: usize) -> io::Result<Vec<u8>> {
        if wanted == 0 {
            return Ok(Vec::new());
        }
        let key = self.key(name)?;
        let url = GetObject::new(&self.bucket, Some(&self.credentials), &key).sign(SIGNED_FOR);
        let range = format!("bytes={from}-{}", from + wanted as u64 - 1);
        let response = self.ask(Method::GET, url, Some(&range), nothing()).await?;
        match response.status().as_u16() {
            206 => {
                let limit = ANSWER + Duration::from_secs(wanted as u64 / SLOWEST);
                let body = Limited::new(response.into_body(), wanted).collect();
                let body = timeout(limit, body).await.map_err(|_| io::ErrorKind::TimedOut)?;
                Ok(body.map_err(io::Error::other)?.to_bytes().to_vec())
            }
            // It begins behind the end.
            416 => Ok(Vec::new()),
            _ => Err(refused(response).await),
        }
    }

    async fn remove(&self, name: &str) -> io::Result<()> {
        let key = self.key(name)?;
        let url = DeleteObject::new(&self.bucket, Some(&self.credentials), &key).sign(SIGNED_FOR);
        let response = self.ask(Method::DELETE, url, None, nothing()).await?;
        match response.status().as_u16() {
            200 | 204 | 404 => Ok(()),
            _ => Err(refused(response).await),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
