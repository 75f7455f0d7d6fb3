#!/bin/sh
# Makes sure there is a MariaDB for the tests of a PBX's call tables, without installing anything:
# mariadb.sh [--where]. Debian's own packages are unpacked below ~/.cache/mostik/mariadb; MARIADB_ROOT names
# a folder made before.
. "$(dirname "$0")/debian.sh"

NAME=mariadb
SUITE=bookworm
REVISION=1
PACKAGES="mariadb-server-core"
WITHOUT='gcc-.*-base'

finish() {
    rm -rf "$1/usr/share/mysql/mysql-test"
}

check() {
    "$1/run" /usr/sbin/mariadbd --no-defaults --version
}

if [ -n "${MARIADB_ROOT:-}" ]; then
    [ -x "$MARIADB_ROOT/run" ] || fail "MARIADB_ROOT names no unpacked MariaDB: $MARIADB_ROOT"
    [ "${1:-}" != --where ] || echo "$MARIADB_ROOT"
else
    unpacked "$@"
fi
