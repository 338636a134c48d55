//! What `regen` writes outside of generated/: features and re-exports of the facade, counts, and excerpts in documents.

use wsdl_codegen::Summary;

use crate::Result;

/// The lines between two markers, replaced.
fn between(text: &str, begin: &str, end: &str, content: &str) -> Result<String> {
    let start =
        text.find(begin).map(|at| at + begin.len()).ok_or_else(|| format!("the marker `{begin}` is missing"))?;
    let stop = text[start..].find(end).map(|at| start + at).ok_or_else(|| format!("the marker `{end}` is missing"))?;
    Ok(format!("{}{content}{}", &text[..start], &text[stop..]))
}

/// The manifest of the facade, with a feature for each service.
pub(crate) fn features(manifest: &str, services: &[String]) -> Result<String> {
    let mut lines = String::from("\nall-services = [\n    \"ec2\",\n");
    services.iter().for_each(|service| lines.push_str(&format!("    \"{service}\",\n")));
    lines.push_str("]\n");
    services.iter().for_each(|service| lines.push_str(&format!("{service} = [\"altinn-soap-generated/{service}\"]\n")));
    between(manifest, "# Services: written by regen", "# to here.", &lines)
}

/// The root of the facade, with a module for each service.
pub(crate) fn modules(root: &str, services: &[String]) -> Result<String> {
    let module =
        |service: &String| format!("#[cfg(feature = \"{service}\")]\npub use altinn_soap_generated::{service};\n");
    let lines = format!("\n{}", services.iter().map(module).collect::<String>());
    between(root, "// Services: written by regen", "// to here.", &lines)
}

/// The README, with the number of everything.
pub(crate) fn counts(readme: &str, summary: &Summary) -> Result<String> {
    let (services, ports, operations) = (summary.services.len(), summary.ports.len(), summary.operations);
    let counts = format!("{services} services with {ports} ports and {operations} operations");
    between(readme, "<!-- counts -->", "<!-- to here -->", &counts)
}

/// A document with its excerpts cut anew: below `<!-- path: words -->` stand the lines around the first line with these words, up to
/// an empty line on each side. Excerpts without words stay as they are.
pub(crate) fn excerpts(document: &str, source: impl Fn(&str) -> Result<String>) -> Result<String> {
    const FENCE: &str = " -->\n```rust,ignore\n";
    let mut parts = document.split("<!-- ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let cut = part.split_once(FENCE).and_then(|(marker, rest)| Some((marker.split_once(": ")?, rest)));
        text.push_str("<!-- ");
        let Some(((path, words), rest)) = cut else {
            text.push_str(part);
            continue;
        };
        let source = source(path)?;
        let paragraph = source.split("\n\n").find(|paragraph| paragraph.contains(words));
        let paragraph = paragraph.ok_or_else(|| format!("{path} has no `{words}`"))?;
        let (_, after) = rest.split_once("\n```").ok_or("an excerpt without an end")?;
        text.push_str(&format!("{path}: {words}{FENCE}{}\n```{after}", paragraph.trim_matches('\n')));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_markers_is_replaced() {
        let services = ["a".to_owned(), "b".to_owned()];
        let manifest = "x\n# Services: written by regen\nold\n# to here.\ny\n";
        let written = features(manifest, &services).unwrap();
        assert!(written.starts_with("x\n# Services: written by regen\nall-services = [\n    \"ec2\",\n    \"a\",\n"));
        assert!(
            written
                .ends_with("]\na = [\"altinn-soap-generated/a\"]\nb = [\"altinn-soap-generated/b\"]\n# to here.\ny\n")
        );
        assert_eq!(features(&written, &services).unwrap(), written);
        let root = modules("// Services: written by regen\n// to here.\n", &services[..1]).unwrap();
        assert!(root.contains("\n#[cfg(feature = \"a\")]\npub use altinn_soap_generated::a;\n// to here."), "{root}");
        assert!(modules("", &services).unwrap_err().to_string().contains("is missing"));
    }

    #[test]
    fn excerpts_are_cut_by_the_words_above_them() {
        let source = "a\n\n/// What.\npub struct B {\n}\nb!(B);\n\npub struct C {}\n";
        let document = "x <!-- note -->\n<!-- p.rs: pub struct B { -->\n```rust,ignore\nold\n```\ny\n\
                        <!-- p.rs -->\n```rust,ignore\nkept\n```\n";
        let cut =
            excerpts(document, |path| Ok(if path == "p.rs" { source.to_owned() } else { String::new() })).unwrap();
        assert_eq!(
            cut,
            "x <!-- note -->\n<!-- p.rs: pub struct B { -->\n```rust,ignore\n/// What.\npub struct B {\n}\nb!(B);\n```\ny\n\
             <!-- p.rs -->\n```rust,ignore\nkept\n```\n"
        );
        let gone = document.replace("struct B", "struct D");
        assert!(
            excerpts(&gone, |_| Ok(source.to_owned())).unwrap_err().to_string().contains("has no `pub struct D {`")
        );
    }
}
