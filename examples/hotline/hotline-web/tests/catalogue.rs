//! The catalogue that the page's mock server and unit tests use is the one that flows are parsed by.

use std::{env, fs, path::Path};

#[test]
fn the_page_is_tried_with_the_catalogue_of_the_engine() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dev/catalogue.json");
    let mut made = serde_json::to_string_pretty(&cti_ivr::catalogue::catalogue())
        .expect("a catalogue is made of texts and numbers");
    made.push('\n');
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &made).unwrap();
    }
    assert!(
        fs::read_to_string(&path).is_ok_and(|kept| kept == made),
        "{} is of another catalogue; UPDATE_EXPECT=1 writes it anew",
        path.display()
    );
}
