//! How the gateways of trunks are, and where calls by trunks lead.

use axum::{Json, extract::State};
use cti_core::{
    config::{Destination, NumberConfig, TrunkPlan},
    id::TrunkId,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{authorize::SignedIn, state::ApiState};

/// One gateway of a trunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gateway {
    /// The trunk.
    pub trunk: String,
    /// Its name.
    pub name: String,
    /// `unknown`, `up`, `registering`, `refused` or `down`; calls are sent to one that is up or unknown.
    pub state: &'static str,
    /// Its calls, both ways.
    pub calls: u32,
    /// How many calls it may carry at once.
    pub capacity: Option<u32>,
    /// How many calls out it did not take since the start.
    pub failures: u64,
}

/// Lists the gateways of all trunks, in the order of the configuration.
#[utoipa::path(get, path = "/trunks", tag = "status", security(("bearer" = [])),
    responses((status = 200, body = Vec<Gateway>)))]
pub async fn list(State(state): State<ApiState>, _signed_in: SignedIn) -> Json<Vec<Gateway>> {
    Json(state.probe.gateways().await)
}

/// Where calls by a trunk lead, when that is another place than the number plan says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrunkNumber {
    /// The trunk by which they come in.
    pub trunk: String,
    /// The number dialled; all others when absent.
    pub number: Option<String>,
    /// What people call the number.
    pub name: Option<String>,
    /// The flow that they hear.
    pub flow: Option<String>,
    /// The queue that they wait in.
    pub queue: Option<String>,
    /// The program that decides.
    pub program: Option<String>,
}

impl TrunkNumber {
    fn new(trunk: &TrunkId, number: Option<&NumberConfig>, to: &Destination) -> Self {
        let mut it = Self {
            trunk: trunk.to_string(),
            number: number.map(|it| it.number.reveal().to_owned()),
            name: number.map(|it| it.name.clone()),
            flow: None,
            queue: None,
            program: None,
        };
        match to {
            Destination::Flow(flow) => it.flow = Some(flow.to_string()),
            Destination::Queue(queue) => it.queue = Some(queue.to_string()),
            Destination::Program { program, .. } => it.program = Some(program.clone()),
            // A trunk does not reach them.
            Destination::Device(_) | Destination::Devices { .. } | Destination::Feature(_) => {}
        }
        it
    }
}

/// Lists where calls by trunks lead, in the order in which it is decided: a number of the trunk, then all its other calls.
/// What is not listed leads to where the number leads by any trunk.
#[utoipa::path(get, path = "/trunks/numbers", tag = "status", security(("bearer" = [])),
    responses((status = 200, body = Vec<TrunkNumber>)))]
pub async fn numbers(
    State(state): State<ApiState>,
    _signed_in: SignedIn,
) -> Json<Vec<TrunkNumber>> {
    let view = state.rest().live.view();
    let plans = view.config().trunks.iter();
    let all = plans.flat_map(|TrunkPlan { trunk, numbers, others }| {
        let own = numbers.iter().map(|it| TrunkNumber::new(trunk, Some(it), &it.to));
        own.chain(others.iter().map(|to| TrunkNumber::new(trunk, None, to)))
    });
    Json(all.collect())
}
