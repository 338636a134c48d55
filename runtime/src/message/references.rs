//! References of SOAP encoding: `href="#id"` stands for the content of the element with that `id` (section 5.4.1 of SOAP
//! 1.1), and so does `enc:ref="id"` of `enc:id` (section 3.1.5 of part 2 of SOAP 1.2).
//!
//! They are written out before a message is read, so that nothing else knows of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::soap::SoapVersion;
use crate::xml::{ENCODING_12, Edge, Reader, escape};

/// The document with all references written out.
///
/// # Errors
/// XML that is not well-formed, a reference that leads nowhere or in a circle, or a document that becomes larger than
/// [`XmlLimits::memory`].
pub(super) fn written_out<'d>(
    soap: SoapVersion,
    document: &'d [u8],
    limits: &XmlLimits,
) -> Result<Cow<'d, [u8]>, Error> {
    let mark: &[u8] = if soap == SoapVersion::Soap11 { b"href" } else { b":ref" };
    if memchr::memmem::find(document, mark).is_none() {
        return Ok(Cow::Borrowed(document));
    }
    let found = References::find(soap, document, limits)?;
    if found.references.is_empty() {
        return Ok(Cow::Borrowed(document));
    }
    let mut out =
        Output { document, found: &found, limits, written: Vec::with_capacity(document.len()), open: Vec::new() };
    out.copy(0..document.len())?;
    Ok(Cow::Owned(out.written))
}

/// What a document refers to, by the byte at which the element begins.
#[derive(Default)]
struct References {
    /// Elements that refer to another.
    references: BTreeMap<usize, Reference>,
    /// Where elements with an id begin.
    ids: BTreeMap<String, usize>,
    targets: BTreeMap<usize, Target>,
    /// Where the targets begin that stand beside the message only to be referred to.
    independent: BTreeSet<usize>,
}

/// An element with `href`.
struct Reference {
    whole: Range<usize>,
    namespace: String,
    local: String,
    id: String,
}

/// An element with `id`.
struct Target {
    whole: Range<usize>,
    content: Range<usize>,
    /// Its other attributes, and all declarations in force.
    attributes: String,
    /// The default namespace in force.
    default_namespace: bool,
}

impl References {
    fn find(soap: SoapVersion, document: &[u8], limits: &XmlLimits) -> Result<Self, Error> {
        let mut reader = Reader::new(document, limits);
        let mut found = Self::default();
        // Of each open element, where it begins if it is of interest.
        let mut open: Vec<Option<usize>> = Vec::new();
        // How many children of the Body have begun: the message is the first.
        let mut body: Option<usize> = None;
        while let Some(edge) = reader.edge()? {
            match edge {
                Edge::Start(at) => {
                    match reader.depth() {
                        2 => body = (reader.name().1 == "Body").then_some(0),
                        3 => body = body.map(|count| count + 1),
                        _ => {}
                    }
                    let is_independent = reader.depth() == 3 && body.is_some_and(|count| count > 1);
                    let interesting = found.start(soap, at, &reader)?;
                    open.push(interesting.then_some(at));
                    if let Some(target) = found.targets.get_mut(&at) {
                        target.content.start = reader.position();
                        // Each holds what is declared around it.
                        reader.charge(size_of::<Target>() + target.attributes.len())?;
                        if is_independent {
                            found.independent.insert(at);
                        }
                    }
                    if let Some(reference) = found.references.get(&at) {
                        reader.charge(size_of::<Reference>() + reference.namespace.len())?;
                    }
                }
                Edge::End(end) => {
                    let Some(at) = open.pop().flatten() else { continue };
                    if let Some(target) = found.targets.get_mut(&at) {
                        // Of `<x/>`, content begins and ends behind the tag.
                        target.content.end = end.max(target.content.start);
                        target.whole.end = reader.position();
                    }
                    if let Some(reference) = found.references.get_mut(&at) {
                        reference.whole.end = reader.position();
                    }
                }
            }
        }
        Ok(found)
    }

