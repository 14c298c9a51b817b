//! The tables that flows look things up in: one CSV file each.

use std::{collections::BTreeMap, fs, io, path::Path, path::PathBuf};

use async_trait::async_trait;
use cti_core::{
    flow::{CallData, LookupFailure},
    runtime::Lookup,
};
use cti_ivr::table::{InvalidTable, Table};

/// Tables by name.
#[derive(Debug, Default)]
pub struct Tables(BTreeMap<String, Table>);

/// A folder of tables that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is no table.
    #[error("tables: {0}")]
    Invalid(#[from] InvalidTable),
}

impl Tables {
    /// Reads every CSV file of a folder.
    ///
    /// # Errors
    /// When a file cannot be read or is no table.
    pub fn load(folder: &Path) -> Result<Self, TablesError> {
        let read = |path: &Path| {
            let path = path.to_owned();
            move |source| TablesError::Read { path, source }
        };
        let mut tables = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(read(folder))? {
            let path = entry.map_err(read(folder))?.path();
            if path.extension().is_some_and(|extension| extension == "csv") {
                let text = fs::read_to_string(&path).map_err(read(&path))?;
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                tables.insert(name, Table::parse(&path.display().to_string(), &text)?);
            }
        }
        Ok(Self(tables))
    }

    /// Returns tables that were read before.
    #[must_use]
    pub fn of(tables: impl IntoIterator<Item = (String, Table)>) -> Self {
        Self(tables.into_iter().collect())
    }

    /// Returns all tables by name.
    #[must_use]
    pub fn all(&self) -> &BTreeMap<String, Table> {
        &self.0
    }

    /// Returns whether there is a table of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

#[async_trait]
impl Lookup for Tables {
    async fn find(&self, source: &str, key: &str) -> Result<CallData, LookupFailure> {
        let table = self.0.get(source).ok_or(LookupFailure::UnknownSource)?;
        table.row(key).ok_or(LookupFailure::NotFound)
    }
}
