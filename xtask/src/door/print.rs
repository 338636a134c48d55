//! Items as lines of a listing: what a caller sees, and nothing of what is inside.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Fields, FnArg, Item, Pat, Signature, TraitItem, parse_quote};

use super::modules::{attributes, conditions, is_public};

/// A line under conditions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) conditions: Vec<String>,
}

impl Line {
    pub(super) fn new(text: String, conditions: &[String]) -> Self {
        Self { text, conditions: conditions.to_vec() }
    }

    /// The same under more conditions, in one order and each once.
    pub(super) fn under(mut self, more: &[String]) -> Self {
        self.conditions.extend_from_slice(more);
        self.conditions.sort();
        self.conditions.dedup();
        self
    }

    pub(super) fn print(&self) -> String {
        let conditions: String = self.conditions.iter().map(|condition| format!("cfg({condition}) ")).collect();
        format!("{conditions}{}", self.text)
    }
}

/// An item that is exported under a name, without what stands in `impl`.
pub(super) fn item(name: &str, item: &Item) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut add = |text: String, attributes: &[syn::Attribute]| {
        if let Some(conditions) = conditions(attributes) {
            lines.push(Line { text, conditions });
        }
    };
    let mark = if is_non_exhaustive(attributes(item)) { "non_exhaustive " } else { "" };
    match item {
        Item::Const(item) => {
            let (name, ty) = (ident(name), &item.ty);
            add(member(parse_quote!(const #name: #ty;)), &[]);
        }
        Item::Static(item) => add(format!("static {name}: {}", ty(&item.ty)), &[]),
        Item::Fn(item) => {
            add(signature(&Signature { ident: ident(name), ..item.sig.clone() }), &[]);
        }
        Item::Type(item) => {
            let (name, generics, ty) = (ident(name), &item.generics, &item.ty);
            add(pretty(parse_quote!(type #name #generics = #ty;)), &[]);
        }
        Item::Struct(item) => {
            let (ident, generics, bounds) = (ident(name), &item.generics, &item.generics.where_clause);
            add(format!("{mark}{}", pretty(parse_quote!(struct #ident #generics #bounds;))), &[]);
            for (field, field_name) in item.fields.iter().zip(names(&item.fields)) {
                if is_public(&field.vis) {
                    add(format!("{name}.{field_name}: {}", ty(&field.ty)), &field.attrs);
                }
            }
            // Then a further field breaks who writes it out, so that this line names them all.
            if item.fields.iter().all(|field| is_public(&field.vis)) && mark.is_empty() {
                let fields: Vec<_> = names(&item.fields).collect();
                add(format!("{name} is written {{ {} }}", fields.join(", ")), &[]);
            }
        }
        Item::Enum(item) => {
            let (ident, generics, bounds) = (ident(name), &item.generics, &item.generics.where_clause);
            let text = pretty(parse_quote!(enum #ident #generics #bounds {}));
            add(format!("{mark}{}", text.trim_end_matches(" {}")), &[]);
            for variant in &item.variants {
                let mut bare = variant.clone();
                bare.attrs.clear();
                strip(&mut bare.fields);
                let text = pretty(parse_quote!(enum E { #bare }));
                let text = text.trim_start_matches("enum E {").trim_end_matches('}').trim().trim_end_matches(',');
                let mark = if is_non_exhaustive(&variant.attrs) { "non_exhaustive " } else { "" };
                add(format!("{mark}{name}::{text}"), &variant.attrs);
            }
        }
        Item::Trait(item) => {
            let mut bare = item.clone();
            bare.attrs.clear();
            bare.vis = syn::Visibility::Inherited;
            bare.ident = ident(name);
            bare.items.clear();
            add(pretty(Item::Trait(bare)).trim_end_matches(" {}").to_owned(), &[]);
            for inner in &item.items {
                match inner {
                    TraitItem::Fn(inner) => {
                        let provided = if inner.default.is_some() { " (provided)" } else { "" };
                        add(format!("trait {name}: {}{provided}", signature(&inner.sig)), &inner.attrs);
                    }
                    TraitItem::Const(inner) => {
                        let provided = if inner.default.is_some() { " (provided)" } else { "" };
                        let (ident, ty) = (&inner.ident, &inner.ty);
                        let text = member(parse_quote!(const #ident: #ty;));
                        add(format!("trait {name}: {text}{provided}"), &inner.attrs);
                    }
                    TraitItem::Type(inner) => {
                        let attributes = &inner.attrs;
                        let mut bare = inner.clone();
                        bare.attrs.clear();
                        add(format!("trait {name}: {}", member(TraitItem::Type(bare))), attributes);
                    }
                    other => add(format!("trait {name}: {}", flat(&other.to_token_stream().to_string())), &[]),
                }
            }
            // A further item of these breaks who implements it, so that this line names them all.
            add(format!("trait {name} is implemented {{ {} }}", required(&item.items).join(", ")), &[]);
        }
        other => {
            panic!("{name} is exported, and no line of the listing can say what it is: {}", other.to_token_stream())
        }
    }
    lines
}

/// What is public in an `impl` of a type itself.
pub(super) fn inherent(item: &syn::ItemImpl) -> Vec<Line> {
    let header = header(item);
    let mut lines = Vec::new();
    for inner in &item.items {
        let (text, visibility, attributes) = match inner {
            syn::ImplItem::Fn(inner) => (signature(&inner.sig), &inner.vis, &inner.attrs),
            syn::ImplItem::Const(inner) => {
                let (ident, ty) = (&inner.ident, &inner.ty);
                (member(parse_quote!(const #ident: #ty;)), &inner.vis, &inner.attrs)
            }
            _ => continue,
        };
        if let (true, Some(conditions)) = (is_public(visibility), conditions(attributes)) {
            lines.push(Line { text: format!("{header}: {text}"), conditions });
        }
    }
    lines
}

/// `impl<T> Trait for Type<T> where …`.
pub(super) fn header(item: &syn::ItemImpl) -> String {
    let mut bare = item.clone();
    bare.attrs.clear();
    bare.items.clear();
    pretty(Item::Impl(bare)).trim_end_matches(" {}").to_owned()
}

/// What is derived, as the `impl` that it stands for.
pub(super) fn derived(name: &str, item: &Item) -> Vec<Line> {
    let mut lines = Vec::new();
    for attribute in attributes(item).iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let parse = Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
        for path in attribute.parse_args_with(parse).unwrap_or_default() {
            let last = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            lines.push(Line::new(format!("derive({last}) for {name}"), &[]));
        }
    }
    lines
}

/// What a macro takes: the left side of each of its arms.
pub(super) fn arms(name: &str, item: &syn::ItemMacro) -> Vec<Line> {
    let tokens: Vec<TokenTree> = item.mac.tokens.clone().into_iter().collect();
    let mut lines = Vec::new();
    for arm in tokens.split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ';')) {
        if let Some(TokenTree::Group(pattern)) = arm.first() {
            lines.push(Line::new(format!("macro {name}!: {}", pattern_text(pattern.stream())), &[]));
        }
    }
    lines
}

/// Names of fields, or their numbers.
fn names(fields: &Fields) -> impl Iterator<Item = String> {
    let name =
        |(at, field): (usize, &syn::Field)| field.ident.as_ref().map_or_else(|| at.to_string(), ToString::to_string);
    fields.iter().enumerate().map(name)
}

/// Names of what an `impl` of a trait has to have.
fn required(items: &[TraitItem]) -> Vec<String> {
    let name = |item: &TraitItem| {
        let (provided, ident, attributes) = match item {
            TraitItem::Const(item) => (item.default.is_some(), &item.ident, &item.attrs),
            TraitItem::Fn(item) => (item.default.is_some(), &item.sig.ident, &item.attrs),
            TraitItem::Type(item) => (item.default.is_some(), &item.ident, &item.attrs),
            _ => return None,
        };
        (!provided && conditions(attributes).is_some()).then(|| ident.to_string())
    };
    items.iter().filter_map(name).collect()
}

fn is_non_exhaustive(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("non_exhaustive"))
}

/// Attributes and documentation of fields are not part of a listing.
fn strip(fields: &mut Fields) {
    fields.iter_mut().for_each(|field| field.attrs.clear());
}

/// Whether an argument can be changed inside is no matter of the caller's.
fn signature(signature: &Signature) -> String {
    let mut signature = signature.clone();
    for argument in &mut signature.inputs {
        match argument {
            FnArg::Receiver(receiver) if receiver.reference.is_none() => receiver.mutability = None,
            FnArg::Receiver(_) => {}
            FnArg::Typed(argument) => {
                argument.attrs.clear();
                if let Pat::Ident(name) = &mut *argument.pat {
                    name.mutability = None;
                }
            }
        }
    }
    member(parse_quote!(#signature;))
}

fn ty(ty: &syn::Type) -> String {
    pretty(parse_quote!(type T = #ty;)).trim_start_matches("type T = ").to_owned()
}

fn ident(name: &str) -> syn::Ident {
    syn::Ident::new(name, proc_macro2::Span::call_site())
}

/// An item of a trait, as it stands there.
fn member(item: TraitItem) -> String {
    let text = pretty(parse_quote!(trait T { #item }));
    text.trim_start_matches("trait T {").trim_end_matches('}').trim().trim_end_matches(';').to_owned()
}

fn pretty(item: Item) -> String {
    let file = syn::File { shebang: None, attrs: Vec::new(), items: vec![item] };
    flat(&prettyplease::unparse(&file)).trim_end_matches(';').to_owned()
}

/// Tokens with blanks between them, but not after `$` and between the marks of an operator.
fn pattern_text(tokens: TokenStream) -> String {
    let mut text = String::new();
    let mut joined = true;
    for token in tokens {
        if !joined {
            text.push(' ');
        }
        joined = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '$' || mark.spacing() == Spacing::Joint);
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.extend([open, &pattern_text(group.stream()), close]);
            }
            token => text.push_str(&token.to_string()),
        }
    }
    text
}

/// On one line, without what is of use only over several, and without the rooms of the crate: they may change.
fn flat(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut text = words.join(" ");
    for root in ["crate::", "super::", "self::"] {
        while let Some(at) = text.find(root) {
            let rest = &text[at..];
            let end = rest.find(|c: char| c != '_' && c != ':' && !c.is_alphanumeric()).unwrap_or(rest.len());
            let name = rest[..end].rfind("::").map_or(root.len(), |last| last + 2);
            text.replace_range(at..at + name, "");
        }
    }
    text.replace("( ", "(").replace(", )", ")").replace("< ", "<").replace(", >", ">").replace(", }", " }")
}

/// A path as it is written.
pub(super) fn path(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// The path of a type, if it has one: that of `T` in `&T` too.
pub(super) fn type_path(ty: &syn::Type) -> Option<Vec<String>> {
    match ty {
        syn::Type::Path(ty) if ty.qself.is_none() => Some(path(&ty.path)),
        syn::Type::Reference(ty) => type_path(&ty.elem),
        _ => None,
    }
}

#[test]
fn lines_say_what_a_caller_sees() {
    let lines = |code: TokenStream| -> Vec<String> {
        let code: Item = syn::parse2(code).unwrap();
        let mut lines = item("X", &code);
        lines.extend(derived("X", &code));
        if let Item::Impl(code) = &code {
            lines.extend(inherent(code));
        }
        lines.iter().map(Line::print).collect()
    };
    assert_eq!(
        lines(quote!(
            pub const fn y(mut a: &'static str, #[x] b: crate::x::y::Z, c: super::Y) -> Self {
                todo!()
            }
        )),
        ["const fn X(a: &'static str, b: Z, c: Y) -> Self"]
    );
    assert_eq!(
        lines(quote! {
            /// docs
            #[derive(Clone, ::core::fmt::Debug)] #[non_exhaustive]
            pub struct Y<T: Z> { pub a: Option<T>, pub(crate) b: u8, #[cfg(feature = "f")] pub c: u8 }
        }),
        [
            "non_exhaustive struct X<T: Z>",
            "X.a: Option<T>",
            "cfg(feature = \"f\") X.c: u8",
            "derive(Clone) for X",
            "derive(Debug) for X"
        ]
    );
    assert_eq!(
        lines(quote!(
            pub struct Y(pub u8);
        )),
        ["struct X", "X.0: u8", "X is written { 0 }"]
    );
    assert_eq!(
        lines(quote!(
            pub enum Y {
                /** d */
                A,
                B(u8, #[d] u8),
                C {
                    d: u8,
                },
            }
        )),
        ["enum X", "X::A", "X::B(u8, u8)", "X::C { d: u8 }"]
    );
    assert_eq!(
        lines(quote!(
            pub trait Y: Z + 'static {
                const A: u8;
                type B: C;
                fn d(&mut self);
                #[cfg(test)]
                fn t();
                fn e() {}
            }
        )),
        [
            "trait X: Z + 'static",
            "trait X: const A: u8",
            "trait X: type B: C",
            "trait X: fn d(&mut self)",
            "trait X: fn e() (provided)",
            "trait X is implemented { A, B, d }"
        ]
    );
    let code: syn::ItemImpl = parse_quote!(
        impl<T> Y<T> {
            pub const A: u8 = 1;
            pub async fn b(mut self) -> T {
                todo!()
            }
            fn c() {}
            pub(crate) fn d() {}
        }
    );
    let found: Vec<_> = inherent(&code).iter().map(Line::print).collect();
    assert_eq!(found, ["impl<T> Y<T>: const A: u8", "impl<T> Y<T>: async fn b(self) -> T"]);
    let code: syn::ItemMacro = parse_quote!(
        macro_rules! y {
            ($a:ident, { $($b:literal),* }) => {
                x;
                y
            };
            () => {};
        }
    );
    let found: Vec<_> = arms("y", &code).iter().map(Line::print).collect();
    assert_eq!(found, ["macro y!: $a : ident , {$($b : literal) , *}", "macro y!: "]);
}
