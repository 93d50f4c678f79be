//! The source files of the crate: what each of them uses, without tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, Macro, Meta, UseTree, Visibility};

/// The names from the crate's root to a module or an item: `["aws", "throttle", "Gate"]`.
pub(crate) type Names = Vec<String>;

/// All files, by the module that they hold.
#[derive(Debug)]
pub(crate) struct Crate {
    files: BTreeMap<Names, File>,
}

/// One file.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// Below `src/`.
    pub(crate) path: PathBuf,
    /// The items that are defined in it.
    defined: BTreeSet<String>,
    /// What its `use` lines bring in, by name.
    imports: BTreeMap<String, Used>,
    /// Those of them that are only passed on to others, where nothing in the file names them.
    passed_on: BTreeSet<String>,
    /// Every path in it.
    paths: Vec<Used>,
}

/// A path as it is written, with `crate`, `self` and `super` resolved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Used {
    /// From the crate's root.
    Own(Names),
    /// From a name that is not yet known: an import, a child module or another crate.
    Named(Names),
}

impl Crate {
    /// Reads the sources in a folder, and leaves out what is compiled for tests only.
    pub(crate) fn read(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        for path in sources(root) {
            let relative = path.strip_prefix(root).unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            files.insert(module(&relative), File::read(relative, &text));
        }
        files.retain(|_, file| !file.is_for_tests());
        Self { files }
    }

