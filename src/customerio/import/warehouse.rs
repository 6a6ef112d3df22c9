//! Parquet files of the warehouse sync: each holds what changed since the one before (reference/customerio.md 4.1).

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::delivery::channel;
use super::error::{ImportError, Refusal};
use super::fact::{Fact, Who};
use super::intake::push;
use super::person;
use super::read::{Pieces, Reader};
use super::value::{raw, seconds, typed, whole_seconds};
use crate::engine::spill::{Partition, Spill};
use crate::model::Entity;

/// A table that a capture has a place for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    People,
    Attributes,
    Deliveries,
    Metrics,
    Contents,
    Outputs,
    Subjects,
    Campaigns,
    Broadcasts,
}

impl Table {
    /// Name in the file's name, and a column without which it is none.
    const ALL: [(Table, &'static str, &'static str); 9] = [
        (Table::People, "people", "internal_customer_id"),
        (Table::Attributes, "attributes", "attribute_name"),
        (Table::Deliveries, "deliveries", "delivery_id"),
        (Table::Metrics, "metrics", "metric"),
        (Table::Contents, "delivery_contents", "delivery_id"),
        (Table::Outputs, "outputs", "output_id"),
        (Table::Subjects, "subjects", "subject_name"),
        (Table::Campaigns, "campaigns", "campaign_id"),
        (Table::Broadcasts, "broadcasts", "broadcast_id"),
    ];

    /// The table that a file's name tells.
    pub(super) fn of(path: &Path) -> Option<Table> {
        // The table of contents is called both ways (4.1).
        let content = is_named(path, "delivery_content").then_some(Table::Contents);
        let mut tables = Self::ALL.into_iter();
        let found = tables.find(|(_, table, _)| is_named(path, table));
        found.map(|(table, ..)| table).or(content)
    }

    fn column(self) -> &'static str {
        let found = Self::ALL.into_iter().find(|(table, ..)| *table == self);
        found.map_or("", |(_, _, column)| column)
    }
}

/// Which steps people went through: outputs meet the journey that they were part of.
pub(super) struct Journeys {
    by_subject: Spill,
}

/// What stands at the name of a journey.
#[derive(Serialize, Deserialize)]
enum AtSubject {
    Journey { campaign: i64 },
    Step { action: i64, kind: String },
}

impl Journeys {
    pub(super) fn new(folder: &Path, partitions: u64) -> Result<Self, ImportError> {
        let by_subject = Spill::by_hash(folder, partitions)?;
        Ok(Self { by_subject })
    }

    /// How often each step of each campaign was gone through; a workspace has few steps.
    pub(super) fn finish(self) -> Result<BTreeMap<(i64, i64, String), u64>, ImportError> {
        let spilled = self.by_subject.finish()?;
        let mut steps = BTreeMap::new();
        spilled.each(&mut |partition| {
            count_steps(partition, &mut steps);
            Ok::<(), ImportError>(())
        })?;
        Ok(steps)
    }
}

fn count_steps(partition: &Partition, steps: &mut BTreeMap<(i64, i64, String), u64>) {
    let items: Vec<(u64, &[u8])> = partition.items().collect();
    for group in items.chunk_by(|one, other| one.0 == other.0) {
        let mut of = None;
        let mut taken = Vec::new();
        for (_, item) in group {
            match serde_json::from_slice(item) {
                Ok(AtSubject::Journey { campaign }) => of = Some(campaign),
                Ok(AtSubject::Step { action, kind }) => taken.push((action, kind)),
                Err(_) => {}
            }
        }
        for (action, kind) in taken {
            if let Some(campaign) = of {
                *steps.entry((campaign, action, kind)).or_default() += 1;
            }
        }
    }
}

/// Reads one file.
pub(super) fn read(
    reader: &mut Reader<'_>,
    table: Table,
    journeys: &mut Journeys,
) -> Result<(), ImportError> {
    let path = reader.path.clone();
    let file = open(&path)?;
    if !columns(&file).iter().any(|it| it == table.column()) {
        return Err(ImportError::NotThat {
            path,
            expected: format!("a Parquet file with a column `{}`", table.column()),
            found: "none of that name".to_owned(),
        });
    }
    rows(reader, &file, |reader, row| {
        if let Some((subject, item)) = at_subject(table, &row) {
            push(&mut journeys.by_subject, &subject, &item)?;
        }
        let (line, pieces) = (reader.read, piece(reader, table, row));
        reader.take(line, pieces)
    })
}

