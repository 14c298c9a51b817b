//! Reads the steps of a script.

use std::time::Duration;

use cti_core::flow::{CallData, LookupFailure, QueueExit};

use super::queue_exit;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Expect(String),
    ExpectAt(String),
    ExpectAsking(String),
    ExpectNothing(Duration),
    Press(String, Duration),
    Wait(Duration),
    Say(Option<String>),
    Speaks,
    RecognizerFails,
    Position(Option<usize>),
    ExpectedWait(Option<Duration>),
    LeavesQueue(QueueExit),
    RingFails,
    Recorded(Option<Duration>),
    Skip,
    Answers(Result<CallData, LookupFailure>),
    Answered(String, Duration),
    HangsUp,
}

/// Splits a script into its steps.
pub(super) fn steps(script: &str) -> impl Iterator<Item = &str> {
    script.split(['\n', ';']).map(str::trim).filter(|step| !step.is_empty())
}

/// Reads one step, or says why it is none.
pub(super) fn parse(text: &str) -> Result<Step, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["expect", "at", node] => Ok(Step::ExpectAt((*node).to_owned())),
        ["expect", "queue", queue] => Ok(Step::Expect(format!("enqueue {queue}"))),
        ["expect", asking @ ("menu" | "collect")] => Ok(Step::ExpectAsking((*asking).to_owned())),
        ["expect", "nothing", "for", time] => Ok(Step::ExpectNothing(duration(time)?)),
        ["expect", effect @ ..] if !effect.is_empty() => Ok(Step::Expect(effect.join(" "))),
        ["press", digits] => Ok(Step::Press((*digits).to_owned(), Duration::ZERO)),
        ["press", digits, "after", time] => Ok(Step::Press((*digits).to_owned(), duration(time)?)),
        ["wait", time] => Ok(Step::Wait(duration(time)?)),
        ["say", words @ ..] if !words.is_empty() => {
            Ok(Step::Say(Some(words.join(" ").trim_matches('"').to_owned())))
        }
        ["speaks"] => Ok(Step::Speaks),
        ["mumbles"] => Ok(Step::Say(None)),
        ["recognizer", "fails"] => Ok(Step::RecognizerFails),
        ["position", "none"] => Ok(Step::Position(None)),
        ["position", place] => place
            .parse()
            .map(|place| Step::Position(Some(place)))
            .map_err(|_| format!("{place:?} is not a place")),
        ["expected", "wait", "none"] => Ok(Step::ExpectedWait(None)),
        ["expected", "wait", time] => Ok(Step::ExpectedWait(Some(duration(time)?))),
        ["leaves", "queue", outlet] => queue_exit(outlet)
            .map(Step::LeavesQueue)
            .ok_or_else(|| format!("{outlet:?} is not a way out of a queue")),
        ["ring", "fails"] => Ok(Step::RingFails),
        ["recorded", time] => Ok(Step::Recorded(Some(duration(time)?))),
        ["not", "recorded"] => Ok(Step::Recorded(None)),
        ["skip"] => Ok(Step::Skip),
        ["answers", "not_found"] => Ok(Step::Answers(Err(LookupFailure::NotFound))),
        ["answers", "unavailable"] => Ok(Step::Answers(Err(LookupFailure::Unavailable))),
        ["answers", "found", columns @ ..] => {
            let column = |text: &&str| {
                let (name, value) =
                    text.split_once('=').ok_or_else(|| format!("{text:?} is not NAME=VALUE"))?;
                Ok((name.to_owned(), value.to_owned()))
            };
            let row: Result<CallData, String> = columns.iter().map(column).collect();
            Ok(Step::Answers(Ok(row?)))
        }
        ["answered", question, time, "ago"] => {
            Ok(Step::Answered((*question).to_owned(), duration(time)?))
        }
        ["hangs", "up"] => Ok(Step::HangsUp),
        _ => Err("is not a step".to_owned()),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let unit = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let number: u64 = number.parse().map_err(|_| format!("{text:?} is not a time"))?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        _ => Err(format!("{text:?} is not a time; write 800ms, 5s or 2m")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_cannot_be_read_says_why() {
        assert_eq!(parse("dance"), Err("is not a step".to_owned()));
        assert_eq!(parse("wait long"), Err("\"long\" is not a time".to_owned()));
        assert_eq!(parse("wait 5h"), Err("\"5h\" is not a time; write 800ms, 5s or 2m".to_owned()));
        assert_eq!(
            parse("press 1 after 2m"),
            Ok(Step::Press("1".into(), Duration::from_secs(120)))
        );
    }
}
