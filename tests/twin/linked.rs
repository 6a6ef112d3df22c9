//! Look-ups of records against an obvious evaluator: it takes one record, scans all others for what the look-up asks
//! for, and asks each of them anew what becomes of it, so that no order of passes can hide anything.

use std::collections::BTreeMap;
use std::fmt::Write;

use mapwright::capture::Capture;
use mapwright::customerio::layout;
use mapwright::engine::{Options, walk};
use mapwright::lang::{Environment, Files, compile};
use mapwright::model::{Entity, Fate};
use mapwright::plan::Plan;
use mapwright::text::Source;
use serde_json::{Value as Json, json};

use super::generate::Dice;

const FIELDS: &str = "fields of person
  cio_id        text, unique
  unsubscribed  boolean
  stage         optional text
  boss          optional text
end

fields of object \"group\"
  object_id   text, unique
  name        optional text
end

fields of object \"company\"
  object_id   text, unique
  name        optional text
  code        optional text
  group       optional text
end

fields of object \"workspace\"
  object_id   text, unique
  name        optional text
  code        optional text
  owner       optional text
end

fields of campaign
  id    text, unique
  name  text
end

fields of delivery
  id        text, unique
  cio_id    text
  subject   text
  at        timestamp seconds
  campaign  optional text
  code      optional text
end
";

/// What a look-up asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    /// Records of a kind, along relationships.
    Related(&'static str),
    /// Records of the kinds, whose field `theirs` holds `prefix` and what stands in `own`.
    Value {
        kinds: &'static [&'static str],
        theirs: &'static str,
        prefix: &'static str,
        own: &'static str,
    },
}

/// One line with a look-up.
#[derive(Clone, Copy, Debug)]
struct Link {
    from: &'static str,
    field: &'static str,
    target: &'static str,
    by: By,
    none: &'static str,
    many: &'static str,
    no_primary: &'static str,
    max: usize,
}

/// A record as the slow evaluator sees it.
#[derive(Clone, Debug)]
struct Row {
    kind: &'static str,
    id: String,
    json: Json,
}

#[derive(Clone, Debug, PartialEq)]
enum End {
    Draft {
        target: String,
        /// By field; each end with its mark.
        links: BTreeMap<String, Vec<(String, bool)>>,
    },
    Held,
    Excluded,
}

struct World {
    rows: Vec<Row>,
    /// Person, kind and id of the object, whether it is marked.
    relations: Vec<(String, &'static str, String, bool)>,
    links: Vec<Link>,
}

struct Memory;

impl Files for Memory {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        match name {
            "linked.fields" => Ok(FIELDS.as_bytes().to_vec()),
            _ => Err("there is no such file".to_owned()),
        }
    }
}

const KINDS: [&str; 6] = [
    "group",
    "company",
    "workspace",
    "person",
    "campaign",
    "delivery",
];

/// The number of the type of object, as the source has it.
fn type_of(kind: &str) -> Option<&'static str> {
    match kind {
        "group" => Some("1"),
        "company" => Some("2"),
        "workspace" => Some("3"),
        _ => None,
    }
}

fn source_of(row: &Row) -> String {
    match type_of(row.kind) {
        Some(number) => format!("object {number}/{}", row.id),
        None => format!("{} {}", row.kind, row.id),
    }
}

