//! Spellings: what people, files and networks write around the digits of a number.

use std::borrow::Cow;

/// Words that stand where no number was delivered, in lower case and without separators.
const WITHHELD: [&str; 19] = [
    "",
    "anonymous",
    "restricted",
    "unavailable",
    "private",
    "withheld",
    "blocked",
    "unknown",
    "p",
    "o",
    "idunavailable",
    "notavailable",
    "privatenumber",
    "匿名",
    "未知",
    "未知号码",
    "隐藏号码",
    "私人号码",
    "无",
];

/// Marks between a number and the extension behind it, in lower case.
const BEHIND: [&str; 5] = ["分机", "转", "ext", "extn", "x"];

/// A text taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    /// Digits, letters, `+`, `*`, `#`; whatever else stood in it is `_`.
    pub(super) body: String,
    /// The same without its last group after `-`, and that group.
    pub(super) without_last_group: Option<(String, String)>,
    /// Digits behind a mark or `;ext=`.
    pub(super) behind: Option<String>,
    /// The value of `;phone-context=` when it is the beginning of a global number (RFC 3966 §5.1.5).
    pub(super) context: Option<String>,
    pub(super) withheld: bool,
}

impl Spelling {
    /// Takes a text apart: digits with any separators, a `tel:` or `sip:` URI, or `"Name" <uri>`.
    pub(super) fn read(text: &str) -> Self {
        let text: String = text.trim().chars().map(narrow).collect();
        let (subscriber, host) = subscriber(&text);
        let mut parts = subscriber.split(';');
        let number = percent_decoded(parts.next().unwrap_or_default());
        let mut behind = None;
        let mut context = None;
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            if name.eq_ignore_ascii_case("ext") {
                behind = Some(body(value)).filter(|value| is_digits(value));
            } else if name.eq_ignore_ascii_case("phone-context") && value.starts_with('+') {
                context = Some(body(value));
            }
        }
        let lower = number.to_ascii_lowercase();
        // RFC 3323 §4.1.1.3: an anonymous From is in the domain anonymous.invalid.
        let withheld = host
            .is_some_and(|host| host.to_ascii_lowercase().starts_with("anonymous.invalid"))
            || WITHHELD.contains(&body(&lower).as_str());
        let number = match marked_extension(&lower) {
            Some((at, digits)) => {
                behind = behind.or(Some(digits));
                &number[..at]
            }
            None => &*number,
        };
        let without_last_group = number
            .rsplit_once('-')
            .map(|(number, last)| (body(number), body(last)))
            .filter(|(_, last)| is_digits(last));
        Self { body: body(number), without_last_group, behind, context, withheld }
    }
}

/// Returns the user part of a URI or the text itself, with its parameters, and the host when there is one.
fn subscriber(text: &str) -> (&str, Option<&str>) {
    let uri = match text.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or(rest),
        None => text,
    };
    let scheme = |name: &str| {
        uri.get(..name.len())
            .filter(|head| head.eq_ignore_ascii_case(name))
            .map(|_| &uri[name.len()..])
    };
    if let Some(rest) = scheme("tel:") {
        return (rest, None);
    }
    let uri = scheme("sips:").or_else(|| scheme("sip:")).unwrap_or(uri);
    match uri.rsplit_once('@') {
        // RFC 3261 §19.1.1: what follows a colon in the user part is a password.
        Some((user, host)) => (user.split_once(':').map_or(user, |(user, _)| user), Some(host)),
        None => (uri, None),
    }
}

/// Full-width forms and typographic dashes, as Chinese input methods and word processors write them.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => u8::try_from(u32::from(c) - 0xff01 + 0x21).map_or(c, char::from),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' => '-',
        '\u{a0}' | '\u{3000}' | '\u{2000}'..='\u{200b}' | '\u{202f}' => ' ',
        _ => c,
    }
}

fn body(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, ' ' | '\t' | '-' | '.' | '(' | ')' | '[' | ']' | '/' | '·'))
        // Marks that are written to no end: direction of the text, as copied from a telephone's screen.
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}'))
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || "+*#_".contains(c) || !c.is_ascii() => c,
            _ => '_',
        })
        .collect()
}

/// Returns a body in which only characters of numbers are left.
pub(super) fn cleaned(body: &str) -> String {
    body.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect()
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Returns where the mark of an extension begins, and its digits: `82345678 ext. 801`.
fn marked_extension(lower: &str) -> Option<(usize, String)> {
    BEHIND.iter().find_map(|mark| {
        let (before, after) = lower.split_once(mark)?;
        let digits = body(after);
        let digits = digits.strip_prefix('_').unwrap_or(&digits);
        (is_digits(&body(before)) || body(before).starts_with('+'))
            .then_some(digits)
            .filter(|digits| is_digits(digits) && digits.len() <= 10)
            .map(|digits| (before.len(), digits.to_owned()))
    })
}

fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = (byte == b'%')
            .then(|| str::from_utf8(tail.get(..2)?).ok())
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_is_taken_apart() {
        let read = |text| Spelling::read(text);
        assert_eq!(read("(0531) 8234-5678").body, "053182345678");
        assert_eq!(read("１３８－１２３４－１２３４").body, "13812341234");
        assert_eq!(
            read("\"Li Na\" <sip:%2B8613812341234:secret@10.0.0.1;user=phone>").body,
            "+8613812341234"
        );
        assert_eq!(read("tel:8234-5678;phone-context=+86-531").context.as_deref(), Some("+86531"));
        assert_eq!(read("tel:7042;phone-context=example.com").context, None);
        for behind in
            ["82345678转801", "8234-5678 ext. 801", "82345678x801", "tel:82345678;ext=801"]
        {
            let spelling = read(behind);
            assert_eq!(
                (spelling.body.as_str(), spelling.behind.as_deref()),
                ("82345678", Some("801"))
            );
        }
        let groups = read("0531-82345678-801").without_last_group;
        assert_eq!(groups, Some(("053182345678".to_owned(), "801".to_owned())));
    }

    #[test]
    fn a_number_that_was_not_delivered_is_seen_as_such() {
        for text in [
            "",
            " ",
            "Anonymous",
            "sip:anonymous@anonymous.invalid",
            "<sip:1@ANONYMOUS.invalid>",
            "匿名",
            "P",
        ] {
            assert!(Spelling::read(text).withheld, "{text:?}");
        }
        assert!(!Spelling::read("110").withheld);
    }
}
