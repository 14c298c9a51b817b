//! Features of a device: shown, replaced as a whole, or changed one by one.

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, extract::State};
use cti_core::{
    address::PhoneNumber,
    command::{Command, CommandError},
    device::DeviceState,
    event::{DeviceFeature, ForwardWhen, ForwardWhose},
    id::DeviceId,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rest::{
    RestState,
    authorize::{Caller, Principal},
    extract::{Body, Id},
    problem::Problem,
    services::SHOW_LIMIT,
};

/// How the features of a device stand, or are to stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Features {
    /// It answers by itself, with a tone.
    pub auto_answer: bool,
    /// It is not rung.
    pub do_not_disturb: bool,
    /// It is connected once, while an agent works there, and calls are put through without ringing.
    pub constant_off_hook: bool,
    /// Its number is withheld from those it calls.
    pub caller_id_restriction: bool,
    /// How many messages wait for its user.
    pub messages_waiting: u32,
    /// Where its calls go; at most one rule for each case and kind of caller.
    pub forwarding: Vec<Forwarding>,
    /// Numbers by their short names of 1 to 4 digits; at most 100.
    #[schema(value_type = BTreeMap<String, String>)]
    pub speed_dial: BTreeMap<String, String>,
}

/// What is to be changed; what is absent stays as it is. A list, or a table of short names, is replaced as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeFeatures {
    /// It answers by itself, with a tone.
    pub auto_answer: Option<bool>,
    /// It is not rung.
    pub do_not_disturb: Option<bool>,
    /// It is connected once, while an agent works there, and calls are put through without ringing.
    pub constant_off_hook: Option<bool>,
    /// Its number is withheld from those it calls.
    pub caller_id_restriction: Option<bool>,
    /// How many messages wait for its user.
    pub messages_waiting: Option<u32>,
    /// Where its calls go.
    pub forwarding: Option<Vec<Forwarding>>,
    /// Numbers by their short names.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub speed_dial: Option<BTreeMap<String, String>>,
}

/// One rule of forwarding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forwarding {
    /// When.
    pub when: When,
    /// Whose calls; everybody's when absent.
    #[serde(default = "all")]
    pub whose: Whose,
    /// Where to, as one would dial it; with a mobile number and `immediate` this is follow-me.
    pub to: String,
}

/// When calls are forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// At once; the device does not ring.
    Immediate,
    /// When the device is engaged.
    Busy,
    /// When it has rung without an answer.
    NoAnswer,
}

/// Whose calls are forwarded; the rule for their own kind comes before the rule for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Of devices of the centre.
    Internal,
    /// Of callers from outside.
    External,
    /// Everybody's.
    All,
}

fn all() -> Whose {
    Whose::All
}

