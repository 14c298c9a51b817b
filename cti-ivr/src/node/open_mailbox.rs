//! `open_mailbox`: who calls wants to hear his messages.

use cti_core::{flow::LookupFailure, id::MailboxId, mailbox::MailboxQuestion};
use serde::Deserialize;

use super::{
    Field, FieldError, Group, HEARD, Happening, Node, NodeType, Outlet, Run, Shape, State, Step,
    Traffic, Uses, fields,
    mailbox::{OPENED, Which, answer, ask},
    traffic::Source,
};
use crate::flow::Type;

pub(super) static TYPE: NodeType = NodeType {
    name: "open_mailbox",
    group: Group::Mailbox,
    fields: &[
        Field::may("mailbox", Shape::Mailbox, "信箱", "which one; the caller's own when absent"),
        Field::may("from", Shape::Variable, "信箱变量", "the variable with the mailbox"),
        Field::may(
            "pin",
            Shape::Variable,
            "密码变量",
            "the variable with the PIN that was entered",
        ),
    ],
    kinds: HEARD,
    outlets: &[
        Outlet::waited(
            "open",
            "已打开",
            "it is open; mailbox, mailbox.new and mailbox.kept are set",
        ),
        Outlet::waited("refused", "无权打开或密码错误", "it is not his, and the PIN is wrong"),
        Outlet::waited("unknown", "没有这个信箱", "there is no such mailbox"),
    ],
    keys: None,
    ends: false,
    zh: "打开留言信箱：在本人座席上直接打开，在其他话机上凭密码",
    en: "Opens a mailbox: at the seat of someone whose it is, or by its PIN from any telephone",
    parse: |value| Ok(Box::new(OpenMailbox::new(fields(value)?)?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default)]
    mailbox: Option<MailboxId>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    pin: Option<String>,
}

#[derive(Debug)]
struct OpenMailbox {
    /// The caller's own when absent.
    which: Option<Which>,
    pin: Option<String>,
}

impl OpenMailbox {
    fn new(fields: Fields) -> Result<Self, FieldError> {
        let which = match (fields.mailbox, fields.from) {
            (None, None) => None,
            (mailbox, from) => Some(Which::new(mailbox, from)?),
        };
        Ok(Self { which, pin: fields.pin })
    }
}

impl Node for OpenMailbox {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        let mailbox = match &self.which {
            None => None,
            Some(which) => match which.mailbox(run) {
                Some(mailbox) => Some(mailbox),
                None => return Step::Leave("unknown"),
            },
        };
        let pin = self.pin.as_ref().and_then(|name| run.variable(name)).map(str::to_owned);
        ask(&MailboxQuestion::Open { mailbox, pin }, run)
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        match answer(state, what, run) {
            Err(step) => step,
            Ok(Ok(row)) => {
                for (name, value) in row {
                    match name.as_str() {
                        "mailbox" => run.assign(OPENED, &value),
                        _ => run.assign(&format!("{OPENED}.{name}"), &value),
                    }
                }
                Step::Leave("open")
            }
            Ok(Err(LookupFailure::NotFound)) => Step::Leave("unknown"),
            Ok(Err(LookupFailure::UnknownSource | LookupFailure::Unavailable)) => {
                Step::Leave("refused")
            }
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        if let Some(which) = &self.which {
            which.traffic(traffic);
        }
        if let Some(pin) = &self.pin {
            traffic.reads("pin", pin).may_be_unset = true;
        }
        let text = || Source::Made(None, Vec::new());
        let count = || Source::Made(Some(Type::Integer), Vec::new());
        traffic.writes("mailbox", OPENED, Some("open"), text());
        traffic.writes("mailbox", "mailbox.new", Some("open"), count());
        traffic.writes("mailbox", "mailbox.kept", Some("open"), count());
        traffic.writes("mailbox", "mailbox.greeting", Some("open"), text());
    }

    fn uses(&self, uses: &mut Uses) {
        if let Some(which) = &self.which {
            which.uses(uses);
        }
    }
}
