//! `survey_question`: one question, one key, one answer.

use super::{
    AskSurvey, Field, Group, HEARD, NodeType, Outlet, Shape, fields,
    menu::{FIRST_DIGIT, RETRIES},
    survey::{ONCE_WITHIN, RECENT},
};

pub(super) static TYPE: NodeType = NodeType {
    name: "survey_question",
    group: Group::Survey,
    fields: &[
        Field::must("question", Shape::Text(64), "问题编号", "the name of the question in reports"),
        Field::must("prompt", Shape::Prompt, "问题语音", "the question and its keys"),
        Field::must("keys", Shape::KeyMap, "按键与答案", "which key means which answer"),
        Field::may("skip", Shape::Key(None), "跳过键", "the key that leaves the question out"),
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
            "what is played before the question after a wrong key",
        ),
    ],
    kinds: HEARD,
    outlets: &[
        Outlet::waited("answered", "已作答", "he answered"),
        Outlet::waited("skipped", "跳过或未作答", "he left it out, or did not answer"),
        RECENT,
    ],
    keys: None,
    ends: false,
    zh: "问卷题：一个键一个答案，写入随路数据 survey.问题编号 并计入统计；再次作答以最后一次为准",
    en: "Asks one question of a survey; the answer goes into the call's data as survey.question and is counted; the last answer stands",
    parse: |value| Ok(Box::new(AskSurvey::question(fields(value)?)?)),
};
