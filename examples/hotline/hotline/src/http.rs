//! The web page, REST and metrics on one address.

#![expect(clippy::disallowed_methods, reason = "this is a driver")]

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use axum::Router;
use axum_server::{Handle, tls_rustls::RustlsConfig};

use crate::{config::Config, server::StartError};

/// The HTTP server while it serves.
#[derive(Debug)]
pub struct HttpServer {
    address: SocketAddr,
    tls: Option<RustlsConfig>,
    handle: Handle<SocketAddr>,
}

/// Takes the address, so that a taken one is known before anything else begins.
///
/// # Errors
/// When the address is taken or not of this machine.
pub fn bind(config: &Config) -> Result<TcpListener, StartError> {
    let address = config.http.listen;
    let listener =
        TcpListener::bind(address).map_err(|error| format!("HTTP address {address}: {error}"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until [`HttpServer::stop`].
///
/// # Errors
/// When the certificate or its key cannot be used.
pub async fn serve(
    listener: TcpListener,
    config: &Config,
    app: Router,
) -> Result<HttpServer, StartError> {
    let address = listener.local_addr()?;
    let handle = Handle::new();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let ended = |result: std::io::Result<()>| {
        if let Err(error) = result {
            tracing::error!(%error, "The HTTP server has ended");
        }
    };
    let tls = match (&config.http.tls_cert, &config.http.tls_key) {
        (Some(cert), Some(key)) => {
            // Twice in one process, as in tests, the first provider stays.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let tls = RustlsConfig::from_pem_file(cert, key).await.map_err(|error| {
                format!("certificate {} and key {}: {error}", cert.display(), key.display())
            })?;
            let server = axum_server::from_tcp_rustls(listener, tls.clone())?;
            let server = server.handle(handle.clone());
            tokio::spawn(async move { ended(server.serve(service).await) });
            Some(tls)
        }
        (None, None) | (Some(_), None) | (None, Some(_)) => {
            let server = axum_server::from_tcp(listener)?.handle(handle.clone());
            tokio::spawn(async move { ended(server.serve(service).await) });
            None
        }
    };
    Ok(HttpServer { address, tls, handle })
}

impl HttpServer {
    /// Returns the page's address for a browser on this machine.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/", self.address)
    }

    /// Returns what holds the certificate of HTTPS, if it is spoken.
    #[must_use]
    pub fn tls(&self) -> Option<RustlsConfig> {
        self.tls.clone()
    }

    /// Stops taking requests; what is under way gets a second.
    pub async fn stop(&self) {
        self.handle.graceful_shutdown(Some(Duration::from_secs(1)));
    }
}
