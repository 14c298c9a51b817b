//! The coverage-guided program: `CTI_FUZZ_TARGET` names the target, the arguments are those of libFuzzer.
#![no_main]

use std::sync::OnceLock;

use cti_media_fuzz::Target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    static TARGET: OnceLock<Target> = OnceLock::new();
    let target = TARGET.get_or_init(|| {
        let name = std::env::var("CTI_FUZZ_TARGET").expect("CTI_FUZZ_TARGET names a target");
        Target::find(&name).expect("there is a target of that name")
    });
    (target.run)(data);
});
