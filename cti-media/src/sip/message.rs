//! SIP messages as the engine sees them.
//!
//! The header section is split by rsipstack; framing, limits, the rules on mandatory headers and the
//! answer to a request that breaks them are decided here.

use std::net::SocketAddr;

use rsipstack::sip::{Header, Headers, SipMessage, Uri, parser::parse_message};

use crate::sip::{
    address::NameAddr,
    reply::{ReplyHead, TopVia},
};

/// Header lines accepted at most.
const MAX_LINES: usize = 256;

/// A method the engine handles, or the name of one it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Invite,
    Ack,
    Bye,
    Cancel,
    Register,
    Options,
    Info,
    Prack,
    Update,
    Notify,
    Subscribe,
    Refer,
    Other(String),
}

impl Method {
    fn parse(name: &str) -> Self {
        // Methods are case-sensitive (RFC 3261 §7.1).
        match name {
            "INVITE" => Self::Invite,
            "ACK" => Self::Ack,
            "BYE" => Self::Bye,
            "CANCEL" => Self::Cancel,
            "REGISTER" => Self::Register,
            "OPTIONS" => Self::Options,
            "INFO" => Self::Info,
            "PRACK" => Self::Prack,
            "UPDATE" => Self::Update,
            "NOTIFY" => Self::Notify,
            "SUBSCRIBE" => Self::Subscribe,
            "REFER" => Self::Refer,
            other => Self::Other(other.to_owned()),
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Invite => "INVITE",
            Self::Ack => "ACK",
            Self::Bye => "BYE",
            Self::Cancel => "CANCEL",
            Self::Register => "REGISTER",
            Self::Options => "OPTIONS",
            Self::Info => "INFO",
            Self::Prack => "PRACK",
            Self::Update => "UPDATE",
            Self::Notify => "NOTIFY",
            Self::Subscribe => "SUBSCRIBE",
            Self::Refer => "REFER",
            Self::Other(name) => name,
        }
    }
}

/// What was read from the network.
#[derive(Debug)]
pub(crate) enum Message {
    Request(Request),
    Response(Response),
}

/// A request with all mandatory headers.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) head: Head,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// A response with all mandatory headers.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) head: Head,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// The headers every message has.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) via: TopVia,
    pub(crate) from: String,
    pub(crate) from_tag: String,
    pub(crate) to: String,
    pub(crate) to_tag: Option<String>,
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
    pub(crate) cseq_method: Method,
}

