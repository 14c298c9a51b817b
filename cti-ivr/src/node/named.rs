//! Nodes that ask one certain table: the black list, number areas, customers, the knowledge base.

use serde::Deserialize;

use super::{
    FieldError, Happening, Node, Run, State, Step, Traffic, Uses,
    asking::{Answered, Asking},
    menu::five_seconds,
};

/// What these nodes have in common: which table, and by which outlets they leave.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) table: &'static str,
    pub(super) found: &'static str,
    pub(super) not_found: &'static str,
    pub(super) prefix: &'static str,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    #[serde(default = "caller")]
    key: String,
    #[serde(default)]
    prefix: Option<String>,
    #[serde(default = "five_seconds")]
    timeout_ms: u64,
}

fn caller() -> String {
    "caller".to_owned()
}

/// A node that asks its table.
#[derive(Debug)]
pub(super) struct AskNamed {
    named: &'static Named,
    key: String,
    prefix: String,
    asking: Asking,
}

impl AskNamed {
    pub(super) fn new(named: &'static Named, fields: Fields) -> Result<Self, FieldError> {
        if fields.key.is_empty() {
            return Err(FieldError::new("key", "is empty"));
        }
        let prefix = fields.prefix.unwrap_or_else(|| named.prefix.to_owned());
        let asking = Asking::new(fields.timeout_ms, 0, 0)?;
        Ok(Self { named, key: fields.key, prefix, asking })
    }

    fn ask(&self, run: &mut Run<'_>) {
        let key = run.variable(&self.key).unwrap_or("").to_owned();
        run.lookup(self.named.table, key);
    }
}

impl Node for AskNamed {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        self.asking.begin(run, |run| self.ask(run))
    }

    fn handle(&self, state: State, what: Happening, run: &mut Run<'_>) -> Step {
        match self.asking.handle(state, what, run, |run| self.ask(run)) {
            Answered::Waits(state) => Step::Wait(state),
            Answered::Found(row, _) => {
                for (column, value) in row {
                    run.assign(&format!("{}{column}", self.prefix), &value);
                }
                Step::Leave(self.named.found)
            }
            Answered::NotFound => Step::Leave(self.named.not_found),
            Answered::Failed => Step::Leave("error"),
        }
    }

    fn traffic(&self, traffic: &mut Traffic) {
        traffic.reads("key", &self.key);
        traffic.writes_columns("prefix", &self.prefix, self.named.found);
    }

    fn uses(&self, uses: &mut Uses) {
        uses.tables.insert(self.named.table.to_owned());
    }
}
