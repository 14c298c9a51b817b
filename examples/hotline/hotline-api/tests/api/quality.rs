//! How well legs were heard stands in the call records and in the metrics.

use axum::{body::Body, http::Request};
use serde_json::json;

use crate::{World, answered_call};

#[tokio::test]
async fn a_call_record_tells_how_well_each_leg_was_heard_and_metrics_sum_it_up() {
    let mut world = World::new().await;
    let call = world.happens(answered_call).await;
    world
        .happens(|log| {
            log.hangs_up(call, "8003", "A03").heard(call, "8003", "A03");
        })
        .await;
    let boss = world.token("8000").await;
    let records = world.get(&boss, "/call-records").await.json();
    let voice = &records["items"][0]["voice"];
    assert_eq!(voice.as_array().map(Vec::len), Some(1), "{records}");
    let leg = &voice[0];
    assert_eq!((&leg["agent"], &leg["poor"]), (&json!("8003"), &json!(false)), "{leg}");
    assert_eq!((&leg["loss_percent"], &leg["peer_loss_percent"]), (&json!(1.0), &json!(0.0)));
    assert_eq!((&leg["jitter_ms"], &leg["round_trip_ms"]), (&json!(2.5), &json!(30.0)));
    let score = |name: &str| leg[name].as_f64().unwrap();
    assert!(score("mos") < score("peer_mos") && score("mos") > 4.0, "{leg}");

    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let metrics = String::from_utf8(world.send(request).await.body).unwrap();
    for line in
        ["cti_voice_legs_total 1", "cti_voice_poor_legs_total 0", "cti_voice_lost_packets_total 10"]
    {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
}