/// A Parquet file, its content still on disk.
pub(super) fn open(path: &Path) -> Result<SerializedFileReader<File>, ImportError> {
    let file = File::open(path).map_err(ImportError::disk("opening", path))?;
    SerializedFileReader::new(file).map_err(|error| broken(path, &error))
}

/// The names of its columns.
pub(super) fn columns(file: &SerializedFileReader<File>) -> Vec<String> {
    let columns = file.metadata().file_metadata().schema_descr().columns();
    columns.iter().map(|it| it.path().string()).collect()
}

/// Each row, counted and given to `take`.
pub(super) fn rows(
    reader: &mut Reader<'_>,
    file: &SerializedFileReader<File>,
    mut take: impl FnMut(&mut Reader<'_>, Cells) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let path = reader.path.clone();
    for row in file.get_row_iter(None).map_err(|it| broken(&path, &it))? {
        let row = Cells::of(&row.map_err(|it| broken(&path, &it))?);
        reader.read += 1;
        take(reader, row)?;
    }
    Ok(())
}

fn broken(path: &Path, error: &ParquetError) -> ImportError {
    ImportError::NotThat {
        path: path.to_owned(),
        expected: "a Parquet file".to_owned(),
        found: format!("none that can be read ({error})"),
    }
}

/// Whether a file's name is that of a table: `<table>_v<n>_<workspace>_<sequence>.parquet`, or `<table>.parquet`.
pub(super) fn is_named(path: &Path, table: &str) -> bool {
    let name = path.file_stem().and_then(|it| it.to_str());
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let rest = name.strip_prefix(table);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("_v"))
}

fn at_subject(table: Table, row: &Cells) -> Option<(String, AtSubject)> {
    let subject = row.text("subject_name")?;
    let item = match table {
        Table::Subjects => AtSubject::Journey {
            campaign: row.number("campaign_id")?,
        },
        Table::Outputs => AtSubject::Step {
            action: row.number("action_id")?,
            kind: row.text("output_type").unwrap_or_default(),
        },
        Table::People
        | Table::Attributes
        | Table::Deliveries
        | Table::Metrics
        | Table::Contents
        | Table::Campaigns
        | Table::Broadcasts => return None,
    };
    Some((subject, item))
}

fn piece(reader: &Reader<'_>, table: Table, row: Cells) -> Pieces {
    let fact = match table {
        Table::People => of_person(reader.fact(Entity::Person), &row)?,
        Table::Attributes => of_attribute(reader, &row)?,
        Table::Deliveries | Table::Contents => of_delivery(reader.fact(Entity::Delivery), row)?,
        Table::Metrics => of_metric(reader.fact(Entity::Delivery), &row)?,
        Table::Campaigns => of_named(reader.fact(Entity::Campaign), "campaign_id", &row)?,
        Table::Broadcasts => of_named(reader.fact(Entity::Broadcast), "broadcast_id", &row)?,
        Table::Outputs => match of_output(reader.fact(Entity::Delivery), &row) {
            Some(fact) => fact,
            None => return Ok(Vec::new()),
        },
        Table::Subjects => return Ok(Vec::new()),
    };
    Ok(vec![fact])
}

/// `internal_customer_id` is the `cio_id` (4.1, a guess).
pub(super) fn who(row: &Cells) -> Who {
    Who {
        cio_id: row.text("internal_customer_id"),
        id: row.text("customer_id"),
        email: row.text("email_addr"),
        anonymous_id: None,
    }
}

fn of_person(mut fact: Fact, row: &Cells) -> Result<Fact, Refusal> {
    let who = who(row);
    if who.is_nobody() {
        return Err(Refusal::Nameless);
    }
    fact.at = row.time("updated_at").unwrap_or_default();
    for name in ["deleted", "suppressed"] {
        if let Some(Cell::Flag(is_so)) = row.0.get(name) {
            fact.top.extend(raw(is_so).map(|it| (name.to_owned(), it)));
        }
    }
    for name in ["created_at", "updated_at"] {
        // The beginning of 1970 stands for "unknown" (4.1).
        let time = row.time(name).filter(|it| *it > 0);
        fact.top
            .extend(time.and_then(|it| raw(&it)).map(|it| (name.to_owned(), it)));
    }
    person::name(&mut fact, who);
    Ok(fact)
}

