//! `hours_check`: open or closed, by the calendar.

use cti_core::calendar::DayPart;
use serde::Deserialize;

use super::{
    EVERY_KIND, Field, FieldError, Group, Node, NodeType, Outlet, Run, Shape, Step, Uses, fields,
};

pub(super) static TYPE: NodeType = NodeType {
    name: "hours_check",
    group: Group::Logic,
    fields: &[
        Field::must("schedule", Shape::Schedule, "日历", "the schedule that is asked"),
        Field::may(
            "open",
            Shape::Words(&["work", "lunch", "off", "holiday"]),
            "营业时段",
            "the parts of the day that count as open; work by default",
        ),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::at_once("open", "营业时间", "one of these parts of the day"),
        Outlet::at_once("closed", "非营业时间", "any other"),
    ],
    keys: None,
    ends: false,
    zh: "按日历判断是否营业",
    en: "Open or closed, by the calendar's part of the day",
    parse: |value| {
        let node: Hours = fields(value)?;
        if node.open.is_empty() || node.open.len() > 4 {
            return Err(FieldError::new("open", "must name 1 to 4 parts of the day"));
        }
        Ok(Box::new(node))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    schedule: String,
    #[serde(default = "work")]
    open: Vec<DayPart>,
}

fn work() -> Vec<DayPart> {
    vec![DayPart::Work]
}

impl Node for Hours {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        // The engine refuses flows whose schedules are not there.
        let part = run.calendars.get(&self.schedule).map(|calendar| calendar.day_part(run.now));
        let open = self.open.contains(&part.unwrap_or(DayPart::Work));
        Step::Leave(if open { "open" } else { "closed" })
    }

    fn uses(&self, uses: &mut Uses) {
        uses.schedules.insert(self.schedule.clone());
    }
}
