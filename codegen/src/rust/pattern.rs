//! Patterns of XML Schema as regular expressions of Rust's `regex`, where both mean exactly the same.

use std::iter::Peekable;
use std::str::Chars;

/// Groups and sets inside one another.
const MAX_DEPTH: usize = 50;
/// Times that something is repeated by counts inside one another. Beyond it the expression needs megabytes.
const MAX_REPEATS: u32 = 1_000;

/// `NameStartChar` and what `NameChar` adds to it, by the fifth edition of XML 1.0.
const NAME_START: &str = r"A-Z_a-z:\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}\u{200D}\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}";
const NAME_MORE: &str = r"\-.0-9\u{B7}\u{300}-\u{36F}\u{203F}\u{2040}";

/// Blocks that have been the same in all versions of Unicode.
const BLOCKS: &[(&str, &str)] = &[
    ("BasicLatin", r"\u{0}-\u{7F}"),
    ("Latin-1Supplement", r"\u{80}-\u{FF}"),
    ("LatinExtended-A", r"\u{100}-\u{17F}"),
    ("LatinExtended-B", r"\u{180}-\u{24F}"),
    ("IPAExtensions", r"\u{250}-\u{2AF}"),
    ("Greek", r"\u{370}-\u{3FF}"),
    ("Cyrillic", r"\u{400}-\u{4FF}"),
    ("Armenian", r"\u{530}-\u{58F}"),
    ("Hebrew", r"\u{590}-\u{5FF}"),
    ("Arabic", r"\u{600}-\u{6FF}"),
    ("Thai", r"\u{E00}-\u{E7F}"),
    ("GeneralPunctuation", r"\u{2000}-\u{206F}"),
    ("Hiragana", r"\u{3040}-\u{309F}"),
    ("Katakana", r"\u{30A0}-\u{30FF}"),
];

/// The general categories of Unicode, but for surrogates, which are no characters.
const CATEGORIES: &[&str] = &[
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi",
    "Pf", "Po", "Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co", "Cn",
];

/// An expression that matches a text if one of the patterns does; `None` if one of them has no exact equivalent.
pub(super) fn translate(patterns: &[String]) -> Option<String> {
    let alternatives: Option<Vec<String>> = patterns.iter().map(|pattern| one(pattern)).collect();
    Some(format!(r"\A(?:{})\z", alternatives?.join("|")))
}

fn one(pattern: &str) -> Option<String> {
    let mut parser = Parser { rest: pattern.chars().peekable(), out: String::new() };
    parser.alternatives(0)?;
    parser.rest.next().is_none().then_some(parser.out)
}

/// Each method reads a rule of the grammar and appends its equivalent. `None` is a pattern that is not valid, or not the
/// same in Rust.
struct Parser<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
}

