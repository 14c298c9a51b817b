//! Single SIP messages by UDP, whole or bent, where sipp would only send good ones.

use std::{net::UdpSocket, time::Duration};

/// Time that an answer may take; who is silent has been so for this long.
const PATIENCE: Duration = Duration::from_secs(1);

/// A socket that says what it likes.
#[derive(Debug)]
pub(crate) struct Raw {
    socket: UdpSocket,
    server: u16,
    sent: u32,
}

impl Raw {
    /// Speaks to `127.0.0.1:SERVER`.
    pub(crate) fn new(server: u16) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(("127.0.0.1", server)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, server, sent: 0 }
    }

    /// Sends a well-formed request without a body and returns the final status.
    pub(crate) fn ask(&mut self, method: &str, user: &str) -> Option<u16> {
        let request = self.request(method, user, "");
        let status = self.say(request.as_bytes());
        if method == "INVITE" && status.is_some() {
            let branch = request.replace("INVITE", "ACK");
            self.socket.send(branch.as_bytes()).unwrap();
        }
        status
    }

    /// Writes a request; `more` are further header lines.
    pub(crate) fn request(&mut self, method: &str, user: &str, more: &str) -> String {
        self.sent += 1;
        let (n, port) = (self.sent, self.socket.local_addr().unwrap().port());
        format!(
            "{method} sip:{user}@127.0.0.1:{server} SIP/2.0\r\n\
             Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKraw{port}x{n}\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:13900000000@127.0.0.1>;tag=raw{n}\r\n\
             To: <sip:{user}@127.0.0.1>\r\n\
             Call-ID: raw-{port}-{n}\r\n\
             CSeq: 1 {method}\r\n\
             Contact: <sip:13900000000@127.0.0.1:{port}>\r\n\
             {more}Content-Length: 0\r\n\r\n",
            server = self.server
        )
    }

    /// Sends anything and returns the status of the final answer, if there is one.
    pub(crate) fn say(&self, bytes: &[u8]) -> Option<u16> {
        self.socket.send(bytes).unwrap();
        let mut buffer = [0; 65_536];
        loop {
            let length = self.socket.recv(&mut buffer).ok()?;
            let text = String::from_utf8_lossy(&buffer[..length]);
            let status: u16 = text.split(' ').nth(1)?.parse().ok()?;
            if status >= 200 {
                return Some(status);
            }
        }
    }
}
