//! Answers requests from the embedded files.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header},
    response::IntoResponse as _,
};

use crate::{
    assets::{Asset, asset},
    headers::secure,
};

const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// Returns a router that serves the page; use it as the fallback of the application's router.
///
/// A path of the page's own (`/tickets/370100-…`) gives the start page, so that a reload and a
/// link work, and `/call` gives the telephone for everyone; a missing file under `assets/`, and anything under `/api`, is a plain 404.
pub fn router() -> Router {
    Router::new().fallback(serve)
}

async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let mut response = if method != Method::GET && method != Method::HEAD {
        (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response()
    } else {
        match find(uri.path()) {
            Some(file) => send(file, accepts_gzip(&headers)),
            None => not_found(),
        }
    };
    secure(response.headers_mut());
    response
}

fn find(path: &str) -> Option<Asset> {
    let path = path.trim_start_matches('/');
    let of_the_server = path == "api" || path.starts_with("api/");
    if of_the_server {
        return None;
    }
    // The packed copies are a form of a file, not files of their own.
    if !path.ends_with(".gz")
        && let Some(file) = asset(path)
    {
        return Some(file);
    }
    match path {
        "call" => asset("call.html").or_else(|| asset("index.html")),
        _ if path.starts_with("assets/") => None,
        _ => asset("index.html"),
    }
}

fn send(file: Asset, gzip: bool) -> Response<Body> {
    let cache = if file.immutable { IMMUTABLE } else { NO_CACHE };
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(header::CACHE_CONTROL, cache);
    let body = match file.gzip {
        Some(packed) => {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
            if gzip {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                packed
            } else {
                file.bytes
            }
        }
        None => file.bytes,
    };
    *response.body_mut() = Body::from(body);
    response
}

fn not_found() -> Response<Body> {
    let problem =
        r#"{"type":"about:blank#not_found","title":"Not Found","status":404,"code":"not_found"}"#;
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "application/problem+json")], problem)
        .into_response()
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
                && !parts.any(|weight| weight == "q=0")
        })
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;
    use crate::headers::CONTENT_SECURITY_POLICY;

    async fn get(path: &str, accept: &str) -> Response<Body> {
        let request =
            Request::get(path).header(header::ACCEPT_ENCODING, accept).body(Body::empty()).unwrap();
        router().oneshot(request).await.unwrap()
    }

    fn header_of(response: &Response<Body>, name: header::HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn a_path_of_the_page_gives_the_start_page_uncached() {
        for path in ["/", "/index.html", "/tickets/370100-20261122-01-000123-7"] {
            let response = get(path, "").await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(header_of(&response, header::CONTENT_TYPE), "text/html; charset=utf-8");
            assert_eq!(header_of(&response, header::CACHE_CONTROL), "no-cache");
        }
    }

    #[tokio::test]
    async fn the_telephone_for_everyone_is_a_page_of_its_own() {
        let page = get("/call", "").await;
        assert_eq!(page.status(), StatusCode::OK);
        let page = axum::body::to_bytes(page.into_body(), usize::MAX).await.unwrap();
        let start = get("/", "").await;
        let start = axum::body::to_bytes(start.into_body(), usize::MAX).await.unwrap();
        assert_eq!(page != start, crate::is_built());
    }

    #[tokio::test]
    async fn every_answer_carries_the_security_headers() {
        for path in ["/", "/api/v1/nothing", "/assets/missing.js"] {
            let response = get(path, "").await;
            let policy = header_of(&response, header::CONTENT_SECURITY_POLICY);
            assert_eq!(policy, CONTENT_SECURITY_POLICY, "{path}");
            assert!(policy.contains("script-src 'self';"));
            assert_eq!(header_of(&response, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
            assert_eq!(header_of(&response, header::REFERRER_POLICY), "no-referrer");
        }
    }

    #[tokio::test]
    async fn missing_files_and_missing_resources_are_not_the_start_page() {
        for path in ["/api", "/api/v1/nothing", "/assets/missing.js", "/assets/../index.html"] {
            assert_eq!(get(path, "").await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn only_reading_is_answered() {
        let request = Request::post("/").body(Body::empty()).unwrap();
        let response = router().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn hashed_files_are_kept_for_ever_and_packed_for_who_accepts_it() {
        for (path, _) in crate::assets::files().filter(|(path, _)| path.starts_with("assets/")) {
            let path = format!("/{path}");
            if path.ends_with(".gz") {
                assert_eq!(get(&path, "").await.status(), StatusCode::NOT_FOUND, "{path}");
                continue;
            }
            let plain = get(&path, "gzip;q=0").await;
            assert_eq!(plain.status(), StatusCode::OK);
            assert!(header_of(&plain, header::CACHE_CONTROL).contains("immutable"));
            assert_eq!(header_of(&plain, header::CONTENT_ENCODING), "");
            let packed = get(&path, "br, gzip").await;
            let has_packed_form = header_of(&plain, header::VARY) == "accept-encoding";
            assert_eq!(header_of(&packed, header::CONTENT_ENCODING) == "gzip", has_packed_form);
        }
    }
}
