//! How the server is: `/healthz`, `/readyz` and `/metrics`.

use std::{fmt::Write as _, sync::atomic::Ordering};

use async_trait::async_trait;
use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{modules::Module, state::ApiState, trunks::Gateway};

/// How the server is; the binary knows.
#[async_trait]
pub trait Probe: Send + Sync {
    /// Returns nothing when calls can be taken, else what is missing.
    async fn ready(&self) -> Result<(), String>;

    /// Returns whether new calls are refused.
    fn draining(&self) -> bool;

    /// Returns how the gateways of trunks are.
    async fn gateways(&self) -> Vec<Gateway>;

    /// Returns the modules that have registered, by name.
    fn modules(&self) -> Vec<Module>;

    /// Returns what is measured: `cti_live_calls`, `cti_live_legs` and so on.
    fn metrics(&self) -> Vec<Metric>;
}

/// Whether a value can fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Rises and falls.
    Gauge,
    /// Only rises.
    Counter,
}

/// One measured value.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one line.
    pub help: &'static str,
    /// Whether it can fall.
    pub kind: MetricKind,
    /// Its label, name and value.
    pub label: Option<(&'static str, &'static str)>,
    /// Its value.
    pub value: f64,
}

impl Metric {
    /// Returns a value that rises and falls.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub fn gauge(name: &'static str, help: &'static str, value: usize) -> Self {
        Self { name, help, kind: MetricKind::Gauge, label: None, value: value as f64 }
    }

    /// Returns a value that only rises.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, kind: MetricKind::Counter, label: None, value: value as f64 }
    }
}

pub(crate) fn routes(state: ApiState) -> Router {
    Router::new()
        .route("/healthz", get(|| std::future::ready("ok\n")))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(state)
}

async fn ready(State(state): State<ApiState>) -> Response {
    if state.probe.draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n").into_response();
    }
    match state.probe.ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(missing) => (StatusCode::SERVICE_UNAVAILABLE, missing + "\n").into_response(),
    }
}

async fn metrics(State(state): State<ApiState>) -> impl IntoResponse {
    let mut all = state.probe.metrics();
    let live = &state.rest().live;
    let alarms = live.view().alarms().len();
    all.push(Metric::gauge("cti_active_alarms", "Alarms that are not cleared.", alarms));
    let voice = *live.view().voice();
    all.push(Metric::counter("cti_voice_legs_total", "Legs whose voice was measured.", voice.legs));
    let help = "Legs with which many users would be dissatisfied (ITU-T G.107 rating below 70).";
    all.push(Metric::counter("cti_voice_poor_legs_total", help, voice.poor));
    let help = "Sum of the mean opinion scores of legs.";
    let scores = Metric::counter("cti_voice_mos_sum", help, 0);
    all.push(Metric { value: voice.mos, ..scores });
    let help = "Voice packets that arrived.";
    all.push(Metric::counter("cti_voice_packets_total", help, voice.received));
    let help = "Voice packets that never arrived.";
    all.push(Metric::counter("cti_voice_lost_packets_total", help, voice.lost));
    let listeners = live.listeners();
    all.push(Metric::gauge("cti_event_listeners", "Open event WebSockets.", listeners));
    let refused = state.refused_sign_ins.load(Ordering::Relaxed);
    all.push(Metric::counter(
        "hotline_refused_sign_ins_total",
        "Wrong names or passwords.",
        refused,
    ));
    let classes = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx"];
    for (class, count) in classes.into_iter().zip(&state.requests).skip(1) {
        let count = count.load(Ordering::Relaxed);
        let help = "HTTP requests answered, by class of status.";
        let metric = Metric::counter("hotline_http_requests_total", help, count);
        all.push(Metric { label: Some(("class", class)), ..metric });
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], prometheus(&all))
}

/// Counts an answer by the class of its status.
pub(crate) async fn count(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let class = usize::from(response.status().as_u16() / 100);
    if let Some(counter) = state.requests.get(class) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
    response
}

/// Prints values in Prometheus' text format; values of one name stand together.
fn prometheus(metrics: &[Metric]) -> String {
    let mut text = String::new();
    let mut described = "";
    for metric in metrics {
        if metric.name != described {
            let kind = match metric.kind {
                MetricKind::Gauge => "gauge",
                MetricKind::Counter => "counter",
            };
            let _ = writeln!(text, "# HELP {} {}", metric.name, metric.help);
            let _ = writeln!(text, "# TYPE {} {kind}", metric.name);
            described = metric.name;
        }
        let _ = match metric.label {
            Some((label, value)) => {
                writeln!(text, "{}{{{label}=\"{value}\"}} {}", metric.name, metric.value)
            }
            None => writeln!(text, "{} {}", metric.name, metric.value),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_one_name_are_described_once() {
        let labelled =
            |value| Metric { label: Some(("class", value)), ..Metric::counter("b_total", "B.", 2) };
        let all = [Metric::gauge("a", "A.", 1), labelled("2xx"), labelled("4xx")];
        assert_eq!(
            prometheus(&all),
            "# HELP a A.\n# TYPE a gauge\na 1\n# HELP b_total B.\n# TYPE b_total counter\n\
             b_total{class=\"2xx\"} 2\nb_total{class=\"4xx\"} 2\n"
        );
    }
}
