//! `x.approval`: written for a reviewer's eyes, sealed against edits by oversight, read back whole.
//!
//! The seal is a digest of the lines above it and no signature: it tells that a count was changed by
//! hand, not who wrote the file. Who may write it is what the review of the repository decides.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use super::words::{line, rows};
use super::{
    Becomes, CaptureInput, Counts, DestinationInput, FileInput, Inputs, LineCount, ListInput, Made,
    RowCount, RuleLine, WildField, digest_of,
};

/// The version of the file that this program reads and writes.
const FORMAT: u64 = 1;

/// The last line begins with it.
const SEAL: &str = "seal = ";

/// Who approved, when, with which program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewer {
    pub by: String,
    pub time: Timestamp,
    /// `mapwright 0.1.0`
    pub tool: String,
}

/// A whole approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub title: String,
    pub reviewer: Reviewer,
    /// Digest of the plan, compiled for the destination without the custom fields that the rules make.
    pub plan: String,
    pub destination: DestinationInput,
    /// The custom fields that the account lacked.
    pub makes: Vec<Made>,
    pub inputs: Inputs,
    pub counts: Counts,
}

/// Why there is no approval to compare with.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// The reviewer approves for the first time.
    #[error("there is no approval `{}`", .0.display())]
    None(PathBuf),
    /// The reviewer approves anew: counts are raised by looking at them again.
    #[error("`{}` was edited after it was written: its seal does not fit", .0.display())]
    Edited(PathBuf),
    /// The user takes a newer mapwright, or the reviewer approves anew.
    #[error("expected an approval of format {FORMAT} in `{}`, found {found}", path.display())]
    Unreadable { path: PathBuf, found: String },
    /// The machine: disk, rights.
    #[error("{doing} `{}`: {source}", path.display())]
    Disk {
        doing: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
}

/// The file as it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: u64,
    title: String,
    by: String,
    time: Timestamp,
    tool: String,
    plan: String,
    capture: CaptureInput,
    destination: DestinationInput,
    makes: Vec<Made>,
    becomes: Vec<Becomes>,
    losses: Vec<LineCount>,
    given_up: Vec<LineCount>,
    held: Vec<RowCount>,
    excluded: Vec<RowCount>,
    source_fields: Vec<WildField>,
    files: Vec<FileInput>,
    lists: Vec<ListInput>,
    rules: Vec<RuleLine>,
    seal: String,
}

impl Approval {
    /// Reads the file and proves its seal, by which a run's ledger names the approval.
    ///
    /// # Errors
    /// See [`ApprovalError`].
    pub fn read(path: &Path) -> Result<(Self, String), ApprovalError> {
        let bytes = std::fs::read(path).map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                return ApprovalError::None(path.to_owned());
            }
            disk("reading", path, error)
        })?;
        let unreadable = |found: String| ApprovalError::Unreadable {
            path: path.to_owned(),
            found,
        };
        // A checkout may have turned line ends.
        let text = String::from_utf8(bytes)
            .map_err(|_| unreadable("bytes that are no text".to_owned()))?
            .replace("\r\n", "\n");
        prove_seal(&text).ok_or_else(|| ApprovalError::Edited(path.to_owned()))?;
        let written: Written = toml::from_str(&text).map_err(|error| {
            let words = error.message().to_owned();
            unreadable(words)
        })?;
        if written.format != FORMAT {
            return Err(unreadable(format!("format {}", written.format)));
        }
        let seal = written.seal.clone();
        Ok((written.into(), seal))
    }

    /// Writes the file in place of one that is there.
    ///
    /// # Errors
    /// When the disk fails; the old file stands then.
    pub fn write(&self, path: &Path) -> Result<(), ApprovalError> {
        let failed = |error| disk("writing", path, error);
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            Some(_) | None => Path::new("."),
        };
        // Read by all who read the rules: it holds counts and digests, no record.
        let mut file = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o644))
            .tempfile_in(folder)
            .map_err(failed)?;
        file.write_all(self.to_text().as_bytes())
            .and_then(|()| file.as_file().sync_all())
            .map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// The file's text; the same approval always gives the same text.
    pub fn to_text(&self) -> String {
        let Self {
            title,
            reviewer: Reviewer { by, time, tool },
            plan,
            destination,
            makes,
            inputs,
            counts,
        } = self;
        let mut text = String::from(
            "# What a person agreed to; `mapwright run` into an account demands it, fresh.\n\
             # Written by `mapwright approve` and not edited by hand: the seal in the last line would not fit.\n\
             # Counts are accepted up to what stands here; for more, look again and approve again.\n\n",
        );
        let _ = writeln!(text, "format = {FORMAT}");
        line(&mut text, "title", title);
        line(&mut text, "by", by);
        line(&mut text, "time", &time.to_string());
        line(&mut text, "tool", tool);
        line(&mut text, "plan", plan);
        let _ = writeln!(text, "capture = {}", inputs.capture.row());
        text.push_str(
            "\n# The account; `parts`: a digest for each kind of record and for the users\n",
        );
        line(&mut text, "destination.address", &destination.address);
        for (part, digest) in &destination.parts {
            let part = super::words::quoted(part);
            line(&mut text, &format!("destination.parts.{part}"), digest);
        }
        let each = makes.iter().map(Made::row);
        rows(
            &mut text,
            "Custom fields that the load makes there",
            "makes",
            each,
        );
        write_counts(counts, &mut text);
        write_inputs(inputs, &mut text);
        let seal = digest_of(text.as_bytes());
        line(&mut text, "\nseal", &seal);
        text
    }
}