/// Shows how the features of a device stand.
#[utoipa::path(get, path = "/devices/{id}/features", tag = "devices", security(("bearer" = [])),
    params(("id" = String, Path, description = "The device")),
    responses((status = 200, body = Features), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn show(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(device): Id<DeviceId>,
) -> Result<Json<Features>, Problem> {
    let stands = state.features_of(&who, &device)?;
    Ok(Json(Features::from(&stands)))
}

/// Lets the features of a device stand as given; what is absent stands as at a new device. All of them, or none.
#[utoipa::path(put, path = "/devices/{id}/features", tag = "devices", security(("bearer" = [])),
    params(("id" = String, Path, description = "The device")), request_body = Features,
    responses((status = 200, body = Features), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn replace(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(device): Id<DeviceId>,
    Body(wanted): Body<Features>,
) -> Result<Json<Features>, Problem> {
    let stands = state.features_of(&who, &device)?;
    state.switch_features(device, &stands, &wanted).await
}

/// Changes some features of a device. All that are given, or none.
#[utoipa::path(patch, path = "/devices/{id}/features", tag = "devices", security(("bearer" = [])),
    params(("id" = String, Path, description = "The device")), request_body = ChangeFeatures,
    responses((status = 200, body = Features), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn change(
    State(state): State<RestState>,
    Caller(who): Caller,
    Id(device): Id<DeviceId>,
    Body(asked): Body<ChangeFeatures>,
) -> Result<Json<Features>, Problem> {
    let stands = state.features_of(&who, &device)?;
    let is = Features::from(&stands);
    let wanted = Features {
        auto_answer: asked.auto_answer.unwrap_or(is.auto_answer),
        do_not_disturb: asked.do_not_disturb.unwrap_or(is.do_not_disturb),
        constant_off_hook: asked.constant_off_hook.unwrap_or(is.constant_off_hook),
        caller_id_restriction: asked.caller_id_restriction.unwrap_or(is.caller_id_restriction),
        messages_waiting: asked.messages_waiting.unwrap_or(is.messages_waiting),
        forwarding: asked.forwarding.unwrap_or(is.forwarding),
        speed_dial: asked.speed_dial.unwrap_or(is.speed_dial),
    };
    state.switch_features(device, &stands, &wanted).await
}

impl RestState {
    /// Returns how the features of a device stand, if he may use it.
    fn features_of(&self, who: &Principal, device: &DeviceId) -> Result<DeviceState, Problem> {
        let stands = self.live.view().device(device).map(|it| it.features.clone());
        let stands = stands.ok_or_else(|| {
            Problem::unknown("unknown_device", format!("there is no device {device}"))
        })?;
        self.device(who, Some(device.clone()))?;
        Ok(stands)
    }

    async fn switch_features(
        &self,
        device: DeviceId,
        stands: &DeviceState,
        wanted: &Features,
    ) -> Result<Json<Features>, Problem> {
        let steps = wanted.steps(stands)?;
        let (fields, features): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
        let mut after = stands.clone();
        features.iter().for_each(|feature| after.set(feature));
        let command = Command::SetFeatures { device: device.clone(), features };
        self.centre.request(command).await.map_err(|error| problem(error, &fields))?;
        let shown =
            |view: &crate::view::View| view.device(&device).is_some_and(|it| it.features == after);
        self.live.until(SHOW_LIMIT, shown).await;
        let view = self.live.view();
        let stands = view.device(&device).map_or(&after, |it| &it.features);
        Ok(Json(Features::from(stands)))
    }
}

impl Features {
    /// Returns what must be switched for a device to stand so, each with the field that asks for it.
    fn steps(&self, stands: &DeviceState) -> Result<Vec<(String, DeviceFeature)>, Problem> {
        let is = Self::from(stands);
        let mut steps = Vec::new();
        let mut step = |field: &str, feature| steps.push((field.to_owned(), feature));
        if self.auto_answer != is.auto_answer {
            step("auto_answer", DeviceFeature::AutoAnswer(self.auto_answer));
        }
        if self.do_not_disturb != is.do_not_disturb {
            step("do_not_disturb", DeviceFeature::DoNotDisturb(self.do_not_disturb));
        }
        if self.caller_id_restriction != is.caller_id_restriction {
            let on = self.caller_id_restriction;
            step("caller_id_restriction", DeviceFeature::CallerIdRestriction(on));
        }
        if self.messages_waiting != is.messages_waiting {
            step("messages_waiting", DeviceFeature::MessageWaiting(self.messages_waiting));
        }
        if self.constant_off_hook != is.constant_off_hook {
            step("constant_off_hook", DeviceFeature::ConstantOffHook(self.constant_off_hook));
        }
        self.forwarding_steps(&is, &mut step)?;
        self.speed_dial_steps(&is, &mut step)?;
        Ok(steps)
    }

    fn forwarding_steps(
        &self,
        is: &Self,
        step: &mut impl FnMut(&str, DeviceFeature),
    ) -> Result<(), Problem> {
        if self.forwarding == is.forwarding {
            return Ok(());
        }
        let mut cases = BTreeSet::new();
        for (index, rule) in self.forwarding.iter().enumerate() {
            let field = format!("forwarding[{index}]");
            let (when, whose) = (rule.when.into(), rule.whose.into());
            if !cases.insert((when, whose)) {
                return Err(Problem::invalid(&field, "there are two rules for the same case"));
            }
            let to = number(&rule.to, &format!("{field}.to"))?;
            step(&field, DeviceFeature::Forwarding { when, whose, to: Some(to) });
        }
        for rule in &is.forwarding {
            let (when, whose) = (rule.when.into(), rule.whose.into());
            if !cases.contains(&(when, whose)) {
                step("forwarding", DeviceFeature::Forwarding { when, whose, to: None });
            }
        }
        Ok(())
    }

    fn speed_dial_steps(
        &self,
        is: &Self,
        step: &mut impl FnMut(&str, DeviceFeature),
    ) -> Result<(), Problem> {
        for key in is.speed_dial.keys().filter(|key| !self.speed_dial.contains_key(*key)) {
            step("speed_dial", DeviceFeature::SpeedDial { key: key.clone(), number: None });
        }
        for (key, dialled) in &self.speed_dial {
            if is.speed_dial.get(key) != Some(dialled) {
                let field = format!("speed_dial.{key}");
                let number = Some(number(dialled, &field)?);
                step(&field, DeviceFeature::SpeedDial { key: key.clone(), number });
            }
        }
        Ok(())
    }
}

fn number(text: &str, field: &str) -> Result<PhoneNumber, Problem> {
    let number = PhoneNumber::parse(text).map_err(|error| Problem::invalid(field, error))?;
    if number.is_withheld() {
        return Err(Problem::invalid(field, "must be a number"));
    }
    Ok(number)
}

/// Names the field of the request that a refused feature came from.
fn problem(error: CommandError, fields: &[String]) -> Problem {
    let mut problem = Problem::from(error);
    let path = problem.field.clone().unwrap_or_default();
    let Some((index, inner)) = path.strip_prefix("features[").and_then(|it| it.split_once("]."))
    else {
        return problem;
    };
    if let Some(field) = index.parse().ok().and_then(|index: usize| fields.get(index)) {
        let named = match inner {
            "to" => format!("{field}.to"),
            _ => field.clone(),
        };
        problem.detail = problem.detail.replace(&path, &named);
        problem.field = Some(named);
    }
    problem
}

impl From<&DeviceState> for Features {
    fn from(state: &DeviceState) -> Self {
        let forwarding = state.forwarding.iter().map(|(when, whose, to)| Forwarding {
            when: (*when).into(),
            whose: (*whose).into(),
            to: to.reveal().to_owned(),
        });
        let speed_dial = state.speed_dial.iter();
        Self {
            auto_answer: state.auto_answer,
            do_not_disturb: state.do_not_disturb,
            constant_off_hook: state.constant_off_hook,
            caller_id_restriction: state.withholds_number,
            messages_waiting: state.messages,
            forwarding: forwarding.collect(),
            speed_dial: speed_dial
                .map(|(key, number)| (key.clone(), number.reveal().to_owned()))
                .collect(),
        }
    }
}

impl From<When> for ForwardWhen {
    fn from(when: When) -> Self {
        match when {
            When::Immediate => Self::Immediate,
            When::Busy => Self::Busy,
            When::NoAnswer => Self::NoAnswer,
        }
    }
}

impl From<ForwardWhen> for When {
    fn from(when: ForwardWhen) -> Self {
        match when {
            ForwardWhen::Immediate => Self::Immediate,
            ForwardWhen::Busy => Self::Busy,
            ForwardWhen::NoAnswer => Self::NoAnswer,
        }
    }
}

impl From<Whose> for ForwardWhose {
    fn from(whose: Whose) -> Self {
        match whose {
            Whose::Internal => Self::Internal,
            Whose::External => Self::External,
            Whose::All => Self::All,
        }
    }
}

impl From<ForwardWhose> for Whose {
    fn from(whose: ForwardWhose) -> Self {
        match whose {
            ForwardWhose::Internal => Self::Internal,
            ForwardWhose::External => Self::External,
            ForwardWhose::All => Self::All,
        }
    }
}
