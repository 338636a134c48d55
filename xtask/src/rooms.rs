//! The rooms of runtime and generator: no room imports from a higher floor or in a circle.
//!
//! A room is a file or folder directly below `src`. Its imports are all paths that begin with `crate` or lead there with
//! `super`, wherever they stand in its sources. In macros that is `$crate`, but not `$crate::generated`: a macro that others
//! call reaches the runtime as their code does. Tests may import what they like, and so may the root of a crate, which is
//! the sum of its rooms.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use crate::{root, tidy};

/// From the ground up. Rooms of one floor may import from each other, but not in a circle.
const RUNTIME: &[&[&str]] = &[
    &[
        "address",
        "blocking",
        "clock",
        "credentials",
        "error",
        "fault",
        "guid",
        "limits",
        "name",
        "printed",
        "random",
        "secret",
        "soap",
        "wiped",
    ],
    &["xml"],
    &["value"],
    &["schema"],
    &["transport"],
    &["mtom"],
    &["security"],
    &["message"],
    &["stream"],
    &["client", "server"],
    &["testing"],
    &["generated"],
];

const CODEGEN: &[&[&str]] = &[
    &["plain"],
    &["diagnostic", "name"],
    &["document"],
    &["config"],
    &["contract"],
    &["rust"],
    &["render"],
    &["bin", "builder", "diff", "files", "inspect", "output"],
];

/// What a room must not see, though it lies below.
const HIDDEN: &[(&str, &str)] = &[("render", "config"), ("render", "contract"), ("render", "document")];

#[test]
fn no_room_of_the_runtime_imports_from_above_or_in_a_circle() {
    assert_floors("runtime/src", RUNTIME);
}

#[test]
fn no_room_of_the_generator_imports_from_above_or_in_a_circle() {
    assert_floors("codegen/src", CODEGEN);
}

#[track_caller]
fn assert_floors(folder: &str, floors: &[&[&str]]) {
    let sources = tidy::sources(folder).into_iter().map(|(path, text)| {
        let path = path.strip_prefix(root().join(folder)).unwrap();
        (path.to_string_lossy().replace('\\', "/"), text)
    });
    let sources: BTreeMap<_, _> = sources.collect();
    let offences = offences(&sources, floors);
    assert!(offences.is_empty(), "{folder}: {} offences\n{}", offences.len(), offences.join("\n"));
}

/// A room that names another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Import {
    room: String,
    of: String,
    file: String,
    line: usize,
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} imports {}", self.file, self.line, self.room, self.of)
    }
}

/// What is wrong with the imports of a crate, by file and line.
fn offences(sources: &BTreeMap<String, String>, floors: &[&[&str]]) -> Vec<String> {
    let floor = |room: &str| floors.iter().position(|floor| floor.contains(&room));
    let rooms: BTreeSet<&str> = sources.keys().map(|file| room(file)).filter(|room| *room != "lib").collect();
    let mut offences = Vec::new();
    for room in floors.iter().flat_map(|floor| *floor).filter(|room| !rooms.contains(*room)) {
        offences.push(format!("there is no room {room}"));
    }
    for room in rooms.iter().filter(|room| floor(room).is_none()) {
        offences.push(format!("{room} has no floor"));
    }
    let imports = imports(sources);
    let level: BTreeSet<(&str, &str)> = imports
        .iter()
        .filter(|import| floor(&import.room) == floor(&import.of))
        .map(|import| (&*import.room, &*import.of))
        .collect();
    for import in &imports {
        let why = if !rooms.contains(&*import.of) {
            "which is no room and in none"
        } else if floor(&import.room).is_some() && floor(&import.of) > floor(&import.room) {
            "from above"
        } else if HIDDEN.contains(&(&*import.room, &*import.of)) {
            "which it must not see"
        } else if floor(&import.of) == floor(&import.room) && leads_to(&level, &import.of, &import.room) {
            "in a circle"
        } else {
            continue;
        };
        offences.push(format!("{import} {why}"));
    }
    offences
}

fn leads_to(imports: &BTreeSet<(&str, &str)>, from: &str, to: &str) -> bool {
    let (mut open, mut seen) = (vec![from], BTreeSet::new());
    while let Some(room) = open.pop() {
        if room == to {
            return true;
        }
        if seen.insert(room) {
            open.extend(imports.iter().filter(|(importer, _)| *importer == room).map(|(_, imported)| *imported));
        }
    }
    false
}