impl Parser<'_> {
    /// Returns how often its content is repeated at most by counts.
    fn alternatives(&mut self, depth: usize) -> Option<u32> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut repeats = 1;
        loop {
            match self.rest.peek() {
                None | Some(')') => return Some(repeats),
                Some('|') => {
                    self.rest.next();
                    self.out.push('|');
                }
                Some(_) => {
                    let inner = self.atom(depth)?;
                    let all = inner.checked_mul(self.quantifier()?)?;
                    repeats = repeats.max((all <= MAX_REPEATS).then_some(all)?);
                }
            }
        }
    }

    fn atom(&mut self, depth: usize) -> Option<u32> {
        match self.rest.next()? {
            '(' => {
                self.out.push_str("(?:");
                let repeats = self.alternatives(depth + 1)?;
                (self.rest.next() == Some(')')).then(|| self.out.push(')'))?;
                return Some(repeats);
            }
            '[' => {
                let set = self.set(depth)?;
                self.out.push_str(&set);
            }
            '.' => self.out.push_str(r"[^\n\r]"),
            '\\' => match self.escape()? {
                Escape::Character(c) => literal(c, &mut self.out),
                Escape::Set(set) => self.out.push_str(&set),
            },
            '?' | '*' | '+' | '{' | '}' | ']' => return None,
            c => literal(c, &mut self.out),
        }
        Some(1)
    }

    /// Returns the largest number of times.
    fn quantifier(&mut self) -> Option<u32> {
        match self.rest.peek() {
            Some(&sign @ ('?' | '*' | '+')) => {
                self.rest.next();
                self.out.push(sign);
                Some(1)
            }
            Some('{') => {
                self.rest.next();
                let mut counts = String::new();
                while let Some(c) = self.rest.next_if(|c| *c != '}') {
                    counts.push(c);
                }
                self.rest.next()?;
                let number = |text: &str| {
                    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                    is_number.then(|| text.parse::<u32>().ok()).flatten()
                };
                let (least, most) = match counts.split_once(',') {
                    None => (number(&counts)?, number(&counts)),
                    Some((least, "")) => (number(least)?, None),
                    Some((least, most)) => (number(least)?, Some(number(most)?)),
                };
                if most.is_some_and(|most| most < least) {
                    return None;
                }
                self.out.push_str(&format!("{{{counts}}}"));
                Some(most.unwrap_or(least).max(1))
            }
            _ => Some(1),
        }
    }

    fn escape(&mut self) -> Option<Escape> {
        let set =
            |inside: &str, is_negative: bool| Escape::Set(format!("[{}{inside}]", if is_negative { "^" } else { "" }));
        Some(match self.rest.next()? {
            'n' => Escape::Character('\n'),
            'r' => Escape::Character('\r'),
            't' => Escape::Character('\t'),
            c @ ('\\' | '|' | '.' | '?' | '*' | '+' | '(' | ')' | '{' | '}' | '-' | '[' | ']' | '^') => {
                Escape::Character(c)
            }
            c @ ('s' | 'S') => set(r" \t\n\r", c == 'S'),
            c @ ('i' | 'I') => set(NAME_START, c == 'I'),
            c @ ('c' | 'C') => set(&format!("{NAME_START}{NAME_MORE}"), c == 'C'),
            c @ ('d' | 'D') => set(r"\p{Nd}", c == 'D'),
            c @ ('w' | 'W') => set(r"\p{P}\p{Z}\p{C}", c == 'w'),
            c @ ('p' | 'P') => {
                (self.rest.next()? == '{').then_some(())?;
                let mut name = String::new();
                while let Some(letter) = self.rest.next_if(|c| *c != '}') {
                    name.push(letter);
                }
                self.rest.next()?;
                match name.strip_prefix("Is") {
                    Some(block) => set(BLOCKS.iter().find(|(known, _)| *known == block)?.1, c == 'P'),
                    None if CATEGORIES.contains(&name.as_str()) => set(&format!(r"\p{{{name}}}"), c == 'P'),
                    None => return None,
                }
            }
            _ => return None,
        })
    }

    /// A set behind its opening bracket.
    fn set(&mut self, depth: usize) -> Option<String> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut inside = String::new();
        let negative = if self.rest.next_if_eq(&'^').is_some() { "^" } else { "" };
        loop {
            let first = match self.rest.next()? {
                ']' if !inside.is_empty() => return Some(format!("[{negative}{inside}]")),
                // Subtracted from all before it, its negation included.
                '-' if !inside.is_empty() && self.rest.next_if_eq(&'[').is_some() => {
                    let subtracted = self.set(depth + 1)?;
                    (self.rest.next()? == ']').then_some(())?;
                    return Some(format!("[[{negative}{inside}]--{subtracted}]"));
                }
                // At either end it is itself; elsewhere it is not clear what it is.
                '-' if inside.is_empty() || self.rest.peek() == Some(&']') => '-',
                '-' | '[' | ']' => return None,
                '\\' => match self.escape()? {
                    Escape::Character(c) => c,
                    Escape::Set(set) => {
                        inside.push_str(&set);
                        continue;
                    }
                },
                c => c,
            };
            literal(first, &mut inside);
            let mut ahead = self.rest.clone();
            if ahead.next() == Some('-') && !matches!(ahead.peek(), Some(']' | '[') | None) && first != '-' {
                self.rest.next();
                let last = match self.rest.next()? {
                    '\\' => match self.escape()? {
                        Escape::Character(c) => c,
                        Escape::Set(_) => return None,
                    },
                    '-' => return None,
                    c => c,
                };
                (first <= last).then_some(())?;
                inside.push('-');
                literal(last, &mut inside);
            }
        }
    }
}

/// What an escape stands for.
enum Escape {
    Character(char),
    Set(String),
}

/// A character that is itself, inside a set too.
fn literal(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str(r"\n"),
        '\r' => out.push_str(r"\r"),
        '\t' => out.push_str(r"\t"),
        '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' | '#' | '&' | '-' | '~' => {
            out.push('\\');
            out.push(c);
        }
        _ => out.push(c),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "in a test it is the assertion")]
