//! Modules as text, and the two ways to write them: a file for each, or one inside the other.

/// A module.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Its name.
    pub name: String,
    /// Lines of documentation.
    pub docs: Vec<String>,
    /// Attributes of its declaration, such as a `cfg`.
    pub attributes: Vec<String>,
    /// Users may name it.
    pub public: bool,
    /// Its items write `v1::…`.
    pub uses_runtime: bool,
    /// Its items as text; empty ones are passed over.
    pub items: Vec<String>,
    /// Modules inside.
    pub children: Vec<Module>,
}

/// A file that was generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Relative path with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Module {
    /// A public module whose items use the runtime.
    pub fn new(name: &str, docs: Vec<String>, items: Vec<String>) -> Self {
        Self { name: name.to_owned(), docs, items, public: true, uses_runtime: true, ..Self::default() }
    }

    /// A module of nothing but modules.
    pub fn parent(name: &str, docs: Vec<String>, children: Vec<Module>) -> Self {
        Self { name: name.to_owned(), docs, children, public: true, ..Self::default() }
    }

    fn declaration(&self) -> String {
        let attributes: String = self.attributes.iter().map(|attribute| format!("{attribute}\n")).collect();
        format!("{attributes}{}mod {}", if self.public { "pub " } else { "" }, self.name)
    }

    /// Documentation, then the items below what stands above them.
    fn text(&self, runtime: &str, children: &[String]) -> String {
        let mut parts = Vec::new();
        if !self.docs.is_empty() {
            let line = |line: &String| if line.is_empty() { "//!\n".to_owned() } else { format!("//! {line}\n") };
            parts.push(self.docs.iter().map(line).collect::<String>());
        }
        parts.push(children.concat());
        if self.uses_runtime {
            parts.push(format!("use {runtime}::generated::v1;\n"));
        }
        parts.extend(self.items.iter().cloned());
        parts.retain(|part| !part.is_empty());
        parts.join("\n")
    }

    /// This module and those below it, a file each. `folder` is where its file stands.
    pub fn files(&self, header: &str, runtime: &str, folder: &str, files: &mut Vec<GeneratedFile>) {
        let children: Vec<String> = self.children.iter().map(|child| format!("{};\n", child.declaration())).collect();
        let is_root = self.name.is_empty();
        let path = match (is_root, self.children.is_empty()) {
            (true, _) => format!("{folder}/lib.rs"),
            (false, true) => format!("{folder}/{}.rs", self.name),
            (false, false) => format!("{folder}/{}/mod.rs", self.name),
        };
        files.push(GeneratedFile { path, text: format!("{header}\n{}", self.text(runtime, &children)) });
        let inside = if is_root { folder.to_owned() } else { format!("{folder}/{}", self.name) };
        self.children.iter().for_each(|child| child.files(header, runtime, &inside, files));
    }

    /// The modules below this one, in one text that can be included anywhere.
    pub fn inline(&self, runtime: &str) -> String {
        let children: Vec<String> = self.children.iter().map(|child| child.inline_declaration(runtime)).collect();
        children.join("\n")
    }

    fn inline_declaration(&self, runtime: &str) -> String {
        let children: Vec<String> = self.children.iter().map(|child| child.inline_declaration(runtime)).collect();
        format!("{} {{\n{}}}\n", self.declaration(), self.text(runtime, &children))
    }
}
