//! Messages of the event socket: a head of lines, and as many bytes as it says.

use std::{collections::BTreeMap, str};

use nom::{
    IResult, Parser as _,
    bytes::complete::{tag, take_till, take_till1},
    character::complete::{line_ending, space0},
    combinator::all_consuming,
    multi::many0,
};

/// The longest head of a message, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// The longest body of a message, in bytes: a list of ten thousand channels.
const MAX_BODY: usize = 16 << 20;

/// Why what came by the event socket cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EslError {
    /// A part of a message is longer than any that makes sense.
    #[error("{part}: is longer than {limit} bytes")]
    TooLong {
        /// Which part.
        part: &'static str,
        /// The longest that is taken.
        limit: usize,
    },
    /// A line of a head is no header.
    #[error("{part}: line {line} is no header")]
    Line {
        /// Of which part.
        part: &'static str,
        /// Which line, counted from one.
        line: usize,
    },
    /// A header is missing.
    #[error("{header}: is missing")]
    Missing {
        /// Which header.
        header: &'static str,
    },
    /// A header holds no number.
    #[error("{header}: {value:?} is no number")]
    Number {
        /// Which header.
        header: &'static str,
        /// What it holds.
        value: String,
    },
    /// A value is not encoded as it should be.
    #[error("{header}: is not percent-encoded UTF-8")]
    Encoding {
        /// Which header.
        header: String,
    },
    /// An event is no JSON object of texts.
    #[error("event: {reason}")]
    Json {
        /// What is wrong with it.
        reason: String,
    },
    /// A reply came that nothing was asked for.
    #[error("{content_type}: nothing was asked for")]
    Unasked {
        /// What kind of reply.
        content_type: String,
    },
    /// The switch does not let us in, or says good-bye.
    #[error("the switch refuses: {reason}")]
    Refused {
        /// What it says.
        reason: String,
    },
}

/// One message of the switch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    head: BTreeMap<String, String>,
    /// What follows the head.
    pub body: Vec<u8>,
}

impl Message {
    /// Returns a header of the head.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.get(name).map(String::as_str)
    }

    /// Returns what kind of message it is.
    ///
    /// # Errors
    /// When it does not say.
    pub fn content_type(&self) -> Result<&str, EslError> {
        self.header("Content-Type").ok_or(EslError::Missing { header: "Content-Type" })
    }

    /// Returns the body as text; what is no UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Cuts what the socket brings into messages.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// How far the buffer was searched for the end of a head.
    searched: usize,
    /// A head whose body is not complete, and how long that is.
    begun: Option<(BTreeMap<String, String>, usize)>,
}

impl Decoder {
    /// Takes bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Returns the next message, if it is complete.
    ///
    /// # Errors
    /// When the bytes are no messages; the connection is of no use afterwards.
    pub fn next_message(&mut self) -> Result<Option<Message>, EslError> {
        if self.begun.is_none() {
            let Some(head) = self.take_head()? else { return Ok(None) };
            let length = match head.get("Content-Length") {
                Some(value) => length(value)?,
                None => 0,
            };
            self.begun = Some((head, length));
        }
        let Some((head, length)) = self.begun.take_if(|(_, length)| self.buffer.len() >= *length)
        else {
            return Ok(None);
        };
        let body = self.buffer.drain(..length).collect();
        Ok(Some(Message { head, body }))
    }

    fn take_head(&mut self) -> Result<Option<BTreeMap<String, String>>, EslError> {
        // Bodies may be followed by line ends that nobody counted.
        let blank = self.buffer.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        if blank > 0 {
            self.buffer.drain(..blank);
            self.searched = 0;
        }
        let from = self.searched.saturating_sub(1);
        let end = self.buffer[from..].windows(2).position(|pair| pair == b"\n\n");
        let Some(end) = end.map(|at| from + at) else {
            self.searched = self.buffer.len();
            if self.buffer.len() > MAX_HEAD {
                return Err(EslError::TooLong { part: "head", limit: MAX_HEAD });
            }
            return Ok(None);
        };
        if end > MAX_HEAD {
            return Err(EslError::TooLong { part: "head", limit: MAX_HEAD });
        }
        self.searched = 0;
        let lines: Vec<u8> = self.buffer.drain(..end + 2).collect();
        headers("head", &lines[..=end]).map(Some)
    }
}

/// The length of a body.
pub(super) fn length(value: &str) -> Result<usize, EslError> {
    let number = || EslError::Number { header: "Content-Length", value: value.to_owned() };
    let length: usize = value.trim().parse().map_err(|_| number())?;
    if length > MAX_BODY {
        return Err(EslError::TooLong { part: "body", limit: MAX_BODY });
    }
    Ok(length)
}

