//! Subscriptions of telephones (RFC 6665): SUBSCRIBE, and the NOTIFYs that follow.
//!
//! One NOTIFY of a subscription is on its way at a time; what changes meanwhile is told by the next one.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use crate::sip::{
    DialogKey,
    address::{comma_separated, user_of},
    auth::Verdict,
    engine::{
        Engine,
        client::{Outcome, Owner},
        dialog::{contact_of, record_routes, way_back},
        overload::RETRY_AFTER,
        package::{ALLOW_EVENTS, Package},
        request::RequestHead,
        timers::Timer,
    },
    flow::{ConnectionId, Flow},
    mask::Masked,
    message::{Method, Request, value, values},
};

/// Subscriptions held at most.
const MOST: usize = 8192;
/// Subscriptions of one account at most: a console with its lamps.
const MOST_OF_ACCOUNT: usize = 64;

/// Names one subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SubscriptionId(u64);

#[derive(Debug)]
struct Subscription {
    package: Package,
    /// Who subscribed.
    account: String,
    /// The account it is about.
    resource: String,
    flow: Flow,
    target: String,
    routes: Vec<String>,
    call_id: String,
    local: String,
    local_tag: String,
    remote: String,
    remote_tag: String,
    local_cseq: u32,
    remote_cseq: u32,
    ends_at: Duration,
    version: u32,
    /// A NOTIFY has not been answered.
    pending: bool,
    /// Something has changed meanwhile.
    changed: bool,
}

/// All subscriptions.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    all: BTreeMap<SubscriptionId, Subscription>,
    tags: HashMap<String, SubscriptionId>,
    next: u64,
    /// Accounts whose dialogs have changed since the last input.
    touched: BTreeSet<String>,
}

impl Subscriptions {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    fn about(&self, package: Package, resource: &str) -> Vec<SubscriptionId> {
        let matching = |it: &Subscription| it.package == package && it.resource == resource;
        self.all.iter().filter(|(_, it)| matching(it)).map(|(id, _)| *id).collect()
    }
}

impl Engine {
    /// A SUBSCRIBE outside a dialog.
    pub(crate) fn on_subscribe(&mut self, now: Duration, flow: Flow, request: &Request) {
        let source = flow.remote.ip();
        let proofs = values(&request.headers, "Authorization");
        let account = match self.auth.verify(now, source, "SUBSCRIBE", proofs, &*self.accounts) {
            Verdict::Account(account) => account,
            Verdict::Challenge { stale } => return self.challenge(now, flow, request, stale),
        };
        if self.refuse_demands(flow, request) {
            return;
        }
        let event = value(&request.headers, "Event").unwrap_or_default();
        let Some(package) = Package::parse(event) else {
            return self.refuse(flow, request, 489, "", ALLOW_EVENTS);
        };
        let mut accepted = values(&request.headers, "Accept").flat_map(comma_separated).peekable();
        let kind = package.content_type();
        let fits =
            |it: &str| it.split(';').next().is_some_and(|it| it.trim() == kind || it == "*/*");
        if accepted.peek().is_some() && !accepted.any(fits) {
            return self.refuse(flow, request, 406, "", &format!("Accept: {kind}\r\n"));
        }
        let resource = user_of(&request.uri);
        match package {
            // Nobody is told of the messages of somebody else.
            Package::Messages if resource != account => {
                return self.refuse(flow, request, 403, "", "");
            }
            Package::Dialogs if !self.is_account(&resource) => {
                return self.refuse(flow, request, 404, "", "");
            }
            Package::Messages | Package::Dialogs => {}
        }
        let Some(expires) = self.subscription_time(flow, request) else { return };
        let of_account = self.subscriptions.all.values().filter(|it| it.account == account).count();
        if self.busy || self.subscriptions.len() >= MOST || of_account >= MOST_OF_ACCOUNT {
            return self.refuse(flow, request, 503, "", RETRY_AFTER);
        }
        let Some(target) = contact_of(&request.headers) else {
            return self.refuse(flow, request, 400, "Missing Contact", "");
        };
        let tag = self.random();
        let transaction = self.begin_server(flow, request, None, &tag);
        self.subscriptions.next += 1;
        let id = SubscriptionId(self.subscriptions.next);
        tracing::debug!(
            account = %Masked(&account), resource = %Masked(&resource), event = package.name(),
            "Subscribed"
        );
        self.subscriptions.tags.insert(tag.clone(), id);
        self.subscriptions.all.insert(
            id,
            Subscription {
                package,
                account,
                resource,
                flow: way_back(flow, &request.head.via, &target),
                target,
                routes: record_routes(&request.headers),
                call_id: request.head.call_id.clone(),
                local: format!("{};tag={tag}", request.head.to),
                local_tag: tag,
                remote: request.head.from.clone(),
                remote_tag: request.head.from_tag.clone(),
                local_cseq: 0,
                remote_cseq: request.head.cseq,
                ends_at: now + expires,
                version: 0,
                pending: false,
                changed: false,
            },
        );
        self.accept_subscription(now, flow, id, transaction, expires);
    }

