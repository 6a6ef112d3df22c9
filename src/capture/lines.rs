//! Streams a file as chunks of whole lines, in bounded memory, and counts and hashes on the way.

use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::{CaptureError, CaptureFile, FileEntry, Finding, FindingKind, Packing};

/// How much of a file is read before a chunk is handed on.
pub const CHUNK_BYTES: usize = 1 << 18;

/// A longer line is not read as a record: it would have to stand in memory whole.
pub const LINE_BYTES_MAX: usize = 16 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whole lines, the last one maybe without its newline.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Number of the first line, from 1.
    pub first_line: u64,
    /// Number of the line after the last one.
    pub after_line: u64,
    pub bytes: Vec<u8>,
    /// The chunk stands for one line that was too long; it holds only the line's beginning.
    pub is_too_long: bool,
}

impl Chunk {
    /// Each line that is not blank, with its number, without `\n` and `\r\n`.
    pub fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let bytes = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        (self.first_line..)
            .zip(SplitLines { rest: Some(bytes) })
            .map(|(number, line)| (number, line.strip_suffix(b"\r").unwrap_or(line)))
            .filter(|(_, line)| !line.trim_ascii().is_empty())
    }
}

struct SplitLines<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for SplitLines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let Some(end) = memchr::memchr(b'\n', rest) else {
            self.rest = None;
            return Some(rest);
        };
        let (line, after) = rest.split_at_checked(end)?;
        self.rest = after.get(1..);
        Some(line)
    }
}

/// The reader of one file.
pub struct Lines<'a> {
    reader: Box<dyn Read + Send + 'a>,
    name: String,
    path: PathBuf,
    is_packed: bool,
    chunk_bytes: usize,
    /// Read, not yet handed on: the beginning of a line.
    carry: Vec<u8>,
    next_line: u64,
    records: u64,
    is_started: bool,
    is_at_end: bool,
    breaks_off: Option<u64>,
    check: Option<Check>,
}

impl<'a> Lines<'a> {
    /// Lines of any stream, such as standard input.
    pub fn of_stream(name: impl Into<String>, reader: Box<dyn Read + Send + 'a>) -> Self {
        let name = name.into();
        Self {
            reader,
            path: PathBuf::from(&name),
            name,
            is_packed: false,
            chunk_bytes: CHUNK_BYTES,
            carry: Vec::new(),
            next_line: 1,
            records: 0,
            is_started: false,
            is_at_end: false,
            breaks_off: None,
            check: None,
        }
    }

    pub(super) fn of_file(
        file: &CaptureFile,
        path: PathBuf,
        reader: Box<dyn Read + Send + 'a>,
        check: Option<Check>,
    ) -> Self {
        let reader = match &check {
            Some(check) => check.over_unpacked(reader),
            None => reader,
        };
        let mut lines = Self::of_stream(file.name.clone(), reader);
        lines.path = path;
        lines.is_packed = file.packing != Packing::Plain;
        lines.check = check;
        lines
    }

    /// Hands on chunks of about this size.
    #[must_use]
    pub fn with_chunk_bytes(mut self, chunk_bytes: usize) -> Self {
        self.chunk_bytes = chunk_bytes.clamp(1, LINE_BYTES_MAX);
        self
    }

    /// Name of the file within the capture.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The next chunk, in `buffer`, whose content is thrown away; `None` at the end.
    ///
    /// # Errors
    /// When the machine cannot read; a damaged packed file ends here and is a finding.
    pub fn next(&mut self, mut buffer: Vec<u8>) -> Result<Option<Chunk>, CaptureError> {
        buffer.clear();
        buffer.append(&mut self.carry);
        loop {
            if is_too_long(&buffer) {
                return self.skip_long_line(buffer).map(Some);
            }
            // What came with the last read may hold whole lines already.
            let wanted = if self.is_at_end { 0 } else { self.chunk_bytes };
            if buffer.len() >= wanted
                && let Some(chunk) = self.cut(&mut buffer)
            {
                return Ok(Some(chunk));
            }
            if self.is_at_end {
                return Ok(self.last(buffer));
            }
            self.fill(&mut buffer)?;
        }
    }

    /// Reads on to the end, only to count and hash.
    ///
    /// # Errors
    /// When the machine cannot read.
    pub fn drain(&mut self) -> Result<(), CaptureError> {
        let mut buffer = Vec::new();
        while let Some(chunk) = self.next(buffer)? {
            buffer = chunk.bytes;
        }
        Ok(())
    }

    /// What is wrong with the file, after its end was met.
    #[must_use]
    pub fn finish(self) -> Vec<Finding> {
        if let Some(line) = self.breaks_off {
            return vec![Finding::new(self.name, FindingKind::BreaksOff { line })];
        }
        let (name, records) = (self.name, self.records);
        self.check
            .map(|check| check.compare(&name, records))
            .unwrap_or_default()
    }

    pub(super) fn into_tally(self) -> Tally {
        let records = self.records;
        let mut tally = self.check.map(Check::take).unwrap_or_default();
        tally.records = records;
        tally
    }

    /// Reads a chunk on into `buffer`.
    fn fill(&mut self, buffer: &mut Vec<u8>) -> Result<(), CaptureError> {
        let wanted = self.chunk_bytes as u64;
        // Into the buffer's own room, which `read` would want to have filled with zeros first.
        match self.reader.by_ref().take(wanted).read_to_end(buffer) {
            Ok(read) => self.is_at_end = read < self.chunk_bytes,
            Err(_) if self.is_packed => {
                // The unpacker cannot go on: the whole lines before this one are good.
                let whole = memchr::memrchr(b'\n', buffer).map_or(0, |at| at + 1);
                let ahead = memchr::memchr_iter(b'\n', buffer).count() as u64;
                buffer.truncate(whole);
                self.breaks_off = Some(self.next_line + ahead);
                self.is_at_end = true;
            }
            Err(error) => return Err(CaptureError::disk("reading", &self.path, error)),
        }
        if !self.is_started && (buffer.len() >= BYTE_ORDER_MARK.len() || self.is_at_end) {
            self.is_started = true;
            if buffer.starts_with(BYTE_ORDER_MARK) {
                buffer.drain(..BYTE_ORDER_MARK.len());
            }
        }
        Ok(())
    }

