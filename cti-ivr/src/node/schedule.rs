//! `schedule`: the part of the working day chooses the way.

use cti_core::calendar::DayPart;
use serde::Deserialize;

use super::{EVERY_KIND, Field, Group, Node, NodeType, Outlet, Run, Shape, Step, Uses, fields};

pub(super) static TYPE: NodeType = NodeType {
    name: "schedule",
    group: Group::Logic,
    fields: &[Field::must("schedule", Shape::Schedule, "日历", "the schedule that is asked")],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::at_once("work", "上班时间", "working hours"),
        Outlet::at_once("lunch", "午休时间", "the lunch break"),
        Outlet::at_once("off", "下班时间", "outside working hours"),
        Outlet::at_once("holiday", "节假日", "a holiday"),
    ],
    keys: None,
    ends: false,
    zh: "按日历的时段选择出口",
    en: "The calendar's part of the day chooses the way",
    parse: |value| fields::<Schedule>(value).map(|node| Box::new(node) as Box<dyn Node>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Schedule {
    schedule: String,
}

impl Node for Schedule {
    fn enter(&self, run: &mut Run<'_>) -> Step {
        // The engine refuses flows whose schedules are not there.
        let part = run.calendars.get(&self.schedule).map(|calendar| calendar.day_part(run.now));
        Step::Leave(match part.unwrap_or(DayPart::Work) {
            DayPart::Work => "work",
            DayPart::Lunch => "lunch",
            DayPart::Off => "off",
            DayPart::Holiday => "holiday",
        })
    }

    fn uses(&self, uses: &mut Uses) {
        uses.schedules.insert(self.schedule.clone());
    }
}
