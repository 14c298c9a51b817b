//! Names and addresses as they stand in headers.

use std::net::{IpAddr, SocketAddr};

use rsipstack::sip::{Host, Param, Scheme, Uri, parse_uri};

use crate::sip::Transport;

/// The parts of a From, To, Contact or Route value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameAddr<'a> {
    pub(crate) display: Option<&'a str>,
    pub(crate) uri: &'a str,
    /// The header parameters, without the leading semicolon.
    pub(crate) parameters: &'a str,
}

impl<'a> NameAddr<'a> {
    /// Splits `"name" <uri>;parameters` or `uri;parameters` (RFC 3261 §20.10).
    pub(crate) fn parse(value: &'a str) -> Option<Self> {
        let value = value.trim();
        let after_name = if value.starts_with('"') { quoted_end(value)? } else { 0 };
        let Some(open) = value[after_name..].find('<').map(|at| at + after_name) else {
            let (uri, parameters) = value.split_once(';').unwrap_or((value, ""));
            return Some(Self { display: None, uri: uri.trim(), parameters });
        };
        let close = value[open..].find('>')? + open;
        let name = value[..open].trim();
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        Some(Self {
            display: (!name.is_empty()).then_some(name),
            uri: value[open + 1..close].trim(),
            parameters: value[close + 1..].trim_start().trim_start_matches(';'),
        })
    }

    /// The value of a header parameter; empty for one without a value.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'a str> {
        parameter(self.parameters, name)
    }
}

/// The value of `name` among `;`-separated parameters.
pub(crate) fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    parameters.split(';').find_map(|part| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn quoted_end(value: &str) -> Option<usize> {
    let mut escaped = false;
    let end = value.bytes().skip(1).position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })?;
    Some(end + 2)
}

/// Splits a header value at its top-level commas.
pub(crate) fn comma_separated(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = value;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (mut quoted, mut escaped, mut depth) = (false, false, 0_u32);
            let end = rest
                .bytes()
                .position(|byte| {
                    match byte {
                        _ if escaped => {}
                        b'\\' if quoted => {
                            escaped = true;
                            return false;
                        }
                        b'"' => quoted = !quoted,
                        b'<' if !quoted => depth += 1,
                        b'>' if !quoted => depth = depth.saturating_sub(1),
                        b',' if !quoted && depth == 0 => return true,
                        _ => {}
                    }
                    escaped = false;
                    false
                })
                .unwrap_or(rest.len());
            let item = rest[..end].trim();
            rest = rest.get(end + 1..).unwrap_or("");
            if !item.is_empty() {
                return Some(item);
            }
        }
        None
    })
}

/// Where a URI points, if its host is an address.
pub(crate) fn destination(uri: &str) -> Option<(Option<Transport>, SocketAddr)> {
    let uri = parse_uri(uri).ok()?;
    if !is_sip(&uri) {
        return None;
    }
    let address = match uri.host() {
        Host::IpAddr(address) => *address,
        Host::Domain(name) if name.0.eq_ignore_ascii_case("localhost") => {
            IpAddr::from([127, 0, 0, 1])
        }
        Host::Domain(name) => name.0.trim_matches(['[', ']']).parse().ok()?,
    };
    let port = uri.host_with_port.port.map_or(5060, |port| port.0);
    let transport = uri.params.iter().find_map(|parameter| {
        let Param::Transport(transport) = parameter else { return None };
        Some(match transport {
            rsipstack::sip::Transport::Tcp => Transport::Tcp,
            rsipstack::sip::Transport::Tls => Transport::Tls,
            rsipstack::sip::Transport::Ws => Transport::Ws,
            rsipstack::sip::Transport::Wss => Transport::Wss,
            rsipstack::sip::Transport::Udp
            | rsipstack::sip::Transport::Sctp
            | rsipstack::sip::Transport::TlsSctp => Transport::Udp,
        })
    });
    Some((transport, SocketAddr::new(address, port)))
}

/// Whether the scheme is `sip` or `sips`.
pub(crate) fn is_sip(uri: &Uri) -> bool {
    matches!(uri.scheme, Some(Scheme::Sip | Scheme::Sips))
}

/// The user part of a URI with its escapes removed; the number of a `tel` URI.
pub(crate) fn user_of(uri: &Uri) -> String {
    match (&uri.scheme, &uri.auth) {
        (Some(Scheme::Other(_)), None) => uri.host().to_string(),
        (_, Some(auth)) => {
            // Parameters of the number itself (`+8612345;phone-context=…`) are no digits of it.
            let user = auth.user.split(';').next().unwrap_or_default();
            unescape(user)
        }
        (_, None) => String::new(),
    }
}

/// A text without its escapes.
pub(crate) fn unescape(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        plain.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// The user part of a URI for `name`, with everything escaped that is not plainly allowed.
pub(crate) fn escape_user(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()+".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// A display name as a quoted string with a space behind it; empty for none.
pub(crate) fn quote_display(name: &str) -> String {
    if name.is_empty() {
        return String::new();
    }
    let clean: String = name
        .chars()
        .filter(|character| !character.is_control())
        .flat_map(|character| {
            let escape = matches!(character, '"' | '\\').then_some('\\');
            escape.into_iter().chain([character])
        })
        .collect();
    format!("\"{clean}\" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_angle_brackets_in_quotes_does_not_confuse_the_uri() {
        let value = r#""A <b> \" c" <sip:x@y;lr>;tag=1"#;
        let name = NameAddr::parse(value).unwrap();
        assert_eq!(name.display, Some(r#"A <b> \" c"#));
        assert_eq!(name.uri, "sip:x@y;lr");
        assert_eq!(name.parameter("TAG"), Some("1"));
    }

    #[test]
    fn parameters_of_a_bare_uri_belong_to_the_header() {
        let name = NameAddr::parse("sip:x@y;tag=7;a").unwrap();
        assert_eq!(
            (name.uri, name.parameter("tag"), name.parameter("a")),
            ("sip:x@y", Some("7"), Some(""))
        );
        assert_eq!(NameAddr::parse("\"open"), None);
        assert_eq!(NameAddr::parse("<sip:x"), None);
    }

    #[test]
    fn commas_inside_quotes_and_brackets_do_not_separate() {
        let items: Vec<_> = comma_separated(r#""a,b" <sip:x,y@h>, <sip:z>,, q"#).collect();
        assert_eq!(items, [r#""a,b" <sip:x,y@h>"#, "<sip:z>", "q"]);
    }

    #[test]
    fn only_addresses_are_destinations() {
        assert_eq!(
            destination("sip:a@127.0.0.1:5070;transport=tcp"),
            Some((Some(Transport::Tcp), "127.0.0.1:5070".parse().unwrap()))
        );
        assert_eq!(destination("sip:a@[::1]"), Some((None, "[::1]:5060".parse().unwrap())));
        assert_eq!(destination("sip:a@example.org"), None);
        assert_eq!(destination("tel:12345"), None);
    }

    #[test]
    fn escaped_dialled_numbers_are_read_as_dialled() {
        let uri = |text| user_of(&parse_uri(text).unwrap());
        assert_eq!(uri("sip:*81%238001@h"), "*81#8001");
        assert_eq!(uri("tel:12345"), "12345");
        assert_eq!(uri("sip:h"), "");
        assert_eq!(uri("sip:%4@h"), "%4");
        assert_eq!(escape_user("*81#张"), "*81%23%E5%BC%A0");
        assert_eq!(quote_display("a\"b\r\nX: y"), "\"a\\\"bX: y\" ");
    }
}
