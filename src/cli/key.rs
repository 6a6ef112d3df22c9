//! The API key: from a file that nobody else may read, or from the environment; never from the command line.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretString;

use super::{Exit, Failure};

/// Where a key is looked for without a file, and where the user finds one.
struct Place {
    variable: &'static str,
    help: &'static str,
}

const DESTINATION: Place = Place {
    variable: "MAPWRIGHT_FRESHSALES_KEY",
    help: "`mapwright sandbox` prints the key of a local sandbox when it starts; an account shows yours under Personal settings → API settings",
};

const SOURCE: Place = Place {
    variable: "MAPWRIGHT_CUSTOMERIO_KEY",
    help: "`mapwright sandbox --customerio CAPTURE` prints the App API key of a local one when it starts; a workspace shows its own under Account settings → API credentials → App API keys",
};

const MODEL: Place = Place {
    variable: "MAPWRIGHT_RERANK_KEY",
    help: "the key of the language model's endpoint; a server on this machine needs none",
};

/// A key is a line of text; a larger file is something else.
const KEY_MAX_BYTES: u64 = 4096;

/// Rights of anybody but the owner.
const OTHERS: u32 = 0o077;

/// The destination's key that the user has set out.
pub(super) fn read(file: Option<&Path>) -> Result<SecretString, Failure> {
    read_of(&DESTINATION, file)
}

/// The source's key that the user has set out.
pub(super) fn read_source(file: Option<&Path>) -> Result<SecretString, Failure> {
    read_of(&SOURCE, file)
}

/// The key of a language model's endpoint, `None` where the user has set out none.
pub(super) fn read_model(file: Option<&Path>) -> Result<Option<SecretString>, Failure> {
    let is_set = std::env::var_os(MODEL.variable).is_some();
    (file.is_some() || is_set)
        .then(|| read_of(&MODEL, file))
        .transpose()
}

fn read_of(place: &Place, file: Option<&Path>) -> Result<SecretString, Failure> {
    if let Some(path) = file {
        return from_file(path);
    }
    let Place { variable, help } = place;
    match std::env::var(variable) {
        Ok(key) if !key.trim().is_empty() => Ok(SecretString::from(key.trim().to_owned())),
        Ok(_) | Err(_) => Err(Failure::new(
            Exit::Usage,
            format!("expected the API key in {variable} or `--key-file FILE`, found neither"),
        )
        .help(*help)),
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
