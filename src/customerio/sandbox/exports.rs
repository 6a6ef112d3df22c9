//! Exports: pending for some polls, then a file behind a signed address (customerio.md 2.10).

use serde_json::{Value, json};

use super::deliveries;
use super::people;
use super::reply::{Answer, Refusal, Reply};
use super::request::Request;
use super::world::{Object, World, plain};

/// How long a signed address is good for.
const VALID_S: i64 = 15 * 60;

/// One export.
#[derive(Clone, Debug)]
pub(super) struct Export {
    id: u64,
    kind: &'static str,
    polls_left: u32,
    rows: Vec<Object>,
    columns: Option<Vec<String>>,
    created_at: i64,
    downloads: u32,
}

impl Export {
    fn shown(&self) -> Value {
        let is_done = self.polls_left == 0;
        json!({
            "id": self.id, "deduplicate_id": format!("{}:{}", self.id, self.created_at),
            "user_id": 1, "user_email": "admin@example.com", "type": self.kind,
            "status": if is_done { "done" } else { "pending" }, "failed": false,
            "description": "", "total": if is_done { self.rows.len() } else { 0 },
            "downloads": self.downloads, "created_at": self.created_at, "updated_at": self.created_at,
        })
    }

    fn poll(&mut self) {
        self.polls_left = self.polls_left.saturating_sub(1);
    }

    /// A header row, then the rows; which columns the service has is not known (customerio.md 2.10).
    fn csv(&self) -> String {
        let mut columns: Vec<&str> = Vec::new();
        for row in &self.rows {
            for name in row.keys().filter(|name| *name != "id") {
                if !columns.contains(&name.as_str()) {
                    columns.push(name);
                }
            }
        }
        columns.sort_unstable();
        if let Some(asked) = &self.columns {
            columns.retain(|name| asked.iter().any(|it| it == name));
        }
        columns.insert(0, "id");
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing into memory cannot fail.
        let _ = writer.write_record(&columns);
        for row in &self.rows {
            let cell = |name: &&str| row.get(*name).filter(|it| !it.is_null()).map(plain);
            let cells = columns.iter().map(|name| cell(name).unwrap_or_default());
            let _ = writer.write_record(cells);
        }
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }
}

/// POST /v1/exports/customers: the key is `filters`, plural.
pub(super) fn of_customers(world: &mut World, request: &Request) -> Answer {
    let found = people::found(world, request.body.get("filters"))?;
    let people = found.iter().filter_map(|cio_id| world.alive(cio_id));
    let rows = people
        .map(|it| it.shown(&world.topics, &world.switches))
        .collect();
    Ok(start(world, request, "customers", rows))
}

/// POST /v1/exports/deliveries: exactly one of four.
pub(super) fn of_deliveries(world: &mut World, request: &Request) -> Answer {
    let keys = [
        "newsletter_id",
        "campaign_id",
        "transactional_message_id",
        "action_id",
    ];
    let given: Vec<&str> = keys
        .into_iter()
        .filter(|key| request.body.contains_key(*key))
        .collect();
    let [key] = given.as_slice() else {
        return Err(Refusal::invalid(format!(
            "expected exactly one of {}",
            keys.join(", ")
        )));
    };
    let wanted = request.body.get(*key).map(plain);
    let of = world
        .deliveries
        .iter()
        .filter(|it| it.get(*key).map(plain) == wanted);
    let rows = of
        .filter_map(|it| deliveries::message(world, it).as_object().cloned())
        .collect();
    Ok(start(world, request, "deliveries", rows))
}

fn start(world: &mut World, request: &Request, kind: &'static str, rows: Vec<Object>) -> Reply {
    let asked = request.body.get("attributes").and_then(Value::as_array);
    let columns = asked.map(|names| names.iter().map(plain).collect());
    let export = Export {
        id: world.fresh(),
        kind,
        polls_left: world.switches.export_polls,
        rows,
        columns,
        created_at: world.clock_now().as_second(),
        downloads: 0,
    };
    let shown = export.shown();
    world.exports.push(export);
    Reply::Json(json!({"export": shown}))
}

/// GET /v1/exports: `null` when there is none (customerio.md 1.4).
pub(super) fn list(world: &World) -> Reply {
    let shown: Vec<Value> = world.exports.iter().map(Export::shown).collect();
    if shown.is_empty() {
        return Reply::Json(json!({"exports": null}));
    }
    Reply::Json(json!({"exports": shown}))
}

/// GET /v1/exports/{id}
pub(super) fn one(world: &mut World, id: &str) -> Answer {
    let export = find(world, id)?;
    export.poll();
    Ok(Reply::Json(json!({"export": export.shown()})))
}

/// GET /v1/exports/{id}/download
pub(super) fn download(world: &mut World, id: &str) -> Answer {
    let expires = world.clock_now().as_second() + VALID_S;
    let export = find(world, id)?;
    if export.polls_left > 0 {
        export.poll();
        return Err(Refusal::with(404, "the export is not ready"));
    }
    export.downloads += 1;
    let signature = sign(id, expires);
    let address = &world.address;
    let url = format!("{address}/exports/{id}.csv?expires={expires}&signature={signature}");
    Ok(Reply::Json(json!({"url": url})))
}

/// The signed address itself; it takes no key.
pub(super) fn file(world: &World, request: &Request, name: &str) -> Answer {
    let id = name.strip_suffix(".csv").unwrap_or(name);
    let expires = request.number("expires").unwrap_or_default();
    let is_signed = request.get("signature") == Some(sign(id, expires).as_str());
    if !is_signed || world.clock_now().as_second() > expires {
        return Err(Refusal::with(403, "the address has expired"));
    }
    let mut all = world.exports.iter();
    let found = all.find(|export| export.id.to_string() == id);
    let export = found.ok_or_else(Refusal::missing)?;
    Ok(Reply::Csv(export.csv()))
}

fn find<'a>(world: &'a mut World, id: &str) -> Result<&'a mut Export, Refusal> {
    let mut all = world.exports.iter_mut();
    all.find(|export| export.id.to_string() == id)
        .ok_or_else(Refusal::missing)
}

fn sign(id: &str, expires: i64) -> String {
    let secret = *blake3::hash(b"an export of this workspace").as_bytes();
    let hash = blake3::keyed_hash(&secret, format!("{id} {expires}").as_bytes());
    hash.to_hex().to_string()
}