/// The table is a log of changes: the last one counts, an empty one removes (4.1, a guess).
fn of_attribute(reader: &Reader<'_>, row: &Cells) -> Result<Fact, Refusal> {
    let mut fact = reader.fact(Entity::Person);
    let name = row.text("attribute_name").ok_or(Refusal::NotOfItsKind)?;
    let who = who(row);
    if who.is_nobody() {
        return Err(Refusal::Nameless);
    }
    fact.at = row.time("timestamp").unwrap_or_default();
    let text = row.text("attribute_value").unwrap_or_default();
    if text.is_empty() {
        let nothing = raw(&"");
        if let Some(nothing) = nothing {
            person::set(&mut fact, &name, nothing);
        }
    } else if let Some(value) = typed(&text, reader.declared.person_trait(&name)) {
        person::set(&mut fact, &name, value);
    }
    fact.who = Some(who);
    Ok(fact)
}

/// A delivery, or what was sent with it.
fn of_delivery(mut fact: Fact, row: Cells) -> Result<Fact, Refusal> {
    fact.key = row.text("delivery_id").ok_or(Refusal::Nameless)?;
    let who = who(&row);
    fact.who = (!who.is_nobody()).then_some(who);
    for (name, cell) in row.0 {
        let (name, value) = match name.as_str() {
            // Named by other keys, or of the sync alone.
            "internal_customer_id" | "customer_id" | "workspace_id" | "seq_num" => continue,
            "delivery_id" => ("id", cell.json()),
            "created_at" => {
                let created = cell.time().and_then(|it| raw(&it));
                fact.inner
                    .extend(created.map(|it| ("created".to_owned(), it)));
                continue;
            }
            "delivery_type" | "type" => {
                let kind = cell.text().map(|it| channel(&it).to_owned());
                ("channel", kind.and_then(|it| raw(&it)))
            }
            other => (other, cell.json()),
        };
        fact.top.extend(value.map(|it| (name.to_owned(), it)));
    }
    Ok(fact)
}

fn of_metric(mut fact: Fact, row: &Cells) -> Result<Fact, Refusal> {
    fact.key = row.text("delivery_id").ok_or(Refusal::Nameless)?;
    let metric = row.text("metric").ok_or(Refusal::NotOfItsKind)?;
    let at = row.time("created_at").ok_or(Refusal::NotOfItsKind)?;
    fact.at = at;
    let is = |name: &str| matches!(row.0.get(name), Some(Cell::Flag(true)));
    let by_machine = match metric.as_str() {
        "opened" if is("prefetched") => Some("prefetch_opened"),
        "clicked" if is("machine") => Some("prefetch_clicked"),
        _ => None,
    };
    let names = by_machine.into_iter().chain([metric.as_str()]);
    fact.inner
        .extend(names.filter_map(|name| Some((name.to_owned(), raw(&at)?))));
    fact.top
        .extend(raw(&fact.key).map(|it| ("id".to_owned(), it)));
    let reason = row.text("reason").and_then(|it| raw(&it));
    fact.top
        .extend(reason.map(|it| ("failure_message".to_owned(), it)));
    let link = row.text("link_url").and_then(|it| raw(&it));
    fact.top
        .extend(link.map(|it| ("clicked_href".to_owned(), it)));
    Ok(fact)
}

/// An output that made a delivery says whether it was only a draft; the others are counted as steps.
fn of_output(mut fact: Fact, row: &Cells) -> Option<Fact> {
    fact.key = row.text("delivery_id").filter(|it| !it.is_empty())?;
    fact.at = row.time("created_at").unwrap_or_default();
    let parts = [
        ("id", raw(&fact.key)),
        ("draft", row.0.get("draft").and_then(Cell::json)),
        ("journey", row.text("subject_name").and_then(|it| raw(&it))),
    ];
    fact.top.extend(
        parts
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?))),
    );
    Some(fact)
}

