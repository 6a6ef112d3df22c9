//! Writes decisions as lines of JSON, with the names of the fields and places made ready once a plan.

use super::odd::{is_plain, odd_bytes};
use super::output::{canonical_digits, iso};
use super::{Decision, Plan, Shaped, TargetPlan};
use crate::model::{Field, FieldKind, Value};

/// The writer of one plan's decisions.
#[derive(Debug)]
pub struct Writer {
    /// By `TargetId`.
    targets: Vec<Labels>,
}

/// What is alike in all drafts of one target.
#[derive(Debug)]
struct Labels {
    /// `{"entity":"contact"`
    opening: Vec<u8>,
    /// By index of the field.
    fields: Vec<Label>,
    /// `,"custom_field":{`, in the order of the fields.
    places: Vec<Vec<u8>>,
}

#[derive(Debug)]
struct Label {
    /// `,"email":`
    text: Vec<u8>,
    /// Index among the places; nothing at the top.
    place: Option<usize>,
    is_raw: bool,
}

impl Writer {
    /// The writer for all targets of a plan.
    pub fn of(plan: &Plan) -> Self {
        Self {
            targets: plan.targets.iter().map(Labels::of).collect(),
        }
    }

    /// Writes one decision as one line of JSON, the newline included.
    pub fn decision(&self, decision: &Decision<'_>, line: &mut Vec<u8>) {
        match decision {
            Decision::Draft(shaped) => self.draft(shaped, line),
            Decision::Excluded(because) => write_fate("excluded", because, line),
            Decision::Held(reason) => write_fate("held", reason, line),
            Decision::Rejected(reason) => write_fate("rejected", reason, line),
            Decision::Stop(reason) => write_fate("stopped", reason, line),
        }
        line.push(b'\n');
    }

    /// Writes key and fields as one flat JSON object, without its kind and whatever places its fields have.
    pub fn flat(&self, shaped: &Shaped<'_>, line: &mut Vec<u8>) {
        line.push(b'{');
        if let Some(labels) = self.labels(shaped) {
            let mut is_first = true;
            for (index, value) in shaped.key.iter().chain(&shaped.fields) {
                if let Some(label) = labels.fields.get(usize::from(*index)) {
                    label.write(value, std::mem::take(&mut is_first), line);
                }
            }
        }
        line.push(b'}');
    }

    fn draft(&self, shaped: &Shaped<'_>, line: &mut Vec<u8>) {
        let Some(labels) = self.labels(shaped) else {
            return;
        };
        line.extend_from_slice(&labels.opening);
        labels.write_place(None, shaped, line);
        for (index, opening) in labels.places.iter().enumerate() {
            let before = line.len();
            line.extend_from_slice(opening);
            if labels.write_place(Some(index), shaped, line) {
                line.push(b'}');
            } else {
                line.truncate(before);
            }
        }
        if let Some(queue) = shaped.queue {
            line.extend_from_slice(b",\"queue\":");
            write_text(queue, line);
        }
        if !shaped.links.is_empty() {
            line.extend_from_slice(b",\"links\":");
            let links = serde_json::to_vec(&shaped.links).expect("links have only text keys");
            line.extend_from_slice(&links);
        }
        if !shaped.attachments.is_empty() {
            line.extend_from_slice(b",\"attachments\":");
            let files = serde_json::to_vec(&shaped.attachments).expect("they have only text keys");
            line.extend_from_slice(&files);
        }
        line.push(b'}');
    }

    fn labels(&self, shaped: &Shaped<'_>) -> Option<&Labels> {
        self.targets.get(usize::from(shaped.target_id.0))
    }
}

impl Labels {
    fn of(target: &TargetPlan) -> Self {
        let mut opening = b"{\"entity\":".to_vec();
        write_text(&target.name, &mut opening);
        let mut names: Vec<&str> = Vec::new();
        let mut fields = Vec::with_capacity(target.fields.len());
        for field in &target.fields {
            let place = field.place.first().map(|name| {
                let known = names.iter().position(|it| it == name);
                known.unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                })
            });
            fields.push(Label::of(field, place));
        }
        let places = names.into_iter().map(|name| {
            let mut text = labelled(name);
            text.push(b'{');
            text
        });
        Self {
            opening,
            fields,
            places: places.collect(),
        }
    }

    /// Writes the members that stand in one place; whether there are any.
    fn write_place(&self, place: Option<usize>, shaped: &Shaped<'_>, line: &mut Vec<u8>) -> bool {
        // At the top the kind stands before the first one.
        let mut is_first = place.is_some();
        let mut is_any = false;
        for (index, value) in shaped.key.iter().chain(&shaped.fields) {
            let label = self.fields.get(usize::from(*index));
            if let Some(label) = label.filter(|it| it.place == place) {
                label.write(value, std::mem::take(&mut is_first), line);
                is_any = true;
            }
        }
        is_any
    }
}

