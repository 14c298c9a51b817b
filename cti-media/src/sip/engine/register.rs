//! REGISTER, and registrations that end by themselves.

use std::time::Duration;

use crate::sip::{
    BindingRecord, SipEvent, Transport,
    address::{NameAddr, comma_separated, is_sip, user_of},
    auth::Verdict,
    engine::{Engine, dialog::way_back, timers::Timer},
    flow::{ConnectionId, Flow},
    mask::Masked,
    message::{Request, value, values},
    registrar::{Change, MAX_CONTACTS, Registration},
};

/// What a REGISTER says about contacts.
enum Wish {
    Query,
    RemoveAll,
    Change(Vec<(String, Duration)>),
}

impl Engine {
    pub(crate) fn on_register(&mut self, now: Duration, flow: Flow, request: &Request) {
        let source = flow.remote.ip();
        let proofs = values(&request.headers, "Authorization");
        let account = match self.auth.verify(now, source, "REGISTER", proofs, &*self.accounts) {
            Verdict::Account(account) => account,
            Verdict::Challenge { stale } => return self.challenge(now, flow, request, stale),
        };
        let (status, reason, lines) = match self.register(now, flow, request, &account) {
            Ok(lines) => (200, "", lines),
            Err((status, reason, lines)) => (status, reason, lines),
        };
        let tag = self.random();
        let transaction = self.begin_server(flow, request, None, &tag);
        self.respond(now, transaction, status, reason, &lines, None);
    }

    fn register(
        &mut self,
        now: Duration,
        flow: Flow,
        request: &Request,
        account: &str,
    ) -> Result<String, (u16, &'static str, String)> {
        let refuse = |status, reason| (status, reason, String::new());
        let demanded: Vec<&str> =
            values(&request.headers, "Require").flat_map(comma_separated).collect();
        if !demanded.is_empty() {
            return Err((420, "", format!("Unsupported: {}\r\n", demanded.join(", "))));
        }
        let record = NameAddr::parse(&request.head.to)
            .and_then(|name| rsipstack::sip::parse_uri(name.uri).ok())
            .ok_or(refuse(400, "Bad To"))?;
        // RFC 3261 §10.3 step 3: a user may change his own registrations only.
        if user_of(&record) != account {
            return Err(refuse(403, ""));
        }
        let changes = match self.wish(request)? {
            Wish::Query => Vec::new(),
            Wish::RemoveAll => self.registrar.clear(account),
            Wish::Change(contacts) => {
                let head = &request.head;
                let (call_id, cseq) = (head.call_id.as_str(), head.cseq);
                let reached = |uri: &str| way_back(flow, &head.via, uri);
                let contacts =
                    contacts.into_iter().map(|(uri, expires)| (reached(&uri), uri, expires));
                let contacts = contacts.map(|(flow, uri, expires)| (uri, flow, expires)).collect();
                let registration = Registration { call_id, cseq, contacts };
                let applied = self.registrar.apply(now, account, registration);
                applied.map_err(|_| refuse(500, "CSeq Out of Order"))?
            }
        };
        for change in changes {
            if let Change::Bound { expires, .. } = change {
                self.timers.set(now + expires, Timer::Bindings(account.to_owned()));
            }
            self.report_change(account, change, Some(flow));
        }
        let listed = self.registrar.bindings(account, now).map(|binding| {
            let left = (binding.expires_at - now).as_secs_f64().ceil();
            format!("Contact: <{}>;expires={left}\r\n", binding.contact)
        });
        Ok(listed.collect())
    }

