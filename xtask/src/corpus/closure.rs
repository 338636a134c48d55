//! Which files of a folder belong together: a root, and what it can reach.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use wsdl_codegen::document::source::decode;

use super::scan::{Link, Scanned, scan};
use crate::Result;

/// Beyond this a file is no contract.
const MOST_OCTETS: u64 = 64 << 20;

/// The contracts and schemas of a folder, by their paths in it, with `/`.
#[derive(Debug, Default)]
pub(super) struct Folder {
    path: PathBuf,
    files: BTreeMap<String, Scanned>,
    /// Paths in lower case: published copies often differ in case from what refers to them.
    lower: BTreeMap<String, Vec<String>>,
}

impl Folder {
    /// Reads a folder and all below; what is hidden and what is a link is passed by.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let mut folder = Self { path: std::path::absolute(path)?, ..Self::default() };
        let mut waiting = vec![folder.path.clone()];
        while let Some(next) = waiting.pop() {
            for entry in fs::read_dir(&next).map_err(|error| format!("{}: {error}", next.display()))? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if entry.file_name().as_encoded_bytes().starts_with(b".") {
                    continue;
                }
                if kind.is_dir() {
                    waiting.push(entry.path());
                } else if kind.is_file() && entry.metadata()?.len() <= MOST_OCTETS {
                    let path = entry.path();
                    let Some(name) = path.strip_prefix(&folder.path).ok().and_then(Path::to_str) else { continue };
                    // What cannot be decoded is still scanned: the generator is to say what is wrong with it.
                    let octets = fs::read(&path)?;
                    let text = decode(&octets).unwrap_or_else(|_| String::from_utf8_lossy(&octets).into_owned());
                    if let Some(scanned) = scan(&text) {
                        folder.add(&name.replace('\\', "/"), scanned);
                    }
                }
            }
        }
        Ok(folder)
    }

    fn add(&mut self, name: &str, scanned: Scanned) {
        self.lower.entry(name.to_lowercase()).or_default().push(name.to_owned());
        self.files.insert(name.to_owned(), scanned);
    }

    /// How many contracts and schemas there are.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// The paths of the roots, sorted.
    pub(super) fn roots(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|(_, scanned)| scanned.is_root).map(|(name, _)| name.as_str())
    }

    /// Where a file lies.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A root with all that it reaches, sorted.
    pub(super) fn closure(&self, root: &str) -> BTreeSet<String> {
        let mut closure = BTreeSet::from([root.to_owned()]);
        let mut waiting = vec![root.to_owned()];
        while let Some(from) = waiting.pop() {
            for link in self.files.get(&from).iter().flat_map(|scanned| &scanned.links) {
                for found in self.linked(&from, link) {
                    if closure.insert(found.clone()) {
                        waiting.push(found);
                    }
                }
            }
        }
        closure
    }

    /// By location, from the folder of the one that refers to it or from one above; else the file of that name beside it;
    /// else those beside it that define the namespace.
    fn linked(&self, from: &str, link: &Link) -> Vec<String> {
        let here = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let location = link.location.as_deref().map(|location| location.split('#').next().unwrap_or_default());
        if let Some(location) = location {
            let path = location.split('?').next().unwrap_or_default();
            let is_address = location.contains("://") || location.starts_with('/');
            let file = path.rsplit('/').next().unwrap_or_default();
            let tries = if is_address { [file, file] } else { [location, path] };
            // Projects often write locations relative to a folder of theirs, somewhere above.
            let folders = std::iter::successors(Some(here), |folder| {
                (!folder.is_empty()).then(|| folder.rsplit_once('/').map_or("", |(above, _)| above))
            });
            let found = folders.take(if is_address { 1 } else { usize::MAX }).find_map(|folder| {
                let spellings = tries.iter().flat_map(|path| [(*path).to_owned(), percent_decode(path)]);
                spellings.into_iter().find_map(|path| self.at(folder, &path))
            });
            let found = found.or_else(|| self.at(here, &percent_decode(file)));
            if let Some(found) = found.filter(|found| found != from) {
                return vec![found];
            }
        }
        let beside = |name: &&String| name.rsplit_once('/').map_or("", |(folder, _)| folder) == here && *name != from;
        let defines = |scanned: &Scanned| {
            // Another service is no part of this one.
            scanned.kind == link.kind && scanned.namespace == link.namespace && !scanned.has_service
        };
        let found = self.files.iter().filter(|(name, scanned)| beside(name) && defines(scanned));
        found.map(|(name, _)| name.clone()).collect()
    }

    fn at(&self, here: &str, path: &str) -> Option<String> {
        let name = joined(here, path)?;
        if self.files.contains_key(&name) {
            return Some(name);
        }
        match self.lower.get(&name.to_lowercase())?.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }
}