fn room(file: &str) -> &str {
    file.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// `["a", "b"]` of `a/b.rs` and `a/b/mod.rs`.
fn module(file: &str) -> Vec<&str> {
    file.trim_end_matches(".rs").split('/').filter(|part| *part != "mod").collect()
}

/// Every import of a room by another, each file and line once.
fn imports(sources: &BTreeMap<String, String>) -> BTreeSet<Import> {
    let mut found = Vec::new();
    let mut names = BTreeMap::new();
    let mut test_modules: Vec<Vec<String>> = Vec::new();
    for (file, text) in sources {
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
        if file == "lib.rs" {
            names.extend(reexports(text));
            continue;
        }
        let module = module(file);
        let mut scan = Scan { names: Vec::new(), macros: Vec::new(), test_modules: Vec::new() };
        scan.tokens(tokens, module.len());
        names.extend(scan.macros.into_iter().map(|name| (name, room(file).to_owned())));
        test_modules.extend(
            scan.test_modules
                .into_iter()
                .map(|name| module.iter().map(|part| (*part).to_owned()).chain([name]).collect()),
        );
        let is_test = text.contains("#![cfg(test)]") || module.contains(&"tests");
        if !is_test {
            found.push((file, scan.names));
        }
    }
    let mut imports = BTreeSet::new();
    for (file, named) in found {
        if test_modules.iter().any(|test| module(file).iter().zip(test).filter(|(a, b)| a == b).count() == test.len()) {
            continue;
        }
        for (name, line) in named {
            let of = names.get(&name).unwrap_or(&name).clone();
            if of != room(file) {
                imports.insert(Import { room: room(file).to_owned(), of, file: file.clone(), line });
            }
        }
    }
    imports
}

/// The rooms of what `lib.rs` exports under names of its own.
fn reexports(text: &str) -> BTreeMap<String, String> {
    fn walk(tree: &syn::UseTree, room: Option<&syn::Ident>, names: &mut BTreeMap<String, String>) {
        match (tree, room) {
            (syn::UseTree::Path(path), None) => walk(&path.tree, Some(&path.ident), names),
            (syn::UseTree::Path(path), _) => walk(&path.tree, room, names),
            (syn::UseTree::Group(group), _) => group.items.iter().for_each(|tree| walk(tree, room, names)),
            (syn::UseTree::Name(name), Some(room)) => drop(names.insert(name.ident.to_string(), room.to_string())),
            (syn::UseTree::Rename(name), Some(room)) => drop(names.insert(name.rename.to_string(), room.to_string())),
            _ => {}
        }
    }
    let mut names = BTreeMap::new();
    for item in syn::parse_file(text).unwrap().items {
        if let syn::Item::Use(item) = item {
            walk(&item.tree, None, &mut names);
        }
    }
    names
}

/// What stands in a file.
struct Scan {
    /// Names in the root of the crate, with lines.
    names: Vec<(String, usize)>,
    /// Macros that it defines.
    macros: Vec<String>,
    /// Modules in files of their own that are compiled for tests only.
    test_modules: Vec<String>,
}

impl Scan {
    /// `depth` is 0 in the root of the crate, and 1 in a module there.
    fn tokens(&mut self, tokens: TokenStream, depth: usize) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            let after_path = at > 1 && is_colons(&tokens[at - 2..]);
            match rest {
                [TokenTree::Punct(hash), TokenTree::Group(attribute), ..]
                    if hash.as_char() == '#' && attribute.stream().to_string().replace(' ', "") == "cfg(test)" =>
                {
                    at += 2 + self.skip_item(&rest[2..]);
                    continue;
                }
                [TokenTree::Ident(word), TokenTree::Ident(_), TokenTree::Group(body), ..] if word == "mod" => {
                    self.tokens(body.stream(), depth + 1);
                    at += 3;
                    continue;
                }
                [TokenTree::Ident(word), TokenTree::Punct(_), TokenTree::Ident(name), ..] if word == "macro_rules" => {
                    self.macros.push(name.to_string());
                }
                [
                    TokenTree::Punct(dollar),
                    TokenTree::Ident(word),
                    TokenTree::Punct(_),
                    TokenTree::Punct(_),
                    TokenTree::Ident(name),
                    ..,
                ] if dollar.as_char() == '$' && word == "crate" && name == "generated" => {
                    at += 5;
                    continue;
                }
                [TokenTree::Ident(word), ..] if word == "crate" && !after_path => self.path(&rest[1..], 0),
                [TokenTree::Ident(word), ..] if word == "super" && !after_path => {
                    self.path(&rest[1..], depth.saturating_sub(1))
                }
                [TokenTree::Group(group), ..] => self.tokens(group.stream(), depth),
                _ => {}
            }
            at += 1;
        }
    }

    /// What follows `crate`, or the `super` that leads to this depth.
    fn path(&mut self, rest: &[TokenTree], depth: usize) {
        if !is_colons(rest) {
            return;
        }
        match &rest[2..] {
            [TokenTree::Ident(word), rest @ ..] if word == "super" => self.path(rest, depth.saturating_sub(1)),
            [TokenTree::Ident(name), ..] if depth == 0 => {
                self.names.push((name.to_string(), name.span().start().line));
            }
            [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Brace => {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
                for part in inside.split(is_comma) {
                    match part {
                        [TokenTree::Ident(word), rest @ ..] if word == "super" => {
                            self.path(rest, depth.saturating_sub(1))
                        }
                        [TokenTree::Ident(name), ..] if depth == 0 && name != "self" => {
                            self.names.push((name.to_string(), name.span().start().line));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// How many tokens the item has that begins here. Notes the module that it declares.
    fn skip_item(&mut self, rest: &[TokenTree]) -> usize {
        let mut at = 0;
        // Further attributes and the visibility stand before the keyword.
        while let Some(TokenTree::Punct(_) | TokenTree::Group(_)) = rest.get(at) {
            at += 1;
        }
        if matches!(rest.get(at), Some(TokenTree::Ident(word)) if word == "pub") {
            at += 1 + usize::from(matches!(rest.get(at + 1), Some(TokenTree::Group(_))));
        }
        let keyword = rest.get(at).map(ToString::to_string).unwrap_or_default();
        let ends = |token: &TokenTree| match token {
            TokenTree::Punct(mark) => mark.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && keyword != "use",
            _ => false,
        };
        if let ("mod", Some([TokenTree::Ident(name), TokenTree::Punct(_)])) = (&*keyword, rest.get(at + 1..at + 3)) {
            self.test_modules.push(name.to_string());
        }
        rest.iter().position(ends).map_or(rest.len(), |at| at + 1)
    }
}

fn is_colons(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(one), TokenTree::Punct(other), ..]
        if one.as_char() == ':' && one.spacing() == Spacing::Joint && other.as_char() == ':')
}

#[test]
fn imports_are_found_wherever_they_stand() {
    let source = |text: &str| text.to_owned();
    let sources = BTreeMap::from([
        ("lib.rs".to_owned(), source("mod low; mod high; mod same; pub use high::thing::{Thing, Other as Renamed};")),
        (
            "low.rs".to_owned(),
            source(
                "#[cfg(test)] pub(crate) use crate::high::{A, B};\n#[cfg(test)]\nmod proofs;\nuse crate::{same, high::{self}};\n\
             fn f(x: &crate::Thing) -> super::Renamed { mod inner { use super::super::same::X; } }\n\
             /// [`crate::high::Ignored`]\npub(crate) fn g() { $crate::shout!() $crate::generated::v1::x }\n#[cfg(test)] mod tests { use crate::high::X; }",
            ),
        ),
        ("low/proofs.rs".to_owned(), source("use crate::high::X;")),
        ("same/mod.rs".to_owned(), source("use super::low;\nuse crate::same::deep;")),
        ("same/deep.rs".to_owned(), source("use super::other; use super::super::high::Z;")),
        ("same/tests/all.rs".to_owned(), source("use crate::high::X;")),
        (
            "high.rs".to_owned(),
            source("use crate::low::{self, crate_like}; macro_rules! shout { () => { $crate::low::x } }"),
        ),
    ]);
    let found: Vec<_> =
        imports(&sources).into_iter().map(|import| format!("{}:{} {}", import.file, import.line, import.of)).collect();
    assert_eq!(
        found,
        [
            "high.rs:1 low",
            "low.rs:4 high",
            "low.rs:5 high",
            "low.rs:7 high",
            "low.rs:4 same",
            "low.rs:5 same",
            "same/deep.rs:1 high",
            "same/mod.rs:1 low"
        ]
    );
    let offences = offences(&sources, &[&["low", "same"], &["high"]]);
    assert_eq!(offences.len(), 7, "{offences:?}");
    assert_eq!(offences.iter().filter(|offence| offence.ends_with("in a circle")).count(), 3);
    assert_eq!(offences.iter().filter(|offence| offence.ends_with("from above")).count(), 4);
    let unknown = self::offences(&sources, &[&["low"], &["high", "none"]]);
    assert!(unknown.contains(&"same has no floor".to_owned()) && unknown.contains(&"there is no room none".to_owned()));
}
