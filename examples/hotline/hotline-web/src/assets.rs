//! The table of embedded files, written by the build script.

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// One file of the built page.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// The file as it is.
    pub bytes: &'static [u8],
    /// The same file packed with gzip, where that is smaller.
    pub gzip: Option<&'static [u8]>,
    /// The value of the `content-type` header.
    pub content_type: &'static str,
    /// Whether the name carries a hash of the content, so that a browser may keep it for ever.
    pub immutable: bool,
}

/// Returns the embedded file of this path (without a leading slash), or `None`.
#[must_use]
pub fn asset(path: &str) -> Option<Asset> {
    let bytes = embedded(path)?;
    let gzip = embedded(&format!("{path}.gz"));
    Some(Asset {
        bytes,
        gzip,
        content_type: content_type(path),
        immutable: path.starts_with("assets/"),
    })
}

#[cfg(test)]
pub(crate) fn files() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    FILES.iter().copied()
}

/// Returns whether the real page is inside, and not the notice that says how to get it.
#[must_use]
pub const fn is_built() -> bool {
    BUILT
}

fn embedded(path: &str) -> Option<&'static [u8]> {
    FILES.binary_search_by(|(name, _)| (*name).cmp(path)).ok().map(|at| FILES[at].1)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "wav" => "audio/wav",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_a_start_page() {
        assert!(FILES.is_sorted_by_key(|(name, _)| *name));
        let page = asset("index.html").unwrap();
        assert_eq!(page.content_type, "text/html; charset=utf-8");
        assert!(!page.immutable);
    }

    #[test]
    fn the_start_page_asks_for_files_that_are_embedded() {
        let page = String::from_utf8(asset("index.html").unwrap().bytes.to_vec()).unwrap();
        let asked: Vec<&str> =
            page.split('"').filter(|word| word.starts_with("/assets/")).collect();
        assert_eq!(asked.is_empty(), !is_built());
        for path in asked {
            assert!(asset(&path[1..]).is_some_and(|file| file.immutable), "{path}");
        }
    }
}
