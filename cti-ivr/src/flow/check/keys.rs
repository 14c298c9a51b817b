//! Keys that mean two things at one node.

use crate::flow::{Code, Finding, Flow};

pub(super) fn check(flow: &Flow) -> Vec<Finding> {
    let mut findings = Vec::new();
    for placed in flow.nodes() {
        for (field, key) in placed.node.own_keys() {
            if placed.out.contains_key(key.encode_utf8(&mut [0; 4]) as &str) {
                let reason = format!("the key {key} has an outlet already");
                findings.push(Finding::field(Code::OverlappingKeys, &placed.id, field, reason));
            }
        }
    }
    findings
}
