//! Registrations outlive a restart: they are written beside the journal and taken up again.

use std::{fs, io, path::Path, path::PathBuf, time::Duration};

use cti_media::{sip::BindingRecord, switch::native::NativeControl};

use crate::modules::Membership;

/// How often registrations are written when they have changed.
const EVERY: Duration = Duration::from_secs(1);

/// Returns the registrations of the last run; none when there are none or the file is damaged.
#[must_use]
pub fn load(path: &Path) -> Vec<BindingRecord> {
    let Ok(text) = fs::read(path) else { return Vec::new() };
    serde_json::from_slice(&text).unwrap_or_else(|error| {
        tracing::warn!(path = %path.display(), %error, "Cannot read registrations; phones register again");
        Vec::new()
    })
}

/// Writes the registrations whenever they have changed.
pub async fn keep(control: NativeControl, path: PathBuf, module: Membership) {
    let mut written = Vec::new();
    while let Ok(bindings) = control.bindings().await {
        if bindings != written {
            let failure = write(&path, &bindings).err();
            module.tell(failure.as_ref().map(|error| format!("{}: {error}", path.display())));
            if failure.is_none() {
                written = bindings;
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Writes the registrations at once.
pub async fn save(control: &NativeControl, path: &Path) {
    if let Ok(bindings) = control.bindings().await
        && let Err(error) = write(path, &bindings)
    {
        tracing::warn!(%error, "Cannot write registrations");
    }
}

fn write(path: &Path, bindings: &[BindingRecord]) -> io::Result<()> {
    crate::files::replace(path, &serde_json::to_vec(bindings)?)
}
