//! A made-up workspace with everything that a hand-off may meet, and script tags in every text.

use std::fs;
use std::path::Path;

use mapwright::capture::Capture;
use mapwright::handoff::{Edition, Fields, Handoff, KINDS, Settings};
use serde_json::{Value, json};

/// What must never stand on a page as it is.
pub(super) const EVIL: &str = "<script>alert('zq')</script><img src=x onerror=alert(1)>";

/// A person's address in a condition.
pub(super) const PERSON: &str = "zoe.quill@private.example";

/// A key in a header and in an address.
pub(super) const SECRET: &str = "k3yk3yk3yk3yk3yk3yk3y";

pub(super) fn put(folder: &Path, file: &str, records: &[Value]) {
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    fs::write(folder.join(file), format!("{}\n", lines.join("\n"))).unwrap();
}

pub(super) fn drawn_up(folder: &Path, full: bool) -> Handoff {
    let settings = Settings {
        fields: Fields::default(),
        edition: Edition::Suite,
        full,
    };
    Handoff::of(&Capture::open(folder).unwrap(), &settings).unwrap()
}

fn evil(word: &str) -> String {
    format!("{word} {EVIL}")
}

/// A campaign with a step of every kind, one behind the other, and an unknown one.
fn every_kind() -> Value {
    let mut steps: Vec<Value> = KINDS
        .iter()
        .enumerate()
        .map(|(at, kind)| {
            json!({"id": 100 + at, "type": kind.kind, "name": evil(kind.kind), "delay": 3600,
                "conditions": [{"type": "attribute", "field": evil("trait"), "operator": "eq", "value": evil("word")}]})
        })
        .collect();
    steps.push(json!({"id": 190, "type": "dream_action", "name": evil("dream"), "depth": evil("deep"), "api_token": SECRET}));
    let ids: Vec<u64> = steps.iter().map(|it| it["id"].as_u64().unwrap()).collect();
    let edges: Vec<Value> = ids
        .windows(2)
        .map(|pair| json!({"from": pair[0], "to": pair[1], "type": "continue"}))
        .collect();
    json!({"id": 1, "name": evil("every"), "type": "event", "event_name": evil("made"), "state": "running",
        "description": evil("about"), "tags": [evil("tag")], "filter_segment_ids": [99], "mystery": evil("new key"),
        "actions": [{"id": 100, "type": "email"}, {"id": 777, "type": "push"}],
        "workflow": {"steps": steps, "edges": edges, "restart_mode": evil("again"),
            "trigger": {"and": [{"segment": {"id": 5, "inverse": true}},
                {"attribute": {"field": "email", "operator": "eq", "value": PERSON}}]},
            "global_exit_conditions": [{"segment": {"id": 3}}, {"event": {"etype": evil("gone")}}]}})
}

/// Branches within branches, an A/B split, a way back.
fn nested() -> Value {
    let step = |id: u64, kind: &str| json!({"id": id, "type": kind});
    let edge = |from: u64, to: Value, index: u64| json!({"from": from, "to": to, "type": "branch", "index": index});
    json!({"id": 2, "name": "Nested", "type": "segment", "trigger_segment_ids": [1], "state": "draft",
        "workflow": {"steps": [
            step(1, "conditional_branch_action"), json!({"id": 2, "type": "multi_split_branch_action", "multi_conditions": [[{"type": "attribute", "field": "a", "operator": "exists"}], [{"type": "attribute", "field": "b", "operator": "exists"}]]}),
            json!({"id": 3, "type": "split_randomized_action", "allocations": [80, 20], "action_ids": [4, 5]}),
            step(4, "email_action"), step(5, "email_action"), step(6, "delay_seconds_action"), step(7, "exit_action")],
        "edges": [edge(1, json!(2), 0), edge(1, json!(3), 1), edge(2, json!(6), 0), edge(2, json!(7), 1), edge(2, Value::Null, 2),
            edge(3, json!(4), 0), edge(3, json!(5), 1),
            {"from": 4, "to": 6, "type": "continue"}, {"from": 5, "to": 6, "type": "continue"}, {"from": 6, "to": 1, "type": "continue"}]}})
}

fn segments() -> Vec<Value> {
    let asks = |id: u64| json!({"and": [{"segment": {"id": id}}]});
    vec![
        json!({"id": 1, "name": evil("one"), "type": "dynamic", "conditions": asks(2), "description": evil("round")}),
        json!({"id": 2, "name": "two", "type": "dynamic", "conditions": asks(1)}),
        json!({"id": 3, "name": evil("by hand"), "type": "manual", "conditions": null}),
        json!({"id": 4, "name": "undefined", "type": "dynamic"}),
        json!({"id": 5, "name": "strange", "type": "dynamic", "conditions": {"and": [{"moon": {"phase": evil("full")}}]}}),
        json!({"id": 6, "name": "who", "type": "dynamic", "conditions": {"and": [{"or": [
            {"event": {"name": "email", "type": "attribute_change", "filters": {"and": [
                {"field": "to", "operator": "eq", "value": PERSON, "inverse": false}]}}, "inverse": false, "times": 1, "within": 0}]}]}}),
    ]
}

