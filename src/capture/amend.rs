//! Rewrites one file of a capture line by line, whole or not at all.

use std::io::{BufWriter, Write};

use super::{Capture, CaptureError, Packing};
use crate::model::Entity;

/// Replaces the lines for which `change` gives another; tells how many. Nothing is written where there are none.
///
/// The seal is then one of before: who amends seals again.
///
/// # Errors
/// When the file cannot be read or written; a packed file is refused.
pub fn amend(
    capture: &Capture,
    entity: Entity,
    mut change: impl FnMut(&[u8]) -> Option<String>,
) -> Result<u64, CaptureError> {
    let Some(file) = capture.file(entity) else {
        return Ok(0);
    };
    let path = capture.dir().join(&file.name);
    let failed = |error| CaptureError::disk("rewriting", &path, error);
    if file.packing != Packing::Plain {
        let packed = std::io::Error::other("the file is packed: unpack it first");
        return Err(failed(packed));
    }
    // Temporary files are 0600.
    let mut beside = tempfile::NamedTempFile::new_in(capture.dir()).map_err(failed)?;
    let mut changed = 0;
    let mut lines = capture.lines(entity)?;
    let mut writer = BufWriter::new(beside.as_file_mut());
    let mut buffer = Vec::new();
    while let Some(lines) = lines.as_mut()
        && let Some(chunk) = lines.next(buffer)?
    {
        for (_, line) in chunk.lines() {
            let other = change(line);
            changed += u64::from(other.is_some());
            let line = other.as_deref().map_or(line, str::as_bytes);
            writer
                .write_all(line)
                .and_then(|()| writer.write_all(b"\n"))
                .map_err(failed)?;
        }
        buffer = chunk.bytes;
    }
    writer.flush().map_err(failed)?;
    drop(writer);
    if changed > 0 {
        beside.as_file().sync_all().map_err(failed)?;
        beside.persist(&path).map_err(|error| failed(error.error))?;
    }
    Ok(changed)
}
