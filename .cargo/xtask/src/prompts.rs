//! `cargo xtask prompts`: renders what callers hear, ahead of time.
//!
//! ```text
//! prompts.toml ─▶ pinyin or English ─▶ espeak-ng (22.05 kHz) ─▶ resample ─▶ trim ─▶ level ─▶ fade ─▶ <id>.wav
//! ```
//!
//! The voice runs as a separate process; everything after it is done here, so that every clip comes out at one
//! level and one pace, and [`measure`] can say whether a clip is fit for callers.

mod measure;
mod music;
mod reading;
mod sound;
mod table;
mod voice;

use std::path::Path;

use crate::{Outcome, workspace};
use measure::Measurement;
use sound::RATE;
use table::{Clip, Part, Table};

/// Options of `cargo xtask prompts`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only measures the clips that are there; needs no espeak-ng.
    #[arg(long)]
    check: bool,
    /// Renders only the clips whose id starts with this.
    #[arg(long, default_value = "")]
    only: String,
    /// Renders only this language.
    #[arg(long, default_value = "")]
    language: String,
}

/// Level of a spoken clip while someone speaks, in dBFS (RMS).
const SPEECH_DBFS: f64 = -20.0;
/// Level of music on hold, in dBFS (RMS): below speech, so that an announcement stands out.
const MUSIC_DBFS: f64 = -24.0;
/// The languages that prompts are rendered in.
const LANGUAGES: [&str; 2] = ["zh-CN", "en-US"];
/// Silence between two voices of one clip, in samples (300 ms).
const PAUSE: usize = RATE as usize * 300 / 1000;
/// Fade at both ends of a clip, in samples (12 ms).
const FADE: usize = RATE as usize * 12 / 1000;

/// Renders or checks the clips of every language, and prints one line of measurements per clip.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let prompts = workspace::prompts();
    if !arguments.check {
        render_music(&prompts)?;
    }
    println!(
        "{:<26} {:>7} {:>4} {:>7} {:>7} {:>7}",
        "clip", "seconds", "syl", "s/syl", "dBFS", "peak"
    );
    let mut faults = Vec::new();
    for language in LANGUAGES.into_iter().filter(|it| it.starts_with(&arguments.language)) {
        let folder = prompts.join(language);
        let table = Table::read(&folder.join("prompts.toml"))?;
        for clip in table.clips.iter().filter(|clip| clip.id.starts_with(&arguments.only)) {
            let file = folder.join(format!("{}.wav", clip.id));
            if !arguments.check {
                sound::write_wav(&file, &speak(clip)?)?;
            }
            let measured = Measurement::of_file(&file)?;
            let syllables = clip.syllables();
            let text: Vec<&str> = clip.parts.iter().map(Part::text).collect();
            println!(
                "{:<26} {:>7.2} {:>4} {:>7.3} {:>7.1} {:>7.1}  {}",
                clip.id,
                measured.seconds,
                syllables,
                measured.seconds / syllables as f64,
                measured.active_dbfs,
                measured.peak_dbfs,
                text.join(" "),
            );
            let found = measured.faults(clip).into_iter();
            faults.extend(found.map(|fault| format!("{language}/{}: {fault}", clip.id)));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

fn render_music(prompts: &Path) -> Outcome {
    for (name, piece) in [("hold", music::hold()), ("garden", music::garden())] {
        let piece = sound::levelled(piece, MUSIC_DBFS);
        sound::write_wav(&prompts.join(format!("music/{name}.wav")), &piece)?;
    }
    let beep = sound::faded(sound::levelled(music::beep(), SPEECH_DBFS), FADE);
    sound::write_wav(&prompts.join("tones/beep.wav"), &beep)
}

/// Speaks the parts of a clip, one voice after the other.
fn speak(clip: &Clip) -> Outcome<Vec<f32>> {
    let mut all = Vec::new();
    for part in &clip.parts {
        if !all.is_empty() {
            all.extend(std::iter::repeat_n(0.0, PAUSE));
        }
        all.extend(speak_part(part)?);
    }
    Ok(sound::faded(sound::levelled(all, SPEECH_DBFS), FADE))
}

/// Speaks at the slowest pace that suits the telephone: a phrase calmly, a single word short enough to be spliced.
fn speak_part(part: &Part) -> Outcome<Vec<f32>> {
    let longest = match part {
        Part::Pinyin(pinyin) => {
            let syllables = reading::syllables(pinyin);
            syllables as f64 * if syllables < 4 { 0.33 } else { 0.27 }
        }
        // English has its own rhythm: the voice's usual pace suits the telephone.
        Part::English(_) => f64::INFINITY,
    };
    let mut words_per_minute = voice::SLOWEST;
    loop {
        let (rate, raw) = voice::speak(part, words_per_minute)?;
        let clip = sound::trimmed(sound::resampled(&raw, rate));
        if clip.len() as f64 / f64::from(RATE) <= longest || words_per_minute >= voice::FASTEST {
            return Ok(sound::levelled(clip, SPEECH_DBFS));
        }
        words_per_minute += 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clip_in_the_table_is_there_and_fit_for_callers() {
        for language in LANGUAGES {
            let folder = workspace::prompts().join(language);
            for clip in &Table::read(&folder.join("prompts.toml")).unwrap().clips {
                let file = folder.join(format!("{}.wav", clip.id));
                let faults = Measurement::of_file(&file).unwrap().faults(clip);
                assert!(faults.is_empty(), "{language}/{}: {faults:?}", clip.id);
            }
        }
    }

    #[test]
    fn there_is_no_clip_without_a_text() {
        for language in LANGUAGES {
            let folder = workspace::prompts().join(language);
            let table = Table::read(&folder.join("prompts.toml")).unwrap();
            for entry in std::fs::read_dir(&folder).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if let Some(id) = name.strip_suffix(".wav") {
                    let known = table.clips.iter().any(|clip| clip.id == id);
                    assert!(known, "{language}/{name} is not in prompts.toml");
                }
            }
        }
    }

    #[test]
    fn music_on_hold_loops_without_a_click_and_stays_below_speech() {
        for (name, about) in [("hold", 36.0), ("garden", 26.0)] {
            let file = workspace::prompts().join(format!("music/{name}.wav"));
            let (_, samples) = sound::read_wav(&file).unwrap();
            let seconds = samples.len() as f64 / f64::from(RATE);
            assert!((seconds - about).abs() < 1.0, "{name}: {seconds} s");
            assert!((measure::dbfs(measure::rms(&samples)) - MUSIC_DBFS).abs() < 1.0, "{name}");

            let steps = samples.windows(2).map(|pair| (pair[1] - pair[0]).abs());
            let largest_step = steps.fold(0.0_f32, f32::max);
            let seam = (samples[0] - samples[samples.len() - 1]).abs();
            assert!(seam <= largest_step, "{name}: a jump of {seam}, {largest_step} elsewhere");
        }
    }

    #[test]
    fn the_beep_is_short_and_as_loud_as_speech() {
        let measured = Measurement::of_file(&workspace::prompts().join("tones/beep.wav")).unwrap();
        assert!((0.2..=0.6).contains(&measured.seconds));
        assert!((measured.active_dbfs - SPEECH_DBFS).abs() < 3.0, "{} dBFS", measured.active_dbfs);
    }
}