/// Which look-ups the rules have: one way or the other between people and companies, never both.
fn links(dice: &mut Dice) -> Vec<Link> {
    let is_upwards = dice.one_in(2);
    let mut links = Vec::new();
    let mut add = |dice: &mut Dice, from, field, target, by| {
        let max = if field == "accounts" { 10 } else { 1 };
        let mut many = vec!["hold", "blank, report", "newest", "oldest", "primary"];
        if max > 1 {
            many.extend(["all", "all", "all"]);
        }
        let many = dice.pick(&many);
        links.push(Link {
            from,
            field,
            target,
            by,
            none: dice.pick(&["hold", "blank, report", "blank, report"]),
            many,
            no_primary: if many == "all" || (many == "primary" && dice.one_in(2)) {
                dice.pick(&["newest", "oldest"])
            } else {
                ""
            },
            max,
        });
    };
    let value = |kinds, theirs, prefix, own| By::Value {
        kinds,
        theirs,
        prefix,
        own,
    };
    if !dice.one_in(4) {
        let by = value(&["group"], "cf_key", "gr-", "group");
        add(dice, "company", "cf_above", "account", by);
    }
    if is_upwards {
        add(
            dice,
            "person",
            "accounts",
            "account",
            By::Related("company"),
        );
        let by = value(&["workspace"], "cf_key", "ws-", "boss");
        if dice.one_in(2) {
            add(dice, "person", "cf_place", "module \"Workspaces\"", by);
        }
    } else {
        add(dice, "company", "cf_boss", "contact", By::Related("person"));
        if dice.one_in(2) {
            let by = value(&["person"], "external_id", "p-", "owner");
            add(dice, "workspace", "cf_owner", "contact", by);
        }
    }
    if !dice.one_in(4) {
        let by = value(&["company"], "cf_code", "", "code");
        add(dice, "workspace", "cf_company", "account", by);
    }
    if !dice.one_in(4) {
        let by = value(&["campaign"], "cf_key", "ca-", "campaign");
        add(dice, "delivery", "cf_campaign", "module \"Campaigns\"", by);
    }
    if !dice.one_in(4) {
        let by = value(&["company"], "cf_code", "", "code");
        add(dice, "delivery", "cf_firm", "account", by);
    }
    links
}

fn rules_of(links: &[Link]) -> String {
    let mut text = "rules \"Linked\"\nlanguage 1\nsource customerio fields \"linked.fields\"\n\
        destination freshsales edition suite\n\n\
        field cf_key \"Key\" text unique on account, module \"Workspaces\", module \"Campaigns\"\n\
        field cf_code \"Code\" text on account\n"
        .to_owned();
    for link in links.iter().filter(|it| it.field != "accounts") {
        let on = match link.from {
            "company" => "account",
            "workspace" => "module \"Workspaces\"",
            "person" => "contact",
            _ => "email activity",
        };
        let Link { field, target, .. } = link;
        writeln!(text, "field {field} \"{field}\" lookup {target} on {on}").unwrap();
    }
    text += "\nvalues consent_words\n  in = \"Subscribed\"\n  out = \"Unsubscribed\"\nend\n\n\
        fact consent of person\n  out when unsubscribed\n  in otherwise\nend\n";
    for kind in KINDS {
        let (head, lines, leftover) = match kind {
            "group" => (
                "object \"group\" to account",
                "key cf_key = \"gr-\" + object_id\n  name = name none hold",
                "",
            ),
            "company" => (
                "object \"company\" to account",
                "key cf_key = \"co-\" + object_id\n  name = name none hold\n  cf_code = code",
                "group",
            ),
            "workspace" => (
                "object \"workspace\" to module \"Workspaces\"",
                "key cf_key = \"ws-\" + object_id\n  name = name none hold",
                "code, owner",
            ),
            "person" => (
                "person to contact, lead",
                "key external_id = \"p-\" + cio_id\n  last_name = \"x\"\n  \
                 subscription_status = consent via consent_words\n  \
                 ignore unsubscribed because \"it is in the consent\"",
                "stage, boss",
            ),
            "campaign" => (
                "campaign to module \"Campaigns\"",
                "key cf_key = \"ca-\" + id\n  name = cut(name, 255) loses \"the end\"\n  \
                 exclude when name is \"gone\" because \"gone\"",
                "",
            ),
            _ => (
                "delivery to email activity on person",
                "title = cut(subject, 255) loses \"the end\"\n  time = at\n  \
                 exclude when subject is \"gone\" because \"gone\"",
                "campaign, code",
            ),
        };
        write!(text, "\nmap {head}\n  {lines}\n").unwrap();
        for link in links.iter().filter(|it| it.from == kind) {
            let only = if kind == "person" {
                "only contact "
            } else {
                ""
            };
            let (field, target) = (link.field, link.target);
            let by = match link.by {
                By::Related(kind) => kind.to_owned(),
                By::Value {
                    theirs,
                    prefix: "",
                    own,
                    ..
                } => format!("{theirs} = {own}"),
                By::Value {
                    theirs,
                    prefix,
                    own,
                    ..
                } => format!("{theirs} = \"{prefix}\" + {own}"),
            };
            write!(
                text,
                "  {only}{field} = lookup {target} by {by} none {}",
                link.none
            )
            .unwrap();
            write!(text, ", many {}", link.many).unwrap();
            if !link.no_primary.is_empty() {
                write!(text, ", no primary {}", link.no_primary).unwrap();
            }
            text += "\n";
        }
        if !leftover.is_empty() {
            writeln!(text, "  ignore {leftover} because \"looked up\"").unwrap();
        }
        text += "end\n";
    }
    text + "\ndecide person\n  | stage_word | becomes |\n  | contact | contact |\n  | lead | lead |\n  \
        | out | exclude \"out\" |\n  | odd | hold \"odd\" |\nend\n\n\
        fact stage_word of person\n  contact when stage is \"contact\"\n  lead when stage is \"lead\"\n  \
        out when stage is \"out\"\n  odd otherwise\nend\n"
}

