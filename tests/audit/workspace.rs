//! Folders made for an audit, audits of them, and walks by what was drafted.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use mapwright::audit::{self, FieldProfile, Profile, Settings};
use mapwright::capture::Capture;
use mapwright::customerio::layout;
use mapwright::engine::{Options, walk};
use mapwright::lang::{self, Environment, Files};
use mapwright::model::{Entity, Fate, Outcome, Type};
use mapwright::report::mask;
use mapwright::text::Source;

pub(super) fn acme() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories/acme/in")
}

pub(super) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

pub(super) fn audited(dir: &Path, threads: usize) -> Profile {
    let layout = layout();
    let capture = Capture::open(dir).unwrap();
    let settings = Settings {
        threads,
        spill: std::env::temp_dir(),
        stop: None,
        latest: latest(&capture),
        lengths: vec![256, 10_000],
        signals: ["lifecycle_stage", "status"].map(str::to_owned).to_vec(),
        personal_domains: vec!["gmail.com".to_owned()],
        layout: &layout,
        mask,
    };
    audit::audit(&capture, &settings).unwrap()
}

fn latest(capture: &Capture) -> jiff::Timestamp {
    let until = "2026-02-01T00:00:00Z".parse().unwrap();
    capture.latest().unwrap_or(until)
}

/// The drafted file and, for each kind of record, a map that writes every field of it as it is declared.
pub(super) struct Draft {
    pub(super) fields: String,
    schema: String,
    rules: String,
    /// Rule line, name and misfits of each mapped field.
    pub(super) lines: Vec<(u32, String, u64)>,
}

impl Files for Draft {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        match name {
            "drafted.fields" => Ok(self.fields.clone().into_bytes()),
            "all.schema" => Ok(self.schema.clone().into_bytes()),
            other => Err(format!("no {other}")),
        }
    }
}

impl Draft {
    pub(super) fn of(profile: &Profile) -> Self {
        let layout = layout();
        let mut draft = Self {
            fields: audit::fields(profile, &layout),
            schema: "schema \"all\"\n".to_owned(),
            rules:
                "rules \"as drafted\"\nlanguage 1\nsource customerio fields \"drafted.fields\"\n\
                    destination file \"all.schema\"\n"
                    .to_owned(),
            lines: Vec::new(),
        };
        for (number, entity) in profile.entities.iter().enumerate() {
            let Some(place) = layout.iter().find(|it| it.entity == entity.entity) else {
                continue;
            };
            let of = match &entity.object_type {
                Some(of) => format!("object \"{of}\""),
                None => entity.entity.to_string(),
            };
            let id = entity.fields.iter().find(|it| it.path == place.id).unwrap();
            let kind = &id.drafted.r#type;
            writeln!(
                draft.schema,
                "target t{number}\n  record {kind} required key"
            )
            .unwrap();
            writeln!(
                draft.rules,
                "map {of} to t{number}\n  key record = {}",
                id.name
            )
            .unwrap();
            let mut count = 0;
            for field in entity.fields.iter().filter(|it| it.is_reachable) {
                let is_derived = place.derived.iter().any(|it| it.path == field.path);
                if !is_derived && field.path.iter().all(|it| is_writable(it)) {
                    draft.map(field, &mut count);
                }
            }
            draft.schema.push_str("end\n");
            draft.rules.push_str("end\n");
        }
        if profile.records(Entity::Object) > 0 {
            draft
                .rules
                .push_str("every other object ignore because \"none\"\n");
        }
        draft
    }

    /// One line for a field; for an object one for each of its members.
    fn map(&mut self, field: &FieldProfile, count: &mut usize) {
        if let Type::Object(_) = field.drafted.r#type {
            for member in &field.members {
                self.map(member, count);
            }
            return;
        }
        *count += 1;
        let path = &field.name;
        let (kind, value) = match &field.drafted.r#type {
            Type::Text | Type::OneOf(_) => ("text", path.clone()),
            Type::Integer => ("integer", path.clone()),
            Type::Decimal => ("decimal", path.clone()),
            Type::Boolean => ("boolean", path.clone()),
            Type::Timestamp(_) => ("text", format!("iso({path})")),
            Type::Date => ("date", path.clone()),
            Type::List(_) | Type::Object(_) | Type::Json => ("text", format!("json({path})")),
        };
        writeln!(self.schema, "  f{count} {kind}").unwrap();
        writeln!(self.rules, "  f{count} = {value}").unwrap();
        let line = u32::try_from(self.rules.lines().count()).unwrap();
        self.lines.push((line, path.clone(), field.drafted.misfits));
    }

    /// Walks the capture by the draft. A finding that is an error fails here.
    pub(super) fn walk(&self, dir: &Path) -> Vec<Outcome> {
        let layout = layout();
        let environment = Environment {
            layout: &layout,
            schema: None,
        };
        let compiled = lang::compile(&Source::new("as.rules", &self.rules), self, &environment);
        let errors: Vec<_> = compiled
            .diagnostics
            .into_iter()
            .filter(|it| it.severity == lang::Severity::Error)
            .collect();
        let look = lang::Look::Plain { width: 120 };
        assert!(
            errors.is_empty(),
            "{}\n{}",
            lang::to_text(&errors, look),
            self.fields
        );
        let plan = compiled.plan.unwrap();
        let capture = Capture::open(dir).unwrap();
        let spill = tempfile::tempdir().unwrap();
        let mut options = Options::new(spill.path());
        options.latest = latest(&capture);
        let mut outcomes = Vec::new();
        walk(&plan, &capture, &[], &options, &mut |outcome| {
            outcomes.push(outcome);
            Ok(())
        })
        .unwrap();
        outcomes
    }
}

/// Why records wait or were refused, as far as it is a value of the wrong type.
pub(super) fn misfits(outcomes: &[Outcome]) -> Vec<String> {
    outcomes
        .iter()
        .filter_map(|outcome| {
            let Fate::Held { reason } = &outcome.fate else {
                return None;
            };
            let is_misfit = reason.contains("expected");
            is_misfit.then(|| format!("{}: {reason}", outcome.source))
        })
        .collect()
}

/// Whether a line can hold the name at all; others are told of behind their block.
fn is_writable(name: &str) -> bool {
    !name.is_empty() && !name.contains(char::is_control)
}
