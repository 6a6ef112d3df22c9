//! The API key: from a file that nobody else may read, or from the environment; never from the command line.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretString;

use super::{Exit, Failure};

/// Where the key is looked for without a file.
const VARIABLE: &str = "MAPWRIGHT_FRESHSALES_KEY";

/// A key is a line of text; a larger file is something else.
const KEY_MAX_BYTES: u64 = 4096;

/// Rights of anybody but the owner.
const OTHERS: u32 = 0o077;

/// The key that the user has set out.
pub(super) fn read(file: Option<&Path>) -> Result<SecretString, Failure> {
    if let Some(path) = file {
        return from_file(path);
    }
    match std::env::var(VARIABLE) {
        Ok(key) if !key.trim().is_empty() => Ok(SecretString::from(key.trim().to_owned())),
        Ok(_) | Err(_) => Err(Failure::new(
            Exit::Usage,
            format!("expected the API key in {VARIABLE} or `--key-file FILE`, found neither"),
        )
        .help("`mapwright sandbox` prints the key of a local sandbox when it starts; an account shows yours under Personal settings → API settings")),
    }
}

/// A secret alone in a file that only its owner may read.
pub(super) fn from_file(path: &Path) -> Result<SecretString, Failure> {
    let place = path.display();
    let failed = |error: std::io::Error| {
        Failure::new(
            Exit::Usage,
            format!("could not read the key file `{place}`: {error}"),
        )
    };
    let file = File::open(path).map_err(failed)?;
    // Of the open file, so that nobody swaps it in between.
    let found = file.metadata().map_err(failed)?;
    if !found.is_file() {
        return Err(Failure::new(
            Exit::Usage,
            format!("expected a file with the API key, found something else at `{place}`"),
        ));
    }
    let mode = found.permissions().mode() & 0o777;
    if mode & OTHERS != 0 {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "expected a key file that only you may read, found rights {mode:03o} on `{place}`"
            ),
        )
        .help(format!("chmod 600 {place}")));
    }
    let mut text = String::new();
    file.take(KEY_MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    let key = text.trim();
    let is_one_line = !key.is_empty() && !key.contains(char::is_whitespace);
    if !is_one_line || text.len() as u64 > KEY_MAX_BYTES {
        return Err(Failure::new(
            Exit::Usage,
            format!("expected the API key alone in `{place}`, found something else"),
        ));
    }
    Ok(SecretString::from(key.to_owned()))
}
