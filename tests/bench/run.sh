#!/bin/sh
# Runs the tasks of TASK.md as rule files against the hand-written reference: does the output agree, how long does
# it take, how much memory. Needs cargo and python3; keeps everything in this repository's target folder.
# usage: tests/bench/run.sh [PEOPLE] [ROUNDS]     PEOPLE of the large data (default 100000); four events a person
set -eu
cd "$(dirname "$0")/../.."
people=${1:-100000}
rounds=${2:-5}
data=target/bench-data
reference=tests/bench/reference/rust-hand
cargo build --release --quiet --bin mapwright
CARGO_TARGET_DIR=target/reference cargo build --release --quiet --manifest-path "$reference/Cargo.toml"
generate() {
    if [ ! -f "$data/$1/generated-$2" ]; then
        rm -rf "${data:?}/$1"
        cargo bench --quiet --bench tasks -- --generate "$data/$1" --people "$2" --events $(($2 * 4))
        # `check` wants a rule for every file, and the tasks know people and events only.
        rm "$data/$1/objects.ndjson" "$data/$1/relationships.ndjson"
        touch "$data/$1/generated-$2"
    fi
}
generate sample 10000
generate small $((people / 10))
generate large "$people"
exec python3 tests/bench/measure.py target/release/mapwright target/reference/release/rust-hand "$data" --rounds "$rounds"
