//! Responses to a call of ours, from whomever it reached.

use cti_media::sip::Target;

use super::sip::{Endpoint, replaced, trunk};

/// Takes responses to an INVITE of ours, and requests after them; placeholders stand for what only its receiver knows.
pub(super) fn run(data: &[u8]) {
    let mut endpoint = Endpoint::new();
    let target = Target::Uri(String::from("sip:13912345678@10.1.1.1:5060"));
    let (dialog, output) = endpoint.probe.dial(endpoint.now, target, b"v=0 offer".to_vec());
    let Some((_, invite)) = output.sent.first() else { panic!("the call was not begun") };
    let invite = std::str::from_utf8(invite).expect("our messages are text").to_owned();
    let value = |name: &str| {
        let line = invite.lines().find_map(|line| line.strip_prefix(name));
        line.expect("our INVITE has it").trim().as_bytes().to_vec()
    };
    let known = [("@VIA@", "Via:"), ("@FROM@", "From:"), ("@TO@", "To:"), ("@CALL@", "Call-ID:")]
        .map(|(mark, name)| (mark, value(name)));
    for message in data.split(|byte| *byte == 0x1E).take(16) {
        let mut message = message.to_vec();
        for (mark, value) in &known {
            message = replaced(&message, mark.as_bytes(), value);
        }
        endpoint.receive(trunk(), &message);
    }
    let _ = endpoint.probe.hang_up(endpoint.now, dialog);
    endpoint.end();
}
