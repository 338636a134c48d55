//! What rendering a file needs to know, and how names become tokens.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::config::{Config, TextRule};
use crate::contract::model::{Builtin, Contract, Field, FieldKind, Type, TypeId};
use crate::name::QName;
use crate::rust::Plan;
use crate::rust::assign::{self, Scope};
use crate::rust::view::{self, Holding, Place, Wrap};

/// The whole input.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What is rendered.
    pub contract: &'a Contract,
    /// How.
    pub config: &'a Config,
    /// Under which names.
    pub plan: &'a Plan<'a>,
}

/// A file, as far as names in it depend on where it stands.
#[derive(Debug)]
pub struct File<'a> {
    /// The whole input.
    pub cx: Context<'a>,
    /// From where types are seen.
    pub scope: Scope,
    /// The module the file is.
    pub module: Vec<String>,
    /// Namespace → constant.
    namespaces: BTreeMap<String, String>,
}

/// A Rust name as a token.
pub fn ident(name: &str) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

/// Items as text.
pub fn unparse(tokens: TokenStream) -> String {
    let shown = tokens.to_string();
    match syn::parse2::<syn::File>(tokens) {
        Ok(file) => prettyplease::unparse(&file),
        // A fault of this crate. Text that does not compile shows it better than a panic in a build script.
        Err(error) => {
            format!("compile_error!({:?});\n", format!("wsdl-codegen rendered no Rust: {error}: {shown}"))
        }
    }
}

/// Tokens of a type without the blanks `quote` puts between them.
pub fn compact(tokens: &str) -> String {
    tokens.replace(" :: ", "::").replace(":: ", "::").replace(" < ", "<").replace("< ", "<").replace(" >", ">")
}

/// A list between `start` and `end` on as few lines as fit: prettyplease does not know where to break macros.
pub fn wrapped(indent: &str, start: &str, entries: &[String], end: &str) -> String {
    const WIDTH: usize = 100;
    let blank = if start.ends_with(" {") && !entries.is_empty() { " " } else { "" };
    let short = format!("{indent}{start}{blank}{}{blank}{end}\n", entries.join(", "));
    if short.trim_end().len() <= WIDTH {
        return short;
    }
    let mut lines: Vec<String> = Vec::new();
    for entry in entries {
        match lines.last_mut() {
            Some(line) if line.len() + entry.len() + 2 <= WIDTH => line.push_str(&format!(" {entry},")),
            _ => lines.push(format!("{indent}    {entry},")),
        }
    }
    format!("{indent}{start}\n{}\n{indent}{end}\n", lines.join("\n"))
}

impl<'a> File<'a> {
    /// A file in which the given names are written out.
    pub fn new(cx: Context<'a>, scope: Scope, module: Vec<String>, names: &[QName]) -> Self {
        Self { cx, scope, module, namespaces: assign::namespace_constants(names) }
    }

    /// The table of namespaces at the top of the file.
    pub fn constants(&self) -> String {
        self.namespaces.keys().filter_map(|namespace| self.constant(namespace)).collect()
    }

    /// The line of a namespace in that table; the empty namespace needs none.
    pub fn constant(&self, namespace: &str) -> Option<String> {
        self.namespaces.get(namespace).map(|name| format!("const {name}: &str = {namespace:?};\n"))
    }

    /// The constant of a namespace, as an expression.
    pub fn namespace(&self, namespace: &str) -> String {
        self.namespaces.get(namespace).cloned().unwrap_or_else(|| format!("{namespace:?}"))
    }