/// A relative path from a folder on; `None` if it leads out.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

pub(super) fn percent_decode(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(octet) => {
                octets.push(octet);
                rest = &tail[2..];
            }
            None => {
                octets.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::scan::Kind;
    use super::*;

    /// `kind namespace root? → links`, as `location|namespace` of schemas, or with `w:` before it of WSDL documents.
    fn folder(files: &[(&str, &str, bool, &[&str])]) -> Folder {
        let mut folder = Folder::default();
        for (name, namespace, is_root, links) in files {
            let link = |written: &&str| {
                let (kind, rest) = match written.strip_prefix("w:") {
                    Some(rest) => (Kind::Wsdl, rest),
                    None => (Kind::Schema, *written),
                };
                let (location, namespace) = rest.split_once('|').unwrap();
                let location = Some(location.to_owned()).filter(|location| !location.is_empty());
                Link { kind, location, namespace: namespace.to_owned() }
            };
            let kind = if name.ends_with(".xsd") { Kind::Schema } else { Kind::Wsdl };
            let links = links.iter().map(link).collect();
            folder.add(
                name,
                Scanned { kind, namespace: (*namespace).to_owned(), is_root: *is_root, has_service: *is_root, links },
            );
        }
        folder
    }

    fn reached(folder: &Folder, root: &str) -> Vec<String> {
        folder.closure(root).into_iter().filter(|name| name != root).collect()
    }

    #[test]
    fn by_location() {
        let folder = folder(&[
            ("a/r.wsdl", "", true, &["../x/y%20z.xsd|urn:y", "T.XSD|urn:t", "../../out.xsd|urn:o"]),
            ("x/y z.xsd", "urn:y", false, &["../a/r.wsdl|", "./deep/d.xsd#id|urn:d"]),
            ("x/deep/d.xsd", "urn:d", false, &["../y%20z.xsd|urn:y"]),
            ("a/t.xsd", "urn:t", false, &[]),
            ("a/other.xsd", "urn:other", false, &[]),
        ]);
        assert_eq!(reached(&folder, "a/r.wsdl"), ["a/t.xsd", "x/deep/d.xsd", "x/y z.xsd"]);
        assert_eq!(folder.roots().collect::<Vec<_>>(), ["a/r.wsdl"]);
    }

    #[test]
    fn by_a_location_from_a_folder_above() {
        let folder = folder(&[
            ("p/src/wsdl/r.wsdl", "", true, &["src/t.xsd|urn:t", "src/u.xsd|urn:u", "gone/v.xsd|urn:v"]),
            ("p/src/wsdl/v.xsd", "urn:v", false, &[]),
            ("p/src/t.xsd", "urn:t", false, &[]),
            ("src/t.xsd", "urn:t", false, &[]),
            ("src/u.xsd", "urn:u", false, &[]),
        ]);
        assert_eq!(reached(&folder, "p/src/wsdl/r.wsdl"), ["p/src/t.xsd", "p/src/wsdl/v.xsd", "src/u.xsd"]);
    }

    #[test]
    fn an_address_is_a_file_beside() {
        let folder = folder(&[
            (
                "r.wsdl",
                "",
                true,
                &["http://localhost/x/t.xsd|urn:t", "http://h/S.svc?xsd=xsd0|urn:0", "/srv/u.xsd|urn:u"],
            ),
            ("t.xsd", "urn:t", false, &[]),
            ("u.xsd", "urn:u", false, &[]),
            ("xsd0.xsd", "urn:0", false, &[]),
            ("a/xsd0.xsd", "urn:0", false, &[]),
        ]);
        assert_eq!(reached(&folder, "r.wsdl"), ["t.xsd", "u.xsd", "xsd0.xsd"]);
    }

    #[test]
    fn by_namespace_beside_but_no_other_service() {
        let folder = folder(&[
            ("r.wsdl", "", true, &["|urn:t", "w:?wsdl=b|urn:w"]),
            ("one.xsd", "urn:t", false, &[]),
            ("two.xsd", "urn:t", false, &[]),
            ("below/t.xsd", "urn:t", false, &[]),
            ("w.wsdl", "urn:w", false, &[]),
            ("other.wsdl", "urn:w", true, &[]),
        ]);
        assert_eq!(reached(&folder, "r.wsdl"), ["one.xsd", "two.xsd", "w.wsdl"]);
    }

    #[test]
    fn what_leads_out_leads_nowhere() {
        assert_eq!(joined("a/b", "../../c.xsd"), Some("c.xsd".to_owned()));
        assert_eq!(joined("a", "../../c.xsd"), None);
        assert_eq!(percent_decode("a%20b%zz%"), "a b%zz%");
    }
}