fn write_counts(counts: &Counts, text: &mut String) {
    let Counts {
        becomes,
        held,
        excluded,
        losses,
        given_up,
        source_fields,
    } = counts;
    let each = becomes.iter().map(Becomes::row);
    rows(text, "Who becomes what", "becomes", each);
    let each = losses.iter().map(LineCount::row);
    rows(
        text,
        "Lost, as the rules say, in so many records",
        "losses",
        each,
    );
    let each = given_up.iter().map(LineCount::row);
    rows(
        text,
        "Given up by a line, the record goes on",
        "given_up",
        each,
    );
    let each = held.iter().map(RowCount::row);
    rows(text, "Not written: they wait", "held", each);
    let each = excluded.iter().map(RowCount::row);
    rows(text, "Not written: left out", "excluded", each);
    let each = source_fields.iter().map(WildField::row);
    rows(
        text,
        "Fields in the records that no line names, and what takes them",
        "source_fields",
        each,
    );
}

fn write_inputs(inputs: &Inputs, text: &mut String) {
    let each = inputs.files.iter().map(FileInput::row);
    rows(text, "What was read", "files", each);
    let each = inputs.lists.iter().map(ListInput::row);
    rows(text, "Lists from files", "lists", each);
    let each = inputs.rules.iter().map(RuleLine::row);
    rows(text, "The rules, without comments", "rules", each);
}

/// Whether the last line is the digest of all lines above it.
fn prove_seal(text: &str) -> Option<()> {
    let place = text.rfind(SEAL)?;
    let (above, seal) = text.split_at_checked(place.checked_sub(1)?)?;
    let seal = seal.trim().strip_prefix(SEAL)?;
    (seal == format!("\"{}\"", digest_of(above.as_bytes()))).then_some(())
}

fn disk(doing: &'static str, path: &Path, source: std::io::Error) -> ApprovalError {
    ApprovalError::Disk {
        doing,
        path: path.to_owned(),
        source,
    }
}

impl From<Written> for Approval {
    fn from(written: Written) -> Self {
        Self {
            title: written.title,
            reviewer: Reviewer {
                by: written.by,
                time: written.time,
                tool: written.tool,
            },
            plan: written.plan,
            destination: written.destination,
            makes: written.makes,
            inputs: Inputs {
                files: written.files,
                lists: written.lists,
                rules: written.rules,
                capture: written.capture,
            },
            counts: Counts {
                becomes: written.becomes,
                held: written.held,
                excluded: written.excluded,
                losses: written.losses,
                given_up: written.given_up,
                source_fields: written.source_fields,
            },
        }
    }
}