    /// Path from this file to a name in another module.
    pub fn path(&self, module: &[String], name: &str) -> TokenStream {
        let common = self.module.iter().zip(module).take_while(|(here, there)| here == there).count();
        let up = self.module[common..].iter().map(|_| quote!(super::));
        let down = module[common..].iter().map(|part| {
            let part = ident(part);
            quote!(#part::)
        });
        let name = ident(name);
        quote!(#(#up)* #(#down)* #name)
    }

    /// The type of one value.
    pub fn value(&self, ty: Type) -> TokenStream {
        match ty {
            Type::Builtin(builtin) => self::builtin(builtin),
            Type::Named(id) => match self.cx.plan.path(self.scope, id) {
                Some(home) => self.path(&home.module, home.any.as_ref().unwrap_or(&home.name)),
                // Only what nothing uses has no home.
                None => quote!(()),
            },
        }
    }

    /// The type of a member; `owner` is the record it lies in, for what must be boxed.
    fn held(&self, owner: Option<TypeId>, holding: &Holding<'_>) -> TokenStream {
        let mut value = self.value(holding.value);
        if let (Some(owner), Type::Named(id), false) = (owner, holding.value, holding.wrap.is_list())
            && self.cx.plan.cycles.is_boxed(owner, id)
        {
            value = quote!(Box<#value>);
        }
        match holding.wrap {
            Wrap::One => value,
            Wrap::Option => quote!(Option<#value>),
            Wrap::Nillable => quote!(v1::Nillable<#value>),
            Wrap::Vec => quote!(Vec<#value>),
            Wrap::VecOption => quote!(Vec<Option<#value>>),
        }
    }

    /// The type of the member that holds a field.
    pub fn member(&self, owner: Option<TypeId>, place: Place<'_>) -> TokenStream {
        match place.field.kind {
            // One value holds all of them, or none.
            FieldKind::AnyAttribute => quote!(v1::AnyAttributes),
            _ => self.held(owner, &view::hold(self.cx.contract, self.cx.config, place)),
        }
    }

    /// The descriptor of a field of a record, as an expression.
    pub fn field(&self, place: Place<'_>) -> String {
        let field = place.field;
        let mut text = self.element(field);
        if let Some(item) = view::hold(self.cx.contract, self.cx.config, place).items {
            text.push_str(&format!(".items({}, {:?})", self.namespace(&item.name.namespace), item.name.local));
        }
        text.push_str(match (place.header, field.kind) {
            (true, _) => ".header()",
            (false, FieldKind::Element) => "",
            (false, FieldKind::Attribute) => ".attribute()",
            (false, FieldKind::Text) => ".text()",
            (false, FieldKind::AnyElement) => ".any()",
            (false, FieldKind::AnyAttribute) => ".any_attribute()",
        });
        if let Some(role) = field.slot {
            text.push_str(&format!(".slot(v1::Role::{role:?})"));
        } else if self.cx.config.is_sensitive(&field.name.local) {
            text.push_str(".sensitive()");
        }
        if field.stream {
            text.push_str(".stream()");
        }
        if let Some(TextRule { without, extension, .. }) = self.cx.config.text_rule(&place.path()) {
            text.push_str(&format!(".rule(&v1::TextRule {{ without: {without:?}, extension: {extension} }})"));
        }
        text
    }

    /// The descriptor of an element with its occurrence, as an expression.
    pub fn element(&self, field: &Field) -> String {
        let constructor = match (view::is_many(field), field.min > 0) {
            (false, true) => "required",
            (false, false) => "optional",
            (true, true) => "many1",
            (true, false) => "many",
        };
        let nillable = if field.nillable { ".nillable()" } else { "" };
        format!("v1::Field::{constructor}({}, {:?}){nillable}", self.namespace(&field.name.namespace), field.name.local)
    }
}

/// The Rust type of a simple value.
fn builtin(builtin: Builtin) -> TokenStream {
    match builtin {
        Builtin::String => quote!(String),
        Builtin::Boolean => quote!(bool),
        Builtin::Byte => quote!(i8),
        Builtin::Short => quote!(i16),
        Builtin::Int => quote!(i32),
        Builtin::Long => quote!(i64),
        Builtin::UnsignedByte => quote!(u8),
        Builtin::UnsignedShort => quote!(u16),
        Builtin::UnsignedInt => quote!(u32),
        Builtin::UnsignedLong => quote!(u64),
        Builtin::Integer => quote!(v1::Integer),
        Builtin::Decimal => quote!(v1::Decimal),
        Builtin::Float => quote!(f32),
        Builtin::Double => quote!(f64),
        Builtin::DateTime => quote!(v1::DateTime),
        Builtin::Date => quote!(v1::Date),
        Builtin::Time => quote!(v1::Time),
        Builtin::Duration => quote!(v1::Duration),
        Builtin::Base64Binary => quote!(v1::Binary),
        Builtin::HexBinary => quote!(v1::HexBinary),
        Builtin::QName => quote!(v1::QName),
        Builtin::Guid => quote!(v1::Guid),
        Builtin::Any => quote!(v1::Fragment),
    }
}
