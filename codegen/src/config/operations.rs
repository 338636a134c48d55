//! Which operations of a port are generated.

use serde::Deserialize;

use super::matches;

/// Patterns over the names of operations (`*` is a wildcard). Without any, all are generated.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct OperationFilter {
    /// If there are any: only these operations are generated.
    pub include: Vec<String>,
    /// These are not.
    pub skip: Vec<String>,
}

impl OperationFilter {
    /// Whether an operation of this name is generated.
    pub fn takes(&self, name: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, name));
        (self.include.is_empty() || any(&self.include)) && !any(&self.skip)
    }

    /// The first pattern that stands for none of these names.
    pub(crate) fn without_effect<'f>(&'f self, names: &[&str]) -> Option<&'f str> {
        let mut patterns = self.include.iter().chain(&self.skip).map(String::as_str);
        patterns.find(|pattern| !names.iter().any(|name| matches(pattern, name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_included_and_skipped_by_pattern() {
        let list = |patterns: &[&str]| patterns.iter().map(|one| (*one).to_owned()).collect();
        let filter = |include: &[&str], skip: &[&str]| OperationFilter { include: list(include), skip: list(skip) };
        assert!(OperationFilter::default().takes("Get"));
        assert!(filter(&["Get*"], &[]).takes("GetAll") && !filter(&["Get*"], &[]).takes("Set"));
        assert!(filter(&["Get*"], &["*All"]).takes("Get") && !filter(&["Get*"], &["*All"]).takes("GetAll"));
        assert_eq!(filter(&["Get*"], &["Set"]).without_effect(&["GetAll"]), Some("Set"));
        assert_eq!(filter(&["Get*"], &["*All"]).without_effect(&["GetAll"]), None);
    }
}
