//! TLS, and WebSockets that someone else accepted.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio_rustls::{TlsAcceptor, TlsConnector, client::TlsStream};

use super::*;
use crate::sip::TlsFiles;

/// Connections that one source may have.
const CONNECTIONS: usize = 6;

/// Writes a certificate for 127.0.0.1 and its key.
fn certificate(folder: &Path) -> TlsFiles {
    let made = rcgen::generate_simple_self_signed([String::from("127.0.0.1")]).unwrap();
    let files = TlsFiles {
        certificate: folder.join("cert.pem"),
        key: folder.join("key.pem"),
        authorities: Some(folder.join("cert.pem")),
    };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    files
}

async fn endpoint(files: &TlsFiles) -> Endpoint {
    let bind = "127.0.0.1:0".parse().unwrap();
    let listeners =
        [Transport::Tls, Transport::Ws].map(|transport| ListenerConfig::new(transport, bind));
    let config = SipConfig {
        listeners: listeners.into(),
        tls: Some(files.clone()),
        max_connections_per_source: CONNECTIONS,
        ..config()
    };
    let (handle, events) = SipEndpoint::start(config, Arc::new(DemoAccounts)).await.unwrap();
    Endpoint { handle, events }
}

/// Connects and believes the certificate that lies in the files.
async fn connect(files: &TlsFiles, to: SocketAddr) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&files.certificate).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(to).await?;
    let name = ServerName::IpAddress(to.ip().into());
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn answers(stream: &mut TlsStream<TcpStream>) {
    stream
        .write_all(request("OPTIONS", "<sip:x@y>", 1, "TLS 127.0.0.1:9", "").as_bytes())
        .await
        .unwrap();
    let mut reply = Vec::new();
    while !reply.ends_with(b"\r\n\r\n") {
        let byte = timeout(DEADLINE, stream.read_u8()).await.expect("a reply in time");
        reply.push(byte.unwrap());
    }
    assert!(reply.starts_with(b"SIP/2.0 200 "), "{reply:?}");
}

#[tokio::test]
async fn a_listener_speaks_tls_and_shows_a_new_certificate_without_disturbing_anyone() {
    let folder = tempfile::tempdir().unwrap();
    let files = certificate(folder.path());
    let endpoint = endpoint(&files).await;
    let mut before = connect(&files, endpoint.udp()).await.unwrap();
    answers(&mut before).await;

    let first = folder.path().join("first.pem");
    std::fs::copy(&files.certificate, &first).unwrap();
    certificate(folder.path());
    endpoint.handle.reload_certificate().unwrap();
    let mut after = connect(&files, endpoint.udp()).await.unwrap();
    answers(&mut after).await;
    answers(&mut before).await;
    let former = TlsFiles { certificate: first, ..files.clone() };
    assert!(connect(&former, endpoint.udp()).await.is_err(), "the former certificate is shown");

    std::fs::write(&files.key, "no key").unwrap();
    let error = endpoint.handle.reload_certificate().unwrap_err().to_string();
    assert!(error.contains("key.pem"), "{error}");
    answers(&mut connect(&files, endpoint.udp()).await.unwrap()).await;
}

#[tokio::test]
async fn plain_bytes_on_a_listener_with_tls_are_no_message() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = endpoint(&certificate(folder.path())).await;
    let mut stream = TcpStream::connect(endpoint.udp()).await.unwrap();
    let plain = request("OPTIONS", "<sip:x@y>", 1, "TCP 127.0.0.1:9", "");
    stream.write_all(plain.as_bytes()).await.unwrap();
    let mut rest = Vec::new();
    timeout(DEADLINE, stream.read_to_end(&mut rest)).await.expect("closed in time").ok();
    assert!(!rest.starts_with(b"SIP/2.0"));
    assert_eq!(endpoint.handle.stats().messages(), 0);
}

#[tokio::test]
async fn a_trunk_is_called_over_tls_when_its_certificate_is_believed_and_not_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let files = certificate(folder.path());
    let mut endpoint = endpoint(&files).await;
    let other = tempfile::tempdir().unwrap();
    for (trunk, believed) in [(files.clone(), true), (certificate(other.path()), false)] {
        let chain = vec![CertificateDer::from_pem_file(&trunk.certificate).unwrap()];
        let key = rustls::pki_types::PrivateKeyDer::from_pem_file(&trunk.key).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("sip:1@{};transport=tls", listener.local_addr().unwrap());
        let dialog = endpoint.handle.new_dialog();
        endpoint.handle.dial(dialog, Target::Uri(uri), "12345", "", vec![], None).unwrap();
        let (stream, _) = timeout(DEADLINE, listener.accept()).await.unwrap().unwrap();
        let accepted = TlsAcceptor::from(Arc::new(config)).accept(stream).await;
        let mut head = [0; 7];
        let read = match accepted {
            Ok(mut stream) => stream.read_exact(&mut head).await.is_ok(),
            Err(_) => false,
        };
        assert_eq!(read && &head == b"INVITE ", believed);
        if !believed {
            assert!(matches!(endpoint.event().await, SipEvent::Failed { status: 503, .. }));
        }
    }
}

#[tokio::test]
async fn a_web_socket_that_was_handed_over_is_served_until_it_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = endpoint(&certificate(folder.path())).await;
    let remote = "127.0.0.1:40000".parse().unwrap();
    let none = endpoint.handle.attach(Transport::Wss, remote).await.unwrap_err();
    assert_eq!(none, AttachError::NoListener(Transport::Wss));
    let mut browser = endpoint.handle.attach(Transport::Ws, remote).await.unwrap();
    let text = request("OPTIONS", "<sip:x@y>", 1, "WS a.invalid", "");
    browser.receive(Bytes::from(text)).await.unwrap();
    let reply = timeout(DEADLINE, browser.next()).await.expect("a reply in time").unwrap();
    assert!(reply.starts_with(b"SIP/2.0 200 "), "{reply:?}");
    let mut others = Vec::new();
    for _ in 1..CONNECTIONS {
        others.push(endpoint.handle.attach(Transport::Ws, remote).await.unwrap());
    }
    let error = endpoint.handle.attach(Transport::Ws, remote).await.unwrap_err();
    assert_eq!(error, AttachError::TooMany);
    drop((browser, others));
    let gone = async {
        while endpoint.handle.stats().connections() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, gone).await.expect("the connections go");
}

#[tokio::test]
async fn a_listener_with_tls_needs_a_certificate() {
    let bind = "127.0.0.1:0".parse().unwrap();
    let listeners = vec![ListenerConfig::new(Transport::Tls, bind)];
    let config = SipConfig { listeners, ..config() };
    let error = SipEndpoint::start(config, Arc::new(DemoAccounts)).await.unwrap_err();
    assert!(matches!(error, StartError::NoCertificate));
}