    /// Notes an element that refers or is referred to.
    fn start(&mut self, soap: SoapVersion, at: usize, reader: &Reader<'_>) -> Result<bool, Error> {
        if !reader.has_attributes() {
            return Ok(false);
        }
        let attributes = reader.written_attributes()?;
        let is_in_encoding = |prefix: &str| {
            let scopes = reader.scopes();
            scopes.resolve(prefix.as_bytes()).is_some_and(|resolved| scopes.namespace(resolved) == ENCODING_12)
        };
        let is_named = |written: &str, name: &str| match soap {
            SoapVersion::Soap11 => written == name,
            SoapVersion::Soap12 => {
                written.split_once(':').is_some_and(|(prefix, local)| local == name && is_in_encoding(prefix))
            }
        };
        let value = |name: &str| attributes.iter().find(|(key, _)| is_named(key, name)).map(|(_, value)| *value);
        let reference = match soap {
            SoapVersion::Soap11 => value("href").and_then(|href| href.strip_prefix('#')),
            SoapVersion::Soap12 => value("ref"),
        };
        if let Some(id) = reference {
            let (namespace, local) = reader.name();
            let (namespace, local) = (namespace.to_owned(), local.to_owned());
            self.references.insert(at, Reference { whole: at..at, namespace, local, id: id.to_owned() });
            return Ok(true);
        }
        let Some(id) = value("id") else { return Ok(false) };
        let mut written = Vec::new();
        let mut default_namespace = false;
        for (prefix, namespace) in reader.scopes().in_force_outside(reader.depth() + 1) {
            let prefix = std::str::from_utf8(prefix).unwrap_or_default();
            default_namespace |= prefix.is_empty() && !namespace.is_empty();
            written.extend_from_slice(if prefix.is_empty() { b" xmlns" } else { b" xmlns:" });
            written.extend_from_slice(prefix.as_bytes());
            written.extend_from_slice(b"=\"");
            escape::push(&mut written, namespace, escape::Within::Attribute)?;
            written.push(b'"');
        }
        for (name, value) in attributes.iter().filter(|(name, _)| !is_named(name, "id") && !name.ends_with(":root")) {
            let quote = if value.contains('"') { '\'' } else { '"' };
            written.extend_from_slice(format!(" {name}={quote}{value}{quote}").as_bytes());
        }
        let attributes = String::from_utf8(written).map_err(|_| reader.error("bytes that are not UTF-8"))?;
        self.ids.insert(id.to_owned(), at);
        let target = Target { whole: at..at, content: at..at, attributes, default_namespace };
        self.targets.insert(at, target);
        Ok(true)
    }
}

struct Output<'d> {
    document: &'d [u8],
    found: &'d References,
    limits: &'d XmlLimits,
    written: Vec<u8>,
    /// The references that are being written out, one inside the other.
    open: Vec<&'d str>,
}

impl<'d> Output<'d> {
    /// Copies a part of the document.
    fn copy(&mut self, part: Range<usize>) -> Result<(), Error> {
        let found = self.found;
        let mut from = part.start;
        // The next one is looked up each time: those inside of what was left out are not walked through.
        loop {
            let reference = found.references.range(from..part.end).next();
            let independent = found.independent.range(from..part.end).next();
            from = match (reference, independent) {
                (Some((at, reference)), other) if other.is_none_or(|other| at < other) => {
                    self.push(from..*at)?;
                    self.refer(reference)?;
                    reference.whole.end
                }
                (_, Some(at)) => {
                    self.push(from..*at)?;
                    found.targets.get(at).map_or(part.end, |target| target.whole.end)
                }
                (_, None) => break,
            };
        }
        self.push(from..part.end)
    }

    /// Writes what a reference stands for.
    fn refer(&mut self, reference: &'d Reference) -> Result<(), Error> {
        let error = |what| Error::malformed(what).at_offset(reference.whole.start);
        let target = self.found.ids.get(&reference.id).and_then(|at| self.found.targets.get(at));
        let target = target.ok_or_else(|| error("a reference to an id that is not there"))?;
        if self.open.contains(&reference.id.as_str()) {
            return Err(error("references in a circle"));
        }
        if self.open.len() >= self.limits.depth as usize {
            return Err(error("elements nested deeper than allowed (XmlLimits::depth)"));
        }
        // A prefix of its own: the declarations of the target may mean another namespace by that of the reference.
        let (name, declaration) = match reference.namespace.as_str() {
            "" if target.default_namespace => {
                return Err(error("a reference into a default namespace, which is not read"));
            }
            "" => (reference.local.clone(), String::new()),
            namespace => {
                let mut escaped = Vec::new();
                escape::push(&mut escaped, namespace, escape::Within::Attribute)?;
                let escaped = String::from_utf8_lossy(&escaped).into_owned();
                (format!("href-name:{}", reference.local), format!(" xmlns:href-name=\"{escaped}\""))
            }
        };
        self.written.extend_from_slice(format!("<{name}{declaration}{}>", target.attributes).as_bytes());
        self.open.push(&reference.id);
        self.copy(target.content.clone())?;
        self.open.pop();
        self.written.extend_from_slice(format!("</{name}>").as_bytes());
        Ok(())
    }

