//! What happens, as it happens: a WebSocket with numbered events, resume, and the state that changed.

pub mod frame;

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        FromRequestParts as _, Request, State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::{HeaderMap, StatusCode, Uri, header},
    response::Response,
};
use cti_core::id::EventNo;
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};

use super::{RestState, authorize::Principal, extract::Params, problem::Problem};
use crate::{
    live::{Feed, Listening},
    view::changes::Changes,
};

/// The most listeners at a time.
const LISTENERS: usize = 1000;
/// How long changes are gathered into one state frame: at most four in a second.
const GATHER: Duration = Duration::from_millis(250);
/// How often the connection is probed.
const PING: Duration = Duration::from_secs(20);
/// How long a listener may take to read one frame.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// The longest frame that a listener may send, in bytes.
const FRAME_LIMIT: usize = 4096;

/// Who listens, and from where.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListenQuery {
    /// A one-time ticket, for browsers, which cannot send headers here.
    pub ticket: Option<String>,
    /// The last event that was seen; what came after it is sent first if it is still at hand.
    pub after: Option<u64>,
}

/// Opens a WebSocket on which events are sent as they happen.
#[utoipa::path(get, path = "/events", tag = "events", security(("bearer" = []), ("ticket" = [])),
    params(ListenQuery), responses((status = 101), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn listen(
    State(state): State<RestState>,
    query: Result<Params<ListenQuery>, Problem>,
    request: Request,
) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let ticket = query.as_ref().ok().and_then(|Params(query)| query.ticket.as_deref());
    let who = match ticket {
        Some(ticket) => state.authorizer.redeem(ticket).await.ok_or_else(|| {
            Problem::unauthorized("invalid_ticket", "the ticket is wrong, used or too old")
        })?,
        None => state.authorizer.identify(&parts.headers).await?,
    };
    let Params(query) = query?;
    if !same_origin(&parts.headers) {
        return Err(Problem::forbidden("pages of another origin may not listen"));
    }
    let upgrade =
        WebSocketUpgrade::from_request_parts(&mut parts, &state).await.map_err(|error| {
            Problem::new(StatusCode::UPGRADE_REQUIRED, "not_a_websocket", error.body_text())
        })?;
    let listening = state.live.listen(LISTENERS).ok_or_else(|| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_listeners", "too many listeners")
    })?;
    let after = query.after.map(EventNo);
    Ok(upgrade
        .max_message_size(FRAME_LIMIT)
        .on_upgrade(move |socket| Listener::new(state, who, socket, listening).run(after)))
}

/// Returns whether a WebSocket is asked for by a page of this server, or by no browser at all.
///
/// A browser tells the page's origin (RFC 6455 §10.2); it must be the host that the page asks.
#[must_use]
pub fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let authority = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.parse::<Uri>().ok())
        .and_then(|uri| uri.authority().map(ToString::to_string));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    authority.as_deref().zip(host).is_some_and(|(origin, host)| origin.eq_ignore_ascii_case(host))
}

struct Listener {
    state: RestState,
    who: Principal,
    socket: WebSocket,
    changes: Changes,
    gathering: Option<Instant>,
    /// The last event that was told, or that a snapshot held.
    told: EventNo,
    _listening: Listening,
}

/// The listener is gone.
struct Gone;

impl Listener {
    fn new(state: RestState, who: Principal, socket: WebSocket, listening: Listening) -> Self {
        Self {
            state,
            who,
            socket,
            changes: Changes::default(),
            gathering: None,
            told: EventNo(0),
            _listening: listening,
        }
    }

    async fn run(mut self, after: Option<EventNo>) {
        let _ = self.serve(after).await;
    }

    async fn serve(&mut self, after: Option<EventNo>) -> Result<(), Gone> {
        let mut feed = self.begin(after).await?;
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let due = self.gathering.unwrap_or_else(|| Instant::now() + PING);
            tokio::select! {
                received = feed.recv() => match received {
                    Ok(one) => self.tell(&one).await?,
                    Err(RecvError::Lagged(_)) => {
                        feed = self.begin_again().await?;
                    }
                    Err(RecvError::Closed) => return Ok(()),
                },
                () = sleep_until(due), if self.gathering.is_some() => self.tell_state().await?,
                _ = ping.tick() => self.send(Message::Ping(Vec::new().into())).await?,
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => self.hear(message).await?,
                    Some(Err(_)) | None => return Ok(()),
                },
            }
        }
    }

    /// Sends what is missed, or everything when that cannot be told.
    async fn begin(&mut self, after: Option<EventNo>) -> Result<Receiver<Arc<Feed>>, Gone> {
        let live = self.state.live.clone();
        let ((frames, told), feed) = live.join(|view, recent| {
            let events: Vec<_> = recent.filter_map(published).collect();
            let missed = after.filter(|after| {
                let first = events.first().map_or(view.last().next(), |first| first.event.no);
                *after <= view.last() && after.next() >= first
            });
            let frames = match missed {
                Some(after) => {
                    let mut changes = Changes::default();
                    let events = events.into_iter().filter(|one| one.event.no > after);
                    let mut frames: Vec<Value> = events
                        .map(|one| {
                            changes.merge(&one.changes);
                            frame::event(&self.state, &self.who, one)
                        })
                        .collect();
                    if !changes.is_empty() {
                        frames.push(frame::state(&self.state, &self.who, view, &changes));
                    }
                    frames
                }
                None => vec![frame::snapshot(&self.state, &self.who, view)],
            };
            (frames, view.last())
        });
        self.told = told;
        for frame in frames {
            self.send_frame(&frame).await?;
        }
        Ok(feed)
    }

    async fn begin_again(&mut self) -> Result<Receiver<Arc<Feed>>, Gone> {
        self.changes = Changes::default();
        self.gathering = None;
        let frame = serde_json::json!({"type": "lost", "from": self.told.next().0});
        self.send_frame(&frame).await?;
        self.begin(None).await
    }

    async fn tell(&mut self, feed: &Feed) -> Result<(), Gone> {
        let frame = match feed {
            Feed::Event(one) => {
                self.told = one.event.no;
                self.changes.merge(&one.changes);
                if !self.changes.is_empty() {
                    self.gathering.get_or_insert_with(|| Instant::now() + GATHER);
                }
                frame::event(&self.state, &self.who, one)
            }
            Feed::Notice(notice) => frame::notice(notice),
        };
        self.send_frame(&frame).await
    }

    async fn tell_state(&mut self) -> Result<(), Gone> {
        self.gathering = None;
        let changes = std::mem::take(&mut self.changes);
        let frame = frame::state(&self.state, &self.who, &self.state.live.view(), &changes);
        self.send_frame(&frame).await
    }

    async fn hear(&mut self, message: Message) -> Result<(), Gone> {
        match message {
            Message::Text(text) => {
                let heard: Result<Value, _> = serde_json::from_str(&text);
                if heard.is_ok_and(|heard| heard["type"] == "ping") {
                    return self.send_frame(&serde_json::json!({"type": "pong"})).await;
                }
                Ok(())
            }
            Message::Close(_) => Err(Gone),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => Ok(()),
        }
    }

    async fn send_frame(&mut self, frame: &Value) -> Result<(), Gone> {
        self.send(Message::Text(frame.to_string().into())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(SEND_LIMIT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}

fn published(feed: &Arc<Feed>) -> Option<&crate::live::Published> {
    match feed.as_ref() {
        Feed::Event(one) => Some(one),
        Feed::Notice(_) => None,
    }
}
