//! The typed bridge: the types and commands of [`crate::api`] and [`crate::commands`] as one TypeScript file.
//!
//! `ui/src/lib/api/bridge.ts` is this function's output, committed, and compared with a fresh one by a test.

use std::collections::BTreeMap;

use ts_rs::{Config, TS, TypeVisitor};

/// Collects declarations and commands.
pub(crate) struct Bridge {
    config: Config,
    declarations: BTreeMap<String, String>,
    commands: Vec<String>,
    words: Vec<&'static str>,
}

impl Bridge {
    pub(crate) fn command<Request: TS + 'static, View: TS + 'static>(&mut self, word: &'static str, summary: &str) {
        self.visit::<Request>();
        self.visit::<View>();
        let (request, view) = (Request::name(&self.config), View::name(&self.config));
        self.commands.push(format!("  /** {summary} */\n  {}(request: {request}): Promise<{view}>;", camel_case(word)));
        self.words.push(word);
    }
}

impl TypeVisitor for Bridge {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        T::visit_generics(self);
        if T::output_path().is_some() {
            let name = T::ident(&self.config);
            if self.declarations.contains_key(&name) {
                return;
            }
            let docs = T::docs().unwrap_or_default();
            let declaration = format!("{docs}export {}", T::decl(&self.config));
            self.declarations.insert(name, declaration);
        }
        T::visit_dependencies(self);
    }
}

/// The whole bridge as TypeScript.
pub fn typescript() -> String {
    let mut bridge =
        Bridge { config: Config::new(), declarations: BTreeMap::new(), commands: Vec::new(), words: Vec::new() };
    bridge.visit::<crate::api::ApiError>();
    crate::commands::describe_rim_commands(&mut bridge);
    crate::commands::describe_desk_commands(&mut bridge);
    let declarations: Vec<_> = bridge.declarations.into_values().collect();
    let words: Vec<_> = bridge.words.iter().map(|word| format!("  {}: '{word}',", camel_case(word))).collect();
    format!(
        "// Generated from crates/app by `cargo xtask bridge`. Do not edit.\n\n{}\n\n\
         /** Everything a screen can ask for. */\nexport interface Api {{\n{}\n}}\n\n\
         /** The word of each command on the wire. */\n\
         export const commandWords: {{ readonly [Command in keyof Api]: string }} = {{\n{}\n}};\n",
        declarations.join("\n\n"),
        bridge.commands.join("\n"),
        words.join("\n"),
    )
}

fn camel_case(word: &str) -> String {
    let mut parts = word.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut name, part| {
        let mut letters = part.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}
