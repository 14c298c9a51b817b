//! TLS: the certificate that is shown, and whom we believe.

use std::{
    fmt, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

use crate::sip::TlsFiles;

/// A certificate, key or list of authorities cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or is not PEM.
    #[error("{}: {reason}", file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The key does not belong to the certificate, or is of a kind that is not supported.
    #[error("certificate {} and key {}: {reason}", certificate.display(), key.display())]
    Pair {
        /// The certificate chain.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// What is wrong.
        reason: rustls::Error,
    },
}

/// TLS of one endpoint.
pub(super) struct Tls {
    files: TlsFiles,
    shown: Arc<Shown>,
    acceptor: TlsAcceptor,
    connector: Option<TlsConnector>,
}

impl Tls {
    pub(super) fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let shown = Arc::new(Shown(RwLock::new(Arc::new(load_pair(&files, &provider)?))));
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("ring has suites for TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Shown>::clone(&shown));
        let connector = files.authorities.as_deref().map(|file| connector(file, provider));
        Ok(Self {
            shown,
            acceptor: TlsAcceptor::from(Arc::new(server)),
            connector: connector.transpose()?,
            files,
        })
    }

    /// Shows what the files hold now to everyone who connects from now on.
    pub(super) fn reload(&self) -> Result<(), TlsError> {
        let pair = Arc::new(load_pair(&self.files, &ring::default_provider())?);
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = pair;
        Ok(())
    }

    pub(super) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<server::TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }

    pub(super) async fn connect(
        &self,
        stream: TcpStream,
        remote: SocketAddr,
    ) -> io::Result<Box<client::TlsStream<TcpStream>>> {
        let connector = self.connector.as_ref().ok_or_else(|| {
            io::Error::other("no authorities are configured, so nobody can be believed")
        })?;
        let name = ServerName::IpAddress(remote.ip().into());
        Ok(Box::new(connector.connect(name, stream).await?))
    }
}

/// The certificate that is shown at the moment.
struct Shown(RwLock<Arc<CertifiedKey>>);

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn load_pair(files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let chain = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| TlsError::File { file: files.key.clone(), reason: error.to_string() })?;
    CertifiedKey::from_der(chain, key, provider).map_err(|reason| TlsError::Pair {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        reason,
    })
}

fn connector(file: &Path, provider: Arc<CryptoProvider>) -> Result<TlsConnector, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots
            .add(certificate)
            .map_err(|error| TlsError::File { file: file.to_owned(), reason: error.to_string() })?;
    }
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has suites for TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |reason: String| TlsError::File { file: file.to_owned(), reason };
    let found: Vec<_> = CertificateDer::pem_file_iter(file)
        .map_err(|error| wrong(error.to_string()))?
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(error.to_string()))?;
    if found.is_empty() {
        return Err(wrong(String::from("holds no certificate")));
    }
    Ok(found)
}
