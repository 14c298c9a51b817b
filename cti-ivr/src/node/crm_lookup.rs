//! `crm_lookup`: who a caller is.

use super::{
    EVERY_KIND, Field, Group, NodeType, Outlet, Shape,
    asking::TIMEOUT,
    fields,
    named::{AskNamed, Named},
};

pub(super) static TYPE: NodeType = NodeType {
    name: "crm_lookup",
    group: Group::Data,
    fields: &[
        Field::may(
            "key",
            Shape::Variable,
            "键变量",
            "the variable with what is known of him; the caller's number by default",
        ),
        Field::may(
            "prefix",
            Shape::Text(64),
            "变量前缀",
            "what stands before the names of the columns; `customer.` by default",
        ),
        Field::may("timeout_ms", TIMEOUT, "时限", "the wait for an answer"),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::waited("found", "查到客户，各列存入变量", "he is known; the columns are variables"),
        Outlet::waited("not_found", "没有这个客户", "he is not"),
        Outlet::waited(
            "error",
            "数据源不可用或超时",
            "the source is not there, failed or was too slow",
        ),
    ],
    keys: None,
    ends: false,
    zh: "查客户资料，各列存入变量",
    en: "Asks who the caller is; what is known of him becomes variables",
    parse: |value| Ok(Box::new(AskNamed::new(&TABLE, fields(value)?)?)),
};

static TABLE: Named =
    Named { table: "customers", found: "found", not_found: "not_found", prefix: "customer." };
