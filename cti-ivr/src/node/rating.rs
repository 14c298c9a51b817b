//! `rating`: how satisfied the caller is (满意度).

use super::{
    AskSurvey, Field, Group, HEARD, NodeType, Outlet, Shape, fields,
    menu::{FIRST_DIGIT, RETRIES},
    survey::{ONCE_WITHIN, RECENT},
};

pub(super) static TYPE: NodeType = NodeType {
    name: "rating",
    group: Group::Survey,
    fields: &[
        Field::may(
            "question",
            Shape::Text(64),
            "评价项",
            "the name in reports; satisfaction by default",
        ),
        Field::must("prompt", Shape::Prompt, "评价语音", "what is asked"),
        Field::may(
            "keys",
            Shape::KeyMap,
            "按键与评价",
            "which key means what; 1 to 5 by default, from very satisfied to very dissatisfied",
        ),
        Field::may("skip", Shape::Key(None), "跳过键", "the key that leaves it out"),
        Field::may(
            "first_digit_ms",
            FIRST_DIGIT,
            "等待按键",
            "the wait for a key after the prompt",
        ),
        Field::may(
            "once_within_ms",
            ONCE_WITHIN,
            "多久内不重复",
            "whoever answered within this time, in whatever call, is not asked again",
        ),
        Field::may("retries", RETRIES, "重试次数", "attempts after the first"),
        Field::may(
            "no_match_prompt",
            Shape::Prompt,
            "错键提示",
            "what is played before the prompt after a wrong key",
        ),
    ],
    kinds: HEARD,
    outlets: &[
        Outlet::waited("rated", "已评价", "he rated"),
        Outlet::waited("skipped", "未评价", "he did not"),
        RECENT,
    ],
    keys: None,
    ends: false,
    zh: "满意度评价：默认 1 非常满意 2 满意 3 基本满意 4 不满意 5 非常不满意，写入随路数据 survey.satisfaction 并计入统计",
    en: "Asks how satisfied the caller is; the rating goes into the call's data as survey.satisfaction and is counted",
    parse: |value| Ok(Box::new(AskSurvey::rating(fields(value)?)?)),
};
