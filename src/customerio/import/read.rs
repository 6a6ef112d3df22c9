//! What every reader of an import stands on: packed files unpacked, lines one by one, rows of a table.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Declared;
use super::error::{ImportError, Refusal};
use super::fact::{Fact, Fields};
use super::intake::Intake;
use crate::capture::Lines;
use crate::model::Entity;

/// One file on its way in.
pub(super) struct Reader<'r> {
    pub(super) intake: &'r mut Intake,
    pub(super) path: PathBuf,
    /// Place of the source in the command line.
    pub(super) source: u16,
    pub(super) declared: &'r Declared,
    /// Lines or rows met so far.
    pub(super) read: u64,
}

impl Reader<'_> {
    pub(super) fn fact(&self, entity: Entity) -> Fact {
        Fact::of(entity, self.source)
    }

    pub(super) fn refuse(&mut self, line: u64, why: Refusal) {
        self.intake.refuse(&self.path, line, why);
    }

    /// Takes pieces in; none of a line is left out alone.
    pub(super) fn take(&mut self, line: u64, pieces: Pieces) -> Result<(), ImportError> {
        match pieces {
            Ok(facts) => facts.into_iter().try_for_each(|it| self.intake.take(it)),
            Err(why) => {
                self.refuse(line, why);
                Ok(())
            }
        }
    }

    /// Each line of the file as JSON, given to `pieces`.
    pub(super) fn lines(
        &mut self,
        mut pieces: impl FnMut(&Self, &[u8], Fields) -> Pieces,
    ) -> Result<(), ImportError> {
        let file = unpacked(&self.path)?;
        let name = self.path.display().to_string();
        let mut lines = Lines::of_stream(name, file);
        let mut buffer = Vec::new();
        while let Some(chunk) = lines.next(buffer)? {
            for (number, line) in chunk.lines() {
                self.read += 1;
                let read = if chunk.is_too_long {
                    Err(Refusal::TooLong)
                } else {
                    fields(line)
                };
                let read = read.and_then(|fields| pieces(self, line, fields));
                self.take(number, read)?;
            }
            buffer = chunk.bytes;
        }
        Ok(())
    }

    /// Each row of a CSV file, given to `pieces` with the place of each cell's column.
    pub(super) fn rows(
        &mut self,
        is_header: impl Fn(&[String]) -> bool,
        expected: &str,
        mut pieces: impl FnMut(&Self, &[(&str, &str)]) -> Pieces,
    ) -> Result<(), ImportError> {
        let not_that = |path: &Path, found: &str| ImportError::NotThat {
            path: path.to_owned(),
            expected: expected.to_owned(),
            found: found.to_owned(),
        };
        let mut csv = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(Quotes {
                reader: without_mark(&self.path)?,
                quotes: 0,
            });
        let header = csv.headers().map_err(|error| {
            if error.is_io_error() {
                return broken_off(&self.path, error);
            }
            not_that(&self.path, "no UTF-8 text")
        })?;
        let header: Vec<String> = header.iter().map(|it| it.trim().to_owned()).collect();
        if !is_header(&header) {
            return Err(not_that(&self.path, "none of them in the first line"));
        }
        let mut names: Vec<&String> = header.iter().filter(|it| !it.is_empty()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(not_that(&self.path, "a column that stands twice"));
        }
        let mut row = csv::ByteRecord::new();
        // A row is taken when the next one begins: a quote that nobody closes ends with the file, and what it swallowed
        // is no cell.
        let mut held: Option<(u64, Pieces)> = None;
        let mut ends_in_cell = false;
        loop {
            match csv.read_byte_record(&mut row) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Err(broken_off(&self.path, error)),
            }
            if let Some((line, pieces)) = held.take() {
                self.take(line, pieces)?;
            }
            self.read += 1;
            ends_in_cell = row.iter().any(|cell| cell.contains(&b'\n'));
            let line = row.position().map_or(0, csv::Position::line);
            let cells: Result<Vec<&str>, _> = row.iter().map(std::str::from_utf8).collect();
            let read = match cells {
                Err(_) => Err(Refusal::NotUtf8),
                Ok(cells) if cells.len() != header.len() => Err(Refusal::NotOfItsKind),
                Ok(cells) => {
                    let columns = header.iter().map(String::as_str).zip(cells);
                    let filled: Vec<_> = columns.filter(|(_, cell)| !cell.is_empty()).collect();
                    pieces(self, &filled)
                }
            };
            held = Some((line, read));
        }
        let is_open = csv.into_inner().quotes % 2 == 1 && ends_in_cell;
        if let Some((line, pieces)) = held {
            let pieces = if is_open {
                Err(Refusal::NotOfItsKind)
            } else {
                pieces
            };
            self.take(line, pieces)?;
        }
        Ok(())
    }
}

