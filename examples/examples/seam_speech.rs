//! A synthesizer of your own, in twenty lines: a tone for each character, and a cache in front of it.
//!
//! ```text
//! cargo run -p cti-examples --example seam_speech
//! ```
//!
//! You see that it keeps the rules that every synthesizer must keep, and that the cache asked it once for each text.

#![expect(clippy::print_stdout, reason = "an example talks to the terminal")]

use async_trait::async_trait;
use cti_core::{
    conformance::speech::run_all_synthesis,
    speech::{
        Audio, AudioFormat, CacheLimits, CachedSynthesizer, Encoding, SynthesisError,
        SynthesisRequest, Synthesizer,
    },
};

#[derive(Debug)]
struct Tones;

#[async_trait]
impl Synthesizer for Tones {
    async fn synthesize(&self, request: &SynthesisRequest) -> Result<Audio, SynthesisError> {
        request.check()?;
        let format = request.format;
        if format.encoding != Encoding::L16 {
            return Err(SynthesisError::UnsupportedFormat { format });
        }
        // A tenth of a second for each character, its pitch by its number.
        let characters = request.text.reveal().chars().map(|it| 200 + u32::from(it) % 800);
        let samples = characters.flat_map(|hertz| {
            (0..format.rate / 10).map(move |at| {
                let turns = f64::from(at * hertz) / f64::from(format.rate);
                ((turns * std::f64::consts::TAU).sin() * 8_000.0) as i16
            })
        });
        let bytes: Vec<u8> = samples.flat_map(i16::to_be_bytes).collect();
        let told = |error: &dyn std::fmt::Display| error.to_string();
        Audio::new(format, bytes)
            .map_err(|error| SynthesisError::Unavailable { reason: told(&error) })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cached = CachedSynthesizer::new(Tones, CacheLimits::default());
    let request = SynthesisRequest::new("您好", AudioFormat::WIDE);
    let report = run_all_synthesis(&cached, &request).await;
    println!("{report}");
    report.expect_conformance();
    println!("{:?} for {:?}", cached.synthesize(&request).await?, request.text);
    println!("{:?}", cached.statistics());
    Ok(())
}
