#!/bin/sh
# Makes sure there is a Chromium for the tests: what is there is used, root on Debian installs the package.
set -u

fail() {
    echo "mostik: $*" >&2
    exit 2
}

if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] || fail "CHROMIUM names no program: $CHROMIUM"
    exit 0
fi
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done

[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 ||
    fail "the tests need Chromium; on Debian: apt install chromium (or name yours: CHROMIUM=/path/to/it)"
mkdir -p var
echo "mostik: installing Debian's chromium for the tests…"
{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-liberation; } \
    >var/chromium.log 2>&1 || fail "chromium could not be installed (all of it: var/chromium.log)"
