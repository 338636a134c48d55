//! Rules for texts that the documentation of a service states and its schema does not.

use std::any::Any;

use crate::error::Error;
use crate::schema::encode::Encoder;
use crate::schema::slot::Slot;
use crate::value::Nillable;

/// A rule for texts, checked before they are sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextRule {
    without: &'static str,
    extension: bool,
    cdata: bool,
}

impl TextRule {
    /// No rule.
    pub const fn new() -> Self {
        Self { without: "", extension: false, cdata: false }
    }

    /// None of these characters occurs.
    #[must_use]
    pub const fn without(mut self, characters: &'static str) -> Self {
        self.without = characters;
        self
    }

    /// It ends like the name of a file: a dot, and something after it.
    #[must_use]
    pub const fn extension(mut self) -> Self {
        self.extension = true;
        self
    }

    /// It is a document, and is written as a CDATA section.
    #[must_use]
    pub const fn cdata(mut self) -> Self {
        self.cdata = true;
        self
    }

    /// Checks the texts of a member that is written next, where such rules are checked.
    ///
    /// # Errors
    /// The rule that is broken. The text is not quoted.
    pub(crate) fn apply(&self, member: &dyn Slot, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.as_cdata(self.cdata);
        if encoder.checks_rules() { self.check(member) } else { Ok(()) }
    }

    fn check(&self, member: &dyn Slot) -> Result<(), Error> {
        let member = member as &dyn Any;
        if let Some(text) = member.downcast_ref::<String>() {
            return self.check_text(text);
        }
        if let Some(texts) = member.downcast_ref::<Vec<String>>() {
            return texts.iter().try_for_each(|text| self.check_text(text));
        }
        if let Some(texts) = member.downcast_ref::<Vec<Option<String>>>() {
            return texts.iter().flatten().try_for_each(|text| self.check_text(text));
        }
        let optional = member.downcast_ref::<Option<String>>().and_then(Option::as_ref);
        let text = optional.or_else(|| match member.downcast_ref()? {
            Nillable::Value(text) => Some(text),
            Nillable::Absent | Nillable::Nil => None,
        });
        text.map_or(Ok(()), |text| self.check_text(text))
    }

    fn check_text(&self, text: &str) -> Result<(), Error> {
        if text.contains(|character| self.without.contains(character)) {
            let without: Vec<String> = self.without.chars().map(|character| format!("`{character}`")).collect();
            return Err(broken(&format!("without {}", without.join(" and "))));
        }
        let has_extension =
            || text.rsplit_once('.').is_some_and(|(stem, extension)| !stem.is_empty() && !extension.is_empty());
        if self.extension && !has_extension() {
            return Err(broken("with an extension"));
        }
        Ok(())
    }
}

fn broken(asked: &str) -> Error {
    Error::malformed(format!(
        "by the service's documentation it has to be a text {asked} (ConnectionBuilder::documented_rules)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names() {
        let rule = TextRule::new().without(":\\").extension();
        let told = |member: &dyn Slot| rule.check(member).err().map(|error| error.to_string());
        for right in ["a.zip", "æ/b.tar.gz", " .x"] {
            assert_eq!(told(&right.to_owned()), None, "{right}");
            assert_eq!(told(&Some(right.to_owned())), None, "{right}");
            assert_eq!(told(&Nillable::Value(right.to_owned())), None, "{right}");
        }
        assert_eq!(told(&None::<String>), None);
        for (wrong, asked) in [
            ("C:a.zip", "without `:` and `\\`"),
            ("a\\b.zip", "without `:` and `\\`"),
            ("secret", "with an extension"),
            ("secret.", "with an extension"),
            (".secret", "with an extension"),
            ("", "with an extension"),
        ] {
            let told = told(&Some(wrong.to_owned())).unwrap();
            assert!(told.contains(asked) && !told.contains("secret"), "{wrong}: {told}");
            let everywhere: [&dyn Slot; 4] = [
                &wrong.to_owned(),
                &vec!["a.zip".to_owned(), wrong.to_owned()],
                &vec![None, Some(wrong.to_owned())],
                &Nillable::Value(wrong.to_owned()),
            ];
            assert!(everywhere.into_iter().all(|member| rule.check(member).is_err()), "{wrong}");
        }
    }
}
