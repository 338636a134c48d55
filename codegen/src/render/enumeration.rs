//! Enumerations, and enums over a base type and the types derived from it.

use quote::quote;

use crate::contract::model::{Enumeration, Record, TypeDef, TypeId};
use crate::render::context::{File, compact, ident, unparse, wrapped};
use crate::render::docs;
use crate::rust::assign::TypeModule;
use crate::rust::{members, view, words};

/// The items of an enumeration, each as text.
pub fn enumeration(def: &TypeDef, enumeration: &Enumeration, name: &str) -> Vec<String> {
    let variants = members::variants(enumeration);
    let mut lines = docs::paragraphs(&def.documentation.paragraphs);
    if lines.is_empty() {
        lines.push(format!("One of the values of {}.", docs::code(&def.name.local)));
    }
    let type_docs = docs::attributes(&lines);
    let alias = docs::alias(&def.name.local, name);
    let silent = enumeration.values.iter().all(|value| value.documentation.paragraphs.is_empty());
    let undocumented = silent.then(|| quote!(#[allow(missing_docs, reason = "each is named as its value")]));
    let items = enumeration.values.iter().zip(&variants).map(|(value, variant)| {
        let mut lines = docs::paragraphs(&value.documentation.paragraphs);
        if lines.is_empty() && !silent {
            lines.push(format!("{}.", docs::code(&value.value)));
        }
        let docs = docs::attributes(&lines);
        let alias = docs::alias(&value.value, variant);
        let variant = ident(variant);
        quote!(#docs #alias #variant)
    });
    let name = ident(name);
    let item = unparse(quote! {
        #type_docs
        #alias
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #undocumented
        pub enum #name {
            #(#items,)*
            /// A value that the contract does not list, as it came.
            Unrecognized(String),
        }
    });
    let values =
        enumeration.values.iter().zip(&variants).map(|(value, variant)| format!("{variant} = {:?}", value.value));
    vec![item, enumeration_macro(&name.to_string(), &values.collect::<Vec<_>>())]
}

fn enumeration_macro(name: &str, values: &[String]) -> String {
    wrapped("", &format!("v1::enumeration!({name} {{"), values, "});")
}

/// An enum over a base type and the types derived from it.
#[derive(Debug, Default)]
pub struct Polymorphic {
    /// The enum and its implementations, each as text.
    pub items: Vec<String>,
    /// What must be in scope for them.
    pub uses: Vec<String>,
}

/// The enum over a base type. `here` are the names that the file has for other types.
pub fn polymorphic(file: &File<'_>, here: &TypeModule, id: TypeId, base: &Record, any: &str) -> Polymorphic {
    let cx = file.cx;
    let mut made = Polymorphic::default();
    let mut variants = Vec::new();
    let own = (!base.is_abstract).then_some(id);
    let concrete = |id: &TypeId| view::record(cx.contract, *id).is_some_and(|record| !record.is_abstract);
    for id in own.into_iter().chain(base.derived.iter().copied().filter(concrete)) {
        let Some(home) = cx.plan.path(file.scope, id) else { continue };
        if home.module == file.module {
            variants.push(home.name.clone());
            continue;
        }
        // The macro finds types by the names of the variants, so they must be in scope under these.
        let path = compact(&file.path(&home.module, &home.name).to_string());
        if here.define.contains_key(&home.name) || here.export.contains_key(&home.name) {
            let module = home.module.last().map_or("", String::as_str);
            let name = format!("{}{}", words::upper_camel(module), home.name);
            made.uses.push(format!("use {path} as {name};\n"));
            variants.push(name);
        } else {
            made.uses.push(format!("use {path};\n"));
            variants.push(home.name.clone());
        }
    }
    let declared = &cx.contract.type_def(id).name;
    let lines = docs::attributes(&[format!("{} or a type derived from it.", docs::code(&declared.local))]);
    let items = variants.iter().map(|name| {
        let docs = docs::attributes(&[format!("{}.", docs::code(name))]);
        let name = ident(name);
        quote!(#docs #name(#name))
    });
    let any_name = ident(any);
    made.items.push(unparse(quote! {
        #lines
        #[allow(clippy::large_enum_variant, reason = "which variant is the common one is not known")]
        #[derive(Clone, Debug, PartialEq)]
        pub enum #any_name { #(#items),* }
    }));
    let name = format!("v1::Name::new({}, {:?})", file.namespace(&declared.namespace), declared.local);
    made.items.push(wrapped("", &format!("v1::polymorphic!({any}: {name}, {{"), &variants, "});"));
    made
}