    /// A SUBSCRIBE that renews or ends one.
    pub(crate) fn on_resubscribe(&mut self, now: Duration, flow: Flow, request: &Request) {
        let head = &request.head;
        let tag = head.to_tag.as_deref().unwrap_or_default();
        let id = self.subscriptions.tags.get(tag).copied();
        let found = id.and_then(|id| Some((id, self.subscriptions.all.get_mut(&id)?)));
        let known = found.filter(|(_, it)| {
            it.call_id == head.call_id
                && it.remote_tag == head.from_tag
                && it.flow.remote.ip() == flow.remote.ip()
        });
        let Some((id, subscription)) = known else {
            if self.admit(now, flow) {
                self.refuse(flow, request, 481, "", "");
            }
            return;
        };
        if head.cseq <= subscription.remote_cseq {
            return self.refuse(flow, request, 500, "CSeq Out of Order", "");
        }
        subscription.remote_cseq = head.cseq;
        let Some(expires) = self.subscription_time(flow, request) else { return };
        if let Some(subscription) = self.subscriptions.all.get_mut(&id) {
            subscription.ends_at = now + expires;
            subscription.flow = way_back(flow, &head.via, &subscription.target);
        }
        let transaction = self.begin_server(flow, request, None, "");
        self.accept_subscription(now, flow, id, transaction, expires);
    }

    fn accept_subscription(
        &mut self,
        now: Duration,
        flow: Flow,
        id: SubscriptionId,
        transaction: crate::sip::engine::ServerId,
        expires: Duration,
    ) {
        let contact = self.contact_line(flow.listener);
        let extra = format!("{contact}Expires: {}\r\n", expires.as_secs());
        self.respond(now, transaction, 200, "", &extra, None);
        if expires.is_zero() {
            return self.end_subscription(now, id, "timeout");
        }
        self.timers.set(now + expires, Timer::Subscription(id));
        self.notify(now, id);
    }

    /// How long a subscription is to last; `None` if it was refused.
    fn subscription_time(&mut self, flow: Flow, request: &Request) -> Option<Duration> {
        let stated = value(&request.headers, "Expires").and_then(|text| text.parse().ok());
        let expires = stated.map_or(self.config.max_expires, Duration::from_secs);
        if !expires.is_zero() && expires < self.config.min_expires {
            let least = self.config.min_expires.as_secs();
            self.refuse(flow, request, 423, "", &format!("Min-Expires: {least}\r\n"));
            return None;
        }
        Some(expires.min(self.config.max_expires))
    }

    pub(crate) fn subscription_timer(&mut self, now: Duration, id: SubscriptionId) {
        if self.subscriptions.all.get(&id).is_some_and(|it| it.ends_at <= now) {
            self.end_subscription(now, id, "timeout");
        }
    }