fn world(dice: &mut Dice) -> World {
    let links = links(dice);
    let mut rows = Vec::new();
    let mut relations = Vec::new();
    for kind in KINDS {
        for number in 0..2 + dice.below(4) {
            let some = |dice: &mut Dice| match dice.below(6) {
                0 => Json::Null,
                1 => json!(""),
                it => json!((it - 2).to_string()),
            };
            let name = dice.pick(&["a name", "a name", "a name", "gone"]);
            let mut json = json!({ "code": some(dice), "campaign": some(dice), "group": some(dice),
                "owner": some(dice), "boss": some(dice), "subject": name, "name": name });
            if type_of(kind).is_some() && name == "gone" {
                json["name"] = Json::Null;
            }
            json["stage"] = json!(dice.pick(&["contact", "contact", "lead", "out", "odd"]));
            if !dice.one_in(4) {
                json["created_at"] = json!(1_700_000_000 + dice.below(3));
            }
            json["cio_id"] = json!(dice.below(5).to_string());
            let id = number.to_string();
            rows.push(Row { kind, id, json });
        }
    }
    for _ in 0..dice.below(40) {
        let kind = dice.pick(&["group", "company", "workspace"]);
        let person = dice.below(6).to_string();
        relations.push((person, kind, dice.below(6).to_string(), dice.one_in(3)));
    }
    World {
        rows,
        relations,
        links,
    }
}

impl World {
    fn row(&self, kind: &str, id: &str) -> Option<&Row> {
        self.rows.iter().find(|it| it.kind == kind && it.id == id)
    }

    /// What becomes of a record, by itself and by those that it looks up.
    fn end(&self, row: &Row) -> End {
        let target = match (row.kind, row.json["stage"].as_str()) {
            ("person", Some("out")) => return End::Excluded,
            ("person", Some("odd")) => return End::Held,
            ("person", stage) => stage.unwrap(),
            ("group" | "company", _) => "account",
            ("workspace", _) => "module \"Workspaces\"",
            ("campaign", _) => "module \"Campaigns\"",
            _ => "email activity",
        };
        if type_of(row.kind).is_none() && row.kind != "person" && row.json["name"] == "gone" {
            return End::Excluded;
        }
        let mut ending = None;
        if row.kind == "delivery" {
            let person = self.row("person", row.json["cio_id"].as_str().unwrap());
            ending = match person.map(|it| self.end(it)) {
                None | Some(End::Held) => Some(End::Held),
                Some(End::Excluded) => Some(End::Excluded),
                Some(End::Draft { .. }) => None,
            };
        }
        if type_of(row.kind).is_some() && row.json["name"].is_null() {
            return End::Held;
        }
        let mut found = BTreeMap::new();
        let own = self.links.iter().filter(|it| it.from == row.kind);
        for link in own.filter(|_| target != "lead") {
            match self.link(link, row) {
                None => return ending.unwrap_or(End::Held),
                Some(ends) if ends.is_empty() => {}
                Some(ends) => {
                    found.insert(link.field.to_owned(), ends);
                }
            }
        }
        ending.unwrap_or(End::Draft {
            target: target.to_owned(),
            links: found,
        })
    }