fn of_named(mut fact: Fact, key: &str, row: &Cells) -> Result<Fact, Refusal> {
    let id = row.number(key).ok_or(Refusal::Nameless)?;
    fact.key = id.to_string();
    fact.at = row.time("updated_at").unwrap_or_default();
    let parts = [
        ("id", raw(&id)),
        ("name", row.text("name").and_then(|it| raw(&it))),
        ("created", row.time("created_at").and_then(|it| raw(&it))),
        ("updated", row.time("updated_at").and_then(|it| raw(&it))),
        ("topic_names", row.0.get("topic_names").and_then(Cell::json)),
    ];
    fact.top.extend(
        parts
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?))),
    );
    Ok(fact)
}

/// One row, by column; columns without a value are left out.
pub(super) struct Cells(pub(super) BTreeMap<String, Cell>);

/// A value, as far as these tables have kinds of them.
pub(super) enum Cell {
    Flag(bool),
    Number(i64),
    Time(i64),
    Text(String),
    Texts(Vec<String>),
}

impl Cells {
    fn of(row: &Row) -> Self {
        let cells = row
            .get_column_iter()
            .filter_map(|(name, field)| Some((name.clone(), Cell::of(field)?)));
        Self(cells.collect())
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0
            .get(name)
            .and_then(Cell::text)
            .filter(|it| !it.is_empty())
    }

    fn number(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Cell::Number(number) => Some(*number),
            Cell::Text(text) => text.trim().parse().ok(),
            Cell::Flag(_) | Cell::Time(_) | Cell::Texts(_) => None,
        }
    }

    pub(super) fn time(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Cell::time)
    }
}

impl Cell {
    fn of(field: &Field) -> Option<Self> {
        Some(match field {
            Field::Null => return None,
            Field::Bool(is_so) => Cell::Flag(*is_so),
            Field::Byte(number) => Cell::Number(i64::from(*number)),
            Field::Short(number) => Cell::Number(i64::from(*number)),
            Field::Int(number) => Cell::Number(i64::from(*number)),
            Field::Long(number) => Cell::Number(*number),
            Field::UByte(number) => Cell::Number(i64::from(*number)),
            Field::UShort(number) => Cell::Number(i64::from(*number)),
            Field::UInt(number) => Cell::Number(i64::from(*number)),
            Field::ULong(number) => {
                i64::try_from(*number).map_or_else(|_| Cell::Text(number.to_string()), Cell::Number)
            }
            Field::TimestampMillis(time) => Cell::Time(time.div_euclid(1_000)),
            Field::TimestampMicros(time) => Cell::Time(time.div_euclid(1_000_000)),
            Field::Date(days) => Cell::Time(i64::from(*days) * 86_400),
            Field::Str(text) => Cell::Text(text.clone()),
            // Written without saying that it is text.
            Field::Bytes(bytes) => Cell::Text(String::from_utf8_lossy(bytes.data()).into_owned()),
            Field::ListInternal(list) => Cell::Texts(
                list.elements()
                    .iter()
                    .filter_map(Cell::of)
                    .filter_map(|it| it.text())
                    .collect(),
            ),
            Field::Float16(_)
            | Field::Float(_)
            | Field::Double(_)
            | Field::Decimal(_)
            | Field::TimeMillis(_)
            | Field::TimeMicros(_)
            | Field::Group(_)
            | Field::MapInternal(_) => Cell::Text(field.to_string()),
        })
    }

    pub(super) fn text(&self) -> Option<String> {
        match self {
            Cell::Flag(is_so) => Some(is_so.to_string()),
            Cell::Number(number) | Cell::Time(number) => Some(number.to_string()),
            Cell::Text(text) => Some(text.clone()),
            Cell::Texts(_) => None,
        }
    }

    /// Unix seconds; a bare number may be in any unit, nanoseconds among them.
    fn time(&self) -> Option<i64> {
        match self {
            Cell::Time(time) => Some(*time),
            Cell::Number(number) => Some(whole_seconds(*number)),
            Cell::Text(text) => seconds(text),
            Cell::Flag(_) | Cell::Texts(_) => None,
        }
    }

    pub(super) fn json(&self) -> Option<Box<RawValue>> {
        match self {
            Cell::Flag(is_so) => raw(is_so),
            Cell::Number(number) | Cell::Time(number) => raw(number),
            Cell::Text(text) => raw(text),
            Cell::Texts(texts) => raw(texts),
        }
    }
}