    fn wish(&self, request: &Request) -> Result<Wish, (u16, &'static str, String)> {
        let refuse = |status, reason| (status, reason, String::new());
        let header = value(&request.headers, "Expires").and_then(|text| text.parse::<u64>().ok());
        let contacts: Vec<&str> =
            values(&request.headers, "Contact").flat_map(comma_separated).collect();
        if contacts.is_empty() {
            return Ok(Wish::Query);
        }
        if contacts.contains(&"*") {
            // RFC 3261 §10.3 step 6.
            if contacts.len() > 1 || header != Some(0) {
                return Err(refuse(400, "Bad Contact"));
            }
            return Ok(Wish::RemoveAll);
        }
        if contacts.len() > MAX_CONTACTS {
            return Err(refuse(400, "Too Many Contacts"));
        }
        let mut wishes: Vec<(String, Duration)> = Vec::new();
        for contact in contacts {
            let name = NameAddr::parse(contact).ok_or(refuse(400, "Bad Contact"))?;
            let uri =
                rsipstack::sip::parse_uri(name.uri).map_err(|_| refuse(400, "Bad Contact"))?;
            if !is_sip(&uri) || name.uri.len() > 512 {
                return Err(refuse(400, "Bad Contact"));
            }
            let stated = name.parameter("expires").and_then(|text| text.parse().ok()).or(header);
            let expires = stated.map_or(self.config.default_expires, Duration::from_secs);
            if !expires.is_zero() && expires < self.config.min_expires {
                let least = self.config.min_expires.as_secs();
                return Err((423, "", format!("Min-Expires: {least}\r\n")));
            }
            let expires = expires.min(self.config.max_expires);
            wishes.retain(|(uri, _)| uri != name.uri);
            wishes.push((name.uri.to_owned(), expires));
        }
        Ok(Wish::Change(wishes))
    }

    pub(crate) fn expire_bindings(&mut self, now: Duration, account: &str) {
        for change in self.registrar.expire(now, account) {
            self.report_change(account, change, None);
        }
    }

    pub(crate) fn report_change(&mut self, account: &str, change: Change, from: Option<Flow>) {
        self.stats.set_bindings(self.registrar.len());
        let account = account.to_owned();
        match (change, from) {
            (Change::Bound { contact, expires }, Some(flow)) => {
                let (source, listener) = (flow.remote, flow.listener);
                tracing::info!(account = %Masked(&account), %source, ?expires, "Registered");
                self.emit(SipEvent::Registered { account, contact, expires, listener, source });
            }
            (Change::Bound { .. }, None) => {}
            (Change::Unbound { contact, cause }, _) => {
                tracing::info!(account = %Masked(&account), ?cause, "Registration ended");
                self.emit(SipEvent::Unregistered { account, contact, cause });
            }
        }
    }

    /// The registrations, for a restart.
    pub(crate) fn binding_records(&self) -> Vec<BindingRecord> {
        self.registrar
            .iter()
            .map(|(account, binding)| BindingRecord {
                account: account.to_owned(),
                contact: binding.contact.clone(),
                listener: binding.flow.listener,
                transport: binding.flow.transport,
                source: binding.flow.remote,
                expires_at: self.started_unix + binding.expires_at.as_secs(),
            })
            .collect()
    }

    /// Takes over the registrations of an earlier run that have not ended meanwhile.
    pub(crate) fn restore_bindings(&mut self) {
        for record in std::mem::take(&mut self.config.restore) {
            let left = record.expires_at.saturating_sub(self.started_unix);
            let fits = self
                .listeners
                .get(record.listener)
                .is_some_and(|listener| listener.transport == record.transport);
            if left == 0 || !fits {
                continue;
            }
            let expires = Duration::from_secs(left).min(self.config.max_expires);
            let (listener, transport, remote) = (record.listener, record.transport, record.source);
            let connection = match transport {
                Transport::Udp => None,
                // No connection has this number: the device is called back at its contact.
                Transport::Tcp | Transport::Tls => Some(ConnectionId(0)),
                // A browser has no address to be called back at; it registers again by itself.
                Transport::Ws | Transport::Wss => continue,
            };
            let flow = Flow { listener, transport, remote, connection };
            let contacts = vec![(record.contact, flow, expires)];
            let registration = Registration { call_id: "", cseq: 0, contacts };
            let Ok(changes) = self.registrar.apply(Duration::ZERO, &record.account, registration)
            else {
                continue;
            };
            self.timers.set(expires, Timer::Bindings(record.account.clone()));
            for change in changes {
                self.report_change(&record.account, change, Some(flow));
            }
        }
    }
}