    /// The files with the names of their modules.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&Names, &File)> {
        self.files.iter()
    }

    /// The paths from outside of the crate that a file names: `["tokio", "sync", "Semaphore"]`.
    pub(crate) fn foreign(&self, module: &Names) -> BTreeSet<Names> {
        let file = &self.files[module];
        let paths = file.paths.iter().filter_map(|used| match used {
            Used::Own(_) => None,
            Used::Named(names) if self.is_child(module, names) => None,
            Used::Named(names) => match file.imports.get(&names[0]) {
                Some(Used::Named(import)) if import.len() > 1 => {
                    Some(import.iter().chain(&names[1..]).cloned().collect())
                }
                Some(_) => None,
                None => Some(names.clone()),
            },
        });
        let imports = file.imports.values().filter_map(|used| match used {
            Used::Named(names) if !self.is_child(module, names) => Some(names.clone()),
            _ => None,
        });
        paths.chain(imports).collect()
    }

    /// The other files whose items a file names, each with one of these items.
    pub(crate) fn uses(&self, module: &Names) -> BTreeMap<Names, String> {
        let file = &self.files[module];
        let imports = file.imports.iter();
        let imports = imports.filter(|(name, _)| !file.passed_on.contains(*name));
        let imports = imports.map(|(_, used)| used);
        let mut uses = BTreeMap::new();
        for used in file.paths.iter().chain(imports) {
            // A single name is a variable more often than not.
            let is_single = |names: &Names| names.len() == 1 && !file.passed_on.contains(&names[0]);
            if matches!(used, Used::Named(names) if is_single(names)) {
                continue;
            }
            let Some(names) = self.absolute(module, used) else {
                continue;
            };
            if let Some(target) = self.resolve(&names, 0).filter(|target| target != module) {
                uses.entry(target).or_insert_with(|| names.join("::"));
            }
        }
        uses
    }

    fn is_child(&self, module: &Names, names: &[String]) -> bool {
        let child: Names = module.iter().chain(&names[..1]).cloned().collect();
        self.files.contains_key(&child)
    }

    /// The names from the crate's root, where a path leads into the crate.
    fn absolute(&self, module: &Names, used: &Used) -> Option<Names> {
        let names = match used {
            Used::Own(names) => return Some(names.clone()),
            Used::Named(names) => names,
        };
        if self.is_child(module, names) {
            return Some(module.iter().chain(names).cloned().collect());
        }
        match self.files[module].imports.get(&names[0])? {
            Used::Own(import) => Some(import.iter().chain(&names[1..]).cloned().collect()),
            import @ Used::Named(to) if to[0] != names[0] => {
                let import = self.absolute(module, import)?;
                Some(import.iter().chain(&names[1..]).cloned().collect())
            }
            Used::Named(to) if self.is_child(module, to) => {
                let to = module.iter().chain(to).chain(&names[1..]);
                Some(to.cloned().collect())
            }
            Used::Named(_) => None,
        }
    }

    /// The module in whose file an item is defined, through everything that passes it on.
    fn resolve(&self, names: &[String], depth: usize) -> Option<Names> {
        // Longer than any chain of re-exports.
        if depth > 10 {
            return None;
        }
        let length = (0..=names.len()).rev();
        let length = length
            .clone()
            .find(|length| self.files.contains_key(&names[..*length]))?;
        let module = names[..length].to_vec();
        let file = &self.files[&module];
        let Some(item) = names.get(length) else {
            return Some(module);
        };
        if file.defined.contains(item) {
            return Some(module);
        }
        match file.imports.get(item) {
            Some(import) => {
                let import = self.absolute(&module, import)?;
                let further: Names = import.iter().chain(&names[length + 1..]).cloned().collect();
                self.resolve(&further, depth + 1)
            }
            // A macro of the crate, or what a macro defines.
            None => (length > 0).then_some(module),
        }
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// The module that a file holds: `aws/mod.rs` is `aws`, and so is `aws.rs`.
fn module(relative: &Path) -> Names {
    let path = relative.with_extension("");
    let mut names: Names = path
        .iter()
        .map(|n| n.to_string_lossy().into_owned())
        .collect();
    if names
        .last()
        .is_some_and(|name| matches!(name.as_str(), "mod" | "lib"))
    {
        names.pop();
    }
    names
}

impl File {
    pub(crate) fn read(path: PathBuf, text: &str) -> Self {
        let module = module(&path);
        let mut reader = Reader {
            file: Self {
                path,
                ..Self::default()
            },
            module,
            inline: 0,
        };
        let parsed = syn::parse_file(text).unwrap();
        parsed.items.iter().for_each(|item| reader.visit_item(item));
        reader.file
    }

    /// Whether the file is only compiled for tests; their modules say so where they are declared.
    fn is_for_tests(&self) -> bool {
        let mut names = self.path.iter().map(|n| n.to_string_lossy());
        names.any(|name| {
            let name = name.trim_end_matches(".rs");
            name.ends_with("tests") || name == "sample" || name == "current"
        })
    }
}

/// Collects the paths of a file.
struct Reader {
    file: File,
    /// The file's module.
    module: Names,
    /// How many modules within the file are around what is read.
    inline: usize,
}

impl Reader {
    fn used(&self, names: &[String]) -> Used {
        let mut base = self.module.clone();
        let mut rest = names;
        // A module within the file is not a file of its own: its `super` is the file.
        let mut inline = self.inline;
        loop {
            match rest.first().map(String::as_str) {
                Some("crate") => base.clear(),
                Some("self") => {}
                Some("super") if inline > 0 => inline -= 1,
                Some("super") => {
                    base.pop();
                }
                _ => break,
            }
            rest = &rest[1..];
        }
        if rest.len() == names.len() {
            return Used::Named(names.to_vec());
        }
        base.extend(rest.iter().cloned());
        Used::Own(base)
    }

    fn import(&mut self, tree: &UseTree, before: &[String], is_passed_on: bool) {
        let with = |name: &syn::Ident| -> Names {
            let mut names = before.to_vec();
            names.push(name.to_string());
            names
        };
        let (names, name) = match tree {
            UseTree::Path(path) => {
                return self.import(&path.tree, &with(&path.ident), is_passed_on);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, before, is_passed_on);
                }
                return;
            }
            UseTree::Name(name) if name.ident == "self" => {
                (before.to_vec(), before.last().cloned())
            }
            UseTree::Name(name) => (with(&name.ident), Some(name.ident.to_string())),
            UseTree::Rename(to) if to.ident == "self" => {
                (before.to_vec(), Some(to.rename.to_string()))
            }
            UseTree::Rename(to) => (with(&to.ident), Some(to.rename.to_string())),
            UseTree::Glob(_) => (before.to_vec(), None),
        };
        let used = self.used(&names);
        match name {
            Some(name) => {
                if is_passed_on {
                    self.file.passed_on.insert(name.clone());
                }
                self.file.imports.insert(name, used);
            }
            None if is_passed_on => {}
            None => self.file.paths.push(used),
        }
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_item(&mut self, item: &'a Item) {
        let (attributes, name): (&[Attribute], _) = match item {
            Item::Const(item) => (&item.attrs, Some(&item.ident)),
            Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            Item::Impl(item) => (&item.attrs, None),
            Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
            Item::Mod(item) => (&item.attrs, None),
            Item::Static(item) => (&item.attrs, Some(&item.ident)),
            Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            Item::Type(item) => (&item.attrs, Some(&item.ident)),
            Item::Use(item) => (&item.attrs, None),
            _ => (&[], None),
        };
        if attributes.iter().any(is_for_tests) {
            return;
        }
        self.file.defined.extend(name.map(ToString::to_string));
        match item {
            Item::Use(item) => {
                let is_passed_on = !matches!(item.vis, Visibility::Inherited);
                self.import(&item.tree, &[], is_passed_on);
            }
            Item::Mod(module) if module.content.is_some() => {
                self.inline += 1;
                visit::visit_item(self, item);
                self.inline -= 1;
            }
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'a ImplItemFn) {
        if !item.attrs.iter().any(is_for_tests) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    /// `pub(in crate::aws)` uses nothing of it.
    fn visit_visibility(&mut self, _: &'a Visibility) {}

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names: Names = path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.file.paths.push(self.used(&names));
        visit::visit_path(self, path);
    }

    /// What is in a macro's brackets is not parsed: paths are found in its text.
    fn visit_macro(&mut self, item: &'a Macro) {
        self.visit_path(&item.path);
        let text = item.tokens.to_string();
        let text = text.replace(" :: ", "::");
        let is_in_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        for word in text.split(|c| !is_in_path(c)) {
            let names: Names = word.split("::").map(ToOwned::to_owned).collect();
            let is_path = names.iter().all(|name| !name.is_empty());
            if is_path && !word.starts_with(|c: char| c.is_ascii_digit()) {
                self.file.paths.push(self.used(&names));
            }
        }
    }
}

/// `#[cfg(test)]`, alone or with other conditions.
fn is_for_tests(attribute: &Attribute) -> bool {
    let Ok(condition) = attribute.parse_args::<Meta>() else {
        return false;
    };
    attribute.path().is_ident("cfg")
        && match condition {
            Meta::Path(path) => path.is_ident("test"),
            Meta::List(list) if list.path.is_ident("all") => {
                let text = list.tokens.to_string();
                text.split(',').any(|condition| condition.trim() == "test")
            }
            _ => false,
        }
}
