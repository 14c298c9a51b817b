//! How much space is left where recordings are written.

use std::{io, path::Path};

/// Returns how many bytes can still be written where a path lies, by users who have no privileges.
///
/// # Errors
/// When the system does not know the path.
pub fn free_space(path: &Path) -> io::Result<u64> {
    let found = rustix::fs::statvfs(path)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_some_and_a_path_that_is_not_there_has_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free_space(folder.path()).unwrap() > 0);
        assert!(free_space(&folder.path().join("nowhere")).is_err());
    }
}