/// Fills `folder` with all of it.
pub(super) fn build(folder: &Path) {
    put(
        folder,
        "campaigns.ndjson",
        &[
            every_kind(),
            nested(),
            json!({"id": 3, "name": "No graph", "type": "seg_tribe", "actions": [{"id": 30, "type": "email"}, {"id": 31, "type": "hologram"}]}),
        ],
    );
    put(
        folder,
        "campaign_actions.ndjson",
        &[
            json!({"id": "100", "campaign_id": 1, "type": "email", "name": evil("mail"), "subject": evil("hi {{customer.first_name}}"),
            "from": "Team <team@own.example>", "reply_to": "help@own.example", "sending_state": "automatic",
            "body": format!("<p>{{{{customer.plan}}}}</p>\n{{% snippet 'foot' %}}\n{{% if a %}}x{{% endif %}}{EVIL}")}),
            json!({"id": "106", "campaign_id": 1, "type": "webhook", "name": "Call", "method": "post",
            "url": format!("https://user:{SECRET}@hooks.example/path/{SECRET}?token={SECRET}"),
            "headers": format!("[{{\"name\":\"Authorization\",\"value\":\"{SECRET}\"}}]"), "body": SECRET}),
            json!({"id": "30", "campaign_id": 3, "type": "email", "subject": "plain", "body": "<p>no tags</p>"}),
            json!({"id": "900", "campaign_id": 44, "type": "email", "name": "stray", "subject": "s", "body": "b"}),
            json!({"id": "60", "broadcast_id": 6, "type": "email", "name": "alarm", "subject": "{{trigger.what}}", "body": "{{trigger.text}}"}),
        ],
    );
    put(
        folder,
        "newsletters.ndjson",
        &[
            json!({"id": 5, "name": evil("news"), "type": "email", "sent_at": 1_650_989_104, "recipient_segment_ids": [1, 98], "subscription_topic_id": 1}),
            json!({"id": 7, "name": "empty", "type": "email"}),
        ],
    );
    put(
        folder,
        "broadcasts.ndjson",
        &[
            json!({"id": 6, "name": evil("incident"), "type": "triggered_broadcast", "actions": [{"id": 60, "type": "email"}]}),
        ],
    );
    put(
        folder,
        "transactional.ndjson",
        &[
            json!({"id": 11, "name": evil("reset"), "hide_message_body": true, "send_to_unsubscribed": true,
        "subject": "Reset", "body": "<a href='{{trigger.url}}'>x</a>"}),
        ],
    );
    put(
        folder,
        "templates.ndjson",
        &[
            json!({"id": "newsletter-5-77", "kind": "newsletter", "content_id": 77, "type": "email", "subject": "News", "body": "<h1>{{snippets.foot}}</h1>"}),
            json!({"id": "newsletter-5-78", "kind": "newsletter", "content_id": 78, "type": "email", "language": "fr", "subject": "Infos", "body": "{{ content"}),
            json!({"id": "newsletter-55-1", "kind": "newsletter", "content_id": 1, "type": "email", "subject": "orphan", "body": "o"}),
        ],
    );
    surroundings(folder);
}

/// What messages refer to, and what was sent to whom.
fn surroundings(folder: &Path) {
    put(folder, "segments.ndjson", &segments());
    put(
        folder,
        "segment_members.ndjson",
        &[
            json!({"segment_id": 1, "cio_id": "a"}),
            json!({"segment_id": 97, "cio_id": "a"}),
        ],
    );
    put(
        folder,
        "subscription_topics.ndjson",
        &[
            json!({"id": 1, "identifier": "topic_1", "name": evil("News"), "subscribed_by_default": true}),
        ],
    );
    put(
        folder,
        "object_types.ndjson",
        &[json!({"id": "1", "name": evil("Companies"), "slug": "company", "enabled": true})],
    );
    put(
        folder,
        "resources.ndjson",
        &[
            json!({"id": "snippet-foot", "kind": "snippet", "name": "foot", "value": evil("{{customer.email}} bye")}),
            json!({"id": "sender-1", "kind": "sender", "own_id": 1, "name": "Team", "email": "team@own.example", "hidden": true}),
            json!({"id": "collection-2", "kind": "collection", "own_id": 2, "name": evil("prices"), "rows": 2, "schema": ["sku"], "content": [{"mail": PERSON}]}),
            json!({"id": "hologram-3", "kind": "hologram", "name": "odd", "light": "blue"}),
        ],
    );
    put(
        folder,
        "deliveries.ndjson",
        &[
            json!({"id": "d1", "channel": "email", "recipient": PERSON, "campaign_id": 1, "action_id": 100, "metrics": {"created": 10, "sent": 11, "opened": 12}}),
            json!({"id": "d2", "channel": "email", "recipient": PERSON, "campaign_id": 1, "action_id": "100", "metrics": {"created": 20, "sent": 21, "bounced": null}}),
            json!({"id": "d3", "channel": "push", "recipient": PERSON, "campaign_id": 4321, "metrics": {"created": 5}, "forgotten": true}),
        ],
    );
    put(
        folder,
        "people.ndjson",
        &[
            json!({"cio_id": "a", "email": PERSON, "deleted": true}),
            json!({"cio_id": "b", "suppressed": true}),
        ],
    );
}
