#!/bin/sh
# Makes .venv and installs one pinned requirements file into it: bootstrap.sh REQUIREMENTS
# Every trouble a newcomer can meet ends in one line; the full output of pip stays in var/bootstrap.log.
set -u

requirements=$1
python=${PYTHON:-python3}
log=var/bootstrap.log

fail() {
    echo "mostik: $*" >&2
    exit 2
}

check_python() {
    command -v "$python" >/dev/null 2>&1 ||
        fail "$python is not found; install Python 3.11 or name yours: make PYTHON=/path/to/python3.11"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        fail "Python 3.11 or newer is needed, $python is $("$python" -c 'import platform; print(platform.python_version())' 2>/dev/null)" \
            "(name another: make PYTHON=/path/to/python3.11)"
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "$python has no venv module; on Debian: apt install python3-venv"
}

check_folder() {
    mkdir -p var .venv 2>/dev/null && [ -w var ] && [ -w .venv ] && : 2>/dev/null >"$log" ||
        fail "no permission to write into $(pwd) (.venv and var are made there)"
}

make_venv() {
    .venv/bin/python -m pip --version >>"$log" 2>&1 && return
    "$python" -m venv --clear .venv >>"$log" 2>&1 || fail "cannot make .venv: $(reason)"
}

install() {
    echo "mostik: installing $requirements into .venv (a minute or two)…"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --retries 2 \
        --require-hashes --no-deps -r "$requirements" >>"$log" 2>&1 && return
    grep -qiE 'NewConnectionError|ConnectTimeout|ReadTimeout|name resolution|unreachable|ProxyError|SSLError' "$log" &&
        fail "no network: packages could not be downloaded ($(reason))"
    fail "packages could not be installed: $(reason) (all of it: $log)"
}

reason() {
    line=$(grep -iE 'error|no space|denied' "$log" | grep -v '^WARNING: Retrying' | tail -n 1)
    echo "${line:-see $log}" | cut -c 1-160
}

check_python
check_folder
make_venv
install