    /// The ends of one look-up; `None` holds the record.
    fn link(&self, link: &Link, row: &Row) -> Option<Vec<(String, bool)>> {
        let (mut there, mut asked, mut gone) = (Vec::new(), false, false);
        match link.by {
            By::Related(other) => {
                for (other, marked) in self.related(row, other) {
                    match other.map(|it| (it, self.end(it))) {
                        Some((it, End::Draft { target, .. })) if target == link.target => {
                            there.push((it, marked));
                        }
                        // A record of another kind was not asked for.
                        Some((_, End::Draft { .. })) => {}
                        Some((_, End::Held | End::Excluded)) | None => gone = true,
                    }
                }
                asked = gone;
            }
            By::Value {
                kinds,
                theirs,
                prefix,
                own,
            } => {
                if let Some(value) = row.json[own].as_str().filter(|it| !it.is_empty()) {
                    asked = true;
                    let value = format!("{prefix}{value}");
                    let all = self.rows.iter().filter(|it| kinds.contains(&it.kind));
                    let has = all.filter(|it| written(it, theirs) == Some(value.clone()));
                    let is_there = |it: &&Row| matches!(self.end(it), End::Draft { target, .. } if target == link.target);
                    there.extend(has.filter(is_there).map(|it| (it, false)));
                }
            }
        }
        if there.is_empty() {
            return (!asked || link.none != "hold").then(Vec::new);
        }
        Self::choose(link, &there)
    }

    fn choose(link: &Link, there: &[(&Row, bool)]) -> Option<Vec<(String, bool)>> {
        let age = |(row, _): &(&Row, bool)| created(row);
        // Of two as new the one read first.
        let newest = there.iter().rev().max_by_key(|it| age(it)).unwrap();
        let oldest = there
            .iter()
            .min_by_key(|it| age(it).unwrap_or(i64::MAX))
            .unwrap();
        let marked = there.iter().find(|(_, marked)| *marked);
        let primary = match link.no_primary {
            "newest" => marked.or(Some(newest)),
            "oldest" => marked.or(Some(oldest)),
            _ => marked,
        };
        let chosen = match (there, link.many) {
            ([only], _) => vec![(only, true)],
            (_, "hold") => return None,
            (_, "blank, report") => Vec::new(),
            (_, "newest") => vec![(newest, true)],
            (_, "oldest") => vec![(oldest, true)],
            (_, "primary") => vec![(primary?, true)],
            _ => {
                let first = primary.unwrap();
                let others = there.iter().filter(|it| it.0.id != first.0.id);
                let mut all = vec![(first, true)];
                all.extend(others.map(|it| (it, false)));
                all
            }
        };
        assert!(chosen.len() <= link.max);
        let told = chosen.into_iter();
        Some(
            told.map(|((row, _), primary)| (source_of(row), primary))
                .collect(),
        )
    }

    /// The other ends of a record's relationships with a kind, each once, marked where any of them is.
    fn related(&self, row: &Row, other: &str) -> Vec<(Option<&Row>, bool)> {
        let mut ends: Vec<(&str, bool)> = Vec::new();
        for (person, kind, object, marked) in &self.relations {
            let (own, theirs) = if row.kind == "person" {
                (person, object)
            } else {
                (object, person)
            };
            let is_kind = [other, row.kind].contains(kind);
            if own != &row.id || !is_kind {
                continue;
            }
            match ends.iter_mut().find(|(it, _)| it == theirs) {
                Some((_, known)) => *known |= marked,
                None => ends.push((theirs, *marked)),
            }
        }
        ends.into_iter()
            .map(|(id, marked)| (self.row(other, id), marked))
            .collect()
    }

    fn folder(&self) -> tempfile::TempDir {
        let mut files: BTreeMap<&str, String> = BTreeMap::new();
        for row in &self.rows {
            let (file, line) = match (type_of(row.kind), row.kind) {
                (Some(number), _) => (
                    "objects.ndjson",
                    json!({ "object_type_id": number, "object_id": row.id, "attributes": row.json }),
                ),
                (None, kind) => {
                    let mut line = row.json.clone();
                    let (file, id) = match kind {
                        "person" => ("people.ndjson", "cio_id"),
                        "campaign" => ("campaigns.ndjson", "id"),
                        _ => ("deliveries.ndjson", "id"),
                    };
                    line[id] = json!(row.id);
                    line["unsubscribed"] = json!(false);
                    line["at"] = json!(1_700_000_000);
                    (file, line)
                }
            };
            writeln!(files.entry(file).or_default(), "{line}").unwrap();
        }
        for (person, kind, object, marked) in &self.relations {
            let line = json!({ "cio_id": person, "object_type_id": type_of(kind).unwrap(),
                "object_id": object, "attributes": { "primary": marked } });
            writeln!(files.entry("relationships.ndjson").or_default(), "{line}").unwrap();
        }
        let types = "{\"id\":\"1\",\"name\":\"group\"}\n{\"id\":\"2\",\"name\":\"company\"}\n\
            {\"id\":\"3\",\"name\":\"workspace\"}\n";
        files.insert("object_types.ndjson", types.to_owned());
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }
}

