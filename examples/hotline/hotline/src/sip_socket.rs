//! `/sip`: SIP over WebSocket for browsers (RFC 7118).

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{
        ConnectInfo, State, WebSocketUpgrade,
        ws::{Message, WebSocket, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::get,
};
use cti_bindings::rest::{events::same_origin, problem::Problem};
use cti_media::{
    sip::{AttachError, SipConnection, Transport},
    switch::native::NativeControl,
};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

/// The subprotocol (RFC 7118 §4).
const SUBPROTOCOL: &str = "sip";
/// How often a browser is asked whether it is still there; in the meantime it must answer.
const PING: Duration = Duration::from_secs(20);
/// How long a browser may take to read one message.
const SEND_LIMIT: Duration = Duration::from_secs(10);

/// What the endpoint needs.
#[derive(Clone)]
struct Door {
    control: NativeControl,
    transport: Transport,
}

/// Returns the route; `secure` says whether the server speaks HTTPS.
pub fn router(control: NativeControl, secure: bool) -> Router {
    let transport = if secure { Transport::Wss } else { Transport::Ws };
    Router::new().route("/sip", get(open)).with_state(Door { control, transport })
}

async fn open(
    State(door): State<Door>,
    ConnectInfo(remote): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    if !same_origin(&headers) {
        return Err(Problem::forbidden("pages of another origin may not call from here"));
    }
    let upgrade = upgrade.map_err(|error| {
        Problem::new(StatusCode::UPGRADE_REQUIRED, "not_a_websocket", error.body_text())
    })?;
    if !asks_for_sip(&headers) {
        let detail = "the subprotocol must be sip";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "no_subprotocol", detail));
    }
    let attached = door.control.sip().attach(door.transport, remote).await;
    let connection = attached.map_err(|error| {
        let code = match error {
            AttachError::TooMany => "too_many_connections",
            AttachError::NoListener(_) | AttachError::Stopped => "no_sip",
        };
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, error.to_string())
    })?;
    Ok(upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(connection.max_message())
        .on_upgrade(|socket| serve(socket, connection)))
}

fn asks_for_sip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case(SUBPROTOCOL))
}

/// Carries messages both ways until one side closes.
async fn serve(mut socket: WebSocket, mut connection: SipConnection) {
    let mut ping = interval_at(Instant::now() + PING, PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = true;
    loop {
        let reply = tokio::select! {
            message = connection.next() => match message {
                Some(data) => as_text(data),
                None => return,
            },
            _ = ping.tick() => {
                if !std::mem::take(&mut heard) {
                    return;
                }
                Message::Ping(Bytes::new())
            }
            message = socket.recv() => {
                heard = true;
                let data = match message {
                    Some(Ok(Message::Text(text))) => Bytes::from(text),
                    Some(Ok(Message::Binary(data))) => data,
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                };
                if !data.iter().all(u8::is_ascii_whitespace) {
                    if connection.receive(data).await.is_err() {
                        return;
                    }
                    continue;
                }
                // RFC 5626 §4.4.1: a double line end is answered by a single one.
                Message::text("\r\n")
            }
        };
        if !matches!(timeout(SEND_LIMIT, socket.send(reply)).await, Ok(Ok(()))) {
            return;
        }
    }
}

/// RFC 7118 §5.1: text where it is UTF-8.
fn as_text(data: Bytes) -> Message {
    match str::from_utf8(&data) {
        Ok(text) => Message::text(text),
        Err(_) => Message::Binary(data),
    }
}