/// Why bytes are no message.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// Nothing can be said to the sender.
    Silent(&'static str),
    /// A request that deserves this final response.
    Refuse { head: Box<ReplyHead>, status: u16, reason: &'static str },
}

/// Reads one message; `source` is where it came from.
pub(crate) fn parse(data: &[u8], source: SocketAddr) -> Result<Message, Unreadable> {
    let data = data.trim_ascii_start();
    let Some(split) = find(data, b"\r\n\r\n") else {
        return Err(Unreadable::Silent("no end of headers"));
    };
    let Ok(section) = str::from_utf8(&data[..split]) else {
        return Err(Unreadable::Silent("headers are not UTF-8"));
    };
    if section.bytes().filter(|byte| *byte == b'\n').count() > MAX_LINES {
        return Err(Unreadable::Silent("too many header lines"));
    }
    if has_stray_control(section) {
        return Err(Unreadable::Silent("control character in a header"));
    }
    let rest = &data[split + 4..];
    if section.starts_with("SIP/") {
        return parse_response(&data[..split + 4], section, rest).map(Message::Response);
    }
    parse_request(&data[..split + 4], section, rest, source).map(Message::Request)
}

fn parse_request(
    head_bytes: &[u8],
    section: &str,
    rest: &[u8],
    source: SocketAddr,
) -> Result<Request, Unreadable> {
    let refuse = |status, reason| match ReplyHead::scan(section, source) {
        Some(head) => Unreadable::Refuse { head: Box::new(head), status, reason },
        None => Unreadable::Silent("a mandatory header is missing"),
    };
    let line = section.lines().next().unwrap_or_default();
    let Some((name, after)) = line.split_once(' ') else {
        return Err(Unreadable::Silent("no request line"));
    };
    if !is_token(name) {
        return Err(Unreadable::Silent("no method"));
    }
    if name == "ACK" && !line.ends_with(" SIP/2.0") {
        return Err(Unreadable::Silent("malformed ACK"));
    }
    if !line.ends_with(" SIP/2.0") {
        let version = line.rsplit(' ').next().unwrap_or_default();
        let (status, reason) = if version.starts_with("SIP/") {
            (505, "Version Not Supported")
        } else {
            (400, "Bad Request Line")
        };
        return Err(refuse(status, reason));
    }
    let address = after.strip_suffix(" SIP/2.0").unwrap_or(after).trim();
    if address.contains(['<', '>', '"', ' ', '\t']) {
        return Err(match name {
            "ACK" => Unreadable::Silent("malformed ACK"),
            _ => refuse(400, "Bad Request-URI"),
        });
    }
    let method = Method::parse(name);
    let parsed = match &method {
        // rsipstack reads known methods only; any known name lets it split the rest.
        Method::Other(_)
        | Method::Prack
        | Method::Update
        | Method::Notify
        | Method::Subscribe
        | Method::Refer => {
            let renamed = ["OPTIONS ".as_bytes(), after.as_bytes(), &head_bytes[line.len()..]];
            parse_message(&renamed.concat())
        }
        Method::Invite
        | Method::Ack
        | Method::Bye
        | Method::Cancel
        | Method::Register
        | Method::Options
        | Method::Info => parse_message(head_bytes),
    };
    let Ok(SipMessage::Request(request)) = parsed else {
        return Err(refuse(400, "Bad Request"));
    };
    let never_answered = method == Method::Ack;
    let refuse = |status, reason| {
        if never_answered { Unreadable::Silent("malformed ACK") } else { refuse(status, reason) }
    };
    let head = Head::read(&request.headers).map_err(|reason| refuse(400, reason))?;
    if head.cseq_method != method {
        return Err(refuse(400, "CSeq Does Not Match Method"));
    }
    let body = body_of(&request.headers, rest).map_err(|reason| refuse(400, reason))?;
    Ok(Request { method, uri: request.uri, head, headers: request.headers, body })
}

fn parse_response(head_bytes: &[u8], section: &str, rest: &[u8]) -> Result<Response, Unreadable> {
    let Ok(SipMessage::Response(response)) = parse_message(head_bytes) else {
        return Err(Unreadable::Silent("malformed response"));
    };
    let head = Head::read(&response.headers).map_err(Unreadable::Silent)?;
    let body = body_of(&response.headers, rest).map_err(Unreadable::Silent)?;
    let status = response.status_code.code();
    if !(100..700).contains(&status) {
        return Err(Unreadable::Silent("status code out of range"));
    }
    let line = section.lines().next().unwrap_or_default();
    let reason = line.splitn(3, ' ').nth(2).unwrap_or_default().trim().to_owned();
    Ok(Response { status, reason, head, headers: response.headers, body })
}

impl Head {
    fn read(headers: &Headers) -> Result<Self, &'static str> {
        let via = value(headers, "Via").and_then(TopVia::parse).ok_or("Bad Via")?;
        let from = single(headers, "From", "Missing or Repeated From")?;
        let to = single(headers, "To", "Missing or Repeated To")?;
        let call_id = single(headers, "Call-ID", "Missing or Repeated Call-ID")?;
        let cseq = single(headers, "CSeq", "Missing or Repeated CSeq")?;
        let from_parts = NameAddr::parse(from).ok_or("Bad From")?;
        let to_parts = NameAddr::parse(to).ok_or("Bad To")?;
        let (number, method) = cseq.split_once([' ', '\t']).ok_or("Bad CSeq")?;
        let cseq = number.parse().ok().filter(|n| *n < 1 << 31).ok_or("Bad CSeq")?;
        if call_id.is_empty() {
            return Err("Bad Call-ID");
        }
        Ok(Self {
            via,
            from_tag: from_parts.parameter("tag").unwrap_or_default().to_owned(),
            from: from.to_owned(),
            to_tag: to_parts.parameter("tag").filter(|tag| !tag.is_empty()).map(str::to_owned),
            to: to.to_owned(),
            call_id: call_id.to_owned(),
            cseq,
            cseq_method: Method::parse(method.trim()),
        })
    }
}

/// The values of all headers called `name` (long form), one per line.
pub(crate) fn values<'a>(headers: &'a Headers, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers.iter().filter(move |header| header.name().eq_ignore_ascii_case(name)).map(Header::value)
}

/// The value of the first header called `name` (long form).
pub(crate) fn value<'a>(headers: &'a Headers, name: &'a str) -> Option<&'a str> {
    values(headers, name).next()
}

fn single<'a>(
    headers: &'a Headers,
    name: &'a str,
    error: &'static str,
) -> Result<&'a str, &'static str> {
    let mut found = values(headers, name);
    match (found.next(), found.next()) {
        (Some(value), None) => Ok(value),
        (None, _) | (Some(_), Some(_)) => Err(error),
    }
}

