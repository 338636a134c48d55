//! What generated code may rely on: the listing of `generated::v1` in `runtime/generated-v1.txt`, which only grows.

mod modules;
mod print;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::Item;

use self::modules::{Found, ModulePath, Modules, attributes, conditions, is_public, used};
use self::print::Line;
use crate::environment::update;
use crate::root;

const LISTING: &str = "runtime/generated-v1.txt";

#[test]
fn generated_v1_only_grows() {
    let actual = listing(&root().join("runtime/src"));
    let path = root().join(LISTING);
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let (gone, new) = difference(&expected, &actual);
    assert!(
        gone.is_empty(),
        "went from generated::v1, or changed:\n{}\nNow there is:\n{}",
        gone.join("\n"),
        new.join("\n")
    );
    if update() {
        fs::write(&path, actual).unwrap();
    } else {
        assert!(new.is_empty(), "not in {LISTING}; if it is to stay for good, run with UPDATE=1:\n{}", new.join("\n"));
    }
}

/// Lines of one only, and of the other only.
fn difference<'a>(expected: &'a str, actual: &'a str) -> (Vec<&'a str>, Vec<&'a str>) {
    let [expected, actual] = [expected, actual].map(|text| text.lines().collect::<BTreeSet<_>>());
    (expected.difference(&actual).copied().collect(), actual.difference(&expected).copied().collect())
}

/// A type or trait, by where it is defined.
type Definition = (ModulePath, String);

/// Everything that `generated::v1` of a crate exports, a line each. A mark says which features bring it.
fn listing(src: &Path) -> String {
    let modules = Modules::read(src);
    let mut exported = Vec::new();
    let module: ModulePath = ["generated", "v1"].map(str::to_owned).to_vec();
    for item in &modules.get(&["generated", "v1"]).items {
        let Some(own) = conditions(attributes_of_export(item)) else { continue };
        match item {
            Item::Use(item) if is_public(&item.vis) => {
                for (path, name) in used(item) {
                    exported.push((name.clone(), modules.resolve(&module, &path), own.clone()));
                }
            }
            Item::Use(_) => {}
            item => exported.extend(public_name(item).map(|name| {
                let here = Found::Item { module: module.clone(), item, conditions: Vec::new() };
                (name, vec![here], own.clone())
            })),
        }
    }
    let mut lines: BTreeSet<(String, Line)> = BTreeSet::new();
    let mut definitions: BTreeMap<Definition, (String, Vec<String>)> = BTreeMap::new();
    for (name, found, own) in exported {
        assert!(!found.is_empty(), "{name} leads nowhere");
        for found in found {
            let (new, conditions) = match found {
                Found::Item { module, item, conditions } => {
                    if let Some(ident) = defined_name(item) {
                        definitions.insert((module, ident), (name.clone(), [own.clone(), conditions.clone()].concat()));
                    }
                    let derived = print::derived(&name, item);
                    (print::item(&name, item).into_iter().chain(derived).collect(), conditions)
                }
                Found::Macro { item, conditions } => (print::arms(&name, item), conditions),
                Found::Foreign(path) => (vec![Line::new(format!("use {path} as {name}"), &[])], Vec::new()),
            };
            lines.extend(new.into_iter().map(|line| (name.clone(), line.under(&own).under(&conditions))));
        }
    }
    lines.extend(implementations(&modules, &definitions));
    lines.into_iter().map(|(_, line)| line.print() + "\n").collect()
}

/// What stands in `impl` anywhere in the crate, of exported types and of exported traits.
fn implementations(
    modules: &Modules,
    definitions: &BTreeMap<Definition, (String, Vec<String>)>,
) -> Vec<(String, Line)> {
    let mut lines = Vec::new();
    for (path, module) in modules.all() {
        for item in &module.items {
            let (Item::Impl(code), Some(own)) = (item, conditions(attributes(item))) else { continue };
            let ty = print::type_path(&code.self_ty).map_or(Of::Others, |ty| of(modules, path, &ty, definitions));
            let (ty, new) = match (&code.trait_, ty) {
                // The impls of a type that cannot be named outside do not matter.
                (_, Of::Hidden) => continue,
                (None, ty) => (ty, print::inherent(code)),
                (Some((_, of_trait, _)), Of::Others) => {
                    (of(modules, path, &print::path(of_trait), definitions), vec![Line::new(print::header(code), &[])])
                }
                (Some(_), ty) => (ty, vec![Line::new(print::header(code), &[])]),
            };
            let Of::Exported(name, conditions) = ty else { continue };
            let under = [conditions, &module.conditions, &own].concat();
            lines.extend(new.into_iter().map(|line| (name.to_owned(), line.under(&under))));
        }
    }
    lines
}

