//! Writes the values within a text as they are read, so that a synthesizer says them as the spliced clips do.

use super::{Style, english, read, text};

/// Things that are counted, so that 2 before them is 两.
const COUNTED: [&str; 24] = [
    "位", "个", "次", "件", "分钟", "小时", "天", "周", "年", "人", "条", "份", "名", "项", "家",
    "户", "座", "张", "部", "秒", "倍", "岁", "期", "遍",
];
/// What a number is called that is read digit by digit with 幺.
const NUMBERED: [&str; 14] = [
    "工号", "单号", "编号", "号码", "电话", "热线", "账号", "帐号", "手机", "拨打", "致电", "尾号",
    "卡号", "证号",
];

/// Writes the values within Mandarin text as they are read: dates, times, amounts, percentages, counts, numbers, and
/// what is read digit by digit (numbers of telephones, accounts and tickets).
#[must_use]
pub fn normalise(said: &str) -> String {
    rewrite(said, mandarin)
}

/// Writes the values within a text as they are read in its language; other languages than Chinese and English stay.
#[must_use]
pub fn normalise_in(said: &str, language: &str) -> String {
    match language.to_ascii_lowercase().split('-').next() {
        Some("zh" | "cmn") => normalise(said),
        Some("en") => rewrite(said, in_english),
        Some(_) | None => said.to_owned(),
    }
}

/// Finds values and writes what is told instead: the reading, and how many bytes after the value belong to it.
fn rewrite(
    said: &str,
    mut reading: impl FnMut(&str, &str, &str) -> Option<(String, usize)>,
) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < said.len() {
        let rest = &said[at..];
        let Some(first) = rest.chars().next() else { break };
        let in_word = said[..at].chars().next_back().is_some_and(|it| it.is_ascii_alphanumeric());
        let sign = first == '-' && rest[1..].starts_with(|it: char| it.is_ascii_digit());
        let money = matches!(first, '¥' | '￥');
        if !(first.is_ascii_digit() || sign || money) || (in_word && !first.is_ascii_digit()) {
            out.push(first);
            at += first.len_utf8();
            continue;
        }
        let lead = if sign || money { first.len_utf8() } else { 0 };
        let length = lead + value_length(&rest[lead..]);
        let (value, after) = rest.split_at(length);
        match reading(&said[..at], value, after) {
            Some((reading, taken)) => {
                out.push_str(&reading);
                at += length + taken;
            }
            None => {
                out.push_str(value);
                at += length;
            }
        }
    }
    out
}

/// Returns how long a value is: digits, with `:`, `.`, `-` and `,` between them.
fn value_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while digit(end)
        || (end > 0 && matches!(bytes.get(end), Some(b':' | b'.' | b'-' | b',')) && digit(end + 1))
    {
        end += 1;
    }
    end
}

fn mandarin(before: &str, value: &str, after: &str) -> Option<(String, usize)> {
    let read = |value: &str, style| read(value, style).map(|words| text(&words));
    let with = |unit: &str| after.starts_with(unit).then_some(unit.len());
    let (amount, number) = (value.strip_prefix(['¥', '￥']), plain(value));
    let yuan = with("元");
    let percent = with("%").or_else(|| with("％"));
    let whole = value.bytes().all(|byte| byte.is_ascii_digit());
    let counted = whole && COUNTED.iter().any(|unit| after.starts_with(unit));
    let styled = if let Some(amount) = amount {
        read(&plain(amount), Style::Money).map(|it| (it, yuan.unwrap_or(0)))
    } else if let Some(taken) = yuan {
        read(&number, Style::Money).map(|it| (it, taken))
    } else if let Some(taken) = percent {
        read(&number, Style::Percent).map(|it| (it, taken))
    } else if let Some(moment) = read(value, Style::Date).or_else(|| read(value, Style::Time)) {
        Some((moment, 0))
    } else if whole && value.len() == 4 && after.starts_with('年') {
        read(value, Style::Digits).map(|it| (it, 0))
    } else if is_row(before, value, counted) {
        None
    } else if counted && !before.ends_with('第') {
        read(&number, Style::Count).map(|it| (it, 0))
    } else {
        read(&number, Style::Number).map(|it| (it, 0))
    };
    // What is nothing else is a row of digits.
    styled.or_else(|| read(value, Style::Telephone).map(|it| (it, 0)))
}

/// `0531-12345`, `400-800-1234`.
fn telephone_like(value: &str) -> bool {
    value.contains('-') && !value.contains([':', '.', ',']) && !value.starts_with('-')
}

/// Returns whether digits are a row rather than a number.
fn is_row(before: &str, value: &str, counted: bool) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    if telephone_like(value) {
        return true;
    }
    if digits < value.len() || counted {
        return false;
    }
    let emergency = matches!(value, "110" | "114" | "119" | "120" | "122");
    let service = digits == 5 && (value.starts_with("12") || value.starts_with("95"));
    let last = before.char_indices().rev().nth(5).map_or(before, |(at, _)| &before[at..]);
    let named = NUMBERED.iter().any(|name| last.contains(name));
    digits >= 9 || (value.starts_with('0') && digits > 1) || emergency || service || named
}

