//! The TypeScript side of the contract, generated from the Rust types by ts-rs. Only tests use it: they write
//! `ui/src/host/bindings.gen.ts` when `UPDATE_BINDINGS` is set, and fail when it is stale otherwise.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use ts_rs::{Config, TS, TypeVisitor};

use super::commands;

#[derive(Default)]
struct Collector {
    config: Config,
    seen: HashSet<TypeId>,
    declarations: BTreeMap<String, String>,
}

impl TypeVisitor for Collector {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
        // Types without a file of their own are TypeScript's built-in ones.
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            self.declarations.insert(T::ident(&self.config), format!("{docs}export {}\n", T::decl(&self.config)));
        }
    }
}

fn typescript() -> String {
    let mut collector = Collector::default();
    collector.visit::<super::ApiError>();
    collector.visit::<super::Event>();
    commands::visit_types(&mut collector);
    let mut text = String::from(
        "// Generated from src-tauri/core/api by `UPDATE_BINDINGS=1 cargo test --no-default-features bindings`. Do not edit.\n\n",
    );
    for declaration in collector.declarations.values() {
        text.push_str(declaration);
        text.push('\n');
    }
    text.push_str("/** Every command: what it takes and what it gives. */\nexport interface Commands {\n");
    for command in commands::COMMANDS {
        let (input, output) = ((command.input)(&collector.config), (command.output)(&collector.config));
        text.push_str(&format!("  {}: {{ input: {input}; output: {output} }};\n", command.name));
    }
    text.push_str("}\n");
    text
}

#[test]
fn bindings_are_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/host/bindings.gen.ts");
    let fresh = typescript();
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, fresh.as_bytes()))
            .unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "{} is stale: run UPDATE_BINDINGS=1 cargo test --no-default-features bindings",
        path.display()
    );
}