/// Whose a name is.
enum Of<'a> {
    /// Exported under this name and conditions.
    Exported(&'a str, &'a [String]),
    /// The crate's alone.
    Hidden,
    /// Another crate's, or a type without a name.
    Others,
}

fn of<'a>(
    modules: &Modules,
    module: &[String],
    path: &[String],
    definitions: &'a BTreeMap<Definition, (String, Vec<String>)>,
) -> Of<'a> {
    for found in modules.resolve(module, path) {
        if let Found::Item { module, item, .. } = found
            && let Some(ident) = defined_name(item)
        {
            return match definitions.get(&(module, ident)) {
                Some((name, conditions)) => Of::Exported(name, conditions),
                None => Of::Hidden,
            };
        }
    }
    Of::Others
}

fn attributes_of_export(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Use(item) => &item.attrs,
        item => attributes(item),
    }
}

/// The name of a type or trait, which `impl` can name.
fn defined_name(item: &Item) -> Option<String> {
    Some(match item {
        Item::Enum(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        _ => return None,
    })
}

/// The name of an item that is defined in the door itself, if it is public.
fn public_name(item: &Item) -> Option<String> {
    let (visibility, ident) = match item {
        Item::Const(item) => (&item.vis, &item.ident),
        Item::Enum(item) => (&item.vis, &item.ident),
        Item::Fn(item) => (&item.vis, &item.sig.ident),
        Item::Static(item) => (&item.vis, &item.ident),
        Item::Struct(item) => (&item.vis, &item.ident),
        Item::Trait(item) => (&item.vis, &item.ident),
        Item::Type(item) => (&item.vis, &item.ident),
        Item::Mod(item) if is_public(&item.vis) => panic!("generated::v1 holds a module: {}", item.ident),
        _ => return None,
    };
    is_public(visibility).then(|| ident.to_string())
}

#[test]
fn a_listing_follows_every_name_and_tells_features() {
    let src = std::env::temp_dir().join(format!("altinn-soap-door-{}", std::process::id()));
    let files = [
        ("lib.rs", "mod a; #[cfg(feature = \"f\")] mod b; mod generated; #[cfg(test)] mod none;"),
        ("a/mod.rs", "mod inner; pub(crate) use inner::{S as Renamed, read}; pub(crate) use other::Thing; use std::vec;"),
        (
            "a/inner.rs",
            "#[derive(Clone)] pub struct S { x: u8 } impl S { pub const fn new() -> Self { S { x: 1 } } fn no(&self) {} }
            impl From<u8> for S { fn from(x: u8) -> S { S { x } } } impl super::super::b::T for u8 {}
            pub fn read() {} pub trait No {} impl No for u8 {} struct H; impl super::super::b::T for H {}
            #[macro_export] macro_rules! make { ($a:ident) => { x }; }",
        ),
        ("b.rs", "pub trait T { fn t(&self) {} } pub struct S; impl S { pub fn not_exported(&self) {} }"),
        (
            "generated.rs",
            "pub mod v1 { pub use crate::a::{Renamed as Door, Thing, read as read_it}; pub use crate::make;
            #[cfg(feature = \"f\")] pub use crate::b::T; pub fn here() {} fn hidden() {} use crate::a; }",
        ),
    ];
    fs::create_dir_all(src.join("a")).unwrap();
    files.iter().for_each(|(name, text)| fs::write(src.join(name), text).unwrap());
    let actual = listing(&src);
    fs::remove_dir_all(src).unwrap();
    let expected = "derive(Clone) for Door\n\
        impl From<u8> for S\n\
        impl S: const fn new() -> Self\n\
        struct Door\n\
        cfg(feature = \"f\") impl T for u8\n\
        cfg(feature = \"f\") trait T\n\
        cfg(feature = \"f\") trait T is implemented {  }\n\
        cfg(feature = \"f\") trait T: fn t(&self) (provided)\n\
        use other::Thing as Thing\n\
        fn here()\n\
        macro make!: $a : ident\n\
        fn read_it()\n";
    assert_eq!(actual, expected);
}

#[test]
fn a_line_that_goes_or_changes_is_noticed() {
    assert_eq!(
        difference("fn a()\nfn b()\n", "fn a()\nfn b(x: u8)\nfn c()\n"),
        (vec!["fn b()"], vec!["fn b(x: u8)", "fn c()"])
    );
}
