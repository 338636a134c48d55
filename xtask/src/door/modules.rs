//! The modules of a crate as they are written, and where a name in them leads.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::ext::IdentExt;
use syn::{Attribute, Item, UseTree, Visibility};

/// Names from the root of the crate on.
pub(super) type ModulePath = Vec<String>;

#[derive(Default)]
pub(super) struct Modules {
    modules: BTreeMap<ModulePath, Module>,
    /// Macros with `#[macro_export]`, which stand in the root wherever they are written.
    macros: BTreeMap<String, (syn::ItemMacro, Vec<String>)>,
}

pub(super) struct Module {
    pub(super) items: Vec<Item>,
    /// Conditions under which it is compiled.
    pub(super) conditions: Vec<String>,
}

/// What a name leads to.
pub(super) enum Found<'a> {
    Item {
        module: ModulePath,
        item: &'a Item,
        conditions: Vec<String>,
    },
    Macro {
        item: &'a syn::ItemMacro,
        conditions: Vec<String>,
    },
    /// Of another crate, by its path.
    Foreign(String),
}

/// What `use` gives a name to.
struct Binding {
    path: Vec<String>,
    name: String,
}

/// Conditions in `#[cfg(…)]`; `None` if it is `test`.
pub(super) fn conditions(attributes: &[Attribute]) -> Option<Vec<String>> {
    let of = |attribute: &Attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => Some(list.tokens.to_string()),
        _ => None,
    };
    let found: Vec<String> = attributes.iter().filter_map(of).collect();
    (!found.iter().any(|condition| condition == "test")).then_some(found)
}

impl Modules {
    /// Reads a crate from its `src` on.
    pub(super) fn read(src: &Path) -> Self {
        let mut modules = Self::default();
        modules.file(&src.join("lib.rs"), src, Vec::new(), Vec::new());
        modules
    }

    fn file(&mut self, file: &Path, folder: &Path, path: ModulePath, conditions: Vec<String>) {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        if self::conditions(&parsed.attrs).is_some() {
            self.module(parsed.items, folder, path, conditions);
        }
    }

    /// `folder` is where files of inner modules lie.
    fn module(&mut self, items: Vec<Item>, folder: &Path, path: ModulePath, outer: Vec<String>) {
        for item in &items {
            let (attributes, inner) = match item {
                Item::Mod(inner) => (&inner.attrs, Some(inner)),
                Item::Macro(definition) => (&definition.attrs, None),
                _ => continue,
            };
            let Some(own) = conditions(attributes) else { continue };
            let conditions: Vec<String> = outer.iter().cloned().chain(own).collect();
            match (item, inner) {
                (Item::Macro(definition), _) if is_exported(definition) => {
                    let name = definition.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                    self.macros.insert(name, (definition.clone(), conditions));
                }
                (_, Some(inner)) => {
                    let name = inner.ident.unraw().to_string();
                    let (folder, path) = (folder.join(&name), [path.as_slice(), std::slice::from_ref(&name)].concat());
                    match &inner.content {
                        Some((_, items)) => self.module(items.clone(), &folder, path, conditions),
                        None => self.file(&file_of(&folder), &folder, path, conditions),
                    }
                }
                _ => {}
            }
        }
        self.modules.insert(path, Module { items, conditions: outer });
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&ModulePath, &Module)> {
        self.modules.iter()
    }

    pub(super) fn get(&self, path: &[&str]) -> &Module {
        let path: ModulePath = path.iter().map(|name| (*name).to_owned()).collect();
        self.modules.get(&path).unwrap_or_else(|| panic!("no module {}", path.join("::")))
    }

