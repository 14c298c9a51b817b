//! `number_area`: where a number comes from.

use super::{
    EVERY_KIND, Field, Group, NodeType, Outlet, Shape,
    asking::TIMEOUT,
    fields,
    named::{AskNamed, Named},
};

pub(super) static TYPE: NodeType = NodeType {
    name: "number_area",
    group: Group::Data,
    fields: &[
        Field::may(
            "key",
            Shape::Variable,
            "号码变量",
            "the variable with the number; the caller's number by default",
        ),
        Field::may(
            "prefix",
            Shape::Text(64),
            "变量前缀",
            "what stands before the names of the columns; `area.` by default",
        ),
        Field::may("timeout_ms", TIMEOUT, "时限", "the wait for an answer"),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::waited(
            "found",
            "查到归属地，各列存入变量",
            "its area is known; the columns are variables",
        ),
        Outlet::waited("unknown", "归属地未知", "it is not"),
        Outlet::waited(
            "error",
            "数据源不可用或超时",
            "the source is not there, failed or was too slow",
        ),
    ],
    keys: None,
    ends: false,
    zh: "查号码归属地（区域路由）：区号与手机号段",
    en: "Asks for the area of a number, by area code or mobile number segment, so that the region can choose the way",
    parse: |value| Ok(Box::new(AskNamed::new(&TABLE, fields(value)?)?)),
};

static TABLE: Named =
    Named { table: "number_area", found: "found", not_found: "unknown", prefix: "area." };
