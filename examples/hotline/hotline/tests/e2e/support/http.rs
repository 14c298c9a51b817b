//! A small HTTP client, so that nothing of the server's own stack is on both sides.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

/// Asks one server, signed in or not.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    address: String,
    token: Option<String>,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// Asks `127.0.0.1:PORT`.
    pub(crate) fn new(port: u16) -> Self {
        Self { address: format!("127.0.0.1:{port}"), token: None }
    }

    /// Signs in.
    ///
    /// # Panics
    /// When the server refuses.
    pub(crate) fn signed_in(mut self, user: &str, password: &str) -> Self {
        let answer = self
            .post("/api/v1/session", &serde_json::json!({ "user": user, "password": password }));
        let token = answer.json()["token"].as_str().map(str::to_owned);
        self.token = Some(token.unwrap_or_else(|| panic!("{user} may not sign in: {answer:?}")));
        self
    }

    /// Reads a resource; `None` when nobody answers.
    pub(crate) fn try_get(&self, path: &str) -> Option<Answer> {
        self.request("GET", path, None).ok()
    }

    /// Reads a resource.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request("GET", path, None).unwrap()
    }

    /// Sends a body.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path, Some(body)).unwrap()
    }

    /// Changes part of what is there.
    pub(crate) fn patch(&self, path: &str, body: &Value) -> Answer {
        self.request("PATCH", path, Some(body)).unwrap()
    }

    /// Sends a body; `None` when nobody answers.
    pub(crate) fn try_post(&self, path: &str, body: &Value) -> Option<Answer> {
        self.request("POST", path, Some(body)).ok()
    }

    /// Reads one value of `/metrics`, summed over its labels.
    pub(crate) fn gauge(&self, name: &str) -> f64 {
        let text = String::from_utf8(self.get("/metrics").body).unwrap();
        let lines = text.lines().filter(|line| line.split([' ', '{']).next() == Some(name));
        let values: Vec<f64> =
            lines.filter_map(|line| line.rsplit(' ').next()?.parse().ok()).collect();
        assert!(!values.is_empty(), "no {name} in /metrics:\n{text}");
        values.iter().sum()
    }

    /// HTTP/1.0, so that the end of the connection is the end of the body.
    fn request(&self, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut head = format!("{method} {path} HTTP/1.0\r\nHost: {}\r\n", self.address);
        if let Some(token) = &self.token {
            head += &format!("Authorization: Bearer {token}\r\n");
        }
        head +=
            &format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Answer::parse(&answer).ok_or_else(|| std::io::Error::other("not an HTTP answer"))
    }
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Self { status, headers: head, body: bytes[end + 4..].to_vec() })
    }

    /// Reads the body as JSON.
    ///
    /// # Panics
    /// When it is not.
    pub(crate) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{error} in {} {text}", self.headers))
    }
}
