//! The shipped prompts as callers hear them: whole, even, and spliced without clicks.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use cti_ivr::speak::{Style, Word, read};
use cti_media::{
    codec::Codec,
    dsp::shape,
    play::{Clip, Item, Player, Sequence},
};
use hotline_api::flows::prompts::NO_LANGUAGE;

use super::{DEFAULT_SET, Shelf, language_of};

/// Samples in 20 ms.
const FRAME: usize = 160;

fn shipped() -> Shelf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../prompts");
    Shelf::load(&folder, DEFAULT_SET, Arc::default()).unwrap()
}

fn samples(clip: &Clip) -> Vec<f32> {
    let bytes = clip.encoded(Codec::Pcma).iter();
    bytes.map(|byte| f32::from(Codec::Pcma.decode(*byte)) / 32_768.0).collect()
}

/// Plays clips one after the other as a leg hears them.
fn played(clips: &[Clip]) -> Vec<f32> {
    let items = clips.iter().cloned().map(Item::Clip).collect();
    let mut player = Player::new(Sequence { items, looped: false }, 0);
    let (mut heard, mut packet) = (Vec::new(), [0; FRAME]);
    while player.fill(Codec::Pcma, &mut packet, 0) {
        heard.extend(packet.iter().map(|it| f32::from(Codec::Pcma.decode(*it)) / 32_768.0));
    }
    heard
}

#[test]
fn every_shipped_voice_is_heard_at_one_level_and_none_is_silent_cut_or_clipped() {
    let shelf = shipped();
    let recorded = shelf.recorded_ref();
    let voices: Vec<_> = recorded.iter().filter(|(key, _)| key.language != NO_LANGUAGE).collect();
    assert!(voices.len() > 100, "{}", voices.len());
    for (key, it) in voices {
        assert!(language_of(&key.language).is_some());
        let name = format!("{}/{}", key.language, key.id);
        let heard = samples(&shelf.clips().clip(&name).unwrap());
        assert!((-23.0..=-17.0).contains(&it.level), "{name}: {:.1} dBFS", it.level);
        assert!((100..20_000).contains(&it.length.as_millis()), "{name}: {:?}", it.length);
        assert!(shape::peak(&heard) < 0.99, "{name} is clipped");
        let (first, last) = (heard[0].abs(), heard[heard.len() - 1].abs());
        assert!(first < 0.002 && last < 0.002, "{name} begins at {first} and ends at {last}");
    }
}

#[test]
fn readings_are_spliced_without_clicks_and_without_a_pause_that_breaks_them() {
    let shelf = shipped();
    let clips = shelf.clips();
    let mut said = BTreeSet::new();
    for (value, style) in [
        ("-9876543210.25", Style::Number),
        ("200000000", Style::Count),
        ("12345.67", Style::Money),
        ("13800138000", Style::Telephone),
        ("2026-11-22", Style::Date),
        ("15:05", Style::Time),
        ("20:00", Style::Time),
        ("3.5", Style::Percent),
        ("102", Style::Ordinal),
        ("0123456789", Style::Digits),
    ] {
        let words = read(value, style).unwrap();
        said.extend(words.iter().copied());
        let parts: Vec<Clip> = words.iter().map(|it| clips.clip(it.clip()).unwrap()).collect();
        let heard = played(&parts);
        let mut at = 0;
        for part in &parts[..parts.len() - 1] {
            at += part.samples();
            let step = (heard[at] - heard[at - 1]).abs();
            assert!(step < 0.004, "{value} as {style:?}: a step of {step} at {at}");
        }
        assert!(heard.len() >= at && heard.len() - at < 8_000 + FRAME);
        let quiet = heard.chunks(FRAME).map(|it| shape::dbfs(shape::rms(it)) < -45.0);
        let longest = quiet.fold((0, 0), |(longest, run), quiet| {
            let run = if quiet { run + 1 } else { 0 };
            (longest.max(run), run)
        });
        assert!(longest.0 <= 10, "{value} as {style:?}: silent for {} ms", longest.0 * 20);
    }
    assert_eq!(said.len(), Word::ALL.len(), "every word has been heard");
}
