//! `kb_lookup`: what the knowledge base says.

use super::{
    EVERY_KIND, Field, Group, NodeType, Outlet, Shape,
    asking::TIMEOUT,
    fields,
    named::{AskNamed, Named},
};

pub(super) static TYPE: NodeType = NodeType {
    name: "kb_lookup",
    group: Group::Data,
    fields: &[
        Field::may(
            "key",
            Shape::Variable,
            "键变量",
            "the variable with the number of the article; the caller's number by default",
        ),
        Field::may(
            "prefix",
            Shape::Text(64),
            "变量前缀",
            "what stands before the names of the columns; `article.` by default",
        ),
        Field::may("timeout_ms", TIMEOUT, "时限", "the wait for an answer"),
    ],
    kinds: EVERY_KIND,
    outlets: &[
        Outlet::waited(
            "found",
            "查到知识条目，各列存入变量",
            "there is an article; its columns are variables",
        ),
        Outlet::waited("not_found", "没有这个条目", "there is none"),
        Outlet::waited(
            "error",
            "数据源不可用或超时",
            "the source is not there, failed or was too slow",
        ),
    ],
    keys: None,
    ends: false,
    zh: "按编号查知识库条目，各列存入变量",
    en: "Asks the knowledge base for an article; its columns become variables",
    parse: |value| Ok(Box::new(AskNamed::new(&TABLE, fields(value)?)?)),
};

static TABLE: Named =
    Named { table: "knowledge", found: "found", not_found: "not_found", prefix: "article." };
