//! Against a small store that checks what it is sent as the real ones do.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes as Content,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse as _, Response as Answer},
};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::recordings::target::sha256;

/// A store in memory that believes one secret.
#[derive(Default)]
pub(crate) struct Store(Mutex<BTreeMap<String, Vec<u8>>>);

const SECRET: &str = "a secret/of+the store";

impl Store {
    /// Opens a port of its own and returns the configuration that reaches it.
    pub(crate) async fn open(self: &Arc<Self>, folder: &Path) -> S3Config {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(serve).with_state(Arc::clone(self));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let credentials = folder.join("credentials");
        std::fs::write(&credentials, format!("recorder\n{SECRET}\n")).unwrap();
        S3Config {
            endpoint,
            bucket: "calls".to_owned(),
            prefix: "/2026/city/".to_owned(),
            region: "cn-north-1".to_owned(),
            credentials,
            authorities: None,
        }
    }

    pub(crate) fn objects(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether a request proves the secret, at the time that it names itself.
fn is_proven(method: &str, uri: &Uri, headers: &HeaderMap) -> bool {
    let host = headers["host"].to_str().unwrap();
    let asked = Url::parse(&format!("http://{host}{uri}")).unwrap();
    let Some((_, at)) = asked.query_pairs().find(|(name, _)| name == "X-Amz-Date") else {
        return false;
    };
    let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", &*at).unwrap();
    let at = at.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    let root = Url::parse(&format!("http://{host}")).unwrap();
    let bucket = Bucket::new(root, UrlStyle::Path, "calls", "cn-north-1").unwrap();
    let believed = Credentials::new("recorder", SECRET);
    let key = asked.path().strip_prefix("/calls/").unwrap();
    let (key, _) = url::form_urlencoded::parse(key.as_bytes()).next().unwrap();
    let signed = match method {
        "PUT" => PutObject::new(&bucket, Some(&believed), &key).sign_with_time(SIGNED_FOR, &at),
        "HEAD" => HeadObject::new(&bucket, Some(&believed), &key).sign_with_time(SIGNED_FOR, &at),
        "GET" => GetObject::new(&bucket, Some(&believed), &key).sign_with_time(SIGNED_FOR, &at),
        _ => DeleteObject::new(&bucket, Some(&believed), &key).sign_with_time(SIGNED_FOR, &at),
    };
    signed == asked
}

async fn serve(
    State(store): State<Arc<Store>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Content,
) -> Answer {
    let refuse = |status: StatusCode, code: &str| {
        (status, format!("<Error><Code>{code}</Code></Error>")).into_response()
    };
    if !is_proven(method.as_str(), &uri, &headers) {
        return refuse(StatusCode::FORBIDDEN, "SignatureDoesNotMatch");
    }
    let mut objects = store.objects();
    let name = uri.path().to_owned();
    match (method.as_str(), objects.get(&name)) {
        ("PUT", _) => {
            objects.insert(name, body.to_vec());
            StatusCode::OK.into_response()
        }
        ("DELETE", _) => {
            objects.remove(&name);
            StatusCode::NO_CONTENT.into_response()
        }
        (_, None) => refuse(StatusCode::NOT_FOUND, "NoSuchKey"),
        ("HEAD", Some(content)) => ([(header::CONTENT_LENGTH, content.len())], ()).into_response(),
        (_, Some(content)) => {
            let range = headers["range"].to_str().unwrap().strip_prefix("bytes=").unwrap();
            let (from, to) = range.split_once('-').unwrap();
            let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
            if from >= content.len() {
                return refuse(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange");
            }
            let part = content[from..content.len().min(to + 1)].to_vec();
            (StatusCode::PARTIAL_CONTENT, part).into_response()
        }
    }
}

fn file(folder: &Path, content: &[u8]) -> (PathBuf, String) {
    let path = folder.join("recording-1.wav");
    std::fs::write(&path, content).unwrap();
    (path, hex::encode(Sha256::digest(content)))
}

#[tokio::test]
async fn what_is_put_into_a_bucket_is_read_in_parts_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::default());
    let target = S3::open(&store.open(folder.path()).await).unwrap();
    let content: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    let (path, hash) = file(folder.path(), &content);
    let name = "2026-01-01/录音 recording-1.wav";

    assert_eq!(target.length(name).await.unwrap(), None);
    target.put(name, &path).await.unwrap();
    assert_eq!(target.length(name).await.unwrap(), Some(300_000));
    assert_eq!(sha256(&target, name).await.unwrap(), hash);
    assert_eq!(target.read(name, 100, 50).await.unwrap(), content[100..150]);
    assert_eq!(target.read(name, 299_990, 50).await.unwrap(), content[299_990..]);
    assert!(target.read(name, 300_000, 1).await.unwrap().is_empty());
    let kept = store.objects().keys().next().cloned().unwrap();
    assert!(kept.starts_with("/calls/2026/city/2026-01-01/%E5"), "{kept}");
    target.remove(name).await.unwrap();
    target.remove(name).await.unwrap();
    assert_eq!(target.length(name).await.unwrap(), None);
}

#[tokio::test]
async fn a_wrong_secret_a_name_that_leads_away_and_a_store_that_is_away_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::default());
    let config = store.open(folder.path()).await;
    let (path, _) = file(folder.path(), b"RIFF");
    let target = S3::open(&config).unwrap();
    for name in ["", "../a", "a/./b", "a//b"] {
        let away = target.put(name, &path).await.unwrap_err().to_string();
        assert_eq!(away, format!("{name} is no key"));
    }
    std::fs::write(&config.credentials, "recorder\nanother\n").unwrap();
    let stranger = S3::open(&config).unwrap();
    let refused = stranger.put("a", &path).await.unwrap_err().to_string();
    assert_eq!(refused, "the store answers 403 SignatureDoesNotMatch");
    assert!(stranger.length("a").await.is_err() && stranger.remove("a").await.is_err());
    assert!(store.objects().is_empty());

    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let away = S3::open(&S3Config { endpoint: format!("http://{port}"), ..config }).unwrap();
    assert!(away.put("a", &path).await.is_err());
}

#[test]
fn what_cannot_reach_a_bucket_is_said_by_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = folder.path().join("credentials");
    std::fs::write(&credentials, "id\nsecret\n").unwrap();
    let good = S3Config {
        endpoint: "http://127.0.0.1:9000".to_owned(),
        bucket: "calls".to_owned(),
        prefix: String::new(),
        region: "us-east-1".to_owned(),
        credentials: credentials.clone(),
        authorities: None,
    };
    let error = |config: S3Config| S3::open(&config).unwrap_err();
    assert!(S3::open(&good).is_ok());
    for endpoint in ["127.0.0.1:9000", "ftp://x", "http://", "http://x/path", "http://id@x"] {
        let config = S3Config { endpoint: endpoint.to_owned(), ..good.clone() };
        assert!(error(config).starts_with("endpoint: "), "{endpoint}");
    }
    for bucket in ["", "a/b", "a b"] {
        let config = S3Config { bucket: bucket.to_owned(), ..good.clone() };
        assert!(error(config).starts_with("bucket: "), "{bucket}");
    }
    let secure = S3Config { endpoint: "https://x".to_owned(), ..good.clone() };
    assert!(error(secure).starts_with("authorities: "));
    std::fs::write(&credentials, "id\n").unwrap();
    assert!(error(good).starts_with("credentials: "));
}
