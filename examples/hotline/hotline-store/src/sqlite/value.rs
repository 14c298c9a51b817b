//! Values on their way into and out of the database, each error with the name of its column.

use std::{fmt::Display, str::FromStr, time::Duration};

use cti_core::time::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::error::StoreError;

type Result<T> = std::result::Result<T, StoreError>;

/// Returns a count or id as SQLite keeps it.
pub(in crate::sqlite) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Returns a moment as SQLite keeps it: microseconds since 1970.
pub(in crate::sqlite) fn micros(at: Timestamp) -> i64 {
    int(at.as_micros())
}

/// Returns a duration as SQLite keeps it: milliseconds.
pub(in crate::sqlite) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Returns a duration as SQLite keeps those that are added up: microseconds.
pub(in crate::sqlite) fn us(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Returns a value as JSON text.
pub(in crate::sqlite) fn json(field: &'static str, value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::value(field, error))
}

/// Returns the serialised name of a plain enum value.
pub(in crate::sqlite) fn name(field: &'static str, value: &impl Serialize) -> Result<String> {
    let value = serde_json::to_value(value).map_err(|error| StoreError::value(field, error))?;
    if let serde_json::Value::String(name) = value {
        return Ok(name);
    }
    Err(StoreError::value(field, format!("{value} is no plain name")))
}

/// Reads an integer that cannot be negative.
pub(in crate::sqlite) fn get_int(row: &SqliteRow, field: &'static str) -> Result<u64> {
    let value: i64 = row.try_get(field)?;
    u64::try_from(value).map_err(|error| StoreError::value(field, error))
}

/// Reads an integer that may be absent.
pub(in crate::sqlite) fn get_int_opt(row: &SqliteRow, field: &'static str) -> Result<Option<u64>> {
    let value: Option<i64> = row.try_get(field)?;
    value.map(|value| u64::try_from(value).map_err(|e| StoreError::value(field, e))).transpose()
}

/// Reads a moment.
pub(in crate::sqlite) fn get_at(row: &SqliteRow, field: &'static str) -> Result<Timestamp> {
    get_int(row, field).map(Timestamp::from_micros)
}

/// Reads a moment that may be absent.
pub(in crate::sqlite) fn get_at_opt(
    row: &SqliteRow,
    field: &'static str,
) -> Result<Option<Timestamp>> {
    Ok(get_int_opt(row, field)?.map(Timestamp::from_micros))
}

/// Reads a duration.
pub(in crate::sqlite) fn get_millis(row: &SqliteRow, field: &'static str) -> Result<Duration> {
    get_int(row, field).map(Duration::from_millis)
}

/// Reads a duration in microseconds.
pub(in crate::sqlite) fn get_us(row: &SqliteRow, field: &'static str) -> Result<Duration> {
    get_int(row, field).map(Duration::from_micros)
}

/// Reads a text.
pub(in crate::sqlite) fn get_text(row: &SqliteRow, field: &'static str) -> Result<String> {
    Ok(row.try_get(field)?)
}

/// Reads a text that may be absent.
pub(in crate::sqlite) fn get_text_opt(
    row: &SqliteRow,
    field: &'static str,
) -> Result<Option<String>> {
    Ok(row.try_get(field)?)
}

/// Reads a text that has a type.
pub(in crate::sqlite) fn get_parsed<T: FromStr<Err: Display>>(
    row: &SqliteRow,
    field: &'static str,
) -> Result<T> {
    get_text(row, field)?.parse().map_err(|error| StoreError::value(field, error))
}

/// Reads a text that has a type and may be absent.
pub(in crate::sqlite) fn get_parsed_opt<T: FromStr<Err: Display>>(
    row: &SqliteRow,
    field: &'static str,
) -> Result<Option<T>> {
    let text = get_text_opt(row, field)?;
    text.map(|text| text.parse().map_err(|error| StoreError::value(field, error))).transpose()
}

/// Reads a telephone number.
pub(in crate::sqlite) fn get_number(
    row: &SqliteRow,
    field: &'static str,
) -> Result<cti_core::address::PhoneNumber> {
    cti_core::address::PhoneNumber::parse(&get_text(row, field)?)
        .map_err(|error| StoreError::value(field, error))
}

/// Reads the serialised name of a plain enum value.
pub(in crate::sqlite) fn get_name<T: DeserializeOwned>(
    row: &SqliteRow,
    field: &'static str,
) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(get_text(row, field)?))
        .map_err(|error| StoreError::value(field, error))
}

/// Reads a value from JSON text.
pub(in crate::sqlite) fn get_json<T: DeserializeOwned>(
    row: &SqliteRow,
    field: &'static str,
) -> Result<T> {
    serde_json::from_str(&get_text(row, field)?).map_err(|error| StoreError::value(field, error))
}
