//! Tests: what rules mean. Refused files with the picture that a user sees, the plan of the real workspace, and every
//! witness of a gap or an overlap run through the plan. `UPDATE_EXPECT=1` writes the pictures anew; read each of them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files has failed"
)]

mod acme;
pub(crate) mod destination;
mod pictures;
mod plans;
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
