//! What the server says of itself.

use axum::{body::Body, http::Request};
use serde_json::json;

use crate::World;

#[tokio::test]
async fn the_document_describes_both_parts_under_one_prefix() {
    let world = World::new().await;
    let request = Request::get("/api/openapi.json").body(Body::empty()).unwrap();
    let document = world.send(request).await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["paths"]["/api/v1/agents/{id}/sign-in"]["post"].is_object());
    assert!(document["paths"]["/api/v1/tickets"]["post"].is_object());
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    assert!(document["components"]["schemas"]["Ticket"]["properties"]["query_code"].is_object());
}

#[tokio::test]
async fn probes_and_metrics_need_nobody_signed_in() {
    let world = World::new().await;
    let get = async |path: &str| world.send(Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(get("/healthz").await.status, 200);
    assert_eq!(get("/readyz").await.status, 200);
    let metrics = String::from_utf8(get("/metrics").await.body).unwrap();
    assert!(metrics.contains("# TYPE cti_live_calls gauge\ncti_live_calls 3\n"), "{metrics}");
    assert!(metrics.contains("hotline_http_requests_total{class=\"2xx\"} 2\n"), "{metrics}");
}

#[tokio::test]
async fn the_status_names_the_numbers_to_dial() {
    let world = World::new().await;
    let token = world.token("8003").await;
    let status = world.get(&token, "/status").await.json();
    assert_eq!(status["numbers"], json!([{"number": "12345", "name": "市民热线"}]));
    assert_eq!((&status["version"], &status["drain"]), (&json!("1.2.3"), &json!(false)));
    assert_eq!(status["started_at"], "2026-11-22T09:00:00.000+08:00");
}

#[tokio::test]
async fn the_gateways_of_trunks_are_listed_with_their_states() {
    let world = World::new().await;
    let token = world.token("8003").await;
    let gateways = world.get(&token, "/trunks").await.json();
    let one = json!({
        "trunk": "city", "name": "city-1", "state": "down", "calls": 2, "capacity": 120, "failures": 7
    });
    assert_eq!(gateways, json!([one]));
}
