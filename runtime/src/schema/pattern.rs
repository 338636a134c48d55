//! Patterns over the texts of faults: `*` stands for any text, and case does not count.

/// Characters of a text that are compared with patterns. A service's own texts are sentences.
const COMPARED_CHARACTERS: usize = 2_000;

/// A text as it is compared.
pub(crate) fn comparable(text: &str) -> String {
    text.chars().take(COMPARED_CHARACTERS).flat_map(char::to_lowercase).collect()
}

/// Whether one of these texts, which are comparable, has one of these forms.
pub(crate) fn any(patterns: &[&str], texts: &[String]) -> bool {
    let has = |pattern: &str| texts.iter().any(|text| matches(pattern, text));
    patterns.iter().any(|pattern| has(&pattern.to_lowercase()))
}

/// Whether a text has this form: `*` stands for any text. Each piece is looked for once, from left to right.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let inside = text.strip_prefix(start).and_then(|text| text.strip_suffix(end));
    let Some(mut inside) = inside else { return false };
    middle.split('*').all(|piece| match inside.split_once(piece) {
        Some((_, after)) => {
            inside = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_matched_from_left_to_right() {
        for (pattern, text) in [
            ("locked", "locked"),
            ("*locked*", "is locked out"),
            ("system*locked", "system 7 is locked"),
            ("*a*b*", "xxaxxbxx"),
            ("*a*a*", "aa"),
            ("a*a", "aa"),
            ("*", ""),
            ("**", "x"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("locked", "is locked"), ("*b*a*", "ab"), ("*a*a*", "a"), ("a*a", "a"), ("a*", "ba"), ("", "a")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn case_does_not_count() {
        assert!(any(&["x", "*Locked*"], &[comparable("User is LOCKED"), comparable("y")]));
        assert!(!any(&["*locked*"], &[]) && !any(&[], &[comparable("x")]));
    }
}
