#!/usr/bin/env python3
"""Makes `warehouse/`: files of the warehouse sync, written by another library than the one that reads them.

The columns are those of reference/customerio.md section 4.1; two ways to write a time and one list are mixed on
purpose. Needs pyarrow (it was made with 26.0.1); the tests read what is committed and do not need it.
"""

import datetime
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent / "warehouse"
UTC = datetime.timezone.utc


def at(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


def write(name, schema, rows, **options):
    columns = {field.name: [row.get(field.name) for row in rows] for field in schema}
    pq.write_table(pa.table(columns, schema=schema), HERE / name, **options)


HERE.mkdir(exist_ok=True)
MICROS = pa.timestamp("us", tz="UTC")
MILLIS = pa.timestamp("ms", tz="UTC")

write(
    "people_v4_111528_241600000000311123.parquet",
    pa.schema([
        ("workspace_id", pa.int64()), ("customer_id", pa.string()), ("internal_customer_id", pa.string()),
        ("deleted", pa.bool_()), ("suppressed", pa.bool_()), ("created_at", MICROS), ("updated_at", MICROS),
        ("email_addr", pa.string()),
    ]),
    [
        dict(workspace_id=1, customer_id="42", internal_customer_id="c1", deleted=False, suppressed=False,
             created_at=at("1970-01-01"), updated_at=at("2024-05-01"), email_addr="ann@example.com"),
        dict(workspace_id=1, customer_id="43", internal_customer_id="c2", deleted=False, suppressed=False,
             created_at=at("2023-01-01"), updated_at=at("2024-05-01"), email_addr="bob@example.com"),
        dict(workspace_id=1, customer_id="44", internal_customer_id="c3", deleted=False, suppressed=True,
             created_at=at("2023-01-01"), updated_at=at("2024-05-01"), email_addr="eve@example.com"),
    ],
    compression="snappy",
)
# A later file: what changed since. One was deleted, and came back under another cio_id.
write(
    "people_v4_111528_241600000000311124.parquet",
    pa.schema([
        ("workspace_id", pa.int64()), ("customer_id", pa.string()), ("internal_customer_id", pa.string()),
        ("deleted", pa.bool_()), ("suppressed", pa.bool_()), ("created_at", pa.string()), ("updated_at", pa.string()),
        ("email_addr", pa.string()),
    ]),
    [
        dict(workspace_id=1, customer_id="43", internal_customer_id="c2", deleted=True, suppressed=False,
             created_at="2023-01-01 00:00:00", updated_at="2024-06-01 00:00:00", email_addr="bob@example.com"),
        dict(workspace_id=1, customer_id="43", internal_customer_id="c9", deleted=False, suppressed=False,
             created_at="2024-06-02 00:00:00", updated_at="2024-06-02 00:00:00", email_addr="bob@example.com"),
    ],
    compression="zstd",
)
write(
    "attributes_v4_111528_241600000000311123.parquet",
    pa.schema([
        ("workspace_id", pa.int64()), ("internal_customer_id", pa.string()), ("attribute_name", pa.string()),
        ("attribute_value", pa.large_string()), ("timestamp", MILLIS),
    ]),
    [
        dict(internal_customer_id="c1", attribute_name="plan", attribute_value="team", timestamp=at("2024-03-01")),
        dict(internal_customer_id="c1", attribute_name="plan", attribute_value="pro", timestamp=at("2024-04-01")),
        dict(internal_customer_id="c1", attribute_name="plan", attribute_value="free", timestamp=at("2024-02-01")),
        dict(internal_customer_id="c1", attribute_name="city", attribute_value="Köln", timestamp=at("2024-02-01")),
        dict(internal_customer_id="c1", attribute_name="city", attribute_value="", timestamp=at("2024-03-01")),
        dict(internal_customer_id="c1", attribute_name="seats", attribute_value="12", timestamp=at("2024-03-01")),
        dict(internal_customer_id="c9", attribute_name="unsubscribed", attribute_value="true",
             timestamp=at("2024-06-03")),
        dict(internal_customer_id="c1", attribute_name="cio_subscription_preferences",
             attribute_value='{"topics":{"topic_1":false}}', timestamp=at("2024-03-01")),
    ],
    compression="gzip", use_dictionary=True,
)
write(
    "deliveries_v4_111528_241600000000311123.parquet",
    pa.schema([
        ("workspace_id", pa.int64()), ("delivery_id", pa.string()), ("internal_customer_id", pa.string()),
        ("subject_id", pa.string()), ("event_id", pa.string()), ("delivery_type", pa.string()),
        ("campaign_id", pa.int32()), ("action_id", pa.int32()), ("newsletter_id", pa.int32()),
        ("created_at", MICROS), ("transactional_message_id", pa.int32()), ("seq_num", pa.int64()),
    ]),
    [
        dict(delivery_id="d1", internal_customer_id="c1", delivery_type="email", campaign_id=7, action_id=70,
             created_at=at("2024-05-01"), seq_num=1),
        dict(delivery_id="d2", internal_customer_id="gone", delivery_type="twilio", newsletter_id=3,
             created_at=at("2024-05-02"), seq_num=2),
    ],
    compression="none",
)
write(
    "metrics_v4_111528_241600000000311123.parquet",
    pa.schema([
        ("event_id", pa.string()), ("workspace_id", pa.int64()), ("delivery_id", pa.string()), ("metric", pa.string()),
        ("reason", pa.string()), ("link_id", pa.int64()), ("link_url", pa.string()), ("created_at", MICROS),
        ("seq_num", pa.int64()), ("prefetched", pa.bool_()),
    ]),
    [
        dict(delivery_id="d1", metric="opened", created_at=at("2024-05-03"), prefetched=False),
        dict(delivery_id="d1", metric="opened", created_at=at("2024-05-02"), prefetched=True),
        dict(delivery_id="d1", metric="sent", created_at=at("2024-05-01T00:00:05")),
        dict(delivery_id="d2", metric="bounced", reason="no such number", created_at=at("2024-05-02T00:01:00")),
    ],
    version="1.0",
)
write(
    "delivery_contents_v2_111528_1.parquet",
    pa.schema([("workspace_id", pa.int64()), ("delivery_id", pa.string()), ("recipient", pa.string()),
               ("subject", pa.string()), ("body", pa.string()), ("type", pa.string())]),
    [dict(delivery_id="d1", recipient="ann@example.com", subject="“Hello”", body="<p>Hi</p>", type="email")],
)
write(
    "subjects_v4_111528_1.parquet",
    pa.schema([("subject_name", pa.string()), ("internal_customer_id", pa.string()), ("campaign_id", pa.int64())]),
    [dict(subject_name="s1", internal_customer_id="c1", campaign_id=7),
     dict(subject_name="s2", internal_customer_id="c9", campaign_id=7)],
)
write(
    "outputs_v4_111528_1.parquet",
    pa.schema([("output_id", pa.string()), ("subject_name", pa.string()), ("output_type", pa.string()),
               ("action_id", pa.int64()), ("delivery_id", pa.string()), ("draft", pa.bool_()),
               ("created_at", MICROS)]),
    [dict(output_id="o1", subject_name="s1", output_type="delay", action_id=71, created_at=at("2024-05-01")),
     dict(output_id="o2", subject_name="s2", output_type="delay", action_id=71, created_at=at("2024-05-01")),
     dict(output_id="o3", subject_name="s1", output_type="email", action_id=70, delivery_id="d1", draft=False,
          created_at=at("2024-05-01"))],
)
write(
    "campaigns_v1_111528_1.parquet",
    pa.schema([("campaign_id", pa.int64()), ("name", pa.string()), ("created_at", MICROS), ("updated_at", MICROS),
               ("version", pa.int64()), ("topic_names", pa.list_(pa.string()))]),
    [dict(campaign_id=7, name="Welcome", created_at=at("2022-01-01"), updated_at=at("2022-02-01"), version=2,
          topic_names=["News", "Offers"])],
)
write(
    "newsletters_v1_111528_1.parquet",
    pa.schema([("newsletter_id", pa.int64()), ("name", pa.string())]),
    [dict(newsletter_id=3, name="May")],
)
# Columns of these are confirmed by no reference; one has names that a reader can find, the other has none of them.
write(
    "objects_v1_111528_1.parquet",
    pa.schema([("workspace_id", pa.int64()), ("object_type_id", pa.string()), ("object_id", pa.string()),
               ("cio_object_id", pa.string()), ("name", pa.string()), ("updated_at", MICROS)]),
    [dict(workspace_id=1, object_type_id="1", object_id="acme", cio_object_id="ob1", name="Acme",
          updated_at=at("2024-05-01"))],
)
write(
    "relationships_v1_111528_1.parquet",
    pa.schema([("internal_customer_id", pa.string()), ("object_type_id", pa.int64()), ("object_id", pa.string()),
               ("role", pa.string())]),
    [dict(internal_customer_id="c1", object_type_id=1, object_id="acme", role="admin")],
)
write("transactional_messages_v1_111528_1.parquet", pa.schema([("label", pa.string())]), [dict(label="Reset")])
