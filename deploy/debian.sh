# Programs of Debian unpacked into a folder of their own: nothing is installed, nobody has to be root.
# A script says who it is (NAME, SUITE, PACKAGES, WITHOUT, REVISION) and calls `unpacked`; the programs are
# started by the launcher `run` through their own dynamic loader: they see the libraries that came with them.
set -u

fail() {
    echo "mostik: $*" >&2
    exit 2
}

# Where it lies: the recipe's revision is part of the name, so that a changed recipe is carried out anew.
folder() {
    echo "${XDG_CACHE_HOME:-$HOME/.cache}/mostik/$NAME/$SUITE-$REVISION"
}

# The mirror that this machine's own apt uses; DEBIAN_MIRROR names another.
mirror() {
    if [ -n "${DEBIAN_MIRROR:-}" ]; then
        echo "${DEBIAN_MIRROR%/}"
        return
    fi
    known=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk '$1 == "Debian" && $2 !~ /-/ { print $3; exit }')
    [ -n "$known" ] || known=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | awk '
        /^URIs:/ && !/security/ { print $2; exit }
        /^deb / && !/security/ { for (i = 2; i <= NF; i++) if ($i ~ /:\//) { print $i; exit } }')
    echo "${known%/}"
}

# apt with a memory of its own, below $work: what the machine has installed is neither read nor changed.
own_apt() {
    apt-get -q -o Dir::Etc::SourceList="$work/source.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::PreferencesParts=/dev/null -o Dir::State="$work" -o Dir::State::Lists="$work/lists" \
        -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o Acquire::Languages=none \
        -o Acquire::Check-Valid-Until=false -o Acquire::Retries=2 -o APT::Sandbox::User=root \
        -o APT::Install-Recommends=false -o Debug::NoLocking=1 "$@"
}

prepare_apt() {
    from=$(mirror)
    [ -n "$from" ] || fail "no Debian mirror in the settings of apt; name one: DEBIAN_MIRROR=URL"
    keys=$(ls /usr/share/keyrings/debian-archive-*.gpg 2>/dev/null | paste -sd,)
    [ -n "$keys" ] || fail "the keys of Debian are missing: apt install debian-archive-keyring"
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs"
    : >"$work/status"
    echo "deb [signed-by=$keys] $from $SUITE main" >"$work/source.list"
    own_apt update >>"$log" 2>&1 || fail "the lists of Debian $SUITE could not be read (all of it: $log)"
}

# The packages and whatever they need, less what only installing, mailing or monitoring needs.
download() {
    own_apt install --print-uris -qq $PACKAGES 2>>"$log" | awk '{ print $2 }' | sed 's/_.*//' >"$work/all"
    grep -Evx "${WITHOUT:-}" "$work/all" >"$work/names"
    [ -s "$work/names" ] || fail "Debian $SUITE has no $PACKAGES (all of it: $log)"
    (cd "$work/debs" && own_apt download $(cat "$work/names")) >>"$log" 2>&1 ||
        fail "the packages of $NAME could not be downloaded (all of it: $log)"
}

unpack() {
    mkdir "$work/root"
    for package in "$work"/debs/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x --no-same-owner -C "$work/root" --exclude='./usr/share/doc' \
            --exclude='./usr/share/man' --exclude='./usr/share/locale' --exclude='./usr/share/info' \
            --exclude='./var' --exclude='./etc' >>"$log" 2>&1 || fail "a package does not unpack (all of it: $log)"
    done
}

# `FOLDER/run PROGRAM ARGUMENT…` starts a program of the folder.
write_launcher() {
    loader=$(readlink -f "$(find "$1" -name 'ld-linux*.so.*' | head -n 1)")
    multi=$(basename "$(dirname "$(find "$1" -name libc.so.6 | head -n 1)")")
    cat >"$1/run" <<LAUNCHER
#!/bin/sh
root=\$(dirname "\$(readlink -f "\$0")")
program=\$1
shift
exec "\$root${loader#"$1"}" --library-path "\$root/usr/lib/$multi:\$root/lib/$multi:\$root/usr/lib" "\$root\$program" "\$@"
LAUNCHER
    chmod +x "$1/run"
}

# Prints the folder; downloads and unpacks first when it is not there. Two at once do no harm: one is thrown away.
unpacked() {
    place=$(folder)
    if [ ! -x "$place/run" ]; then
        command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 ||
            fail "the tests need $NAME, which is taken from Debian's packages: apt-get and dpkg-deb are not found"
        mkdir -p var "$(dirname "$place")" || fail "no permission to write into $(dirname "$place")"
        log=$(pwd)/var/$NAME.log
        : >"$log"
        work=$(mktemp -d "$(dirname "$place")/new.XXXXXX")
        trap 'rm -rf "$work"' EXIT
        echo "mostik: downloading $NAME for the tests (Debian $SUITE, kept in $place)…" >&2
        prepare_apt
        download
        unpack
        finish "$work/root"
        write_launcher "$work/root"
        check "$work/root" >>"$log" 2>&1 || fail "$NAME does not start (all of it: $log)"
        mv -T "$work/root" "$place" 2>/dev/null || [ -x "$place/run" ] || fail "no permission to write into $place"
    fi
    [ "${1:-}" != --where ] || echo "$place"
}