    fn push(&mut self, part: Range<usize>) -> Result<(), Error> {
        let piece = self.document.get(part.clone()).unwrap_or_default();
        if self.written.len().saturating_add(piece.len()) > self.limits.memory.max(self.document.len()) {
            let what = "the references, written out, take more memory than allowed (XmlLimits::memory)";
            return Err(Error::malformed(what).at_offset(part.start));
        }
        self.written.extend_from_slice(piece);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(content: &str) -> Result<String, Error> {
        written_as(SoapVersion::Soap11, content)
    }

    fn written_as(soap: SoapVersion, content: &str) -> Result<String, Error> {
        let document = format!("<s:E xmlns:s='urn:s'><s:Body>{content}</s:Body></s:E>");
        let text = written_out(soap, document.as_bytes(), &XmlLimits::default())?.into_owned();
        let text = String::from_utf8(text).unwrap();
        let inside = text.strip_prefix("<s:E xmlns:s='urn:s'><s:Body>").unwrap();
        Ok(inside.strip_suffix("</s:Body></s:E>").unwrap().to_owned())
    }

    #[test]
    fn a_reference_becomes_what_it_refers_to() {
        let found = written(
            "<o><a href=\"#1\"/><p:b href='#1' xmlns:p='urn:p'></p:b><c href='cid:x'/></o><m id='1' x:root='0' xmlns:x='urn:x' x:t='\"'>v<d href='#2'/></m><m id='2'/>",
        );
        let inner = |name: &str, declared: &str| {
            format!(
                "<{name}{declared} xmlns:s=\"urn:s\" xmlns:x=\"urn:x\" x:t='\"'>v<d xmlns:s=\"urn:s\"></d></{name}>"
            )
        };
        let (a, b) = (inner("a", ""), inner("href-name:b", " xmlns:href-name=\"urn:p\""));
        assert_eq!(found.unwrap(), format!("<o>{a}{b}<c href='cid:x'/></o>"));
    }

    #[test]
    fn what_is_referred_to_in_place_stays() {
        assert_eq!(
            written("<o><a id='1'>v</a><b href='#1'/></o>").unwrap(),
            "<o><a id='1'>v</a><b xmlns:s=\"urn:s\">v</b></o>"
        );
        assert_eq!(written("<o><a id='1'>v</a></o>").unwrap(), "<o><a id='1'>v</a></o>");
    }

    /// In SOAP 1.2 the value stands where it occurs first, and the attributes have a namespace.
    #[test]
    fn references_of_soap_1_2() {
        let declared = format!("xmlns:e='{ENCODING_12}'");
        assert_eq!(
            written_as(
                SoapVersion::Soap12,
                &format!("<o {declared}><a e:id='1' b='2'>v</a><b e:ref='1'/><c ref='1' href='#1'/></o>")
            )
            .unwrap(),
            format!(
                "<o {declared}><a e:id='1' b='2'>v</a><b xmlns:s=\"urn:s\" xmlns:e=\"{ENCODING_12}\" b=\"2\">v</b>\
                 <c ref='1' href='#1'/></o>"
            )
        );
        let circle = format!("<o {declared}><a e:id='1'><b e:ref='1'/></a></o>");
        assert!(written_as(SoapVersion::Soap12, &circle).unwrap_err().to_string().contains("in a circle"));
    }

    #[test]
    fn circles_and_loose_ends_are_errors() {
        for (content, what) in [
            ("<o><a href='#1'/></o>", "not there"),
            ("<o><a href='#1'/></o><m id='1'><b href='#1'/></m>", "in a circle"),
            ("<o><a href='#1'/></o><m id='1'><b href='#2'/></m><m id='2'><b href='#1'/></m>", "in a circle"),
        ] {
            let error = written(content).expect_err(content).to_string();
            assert!(error.contains(what), "{content}: {error}");
        }
    }

    /// Each element refers to the next twice: written out, there would be 2^40.
    #[test]
    fn what_multiplies_is_stopped() {
        let levels: String =
            (0..40).map(|at| format!("<m id='{at}'><b href='#{0}'/><b href='#{0}'/></m>", at + 1)).collect();
        let document =
            format!("<s:E xmlns:s='urn:s'><s:Body><o><a href='#0'/></o>{levels}<m id='40'>v</m></s:Body></s:E>");
        let limits = XmlLimits { memory: 1 << 20, ..XmlLimits::default() };
        let error =
            written_out(SoapVersion::Soap11, document.as_bytes(), &limits).expect_err("it multiplies").to_string();
        assert!(error.contains("XmlLimits::memory"), "{error}");
    }

    /// Each target holds what is declared around it, however short it is itself.
    #[test]
    fn what_is_noted_of_targets_is_counted() {
        let declared = format!("xmlns:p='{}'", "n".repeat(10_000));
        let document =
            format!("<s:E xmlns:s='urn:s' {declared}><o><a href='#1'/></o>{}</s:E>", "<m id='1'/>".repeat(1000));
        let limits = XmlLimits { memory: 1 << 20, ..XmlLimits::default() };
        let error = written_out(SoapVersion::Soap11, document.as_bytes(), &limits).expect_err("10 MB are noted");
        assert!(error.to_string().contains("XmlLimits::memory"), "{error}");
    }

    /// A reference replaces what stands in it. With a look at each of these references for each use of their target, this would
    /// take hours.
    #[test]
    fn what_is_left_out_is_not_walked_through() {
        let (left_out, uses) = ("<c href='#y'/>".repeat(100_000), "<a href='#t'/>".repeat(100_000));
        let content = format!("<o>{uses}<t id='t'><b href='#x'>{left_out}</b></t><x id='x'/></o>");
        assert_eq!(written(&content).unwrap().matches("<b xmlns:s=\"urn:s\"></b>").count(), 100_001);
    }
}