/// Reads lines of headers; of two with one name the last counts.
pub(super) fn headers(
    part: &'static str,
    lines: &[u8],
) -> Result<BTreeMap<String, String>, EslError> {
    match many0(header).parse(lines) {
        Ok(([], pairs)) => {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            Ok(pairs.into_iter().map(|(name, value)| (text(name), text(value))).collect())
        }
        Ok((rest, _)) => {
            let read = &lines[..lines.len() - rest.len()];
            let line = read.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(EslError::Line { part, line })
        }
        Err(_) => Err(EslError::Line { part, line: 1 }),
    }
}

/// `Name: value` and the end of its line.
fn header(input: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    let (input, name) = take_till1(|byte| matches!(byte, b':' | b'\n' | b'\r')).parse(input)?;
    let (input, _) = (tag(":"), space0).parse(input)?;
    let (input, value) = take_till(|byte| matches!(byte, b'\n' | b'\r')).parse(input)?;
    let (input, _) = line_ending(input)?;
    Ok((input, (name, value)))
}

/// Reads a percent-encoded value.
pub(super) fn decoded(header: &str, value: &str) -> Result<String, EslError> {
    let wrong = || EslError::Encoding { header: header.to_owned() };
    let piece = |input| -> IResult<&[u8], &[u8]> { take_till(|byte| byte == b'%').parse(input) };
    let escaped = |input| -> IResult<&[u8], &[u8]> {
        let (input, _) = tag("%").parse(input)?;
        nom::bytes::complete::take(2_usize).parse(input)
    };
    let read = all_consuming((piece, many0((escaped, piece)))).parse(value.as_bytes());
    let (_, (first, rest)) = read.map_err(|_| wrong())?;
    let mut bytes = first.to_vec();
    for (digits, piece) in rest {
        let digits = str::from_utf8(digits).map_err(|_| wrong())?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong())?);
        bytes.extend_from_slice(piece);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

/// Cuts the head of an event from its body.
pub(super) fn head_and_body(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&bytes[..=end], &bytes[end + 2..]),
        None => (bytes, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(decoder: &mut Decoder) -> Vec<Message> {
        std::iter::from_fn(|| decoder.next_message().unwrap()).collect()
    }

    #[test]
    fn messages_are_the_same_however_the_socket_cuts_them() {
        let bytes =
            b"Content-Type: auth/request\n\nContent-Type: api/response\nContent-Length: 5\n\n\
            +OK\n\n\n\nContent-Type: command/reply\nReply-Text: +OK accepted\n\n";
        let mut whole = Decoder::default();
        whole.push(bytes);
        let expected = all(&mut whole);
        assert_eq!(expected.len(), 3);
        assert_eq!(expected[1].text(), "+OK\n\n");
        assert_eq!(expected[2].header("Reply-Text"), Some("+OK accepted"));
        for size in 1..bytes.len() {
            let mut decoder = Decoder::default();
            let mut read = Vec::new();
            for piece in bytes.chunks(size) {
                decoder.push(piece);
                read.extend(all(&mut decoder));
            }
            assert_eq!(read, expected, "pieces of {size} bytes");
        }
    }

    #[test]
    fn every_wrong_message_names_what_is_wrong_with_it() {
        let read = |bytes: &[u8]| {
            let mut decoder = Decoder::default();
            decoder.push(bytes);
            decoder.next_message().unwrap_err().to_string()
        };
        assert_eq!(read(b"Content-Length: many\n\n"), "Content-Length: \"many\" is no number");
        assert_eq!(read(b"Content-Length: 99999999\n\n"), "body: is longer than 16777216 bytes");
        assert_eq!(read(b"Content-Type: x\nno header\n\n"), "head: line 2 is no header");
        assert_eq!(read(&[b'a'; MAX_HEAD + 1]), "head: is longer than 65536 bytes");
        let kind = Message::default().content_type().unwrap_err().to_string();
        assert_eq!(kind, "Content-Type: is missing");
    }

    #[test]
    fn a_value_is_decoded_or_refused_by_the_name_of_its_header() {
        assert_eq!(decoded("X", "a%20b%E5%B8%82").unwrap(), "a b市");
        for wrong in ["%", "%4", "%zz", "%E5%B8"] {
            let error = decoded("X-Name", wrong).unwrap_err();
            assert_eq!(error.to_string(), "X-Name: is not percent-encoded UTF-8", "{wrong}");
        }
    }
}
