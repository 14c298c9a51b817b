//! What every [`Synthesizer`] and [`Recognizer`] must keep.

use std::time::Duration;

use super::{Report, Rule, Verdict, Violation};
use crate::speech::{
    Audio, Grammar, Heard, RecognitionError, RecognitionRequest, Recognizer, Spoken,
    SynthesisError, SynthesisRequest, Synthesizer,
};

/// What a recognizer is given to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// One of the keywords, or the digits, that the request asks for.
    Matching,
    /// Speech that the grammar does not hold.
    Other,
    /// Nothing.
    Silence,
}

/// Makes recognizers of one kind, and what they hear.
pub trait RecognizerHarness: Sync {
    /// Returns the recognizer.
    fn recognizer(&self) -> &dyn Recognizer;

    /// Returns a request for one of some keywords that the recognizer can fulfil.
    fn request(&self) -> RecognitionRequest;

    /// Returns sound in the format of the request, with the silence that ends it.
    fn sound(&self, what: Sound) -> Audio;
}

/// Checks all rules of a synthesizer with a request that it can fulfil.
pub async fn run_all_synthesis(synthesizer: &dyn Synthesizer, good: &SynthesisRequest) -> Report {
    let mut report = Report::default();
    macro_rules! check {
        ($($rule:ident)*) => {$(
            report.note(stringify!($rule), $rule(synthesizer, good).await);
        )*};
    }
    check! {
        the_sound_has_the_format_that_was_asked_for
        equal_requests_are_fulfilled_alike
        a_senseless_request_is_refused
        no_error_tells_the_text
    }
    report
}

/// Checks all rules of a recognizer.
pub async fn run_all_recognition(harness: &dyn RecognizerHarness) -> Report {
    let mut report = Report::default();
    macro_rules! check {
        ($($rule:ident)*) => {$(
            report.note(stringify!($rule), $rule(harness).await);
        )*};
    }
    check! {
        a_keyword_is_understood_as_the_grammar_writes_it
        silence_is_no_input
        what_the_grammar_does_not_hold_is_no_match
        interim_results_come_only_where_they_are_wanted
        nothing_is_heard_after_the_end
        a_recognition_without_sound_ends_when_it_is_finished
        a_senseless_recognition_is_refused
    }
    report
}

/// Sound comes in the format of the request, and there is some.
///
/// # Errors
/// When the rule is broken.
pub async fn the_sound_has_the_format_that_was_asked_for(
    synthesizer: &dyn Synthesizer,
    good: &SynthesisRequest,
) -> Verdict {
    let rule = Rule("the_sound_has_the_format_that_was_asked_for");
    let audio = rule.works("synthesize", synthesizer.synthesize(good).await)?;
    let (found, asked) = (audio.format(), good.format);
    rule.holds(found == asked, || format!("{asked} was asked for, it is {found}"))?;
    rule.holds(!audio.bytes().is_empty(), || "there is no sound".to_owned())
}

/// The same request again is fulfilled, with as much sound to within a quarter.
///
/// # Errors
/// When the rule is broken.
pub async fn equal_requests_are_fulfilled_alike(
    synthesizer: &dyn Synthesizer,
    good: &SynthesisRequest,
) -> Verdict {
    let rule = Rule("equal_requests_are_fulfilled_alike");
    let first = rule.works("synthesize", synthesizer.synthesize(good).await)?.duration();
    let again = rule.works("synthesize again", synthesizer.synthesize(good).await)?.duration();
    rule.holds(first.abs_diff(again) <= first / 4, || format!("{first:?}, then {again:?}"))
}

/// A request out of bounds is refused as invalid.
///
/// # Errors
/// When the rule is broken.
pub async fn a_senseless_request_is_refused(
    synthesizer: &dyn Synthesizer,
    good: &SynthesisRequest,
) -> Verdict {
    let rule = Rule("a_senseless_request_is_refused");
    let mut format = good.format;
    format.rate = 1;
    for wrong in [
        SynthesisRequest { text: Spoken::default(), ..good.clone() },
        SynthesisRequest { rate: 1_000, ..good.clone() },
        SynthesisRequest { language: String::new(), ..good.clone() },
        SynthesisRequest { format, ..good.clone() },
    ] {
        let answer = synthesizer.synthesize(&wrong).await;
        rule.holds(matches!(answer, Err(SynthesisError::Invalid(_))), || {
            format!("{wrong:?} is answered by {answer:?}")
        })?;
    }
    Ok(())
}

/// Where a request fails, the error does not tell what was to be said.
///
/// # Errors
/// When the rule is broken.
pub async fn no_error_tells_the_text(
    synthesizer: &dyn Synthesizer,
    good: &SynthesisRequest,
) -> Verdict {
    let rule = Rule("no_error_tells_the_text");
    let secret = "王小明";
    let text = Spoken::new(secret.repeat(1_000));
    for request in [
        SynthesisRequest { voice: Some("no-such-voice".to_owned()), ..good.clone() },
        SynthesisRequest { language: "x-none".to_owned(), ..good.clone() },
        SynthesisRequest { text, ..good.clone() },
    ] {
        let text = Spoken::new(format!("{secret}{}", request.text.reveal()));
        if let Err(error) = synthesizer.synthesize(&SynthesisRequest { text, ..request }).await {
            let words = format!("{error} {error:?}");
            rule.holds(!words.contains(secret), || "an error tells it".to_owned())?;
        }
    }
    Ok(())
}

