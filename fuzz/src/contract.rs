//! Contracts that are nearly right: made by the grammar of the generator's own tests, or their fixtures, changed.

use std::sync::OnceLock;

use wsdl_codegen::{Config, SourceSet, generate};

use crate::choices::Choices;
use crate::mutate::Change;
use crate::outcome::Verdict;
use crate::tree::Element;

#[path = "../../tests/support/contracts.rs"]
mod grammar;

fn fixtures() -> &'static [Element] {
    static ALL: OnceLock<Vec<Element>> = OnceLock::new();
    ALL.get_or_init(|| {
        let files = crate::fixtures("codegen", "wsdl").into_iter().chain(crate::fixtures("read", "wsdl"));
        let texts = files.filter_map(|path| std::fs::read_to_string(path).ok());
        texts.filter(|text| roxmltree::Document::parse(text).is_ok()).map(|text| Element::parse(&text)).collect()
    })
}

/// A contract. Accepted is one for which code is written, and twice the same.
pub(crate) fn contract(input: &[u8]) -> Verdict {
    let mut choices = Choices::new(input);
    let mut sources = SourceSet::new();
    if choices.one_in(2) {
        let fixture = fixtures()[choices.below(fixtures().len())].clone();
        let text = Change::of(choices).written(fixture, 0);
        sources.insert("fuzz.wsdl", String::from_utf8_lossy(&text).into_owned());
    } else {
        grammar::nearly_right(choices.rest()).into_iter().for_each(|(name, text)| sources.insert(name, text));
    }
    match generate(&sources, &Config::default()) {
        Ok(generated) => {
            let again = generate(&sources, &Config::default());
            let texts = |files: &[wsdl_codegen::GeneratedFile]| -> Vec<String> {
                files.iter().map(|file| file.text.clone()).collect()
            };
            assert!(
                again.is_ok_and(|again| texts(&again.files) == texts(&generated.files)),
                "the same contract gives other code"
            );
            Verdict::Accepted
        }
        Err(diagnostics) => {
            assert!(!diagnostics.to_string().is_empty(), "refused without a reason");
            Verdict::Refused("diagnostics")
        }
    }
}
