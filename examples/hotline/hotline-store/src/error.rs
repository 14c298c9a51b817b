//! Why a store could not do what it was asked.

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A value in the database, or on its way there, is not what the field holds.
    #[error("{field}: {reason}")]
    Value {
        /// Which field.
        field: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The database was written by a newer program.
    #[error("database: schema version {found} is newer than {known}, which this program knows")]
    Version {
        /// The version found.
        found: i64,
        /// The version known.
        known: i64,
    },
}

impl StoreError {
    /// Returns the error of a field that does not hold what it should.
    pub(crate) fn value(field: &'static str, reason: impl ToString) -> Self {
        Self::Value { field, reason: reason.to_string() }
    }
}