fn body_of(headers: &Headers, rest: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut stated = values(headers, "Content-Length");
    // RFC 3261 §18.3: without the header a datagram's body is what is left; bytes beyond it are noise.
    let Some(length) = stated.next() else { return Ok(rest.to_vec()) };
    if stated.next().is_some() {
        return Err("Repeated Content-Length");
    }
    let length: usize = length.parse().map_err(|_| "Bad Content-Length")?;
    rest.get(..length).map(<[u8]>::to_vec).ok_or("Content-Length Beyond Message")
}

fn has_stray_control(section: &str) -> bool {
    let bytes = section.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        0 => true,
        b'\r' => bytes.get(at + 1).is_some_and(|next| *next != b'\n'),
        _ => false,
    })
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte))
}

/// Where `needle` begins in `data`.
pub(crate) fn find(data: &[u8], needle: &[u8]) -> Option<usize> {
    data.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> SocketAddr {
        "192.0.2.1:5062".parse().unwrap()
    }

    fn request(first: &str, extra: &str, body: &str) -> String {
        format!(
            "{first}\r\nVia: SIP/2.0/UDP a.example:5070;branch=z9hG4bK-1;rport\r\n\
             From: <sip:a@a.example>;tag=1\r\nTo: <sip:b@b.example>\r\nCall-ID: c1\r\n\
             {extra}\r\n{body}"
        )
    }

    fn refusal(text: &str) -> (u16, &'static str) {
        match parse(text.as_bytes(), source()) {
            Err(Unreadable::Refuse { status, reason, .. }) => (status, reason),
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn a_request_is_read_with_its_mandatory_headers() {
        let text = request(
            "INVITE sip:12345@127.0.0.1 SIP/2.0",
            "CSeq: 7 INVITE\r\nl: 3\r\n",
            "v=0 and noise",
        );
        let Ok(Message::Request(request)) = parse(text.as_bytes(), source()) else { panic!() };
        assert_eq!(request.method, Method::Invite);
        assert_eq!((request.head.cseq, request.head.from_tag.as_str()), (7, "1"));
        assert_eq!(request.body, b"v=0");
        assert_eq!(request.head.via.branch, "z9hG4bK-1");
    }

    #[test]
    fn an_unknown_method_is_still_a_request() {
        let text = request("DANCE sip:b@b.example SIP/2.0", "CSeq: 7 DANCE\r\n", "");
        let Ok(Message::Request(request)) = parse(text.as_bytes(), source()) else { panic!() };
        assert_eq!(request.method, Method::Other("DANCE".into()));
    }

    #[test]
    fn broken_requests_get_a_reason() {
        let line = "OPTIONS sip:b@b.example SIP/2.0";
        assert_eq!(refusal(&request(line, "CSeq: 7 INVITE\r\n", "")).0, 400);
        assert_eq!(refusal(&request(line, "CSeq: 99999999999 OPTIONS\r\n", "")).1, "Bad CSeq");
        let long = request(line, "CSeq: 7 OPTIONS\r\nContent-Length: 10\r\n", "short");
        assert_eq!(refusal(&long).1, "Content-Length Beyond Message");
        let two = request(line, "CSeq: 7 OPTIONS\r\nTo: <sip:c@d>\r\n", "");
        assert_eq!(refusal(&two).1, "Missing or Repeated To");
        let old = request("OPTIONS sip:b@b.example SIP/7.0", "CSeq: 7 OPTIONS\r\n", "");
        assert_eq!(refusal(&old).0, 505);
        let uri = request("OPTIONS  SIP/2.0", "CSeq: 7 OPTIONS\r\n", "");
        assert_eq!(refusal(&uri).0, 400);
    }

    #[test]
    fn noise_is_dropped_silently() {
        for noise in [
            &b"\r\n\r\n"[..],
            b"hello",
            b"\0\xff\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"SIP/2.0 200 OK\r\n\r\n",
        ] {
            assert!(matches!(parse(noise, source()), Err(Unreadable::Silent(_))), "{noise:?}");
        }
        let many = request("OPTIONS sip:b@b SIP/2.0", &"X: y\r\n".repeat(300), "");
        assert!(matches!(parse(many.as_bytes(), source()), Err(Unreadable::Silent(_))));
    }

    #[test]
    fn no_mutation_of_a_good_message_panics() {
        let good = request(
            "INVITE sip:1@127.0.0.1;x=y SIP/2.0",
            "CSeq: 7 INVITE\r\nContact: \"a\" <sip:b>;q=1\r\n",
            "v=0",
        );
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..20_000 {
            let mut bytes = good.clone().into_bytes();
            for _ in 0..4 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let at = (state >> 16) as usize % bytes.len();
                match state % 3 {
                    0 => bytes[at] = (state >> 40) as u8,
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, b"\"<>;,=@: \r\n\0\xff"[(state >> 40) as usize % 13]),
                }
            }
            let _ = parse(&bytes, source());
        }
    }
}