    /// Whole lines of `buffer` as a chunk; what follows them is carried.
    fn cut(&mut self, buffer: &mut Vec<u8>) -> Option<Chunk> {
        if !self.is_started {
            return None;
        }
        let end = memchr::memrchr(b'\n', buffer)? + 1;
        self.carry.extend_from_slice(buffer.get(end..)?);
        buffer.truncate(end);
        Some(self.chunk(std::mem::take(buffer)))
    }

    fn last(&mut self, buffer: Vec<u8>) -> Option<Chunk> {
        (!buffer.is_empty()).then(|| self.chunk(buffer))
    }

    fn chunk(&mut self, bytes: Vec<u8>) -> Chunk {
        let first_line = self.next_line;
        self.next_line += memchr::memchr_iter(b'\n', &bytes).count() as u64;
        self.next_line += u64::from(!bytes.ends_with(b"\n"));
        let chunk = Chunk {
            first_line,
            after_line: self.next_line,
            bytes,
            is_too_long: false,
        };
        self.records += chunk.lines().count() as u64;
        chunk
    }

    fn skip_long_line(&mut self, mut buffer: Vec<u8>) -> Result<Chunk, CaptureError> {
        /// What is kept of it.
        const KEPT_BYTES: usize = 64;
        let head: Vec<u8> = buffer.iter().take(KEPT_BYTES).copied().collect();
        loop {
            if let Some(end) = memchr::memchr(b'\n', &buffer) {
                self.carry
                    .extend_from_slice(buffer.get(end + 1..).unwrap_or_default());
                break;
            }
            if self.is_at_end {
                break;
            }
            buffer.clear();
            self.fill(&mut buffer)?;
        }
        let first_line = self.next_line;
        self.next_line += 1;
        self.records += 1;
        Ok(Chunk {
            first_line,
            after_line: self.next_line,
            bytes: head,
            is_too_long: true,
        })
    }
}

/// Whether the first line is longer than a line may be; no later one can be, being from one read.
fn is_too_long(buffer: &[u8]) -> bool {
    buffer.len() > LINE_BYTES_MAX
        && memchr::memchr(b'\n', buffer).is_none_or(|end| end > LINE_BYTES_MAX)
}

/// Bytes and hash, as far as read.
#[derive(Clone, Default)]
pub(super) struct Tally {
    pub(super) bytes: u64,
    pub(super) records: u64,
    hasher: Sha256,
}

impl Tally {
    pub(super) fn sha256(&self) -> String {
        let digest = self.hasher.clone().finalize();
        digest.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing into a text cannot fail");
            text
        })
    }
}

/// What a file is compared with, and what was met so far.
pub(super) struct Check {
    expected: Option<FileEntry>,
    is_of_unpacked: bool,
    met: Arc<Mutex<Tally>>,
}

impl Check {
    /// Only counts and hashes the file as it lies there.
    pub(super) fn stored() -> Self {
        Self {
            expected: None,
            is_of_unpacked: false,
            met: Arc::default(),
        }
    }

    pub(super) fn against_stored(entry: FileEntry) -> Self {
        Self {
            expected: Some(entry),
            ..Self::stored()
        }
    }

    pub(super) fn against_unpacked(entry: FileEntry) -> Self {
        Self {
            is_of_unpacked: true,
            ..Self::against_stored(entry)
        }
    }

    pub(super) fn over_stored<'a>(
        &self,
        reader: impl Read + Send + 'a,
    ) -> Box<dyn Read + Send + 'a> {
        if self.is_of_unpacked {
            return Box::new(reader);
        }
        self.over(reader)
    }

    fn over_unpacked<'a>(&self, reader: Box<dyn Read + Send + 'a>) -> Box<dyn Read + Send + 'a> {
        if self.is_of_unpacked {
            return self.over(reader);
        }
        reader
    }

    fn over<'a>(&self, reader: impl Read + Send + 'a) -> Box<dyn Read + Send + 'a> {
        Box::new(Tallied {
            reader,
            met: Arc::clone(&self.met),
        })
    }

    fn take(self) -> Tally {
        let met = self.met.lock().expect("no holder of this lock can panic");
        met.clone()
    }

    fn compare(self, name: &str, records: u64) -> Vec<Finding> {
        let mut findings: Vec<FindingKind> = Vec::new();
        let Some(expected) = self.expected.clone() else {
            return Vec::new();
        };
        let met = self.take();
        if met.bytes != expected.bytes {
            let (expected, found) = (expected.bytes, met.bytes);
            findings.push(FindingKind::WrongSize { expected, found });
        }
        let found = met.sha256();
        if !found.eq_ignore_ascii_case(&expected.sha256) {
            let expected = expected.sha256;
            findings.push(FindingKind::WrongChecksum { expected, found });
        }
        if records != expected.records {
            let (expected, found) = (expected.records, records);
            findings.push(FindingKind::WrongCount { expected, found });
        }
        findings
            .into_iter()
            .map(|kind| Finding::new(name, kind))
            .collect()
    }
}

struct Tallied<R> {
    reader: R,
    met: Arc<Mutex<Tally>>,
}

impl<R: Read> Read for Tallied<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        let mut met = self.met.lock().expect("no holder of this lock can panic");
        met.bytes += read as u64;
        met.hasher.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