impl Label {
    fn of(field: &Field, place: Option<usize>) -> Self {
        Self {
            text: labelled(&field.name),
            place,
            is_raw: field.kind == FieldKind::Json || field.kind == FieldKind::TextList,
        }
    }

    /// The member; the first one of an object has no comma.
    fn write(&self, value: &Value<'_>, is_first: bool, line: &mut Vec<u8>) {
        let text = self.text.get(usize::from(is_first)..);
        line.extend_from_slice(text.unwrap_or_default());
        match value {
            Value::Absent | Value::Null => line.extend_from_slice(b"null"),
            Value::Text(text) => write_text(text, line),
            Value::Number(digits) => line.extend_from_slice(canonical_digits(digits).as_bytes()),
            Value::Boolean(true) => line.extend_from_slice(b"true"),
            Value::Boolean(false) => line.extend_from_slice(b"false"),
            Value::Time(time) => write_text(&iso(*time), line),
            Value::Date(date) => write_text(&date.to_string(), line),
            Value::Json(raw) if self.is_raw => line.extend_from_slice(raw.as_bytes()),
            Value::Json(raw) => write_text(raw, line),
        }
    }
}

/// `,"name":`
fn labelled(name: &str) -> Vec<u8> {
    let mut text = vec![b','];
    write_text(name, &mut text);
    text.push(b':');
    text
}

fn write_fate(fate: &str, reason: &str, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"fate\":\"");
    line.extend_from_slice(fate.as_bytes());
    line.extend_from_slice(b"\",\"reason\":");
    write_text(reason, line);
    line.push(b'}');
}

/// A JSON string, escaped as `serde_json` escapes; most texts need no escape and are copied whole.
pub(super) fn write_text(text: &str, line: &mut Vec<u8>) {
    line.push(b'"');
    if is_plain(text) {
        line.extend_from_slice(text.as_bytes());
    } else {
        write_escaped(text, line);
    }
    line.push(b'"');
}

/// A JSON string of its own.
pub(super) fn json_text(text: &str) -> String {
    let mut line = Vec::with_capacity(text.len() + 8);
    write_text(text, &mut line);
    String::from_utf8(line).expect("escapes are ASCII, and put between characters")
}

/// Eight bytes are copied at once and those behind the first that needs an escape are taken back: a third
/// of the time of going byte by byte, on JSON within JSON.
fn write_escaped(text: &str, line: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    line.reserve(rest.len());
    while let Some(word) = rest.first_chunk::<8>() {
        line.extend_from_slice(word);
        let odd = odd_bytes(u64::from_le_bytes(*word));
        if odd == 0 {
            rest = rest.get(8..).unwrap_or_default();
            continue;
        }
        let plain = odd.trailing_zeros() as usize / 8;
        line.truncate(line.len() + plain - 8);
        rest = rest.get(plain..).unwrap_or_default();
        if let Some((odd, behind)) = rest.split_first() {
            write_byte(*odd, line);
            rest = behind;
        }
    }
    for byte in rest {
        write_byte(*byte, line);
    }
}

/// One byte of a JSON string.
fn write_byte(byte: u8, line: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\t' => b't',
        b'\r' => b'r',
        0x08 => b'b',
        0x0c => b'f',
        0x00..0x20 => {
            line.extend_from_slice(b"\\u00");
            line.extend(
                [byte >> 4, byte & 0xf]
                    .map(|it| DIGITS.get(usize::from(it)).copied().unwrap_or(b'0')),
            );
            return;
        }
        0x20.. => {
            line.push(byte);
            return;
        }
    };
    line.extend_from_slice(&[b'\\', short]);
}
