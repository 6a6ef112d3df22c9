//! Tests: what rules mean. Refused files with the picture that a user sees, the plan of the real workspace, and every
//! witness of a gap or an overlap run through the plan. `UPDATE_EXPECT=1` writes the pictures anew; read each of them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files has failed"
)]

mod acme;
pub(crate) mod destination;
mod generated;
mod losses;
pub(crate) use destination::suite;
mod pictures;
mod plans;
mod promises;
mod reference;
mod walks;
mod witnesses;

use std::path::{Path, PathBuf};

use mapwright::customerio::layout;
use mapwright::lang::{Compiled, Environment, Files, Look, compile, to_text};
use mapwright::text::Source;

/// The files of a folder, by name alone.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        if Path::new(name).components().count() != 1 || name == ".." {
            return Err("it is outside the rule file's folder".to_owned());
        }
        std::fs::read(self.0.join(name)).map_err(|_| "there is no such file".to_owned())
    }
}

/// Compiles a text for the suite account of the tests.
fn compiled(name: &str, text: &str, folder: &str) -> Compiled {
    let (layout, schema) = (layout(), destination::suite());
    let environment = Environment {
        layout: &layout,
        schema: Some(&schema),
    };
    compile(
        &Source::new(name, text),
        &Folder(folder.into()),
        &environment,
    )
}

/// The picture of what was found.
fn picture(compiled: &Compiled) -> String {
    to_text(&compiled.diagnostics, Look::Plain { width: 100 })
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 96, ..Default::default() })]

    /// Whatever is done to a rule file, the compiler answers with a plan or with findings that lie inside the text.
    #[test]
    fn any_text_compiles_or_is_refused(
        at in 0..10_000_usize,
        length in 0..60_usize,
        put in "[ -~\\n\"|#=]{0,12}|\\PC{0,4}",
    ) {
        let text = std::fs::read_to_string("rules/acme/acme.rules").unwrap();
        let start = text.floor_char_boundary(at % text.len());
        let end = text.ceil_char_boundary((start + length).min(text.len()));
        let changed = format!("{}{put}{}", &text[..start], &text[end..]);
        let compiled = compiled("acme.rules", &changed, "rules/acme");
        for diagnostic in &compiled.diagnostics {
            let span = diagnostic.span();
            proptest::prop_assert!(diagnostic.source.text().get(span.start..span.end).is_some());
        }
        let is_refused = compiled
            .diagnostics
            .iter()
            .any(|it| it.severity == mapwright::lang::Severity::Error);
        proptest::prop_assert_eq!(compiled.plan.is_none(), is_refused);
    }
}