mod tests {
    use super::*;

    fn matches(patterns: &[&str], text: &str) -> bool {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        let expression = translate(&patterns).unwrap_or_else(|| panic!("{patterns:?}"));
        regex::Regex::new(&expression).unwrap_or_else(|error| panic!("{error}")).is_match(text)
    }

    #[test]
    fn the_same_texts_match() {
        for (pattern, good, bad) in [
            ("", &[""][..], &["a"][..]),
            ("a|b", &["a", "b"], &["ab", "a\n", ""]),
            (r"\d{4}", &["1234", "١٢٣٤"], &["123", "12345", "x1234"]),
            ("[A-Z]{2,}-?[0-9]{0,3}", &["AB", "ABC-12"], &["A", "AB-1234"]),
            // Anchors of other dialects are characters here.
            ("^a$", &["^a$"], &["a"]),
            ("a.b", &["axb", "a b"], &["a\nb", "a\rb", "ab"]),
            (r"[\s\S]*", &["", "a\nb"], &[]),
            (r"\S+@\S+", &["a@b"], &["a @b"]),
            (r"\i\c*", &["_a-1.x", "Å:b", ":"], &["1a", "-", "a b"]),
            (r"[\i-[:]][\c-[:]]*", &["a1"], &["a:b", ":a"]),
            (r"\w+", &["aÅ1+$", "x"], &["a b", "a-b", "a.b"]),
            (r"\W", &["-", " "], &["a"]),
            (r"[a-z-[aeiou]]+", &["xyz"], &["xaz", ""]),
            (r"[^a-z-[0-9]]", &["A", "-"], &["a", "5"]),
            (r"[a-z-[a-m-[f]]]", &["f", "z"], &["a", "m"]),
            ("[-a]+", &["-a"], &["b"]),
            ("[a-]+", &["-a"], &["b"]),
            (r"[\-+.,&&~#]+", &["-+.,&~#"], &["a"]),
            (r"[\[\]^]", &["[", "]", "^"], &[r"\"]),
            (r"\p{Lu}\P{Lu}[\p{Nd}x]", &["Åå1", "A-x"], &["aaa", "AA1"]),
            (r"\p{IsBasicLatin}*", &["abc"], &["å"]),
            (r"[^\P{L}]", &["a"], &["1"]),
            (r"(a(b|c){2}){1,2}", &["abc", "abbacc"], &["ab", "abcabcabc"]),
            ("<a>", &["<a>"], &["a"]),
            ("a b", &["a b"], &["ab"]),
        ] {
            good.iter().for_each(|text| assert!(matches(&[pattern], text), "{pattern} does not match {text:?}"));
            bad.iter().for_each(|text| assert!(!matches(&[pattern], text), "{pattern} matches {text:?}"));
        }
        assert!(matches(&["a", "b|c"], "c") && !matches(&["a", "b|c"], "ac"));
    }

    #[test]
    fn what_is_not_exact_is_not_translated() {
        let deep = format!("{}{}", "(".repeat(60), ")".repeat(60));
        for pattern in [
            "a+?",
            "*a",
            "a**",
            "(a",
            "a)",
            "[a",
            "[]",
            "[]a]",
            "[^]",
            "a{",
            "a{x}",
            "a{2,1}",
            "a{,2}",
            r"\$",
            r"\/",
            r"\b",
            r"\x41",
            r"\p{IsTamil}",
            r"\p{Foo}",
            r"\p",
            "[z-a]",
            "[a-b-c]",
            "[[a]]",
            r"[a-\d]",
            "(?:a)",
            "(?i)a",
            "a{1001}",
            "(a{40}){40}",
            "{",
            "}",
            "]",
            r"\",
            &deep,
        ] {
            assert_eq!(one(pattern), None, "{pattern}");
        }
        assert_eq!(translate(&["a".to_owned(), "a+?".to_owned()]), None);
    }

    proptest::proptest! {
        /// Whatever is translated is an expression, and of a size that the runtime compiles.
        #[test]
        fn translations_compile(pattern in r"([a-z0-9 .|?*+()\[\]{},^$\\-]|\\[a-zA-Z]|\[[a-z^]-|\{[0-9]\}){0,20}") {
            if let Some(expression) = translate(&[pattern]) {
                regex::Regex::new(&expression).unwrap();
            }
        }
    }
}
