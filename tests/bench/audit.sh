#!/bin/sh
# How long `mapwright audit` takes against `mapwright apply` on the same people and events, and how much memory.
# usage: tests/bench/audit.sh [PEOPLE] [ROUNDS]     PEOPLE of the data (default 500000); four events a person
# Prints the median of each and their ratio; the audit may take twice as long as apply.
set -eu
cd "$(dirname "$0")/../.."
people=${1:-500000}
rounds=${2:-3}
data=target/bench-data/audit-$people
cargo build --release --quiet --bin mapwright
if [ ! -f "$data/ready" ]; then
    rm -rf "$data"
    mkdir -p "$data/capture"
    cargo bench --quiet --bench tasks -- --generate "$data" --people "$people" --events $((people * 4))
    # The same records with the names of a capture, so that keys, signals and months are looked at as well.
    sed 's/"attributes":/"traits":/' "$data/people.ndjson" > "$data/capture/people.ndjson"
    sed 's/"event_id":/"id":/; s/"customer_id":/"cio_id":/' "$data/events.ndjson" > "$data/capture/events.ndjson"
    touch "$data/ready"
fi
exec python3 tests/bench/audit.py target/release/mapwright "$data" "$rounds"
