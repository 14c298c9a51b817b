//! Certificates that were replaced on the disk are shown without a restart.

#![expect(clippy::disallowed_methods, reason = "this is a driver")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum_server::tls_rustls::RustlsConfig;
use cti_media::switch::native::NativeControl;

use crate::{config::Config, modules::Modules};

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(30);

/// Looks after the certificates for as long as the server runs; `http` is that of the page, if it has one.
pub fn watch(
    config: &Config,
    control: Option<NativeControl>,
    http: Option<RustlsConfig>,
    modules: &Arc<Modules>,
) {
    let page = config.http.tls_cert.clone().zip(config.http.tls_key.clone()).zip(http);
    let sip = control.and_then(|control| {
        let files = config.sip_tls()?;
        Some((Pair::new(files.certificate, files.key), control))
    });
    if page.is_none() && sip.is_none() {
        return;
    }
    let module = modules.register("certificates");
    tokio::spawn(async move {
        let mut page = page.map(|((cert, key), tls)| (Pair::new(cert, key), tls));
        let mut sip = sip;
        loop {
            tokio::time::sleep(INTERVAL).await;
            if let Some((pair, tls)) = &mut page
                && pair.has_changed()
            {
                let loaded = tls.reload_from_pem_file(&pair.certificate, &pair.key).await;
                module.tell(failure(pair, loaded.map_err(|error| error.to_string())));
            }
            if let Some((pair, control)) = &mut sip
                && pair.has_changed()
            {
                let loaded = control.sip().reload_certificate();
                module.tell(failure(pair, loaded.map_err(|error| error.to_string())));
            }
        }
    });
}

/// Returns why a new certificate is not shown, if it is not.
fn failure(pair: &Pair, loaded: Result<(), String>) -> Option<String> {
    let certificate = pair.certificate.display();
    match loaded {
        Ok(()) => {
            tracing::info!(%certificate, "A new certificate is shown");
            None
        }
        Err(reason) => Some(format!("{certificate} cannot be used, the former stays: {reason}")),
    }
}

/// Two files and when they were written.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
    written: [Option<SystemTime>; 2],
}

impl Pair {
    fn new(certificate: PathBuf, key: PathBuf) -> Self {
        let written = [written(&certificate), written(&key)];
        Self { certificate, key, written }
    }

    /// Whether both files are there and one is another than at the last look.
    fn has_changed(&mut self) -> bool {
        let now = [written(&self.certificate), written(&self.key)];
        let changed = now != self.written && now.iter().all(Option::is_some);
        if changed {
            self.written = now;
        }
        changed
    }
}

fn written(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|file| file.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_is_noticed_once_and_a_missing_one_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let [certificate, key] = ["cert", "key"].map(|name| folder.path().join(name));
        let write = |file: &Path, seconds| {
            let file = std::fs::File::create(file).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
        };
        write(&certificate, 1);
        write(&key, 1);
        let mut pair = Pair::new(certificate.clone(), key.clone());
        assert!(!pair.has_changed());
        std::fs::remove_file(&key).unwrap();
        write(&certificate, 2);
        assert!(!pair.has_changed(), "the new key is not there yet");
        write(&key, 2);
        assert!(pair.has_changed());
        assert!(!pair.has_changed());
    }
}