fn in_english(before: &str, value: &str, after: &str) -> Option<(String, usize)> {
    let spaced = |reading: String, mut taken: usize| {
        // The point of "p.m." ends the sentence too.
        if reading.ends_with('.') && after[taken..].starts_with('.') {
            taken += 1;
        }
        let space = |needed: bool| if needed { " " } else { "" };
        let left = space(before.ends_with(|it: char| it.is_alphanumeric()));
        let right = space(after[taken..].starts_with(|it: char| it.is_alphanumeric()));
        (format!("{left}{reading}{right}"), taken)
    };
    let with = |taken: &str| after.starts_with(taken).then_some(taken.len());
    let number = plain(value.trim_start_matches(['¥', '￥']));
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let near = before.trim_end().to_ascii_lowercase();
    let named = ["number", "agent", "hotline", "call", "dial", "account", "ticket", "phone"]
        .iter()
        .any(|name| near.ends_with(name));
    let long = digits >= 9 || (value.starts_with('0') && digits > 1);
    let styled = if value.len() > number.len() && value.starts_with(['¥', '￥']) {
        english(&number, Style::Money).map(|it| (it, 0))
    } else if let Some(taken) = with("%") {
        english(&number, Style::Percent).map(|it| (it, taken))
    } else if let Some(taken) = with(" yuan") {
        english(&number, Style::Money).map(|it| (it, taken))
    } else if let Some(taken) = ["st", "nd", "rd", "th"].into_iter().find_map(with) {
        english(&number, Style::Ordinal).map(|it| (it, taken))
    } else if let Some(moment) = english(value, Style::Date).or_else(|| english(value, Style::Time))
    {
        Some((moment, 0))
    } else if telephone_like(value) || (digits == value.len() && (long || named)) {
        None
    } else {
        english(&number, Style::Number).map(|it| (it, 0))
    };
    let (reading, taken) = styled.or_else(|| english(value, Style::Telephone).map(|it| (it, 0)))?;
    Some(spaced(reading, taken))
}

/// Leaves out the commas between thousands.
fn plain(value: &str) -> String {
    value.chars().filter(|it| *it != ',').collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_within_mandarin_text_are_written_as_they_are_read() {
        for (said, reading) in [
            ("您好，欢迎致电12345政务服务便民热线", "您好，欢迎致电幺二三四五政务服务便民热线"),
            ("您前面还有2位来电，预计等待12分钟", "您前面还有两位来电，预计等待十二分钟"),
            ("截至2026年11月22日", "截至二零二六年十一月二十二日"),
            ("2026-11-22 15:05停止办理", "二零二六年十一月二十二日 十五点零五分停止办理"),
            ("余额为12345.67元", "余额为一万二千三百四十五元六角七分"),
            ("应缴¥1,200.50", "应缴一千二百元五角"),
            ("利率下调0.25%", "利率下调百分之零点二五"),
            ("请拨打0531-12345或13800138000", "请拨打零五三幺幺二三四五或幺三八零零幺三八零零零"),
            ("工号8001为您服务", "工号八零零幺为您服务"),
            ("第2条，共10010件", "第二条，共一万零一十件"),
            ("气温-5度", "气温负五度"),
            ("工单12月2日办结", "工单十二月二日办结"),
            ("没有数字。", "没有数字。"),
        ] {
            assert_eq!(normalise(said), reading, "{said}");
        }
    }

    #[test]
    fn values_within_english_text_are_written_as_they_are_read() {
        for (said, reading) in [
            ("There are 2 callers ahead of you", "There are two callers ahead of you"),
            ("Agent 8001 is with you", "Agent eight zero zero one is with you"),
            (
                "Closed on 2026-11-22 at 15:05.",
                "Closed on November twenty-second, twenty twenty-six at three oh five p.m.",
            ),
            ("a fee of 12.50 yuan", "a fee of twelve yuan and fifty fen"),
            ("down 0.25%", "down zero point two five percent"),
            ("the 3rd floor", "the third floor"),
            ("dial 12345", "dial one two three four five"),
        ] {
            assert_eq!(normalise_in(said, "en-US"), reading, "{said}");
        }
        assert_eq!(normalise_in("12", "fr-FR"), "12");
    }

    proptest! {
        #[test]
        fn no_digit_is_left_in_mandarin_and_nothing_else_is_lost(
            said in "[一二位年月元%¥.:, -]{0,4}[0-9:.,-]{1,12}[位个年元%点。]{0,3}"
        ) {
            let reading = normalise(&said);
            prop_assert!(!reading.contains(|it: char| it.is_ascii_digit()), "{} → {}", said, reading);
        }

        #[test]
        fn any_text_is_normalised(said in ".{0,40}") {
            let _ = (normalise(&said), normalise_in(&said, "en"));
        }
    }
}
