//! Texts of variables as values of expressions, and back.

use rhai::{Dynamic, Engine, EvalAltResult};

use crate::flow::Type;

/// Decimal places that survive: sums of amounts come out as people write them.
const PLACES: i64 = 6;

/// Returns the value of a variable; what is no value of its type is missing, as is what was never set.
pub(super) fn of(kind: Type, text: Option<&str>) -> Dynamic {
    match kind {
        Type::Text | Type::Digits | Type::Date => Dynamic::from(text.unwrap_or("").to_owned()),
        Type::Integer => {
            text.and_then(|text| text.parse::<i64>().ok()).map_or(Dynamic::UNIT, Dynamic::from)
        }
        Type::Number => text.and_then(number).map_or(Dynamic::UNIT, Dynamic::from),
        Type::Boolean => match text {
            Some("true") => true.into(),
            Some("false") => false.into(),
            Some(_) | None => Dynamic::UNIT,
        },
    }
}

/// Returns a text that is a value of the type.
pub(super) fn sample(kind: Type) -> &'static str {
    match kind {
        Type::Text | Type::Digits | Type::Integer => "1",
        Type::Number => "1.5",
        Type::Boolean => "true",
        Type::Date => "2026-11-22",
    }
}

/// Returns the type of a value.
pub(super) fn kind(value: &Dynamic) -> Type {
    if value.is_bool() {
        Type::Boolean
    } else if value.is_int() {
        Type::Integer
    } else if value.is_float() {
        Type::Number
    } else {
        Type::Text
    }
}

/// Returns a value as the text of a variable.
pub(super) fn text(value: &Dynamic) -> Option<String> {
    if let Ok(value) = value.as_bool() {
        return Some(value.to_string());
    }
    if let Ok(value) = value.as_int() {
        return Some(value.to_string());
    }
    if let Ok(value) = value.as_float() {
        return decimal(value);
    }
    if let Ok(value) = value.as_char() {
        return Some(value.to_string());
    }
    value.clone().into_string().ok()
}

fn decimal(value: f64) -> Option<String> {
    if !value.is_finite() || value.abs() >= 1e15 {
        return None;
    }
    let text = format!("{value:.places$}", places = usize::try_from(PLACES).unwrap_or_default());
    let text = text.trim_end_matches('0').trim_end_matches('.');
    Some(if text == "-0" { "0".to_owned() } else { text.to_owned() })
}

fn number(text: &str) -> Option<f64> {
    crate::speak::split(text)?;
    text.trim().parse().ok()
}

/// Adds the functions that expressions have beside those of rhai.
pub(super) fn register(engine: &mut Engine) {
    fn wrong(what: &str) -> Box<EvalAltResult> {
        format!("is no {what}").into()
    }
    engine.register_fn("number", |text: &str| number(text).ok_or_else(|| wrong("number")));
    engine.register_fn("number", |value: f64| value);
    #[expect(clippy::cast_precision_loss, reason = "amounts and counts are far below 2^53")]
    engine.register_fn("number", |value: i64| value as f64);
    engine.register_fn("integer", |text: &str| {
        text.trim().parse::<i64>().map_err(|_| wrong("integer"))
    });
    engine.register_fn("is_number", |text: &str| number(text).is_some());
    engine.register_fn("round", |value: f64, places: i64| {
        let factor = 10_f64.powi(i32::try_from(places.clamp(0, PLACES)).unwrap_or_default());
        (value * factor).round() / factor
    });
}
