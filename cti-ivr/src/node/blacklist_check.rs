//! `blacklist_check`: whether a number is on the black list.

use super::{
    EVERY_KIND, Field, Group, NodeType, Outlet, Shape,
    asking::TIMEOUT,
    fields,
    named::{AskNamed, Named},
};

pub(super) static TYPE: NodeType = NodeType {
    name: "blacklist_check",
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
            "what stands before the names of the columns; `blacklist.` by default",
        ),
        Field::may("timeout_ms", TIMEOUT, "时限", "the wait for an answer"),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::waited("listed", "在黑名单中", "it is on the list"),
        Outlet::waited("clear", "不在黑名单中", "it is not"),
        Outlet::waited(
            "error",
            "数据源不可用或超时",
            "the source is not there, failed or was too slow",
        ),
    ],
    keys: None,
    ends: false,
    zh: "查黑名单（骚扰电话过滤），名单各列存入变量",
    en: "Asks whether a number is on the black list; the columns of its entry become variables",
    parse: |value| Ok(Box::new(AskNamed::new(&TABLE, fields(value)?)?)),
};

static TABLE: Named =
    Named { table: "blacklist", found: "listed", not_found: "clear", prefix: "blacklist." };
