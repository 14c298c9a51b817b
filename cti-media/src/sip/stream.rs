//! Messages cut out of a TCP stream (RFC 3261 §18.3, keep-alives RFC 5626 §4.4.1).

use bytes::{Buf as _, Bytes, BytesMut};

/// A piece of the stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// One whole message.
    Message(Bytes),
    /// A keep-alive that wants one line end in return.
    Ping,
}

/// The stream can no longer be cut into messages; the connection must be closed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FramingError {
    /// A message is larger than allowed.
    #[error("message larger than {limit} bytes")]
    TooLarge { limit: usize },
    /// There is no single usable Content-Length.
    #[error("no usable Content-Length")]
    NoLength,
}

/// Collects bytes and gives out messages.
#[derive(Debug)]
pub(crate) struct Framer {
    buffer: BytesMut,
    /// How far the search for the end of the headers has come.
    searched: usize,
    /// The size of the message at the front, once its headers are complete.
    size: Option<usize>,
    limit: usize,
}

impl Framer {
    pub(crate) fn new(limit: usize) -> Self {
        Self { buffer: BytesMut::new(), searched: 0, size: None, limit }
    }

    /// The buffer to read into.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Whether a message has begun and is not complete.
    pub(crate) fn is_inside(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// The next piece, or `None` until more bytes come.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, FramingError> {
        let Some(size) = self.size else { return self.read_head() };
        if self.buffer.len() < size {
            return Ok(None);
        }
        self.size = None;
        self.searched = 0;
        Ok(Some(Frame::Message(self.buffer.split_to(size).freeze())))
    }

    fn read_head(&mut self) -> Result<Option<Frame>, FramingError> {
        if self.buffer.starts_with(b"\r\n\r\n") {
            self.buffer.advance(4);
            self.searched = 0;
            return Ok(Some(Frame::Ping));
        }
        if self.buffer.starts_with(b"\r\n") && self.buffer.get(2).is_some_and(|b| *b != b'\r') {
            self.buffer.advance(2);
            self.searched = 0;
        }
        let from = self.searched.saturating_sub(3);
        let end = crate::sip::message::find(&self.buffer[from..], b"\r\n\r\n");
        let Some(head) = end.map(|at| from + at + 4) else {
            self.searched = self.buffer.len();
            if self.buffer.len() > self.limit {
                return Err(FramingError::TooLarge { limit: self.limit });
            }
            return Ok(None);
        };
        let body = content_length(&self.buffer[..head]).ok_or(FramingError::NoLength)?;
        let size = head.saturating_add(body);
        if size > self.limit {
            return Err(FramingError::TooLarge { limit: self.limit });
        }
        self.size = Some(size);
        self.next()
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    let mut found = None;
    for line in head.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = line[..colon].trim_ascii();
        if !name.eq_ignore_ascii_case(b"content-length") && !name.eq_ignore_ascii_case(b"l") {
            continue;
        }
        let value = str::from_utf8(line[colon + 1..].trim_ascii()).ok()?;
        if found.is_some() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        found = Some(value.parse().ok()?);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"OPTIONS sip:x SIP/2.0\r\nVia: y\r\nl : 4\r\n\r\nbody";

    fn frames(framer: &mut Framer) -> Vec<Frame> {
        std::iter::from_fn(|| framer.next().unwrap()).collect()
    }

    #[test]
    fn a_message_in_single_bytes_is_put_together() {
        let mut framer = Framer::new(1000);
        for byte in &MESSAGE[..MESSAGE.len() - 1] {
            framer.buffer().extend_from_slice(&[*byte]);
            assert_eq!(framer.next(), Ok(None));
        }
        framer.buffer().extend_from_slice(b"y");
        assert_eq!(frames(&mut framer), [Frame::Message(Bytes::from_static(MESSAGE))]);
        assert!(!framer.is_inside());
    }

    #[test]
    fn messages_in_one_segment_are_cut_apart_and_keep_alives_are_seen() {
        let mut framer = Framer::new(1000);
        framer.buffer().extend_from_slice(b"\r\n\r\n");
        framer.buffer().extend_from_slice(MESSAGE);
        framer.buffer().extend_from_slice(b"\r\n");
        framer.buffer().extend_from_slice(MESSAGE);
        let message = || Frame::Message(Bytes::from_static(MESSAGE));
        assert_eq!(frames(&mut framer), [Frame::Ping, message(), message()]);
    }

    #[test]
    fn a_stream_without_usable_lengths_is_given_up() {
        for head in ["OPTIONS\r\n\r\n", "A\r\nl: 4\r\nl: 4\r\n\r\n", "A\r\nl: -4\r\n\r\n"] {
            let mut framer = Framer::new(1000);
            framer.buffer().extend_from_slice(head.as_bytes());
            assert_eq!(framer.next(), Err(FramingError::NoLength), "{head}");
        }
        let mut framer = Framer::new(10);
        framer.buffer().extend_from_slice(&[b'x'; 11]);
        assert_eq!(framer.next(), Err(FramingError::TooLarge { limit: 10 }));
        let mut framer = Framer::new(100);
        framer.buffer().extend_from_slice(b"A\r\nl: 4000\r\n\r\n");
        assert_eq!(framer.next(), Err(FramingError::TooLarge { limit: 100 }));
    }
}
