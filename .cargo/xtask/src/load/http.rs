//! As much HTTP as the load test needs.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

use crate::Outcome;

/// Asks the server on one port.
#[derive(Debug)]
pub(crate) struct Client {
    port: u16,
    token: Option<String>,
}

impl Client {
    /// Asks `127.0.0.1:PORT`, not signed in.
    pub(crate) fn new(port: u16) -> Self {
        Self { port, token: None }
    }

    /// Signs in.
    pub(crate) fn sign_in(&mut self, user: &str, password: &str) -> Outcome {
        let body = serde_json::json!({ "user": user, "password": password });
        let session: Value = serde_json::from_str(&self.post("/api/v1/session", &body)?)?;
        self.token = Some(session["token"].as_str().ok_or("a session has a token")?.to_owned());
        Ok(())
    }

    /// Returns the status of a resource; an error means that nobody answers.
    pub(crate) fn status(&self, path: &str) -> io::Result<u16> {
        Ok(self.request("GET", path, "")?.0)
    }

    /// Reads a resource.
    pub(crate) fn get(&self, path: &str) -> Outcome<Value> {
        let (status, body) = self.request("GET", path, "")?;
        if status == 200 {
            Ok(serde_json::from_str(&body)?)
        } else {
            Err(format!("GET {path}: {status} {body}").into())
        }
    }

    /// Reads a value of `/metrics`.
    pub(crate) fn gauge(&self, name: &str) -> Outcome<u64> {
        let (_, text) = self.request("GET", "/metrics", "")?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(line.ok_or_else(|| format!("no {name} in /metrics"))?.trim().parse::<f64>()? as u64)
    }

    /// Sends a body and returns the answer's.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Outcome<String> {
        let (status, body) = self.request("POST", path, &body.to_string())?;
        if status < 300 { Ok(body) } else { Err(format!("POST {path}: {status} {body}").into()) }
    }

    /// HTTP/1.0, so that the end of the connection is the end of the body.
    fn request(&self, method: &str, path: &str, body: &str) -> io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let token = self.token.as_ref();
        let token = token.map_or_else(String::new, |it| format!("Authorization: Bearer {it}\r\n"));
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\n{token}Content-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all((head + body).as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok((status.ok_or_else(|| io::Error::other("not an HTTP answer"))?, body.to_owned()))
    }
}