fn created(row: &Row) -> Option<i64> {
    // Only people and objects say when they were made.
    let has = row.kind == "person" || type_of(row.kind).is_some();
    row.json["created_at"].as_i64().filter(|_| has)
}

/// What a record's map writes into a field.
fn written(row: &Row, field: &str) -> Option<String> {
    let prefix = match row.kind {
        "group" => "gr-",
        "company" => "co-",
        "workspace" => "ws-",
        "campaign" => "ca-",
        _ => "p-",
    };
    match field {
        "cf_key" | "external_id" => Some(format!("{prefix}{}", row.id)),
        _ => row.json["code"].as_str().map(str::to_owned),
    }
}

/// What the engine makes of the same, by source.
fn fast(plan: &Plan, folder: &std::path::Path, threads: usize) -> BTreeMap<String, End> {
    let spill = tempfile::tempdir().unwrap();
    let mut options = Options::new(spill.path());
    options.threads = threads;
    options.chunk_bytes = 64 * threads;
    let capture = Capture::open(folder).unwrap();
    let mut ends = BTreeMap::new();
    let summary = walk(plan, &capture, &layout(), &options, &mut |outcome| {
        let kinds = [Entity::Relationship, Entity::ObjectType];
        if kinds.contains(&outcome.entity()) {
            return Ok(());
        }
        let end = match &outcome.fate {
            Fate::Draft(draft) => End::Draft {
                target: draft.target.clone(),
                links: draft
                    .links
                    .iter()
                    .map(|link| {
                        let ends = link.to.iter();
                        let ends = ends.map(|it| (it.source.to_string(), it.primary));
                        (link.field.clone(), ends.collect())
                    })
                    .collect(),
            },
            Fate::Held { .. } => End::Held,
            Fate::Excluded { .. } => End::Excluded,
            other => panic!("{other:?}"),
        };
        let before = ends.insert(outcome.source.to_string(), end);
        assert!(before.is_none(), "one outcome a record");
        Ok(())
    });
    summary.unwrap();
    ends
}

#[test]
fn look_ups_of_any_kind_find_what_the_slow_twin_finds() {
    let (mut linked, mut held, mut several) = (BTreeMap::new(), 0, 0);
    for seed in 0..160 {
        let mut dice = Dice::new(seed + 7000);
        let world = world(&mut dice);
        let text = rules_of(&world.links);
        let layout = layout();
        let schema = crate::lang_semantics::suite();
        let environment = Environment {
            layout: &layout,
            schema: Some(&schema),
        };
        let compiled = compile(&Source::new("linked.rules", &text), &Memory, &environment);
        let picture = super::picture(&compiled);
        let plan = compiled
            .plan
            .unwrap_or_else(|| panic!("seed {seed}\n{picture}\n{text}"));
        let folder = world.folder();
        let ends = fast(&plan, folder.path(), 1 + usize::from(seed % 2 == 0));
        assert_eq!(ends.len(), world.rows.len());
        for row in &world.rows {
            let slow = world.end(row);
            let fast = &ends[&source_of(row)];
            assert_eq!(
                *fast,
                slow,
                "seed {seed}, {}\n{text}\n{:?}",
                source_of(row),
                world.relations
            );
            match slow {
                End::Draft { links, .. } => {
                    for (field, ends) in links {
                        several += u32::from(ends.len() > 1);
                        *linked.entry(field).or_insert(0) += 1;
                    }
                }
                End::Held => held += 1,
                End::Excluded => {}
            }
        }
    }
    let fields = [
        "accounts",
        "cf_above",
        "cf_boss",
        "cf_campaign",
        "cf_company",
        "cf_firm",
        "cf_owner",
        "cf_place",
    ];
    for field in fields {
        let found = linked.get(field).copied().unwrap_or(0);
        assert!(found > 5, "{field} linked {found} records");
    }
    assert!(held > 100, "{held} held, {several} with several");
}
