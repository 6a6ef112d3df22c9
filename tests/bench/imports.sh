#!/bin/sh
# How much memory `mapwright capture import` takes for a small and for a large input of each kind.
# usage: tests/bench/imports.sh [SMALL_MB] [LARGE_MB]     content, unpacked (default 200 and 2000)
# Needs python3, gzip and zstd, and pyarrow for the Parquet rows, which are left out without it. Needs about four times
# LARGE_MB of disk below target/; what it makes it takes away again.
set -eu
cd "$(dirname "$0")/../.."
cargo build --release --quiet --bin mapwright
exec python3 tests/bench/imports.py target/release/mapwright target/bench-data/imports "${1:-200}" "${2:-2000}"