/// A keyword that is said is the final result: sure enough, and a word of the grammar.
///
/// # Errors
/// When the rule is broken.
pub async fn a_keyword_is_understood_as_the_grammar_writes_it(
    harness: &dyn RecognizerHarness,
) -> Verdict {
    let rule = Rule("a_keyword_is_understood_as_the_grammar_writes_it");
    let request = harness.request();
    match heard(rule, harness, &request, Sound::Matching).await?.pop() {
        Some(Heard::Final(result)) => {
            let sure = request.least_confidence..=100;
            rule.holds(sure.contains(&result.confidence), || {
                format!("it is {} % sure, {sure:?} was asked", result.confidence)
            })?;
            let Grammar::Keywords(words) = &request.grammar else { return Ok(()) };
            rule.holds(result.keyword.as_ref().is_some_and(|it| words.contains(it)), || {
                "its keyword is none of the grammar".to_owned()
            })
        }
        other => rule.broken(format!("a keyword was said, it ends with {other:?}")),
    }
}

/// Who says nothing is told from who says something else.
///
/// # Errors
/// When the rule is broken.
pub async fn silence_is_no_input(harness: &dyn RecognizerHarness) -> Verdict {
    let rule = Rule("silence_is_no_input");
    let end = heard(rule, harness, &harness.request(), Sound::Silence).await?.pop();
    rule.holds(end == Some(Heard::NoInput), || format!("it ends with {end:?}"))
}

/// Speech beyond the grammar is no match.
///
/// # Errors
/// When the rule is broken.
pub async fn what_the_grammar_does_not_hold_is_no_match(
    harness: &dyn RecognizerHarness,
) -> Verdict {
    let rule = Rule("what_the_grammar_does_not_hold_is_no_match");
    let end = heard(rule, harness, &harness.request(), Sound::Other).await?.pop();
    rule.holds(end == Some(Heard::NoMatch), || format!("it ends with {end:?}"))
}

/// Without being asked for, no interim result comes; with, each one comes before the end.
///
/// # Errors
/// When the rule is broken.
pub async fn interim_results_come_only_where_they_are_wanted(
    harness: &dyn RecognizerHarness,
) -> Verdict {
    let rule = Rule("interim_results_come_only_where_they_are_wanted");
    let without = RecognitionRequest { interim: false, ..harness.request() };
    let all = heard(rule, harness, &without, Sound::Matching).await?;
    let interim = all.iter().any(|it| matches!(it, Heard::Interim(_)));
    rule.holds(!interim, || "one came unasked".to_owned())?;
    let with = RecognitionRequest { interim: true, ..harness.request() };
    heard(rule, harness, &with, Sound::Matching).await.map(drop)
}

/// A recognition that has ended takes no more sound, and cannot be finished.
///
/// # Errors
/// When the rule is broken.
pub async fn nothing_is_heard_after_the_end(harness: &dyn RecognizerHarness) -> Verdict {
    let rule = Rule("nothing_is_heard_after_the_end");
    let request = harness.request();
    let mut listening = rule.works("listen", harness.recognizer().listen(&request).await)?;
    rule.works("finish", listening.finish().await)?;
    let sound = vec![0; request.format.bytes_per_frame()];
    let hears = listening.hear(&sound).await;
    rule.holds(hears == Err(RecognitionError::Over), || format!("it hears {hears:?}"))?;
    let again = listening.finish().await;
    rule.holds(again == Err(RecognitionError::Over), || format!("it ends again with {again:?}"))
}

/// A recognition that hears nothing at all ends with no input, or no match.
///
/// # Errors
/// When the rule is broken.
pub async fn a_recognition_without_sound_ends_when_it_is_finished(
    harness: &dyn RecognizerHarness,
) -> Verdict {
    let rule = Rule("a_recognition_without_sound_ends_when_it_is_finished");
    let listening = harness.recognizer().listen(&harness.request()).await;
    let end = rule.works("listen", listening)?.finish().await;
    let end = rule.works("finish", end)?;
    rule.holds(matches!(end, Heard::NoInput | Heard::NoMatch), || format!("it ends with {end:?}"))
}

/// A request out of bounds is refused as invalid.
///
/// # Errors
/// When the rule is broken.
pub async fn a_senseless_recognition_is_refused(harness: &dyn RecognizerHarness) -> Verdict {
    let rule = Rule("a_senseless_recognition_is_refused");
    let good = harness.request();
    for wrong in [
        RecognitionRequest { language: "?".to_owned(), ..good.clone() },
        RecognitionRequest { grammar: Grammar::Keywords(Vec::new()), ..good.clone() },
        RecognitionRequest { limit: Duration::ZERO, ..good.clone() },
        RecognitionRequest { least_confidence: 101, ..good.clone() },
    ] {
        let answer = harness.recognizer().listen(&wrong).await.map(drop);
        rule.holds(matches!(answer, Err(RecognitionError::Invalid(_))), || {
            format!("{wrong:?} is answered by {answer:?}")
        })?;
    }
    Ok(())
}

/// Returns all that came of a sound; the last one is the end, and no other is.
async fn heard(
    rule: Rule,
    harness: &dyn RecognizerHarness,
    request: &RecognitionRequest,
    what: Sound,
) -> Result<Vec<Heard>, Violation> {
    let mut listening = rule.works("listen", harness.recognizer().listen(request).await)?;
    let mut all = Vec::new();
    for frame in harness.sound(what).frames() {
        if let Some(heard) = rule.works("hear", listening.hear(frame).await)? {
            let is_end = heard.is_end();
            all.push(heard);
            if is_end {
                return Ok(all);
            }
        }
    }
    let end = rule.works("finish", listening.finish().await)?;
    rule.holds(end.is_end(), || format!("finished, it says {end:?}"))?;
    all.push(end);
    Ok(all)
}
