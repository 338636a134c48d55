//! Enumerations, and enums over a base type and the types derived from it.

use quote::quote;

use super::context::{File, ident, unparse};
use super::docs;
use super::record::{compact, macro_call};
use crate::ir::model::{Enumeration, Record, TypeDef, TypeId};
use crate::naming::assign;

/// The items of an enumeration, each as text.
pub fn enumeration(def: &TypeDef, enumeration: &Enumeration, name: &str) -> Vec<String> {
    let variants = assign::variants(enumeration);
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
    let values = enumeration.values.iter().zip(&variants).map(|(value, variant)| format!("{variant} = {:?}", value.value));
    vec![item, macro_call("", &format!("v1::enumeration! {{ {name}:"), values).replace("});", "}").to_owned()]
}

/// The items of the enum over a base type, each as text.
pub fn polymorphic(file: &File<'_>, id: TypeId, base: &Record, any: &str) -> Vec<String> {
    let own = (!base.is_abstract).then_some(id);
    let concrete = base.derived.iter().copied().filter(|derived| {
        crate::naming::view::record(file.cx.contract, *derived).is_some_and(|record| !record.is_abstract)
    });
    let variants: Vec<(String, String)> = own
        .into_iter()
        .chain(concrete)
        .filter_map(|id| {
            let home = file.cx.plan.home(file.scope, id)?;
            let path = file.path(&home.module, &home.name);
            Some((home.name.clone(), compact(&path.to_string())))
        })
        .collect();
    let local = docs::code(&file.cx.contract.type_def(id).name.local);
    let lines = docs::attributes(&[format!("{local} or a type derived from it.")]);
    let items = variants.iter().map(|(name, path)| {
        let docs = docs::attributes(&[format!("{}.", docs::code(name))]);
        let name = ident(name);
        let path: syn::Path = syn::parse_str(path).unwrap_or_else(|_| syn::Path::from(name.clone()));
        quote!(#docs #name(#path))
    });
    let any_name = ident(any);
    let item = unparse(quote! {
        #lines
        #[derive(Clone, Debug, PartialEq)]
        pub enum #any_name { #(#items),* }
    });
    let arms = variants.iter().map(|(name, path)| format!("{name}({path})"));
    vec![item, macro_call("", "v1::polymorphic!", [any.to_owned()].into_iter().chain(arms))]
}