    /// Tells the subscriber how things are, now or when he has answered the last time.
    fn notify(&mut self, now: Duration, id: SubscriptionId) {
        let Some(subscription) = self.subscriptions.all.get_mut(&id) else { return };
        subscription.changed = subscription.pending;
        if subscription.pending {
            return;
        }
        subscription.pending = true;
        let left = subscription.ends_at.saturating_sub(now).as_secs();
        self.send_notify(now, id, &format!("active;expires={left}"));
    }

    fn end_subscription(&mut self, now: Duration, id: SubscriptionId, reason: &str) {
        self.send_notify(now, id, &format!("terminated;reason={reason}"));
        self.forget_subscription(id);
    }

    fn forget_subscription(&mut self, id: SubscriptionId) {
        if let Some(subscription) = self.subscriptions.all.remove(&id) {
            self.subscriptions.tags.remove(&subscription.local_tag);
        }
    }

    fn send_notify(&mut self, now: Duration, id: SubscriptionId, state: &str) {
        let branch = self.new_branch();
        let Some(subscription) = self.subscriptions.all.get_mut(&id) else { return };
        subscription.local_cseq += 1;
        let (package, version) = (subscription.package, subscription.version);
        subscription.version += 1;
        let head = RequestHead {
            uri: subscription.target.clone(),
            branch,
            from: subscription.local.clone(),
            to: subscription.remote.clone(),
            call_id: subscription.call_id.clone(),
            cseq: subscription.local_cseq,
            routes: subscription.routes.clone(),
        };
        let (flow, resource) = (subscription.flow, subscription.resource.clone());
        let account = subscription.account.clone();
        let body = self.state_of_resource(package, &resource, version);
        let flow = self.next_hop(flow, &head.routes, &head.uri, Some(&account));
        let contact = self.contact_line(flow.listener);
        let extra =
            format!("{contact}Event: {}\r\nSubscription-State: {state}\r\n", package.name());
        let body = Some((package.content_type(), body.as_bytes()));
        let data = self.write_request("NOTIFY", flow, &head, &extra, body);
        self.begin_client(now, Method::Notify, flow, head, Owner::Notify(id), data);
    }

    /// A NOTIFY was answered, or was not.
    pub(crate) fn notify_done(&mut self, now: Duration, id: SubscriptionId, outcome: &Outcome<'_>) {
        let Some(subscription) = self.subscriptions.all.get_mut(&id) else { return };
        subscription.pending = false;
        // RFC 6665 §4.2.2: whoever refuses one, or says nothing, is no subscriber any more.
        if outcome.status() >= 300 {
            self.forget_subscription(id);
        } else if subscription.changed {
            self.notify(now, id);
        }
    }

    /// Tells an account how many messages wait for it.
    pub(crate) fn indicate_messages(&mut self, now: Duration, account: String, count: u32) {
        let before = match count {
            0 => self.messages.remove(&account),
            1.. => self.messages.insert(account.clone(), count),
        };
        if before.unwrap_or(0) != count {
            for id in self.subscriptions.about(Package::Messages, &account) {
                self.notify(now, id);
            }
        }
    }

    /// A dialog has changed: whoever watches its account is told after this input.
    pub(crate) fn touch(&mut self, key: DialogKey) {
        let account = self.dialogs.get(&key).and_then(|dialog| dialog.account.clone());
        self.touch_account(account);
    }

    pub(crate) fn touch_account(&mut self, account: Option<String>) {
        if self.subscriptions.len() > 0 {
            self.subscriptions.touched.extend(account);
        }
    }

    pub(crate) fn tell_watchers(&mut self, now: Duration) {
        for account in std::mem::take(&mut self.subscriptions.touched) {
            for id in self.subscriptions.about(Package::Dialogs, &account) {
                self.notify(now, id);
            }
        }
    }

    /// Forgets the subscriptions of a browser that has gone; it subscribes again by itself.
    pub(crate) fn subscriptions_of_closed_connection(&mut self, gone: ConnectionId) {
        let lost = self.subscriptions.all.iter().filter(|(_, it)| {
            it.flow.connection == Some(gone) && it.flow.transport.is_web_socket()
        });
        for id in lost.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.forget_subscription(id);
        }
    }
}