    /// What a path that is written in a module leads to. Usually one thing; a function may share its name with a macro.
    pub(super) fn resolve(&self, module: &[String], path: &[String]) -> Vec<Found<'_>> {
        let (first, rest) = path.split_first().expect("a path");
        match (first.as_str(), rest) {
            ("crate", rest) => self.descend(Vec::new(), rest),
            ("self", rest) => self.descend(module.to_vec(), rest),
            ("super", rest) => self.descend(module[..module.len().saturating_sub(1)].to_vec(), rest),
            _ => {
                let found = self.descend(module.to_vec(), path);
                // A name that nothing here has is that of a crate, or one that every crate knows.
                if found.is_empty() { vec![Found::Foreign(path.join("::"))] } else { found }
            }
        }
    }

    /// From the inside of a module on.
    fn descend(&self, module: ModulePath, path: &[String]) -> Vec<Found<'_>> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        if first == "super" {
            return self.descend(module[..module.len().saturating_sub(1)].to_vec(), rest);
        }
        if rest.is_empty() {
            return self.named(&module, first);
        }
        let inner = [module.as_slice(), std::slice::from_ref(first)].concat();
        if self.modules.contains_key(&inner) {
            return self.descend(inner, rest);
        }
        let used = self.bindings(&module).into_iter().filter(|(binding, _)| binding.name == *first);
        used.flat_map(|(binding, _)| self.resolve(&module, &[binding.path.as_slice(), rest].concat())).collect()
    }

    /// What has this name in a module: defined there, or used there.
    fn named(&self, module: &ModulePath, name: &str) -> Vec<Found<'_>> {
        let Some(inside) = self.modules.get(module) else { return Vec::new() };
        let mut found = Vec::new();
        for item in inside.items.iter().filter(|item| ident(item).is_some_and(|ident| ident == name)) {
            if let Some(own) = conditions(attributes(item)) {
                let conditions = inside.conditions.iter().cloned().chain(own).collect();
                found.push(Found::Item { module: module.clone(), item, conditions });
            }
        }
        if module.is_empty()
            && let Some((item, conditions)) = self.macros.get(name)
        {
            found.push(Found::Macro { item, conditions: conditions.clone() });
        }
        for (binding, own) in self.bindings(module).into_iter().filter(|(binding, _)| binding.name == name) {
            // `use a::b` inside of `a::b` itself leads nowhere new.
            let same = binding.path.len() == 1 && binding.path[0] == name;
            found.extend(if same { Vec::new() } else { self.resolve(module, &binding.path) }.into_iter().map(
                |found| match found {
                    Found::Item { module, item, conditions } => {
                        Found::Item { module, item, conditions: conditions.into_iter().chain(own.clone()).collect() }
                    }
                    other => other,
                },
            ));
        }
        found
    }

    /// Names that a module has from `use`.
    fn bindings(&self, module: &ModulePath) -> Vec<(Binding, Vec<String>)> {
        let mut found = Vec::new();
        for item in self.modules.get(module).iter().flat_map(|module| &module.items) {
            let Item::Use(item) = item else { continue };
            let Some(conditions) = conditions(&item.attrs) else { continue };
            let mut bindings = Vec::new();
            leaves(&item.tree, &mut Vec::new(), &mut bindings);
            found.extend(bindings.into_iter().map(|binding| (binding, conditions.clone())));
        }
        found
    }
}

/// `folder.rs` or `folder/mod.rs`.
fn file_of(folder: &Path) -> PathBuf {
    let beside = folder.with_extension("rs");
    if beside.exists() { beside } else { folder.join("mod.rs") }
}

fn is_exported(definition: &syn::ItemMacro) -> bool {
    definition.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"))
}

fn leaves(tree: &UseTree, path: &mut Vec<String>, found: &mut Vec<Binding>) {
    match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.unraw().to_string());
            leaves(&inner.tree, path, found);
            path.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, path, found)),
        UseTree::Name(name) if name.ident == "self" => {
            found.push(Binding { path: path.clone(), name: path.last().cloned().unwrap_or_default() });
        }
        UseTree::Name(name) => {
            let name = name.ident.unraw().to_string();
            found.push(Binding { path: [path.as_slice(), std::slice::from_ref(&name)].concat(), name });
        }
        UseTree::Rename(rename) => {
            let path = [path.as_slice(), &[rename.ident.unraw().to_string()]].concat();
            found.push(Binding { path, name: rename.rename.unraw().to_string() });
        }
        UseTree::Glob(_) => {}
    }
}

/// The names of a `use`, each with its path.
///
/// # Panics
/// On `*`.
pub(super) fn used(item: &syn::ItemUse) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    leaves(&item.tree, &mut Vec::new(), &mut found);
    assert!(!quote::quote!(#item).to_string().contains('*'), "a list of names cannot be read off `*`");
    found.into_iter().map(|binding| (binding.path, binding.name)).collect()
}

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The name of an item that others can name. Modules are not among them: a path goes through them.
fn ident(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.unraw().to_string())
}

pub(super) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        _ => &[],
    }
}
