//! Which variables a text of the script language mentions.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter::Peekable,
    str::Chars,
};

/// The variables of a text, without those that it declares itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// Whole names: `x`, `account.balance`.
    pub(super) variables: BTreeSet<String>,
    /// First parts of names, and what follows their dot.
    pub(super) roots: BTreeMap<String, BTreeSet<String>>,
}

const KEYWORDS: [&str; 28] = [
    "let",
    "const",
    "if",
    "else",
    "switch",
    "do",
    "while",
    "until",
    "loop",
    "for",
    "in",
    "continue",
    "break",
    "return",
    "throw",
    "try",
    "catch",
    "fn",
    "private",
    "true",
    "false",
    "this",
    "is_shared",
    "type_of",
    "import",
    "export",
    "as",
    "global",
];

#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// A name with its dotted parts, and whether `(` follows.
    Name(Vec<String>, bool),
    Sign(char),
}

impl Names {
    /// Reads a text; what is no valid script is refused by the compiler, not here.
    pub(super) fn of(text: &str) -> Self {
        let mut tokens = Vec::new();
        scan(&mut text.chars().peekable(), &mut tokens, false);
        let own = declared(&tokens);
        let mut names = Self::default();
        for (at, token) in tokens.iter().enumerate() {
            let Token::Name(parts, called) = token else { continue };
            // The last part of `text.len()` is a method.
            let parts = &parts[..parts.len() - usize::from(*called)];
            let Some((root, fields)) = parts.split_first() else { continue };
            let opens = |token: &Token| matches!(token, Token::Sign('{' | ','));
            let is_map_key = fields.is_empty()
                && tokens.get(at + 1) == Some(&Token::Sign(':'))
                && at.checked_sub(1).is_some_and(|before| opens(&tokens[before]));
            if KEYWORDS.contains(&root.as_str()) || own.contains(root) || is_map_key {
                continue;
            }
            let known = names.roots.entry(root.clone()).or_default();
            match fields.first() {
                None => {
                    names.variables.insert(root.clone());
                }
                Some(field) => {
                    known.insert(field.clone());
                    names.variables.insert(format!("{root}.{field}"));
                }
            }
        }
        names
    }
}

/// Returns the names that follow `let`, `const`, `for`, `fn`, `catch`, or stand between the bars of a closure.
fn declared(tokens: &[Token]) -> BTreeSet<String> {
    let mut own = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Name(parts, _) = token else { continue };
        let rest = &tokens[at + 1..];
        match parts[0].as_str() {
            "let" | "const" => own.extend(rest.first().and_then(root)),
            "for" => {
                let is_variable = |token: &&Token| root(token).as_deref() != Some("in");
                own.extend(rest.iter().take_while(is_variable).filter_map(root));
            }
            "fn" | "catch" => {
                let within = |token: &&Token| **token != Token::Sign(')');
                own.extend(rest.iter().take_while(within).filter_map(root));
            }
            _ => {}
        }
    }
    // The bar of a closure follows a bracket, a comma or `=`; the one of `a | b` follows a value.
    let begins = |before: &Token| matches!(before, Token::Sign('(' | ',' | '='));
    for at in 1..tokens.len() {
        if tokens[at] == Token::Sign('|') && begins(&tokens[at - 1]) {
            let within = |token: &&Token| **token != Token::Sign('|');
            own.extend(tokens[at + 1..].iter().take_while(within).filter_map(root));
        }
    }
    own
}

fn root(token: &Token) -> Option<String> {
    match token {
        Token::Name(parts, _) => parts.first().cloned(),
        Token::Sign(_) => None,
    }
}

/// Reads tokens to the end, or to the brace that closes an interpolation. Interpolations nest at most as deep as an
/// administrator types; their text is limited by the schema of the node.
fn scan(chars: &mut Peekable<Chars<'_>>, tokens: &mut Vec<Token>, interpolated: bool) {
    let mut open = 0_usize;
    while let Some(c) = chars.next() {
        match c {
            '"' | '\'' => skip_string(chars, c),
            '`' => template(chars, tokens),
            '/' if chars.peek() == Some(&'/') => while chars.next().is_some_and(|c| c != '\n') {},
            '/' if chars.peek() == Some(&'*') => skip_comment(chars),
            'a'..='z' | 'A'..='Z' | '_' => tokens.push(name(c, chars)),
            '0'..='9' => {
                while chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_').is_some() {}
            }
            c if c.is_whitespace() => {}
            '}' if interpolated && open == 0 => return,
            c => {
                open += usize::from(c == '{');
                open = open.saturating_sub(usize::from(c == '}'));
                tokens.push(Token::Sign(c));
            }
        }
    }
}

fn name(first: char, chars: &mut Peekable<Chars<'_>>) -> Token {
    let mut parts = vec![String::from(first)];
    loop {
        while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
            if let Some(part) = parts.last_mut() {
                part.push(c);
            }
        }
        let mut ahead = chars.clone();
        let goes_on = ahead.next() == Some('.')
            && ahead.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if !goes_on {
            break;
        }
        chars.next();
        parts.push(String::new());
    }
    let called = chars.clone().find(|c| !c.is_whitespace()) == Some('(');
    Token::Name(parts, called)
}

fn skip_string(chars: &mut Peekable<Chars<'_>>, end: char) {
    while let Some(c) = chars.next() {
        if c == end {
            return;
        }
        if c == '\\' {
            chars.next();
        }
    }
}

/// Reads a text in back quotes, whose `${…}` are code.
fn template(chars: &mut Peekable<Chars<'_>>, tokens: &mut Vec<Token>) {
    while let Some(c) = chars.next() {
        if c == '`' {
            return;
        }
        if c == '$' && chars.next_if_eq(&'{').is_some() {
            scan(chars, tokens, true);
        }
    }
}

fn skip_comment(chars: &mut Peekable<Chars<'_>>) {
    let mut before = ' ';
    chars.next();
    for c in chars.by_ref() {
        if before == '*' && c == '/' {
            return;
        }
        before = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        Names::of(text).variables.into_iter().collect()
    }

    #[test]
    fn variables_are_told_from_functions_methods_strings_and_own_names() {
        assert_eq!(names("a + b.c * number(d)"), ["a", "b.c", "d"]);
        assert_eq!(names("t.len() > 3 && \"x\" == 'y' // z"), ["t"]);
        assert_eq!(names("acc.name.len() /* no */ + 1.5e3 + 0xff"), ["acc.name"]);
        assert_eq!(names("let x = y; for i in 0..n { x += i; } x"), ["n", "y"]);
        assert_eq!(names("fn f(p) { p + 1 } f(q)"), ["q"]);
        assert_eq!(names("[1].map(|v| v + w)"), ["w"]);
        assert_eq!(names("`a ${b + `${c}`} d`"), ["b", "c"]);
        assert_eq!(names("#{k: v, l: 2}"), ["v"]);
        assert_eq!(names("try { a } catch (e) { e }"), ["a"]);
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in ["a.", ".", "`${", "\"", "/*", "|", "fn", "let", "for", "catch", "{:", "a.b.("]
        {
            names(text);
        }
    }
}
