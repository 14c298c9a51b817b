//! What happens, as it happens: a WebSocket with numbered events, resume, and the state that changed; or only what a
//! listener [subscribes](monitors) to.

pub mod frame;
pub mod monitors;

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        FromRequestParts as _, Request, State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::{HeaderMap, StatusCode, Uri, header},
    response::Response,
};
use cti_core::{id::EventNo, monitor};
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};

use self::monitors::{Refusal, Subscriptions, Wish};
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
    /// `all` (when absent): everything that happens, from a snapshot on. `subscribed`: only what is asked for by
    /// messages.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub events: Told,
}

/// What a listener is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Everything, from a snapshot on.
    #[default]
    All,
    /// What he subscribes to.
    Subscribed,
}

/// Opens a WebSocket on which events are sent as they happen.
///
/// A listener follows one subject by sending
/// `{"type":"subscribe","id":"desk","subject":{"device":"8001"},"filter":["call_control"]}`; subjects are `everything`,
/// `device`, `calls_via`, `call`, `agent`, `queue` and `contact`. He is answered by `subscribed` with the present, then
/// by every `event` that concerns the subject, under the same `id`; by `lost` and a new `subscribed` when he was too
/// slow; by `stopped` when there is nothing more to tell; by `error` with a code when he may not, or cannot.
/// `"resume":{"since":41,"after":57}` goes on where he was cut off. `filter` and `unsubscribe` change and end it.
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
    Ok(upgrade
        .max_message_size(FRAME_LIMIT)
        .on_upgrade(move |socket| Listener::new(state, who, socket, listening).run(query)))
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
    subscriptions: Subscriptions,
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
            subscriptions: Subscriptions::default(),
            _listening: listening,
        }
    }

    async fn run(mut self, query: ListenQuery) {
        let _ = self.serve(query).await;
        self.subscriptions.end(&self.state);
    }

    async fn serve(&mut self, query: ListenQuery) -> Result<(), Gone> {
        let mut feed = match query.events {
            Told::All => Some(self.begin(query.after.map(EventNo)).await?),
            Told::Subscribed => None,
        };
        let wake = Arc::clone(&self.subscriptions.wake);
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let due = self.gathering.unwrap_or_else(|| Instant::now() + PING);
            tokio::select! {
                received = next(&mut feed) => match received {
                    Ok(one) => self.tell(&one).await?,
                    Err(RecvError::Lagged(_)) => {
                        feed = Some(self.begin_again().await?);
                    }
                    Err(RecvError::Closed) => return Ok(()),
                },
                () = wake.notified() => self.tell_subscribed().await?,
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
                let answer = self.grant(&text);
                self.send_frame(&answer).await
            }
            Message::Close(_) => Err(Gone),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => Ok(()),
        }
    }

    /// Does what a listener asks for and returns the answer.
    fn grant(&mut self, text: &str) -> Value {
        let wish: Wish = match serde_json::from_str(text) {
            Ok(wish) => wish,
            Err(error) => return Refusal::Malformed(error.to_string()).frame(None),
        };
        let done = |kind: &str, id: &str| serde_json::json!({"type": kind, "id": id});
        let (state, who) = (&self.state, &self.who);
        let (id, answer) = match wish {
            Wish::Ping => return serde_json::json!({"type": "pong"}),
            Wish::Subscribe { id, subject, filter, resume } => {
                let request = monitor::Request { subject, filter };
                let answer = self.subscriptions.subscribe(state, who, &id, request, resume);
                (id, answer)
            }
            Wish::Filter { id, filter } => {
                let answer = self.subscriptions.filter(state, &id, filter);
                let answer = answer.map(|()| done("filtered", &id));
                (id, answer)
            }
            Wish::Unsubscribe { id } => {
                let answer = self.subscriptions.unsubscribe(state, &id);
                let answer = answer.map(|()| done("unsubscribed", &id));
                (id, answer)
            }
        };
        answer.unwrap_or_else(|refusal| refusal.frame(Some(&id)))
    }

    async fn tell_subscribed(&mut self) -> Result<(), Gone> {
        for frame in self.subscriptions.take(&self.state, &self.who) {
            self.send_frame(&frame).await?;
        }
        Ok(())
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

/// Waits for what comes next, for ever when nothing is to come.
async fn next(feed: &mut Option<Receiver<Arc<Feed>>>) -> Result<Arc<Feed>, RecvError> {
    match feed {
        Some(feed) => feed.recv().await,
        None => std::future::pending().await,
    }
}

fn published(feed: &Arc<Feed>) -> Option<&crate::live::Published> {
    match feed.as_ref() {
        Feed::Event(one) => Some(one),
        Feed::Notice(_) => None,
    }
}