/// Counts the quotes that pass.
struct Quotes<R> {
    reader: R,
    quotes: usize,
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(buffer)?;
        let passed = buffer.get(..read).unwrap_or_default();
        self.quotes += memchr::memchr_iter(b'"', passed).count();
        Ok(read)
    }
}

/// What one line gives, or why it is left out.
pub(super) type Pieces = Result<Vec<Fact>, Refusal>;

fn broken_off(path: &Path, error: csv::Error) -> ImportError {
    let words = error.to_string();
    let source = match error.into_kind() {
        csv::ErrorKind::Io(source) => source,
        csv::ErrorKind::Utf8 { .. }
        | csv::ErrorKind::UnequalLengths { .. }
        | csv::ErrorKind::Seek
        | csv::ErrorKind::Serialize(_)
        | csv::ErrorKind::Deserialize { .. }
        | _ => std::io::Error::other(words),
    };
    ImportError::disk("reading", path)(source)
}

/// The content of a file that may be packed, as its first bytes tell.
pub(super) fn unpacked(path: &Path) -> Result<Box<dyn Read + Send>, ImportError> {
    const GZIP: &[u8] = &[0x1f, 0x8b];
    const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
    const BUFFER_BYTES: usize = 1 << 18;
    let failed = |source| ImportError::disk("opening", path)(source);
    let mut file = File::open(path).map_err(failed)?;
    let mut head = Vec::new();
    file.by_ref()
        .take(4)
        .read_to_end(&mut head)
        .map_err(|source| ImportError::disk("reading", path)(source))?;
    let is_gzip = head.starts_with(GZIP);
    let is_zstd = head.starts_with(ZSTD);
    let whole = BufReader::with_capacity(BUFFER_BYTES, std::io::Cursor::new(head).chain(file));
    if is_gzip {
        return Ok(Box::new(Unpacked(MultiGzDecoder::new(whole))));
    }
    if is_zstd {
        let decoder = zstd::stream::read::Decoder::with_buffer(whole);
        let decoder = decoder.map_err(|source| ImportError::disk("unpacking", path)(source))?;
        return Ok(Box::new(Unpacked(decoder)));
    }
    Ok(Box::new(whole))
}

/// A packed file: whatever its decoder cannot read is damage, which not every decoder says.
struct Unpacked<R>(R);

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        use std::io::ErrorKind::{InvalidData, InvalidInput, Other};
        self.0.read(buffer).map_err(|error| {
            if matches!(error.kind(), Other | InvalidInput) {
                return std::io::Error::new(InvalidData, error);
            }
            error
        })
    }
}

/// The CSV reader keeps a byte-order mark as part of the first column's name (dependencies.md section 6).
fn without_mark(path: &Path) -> Result<Box<dyn Read + Send>, ImportError> {
    const MARK: &[u8] = b"\xEF\xBB\xBF";
    let mut file = unpacked(path)?;
    let mut head = Vec::new();
    file.by_ref()
        .take(3)
        .read_to_end(&mut head)
        .map_err(ImportError::disk("reading", path))?;
    if head == MARK {
        head.clear();
    }
    Ok(Box::new(std::io::Cursor::new(head).chain(file)))
}

/// A JSON object with its values as they were written.
pub(super) fn fields(line: &[u8]) -> Result<Fields, Refusal> {
    let text = std::str::from_utf8(line).map_err(|_| Refusal::NotUtf8)?;
    let Once(fields) = serde_json::from_str(text).map_err(|_| Refusal::NotJson)?;
    Ok(fields)
}

/// The members of an object within a line; an empty one where there is none.
pub(super) fn members(value: Option<Box<RawValue>>) -> Result<Fields, Refusal> {
    let Some(value) = value.filter(|it| it.get() != "null") else {
        return Ok(Fields::new());
    };
    let Once(fields) = serde_json::from_str(value.get()).map_err(|_| Refusal::NotOfItsKind)?;
    Ok(fields)
}

/// An object of which no key stands twice: of two values nobody could say which is meant.
struct Once(Fields);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Once;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Once, A::Error> {
                let mut fields = Fields::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    if fields.insert(name, value).is_some() {
                        return Err(A::Error::custom("a key that stands twice"));
                    }
                }
                Ok(Once(fields))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
