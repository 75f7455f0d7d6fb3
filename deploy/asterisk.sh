#!/bin/sh
# Makes sure there is an Asterisk with SIPp for the tests, without installing anything: asterisk.sh [--where]
# Debian's own packages are unpacked below ~/.cache/mostik/asterisk; ASTERISK_ROOT names a folder made before.
# ASTERISK=16 (the default) never changes again; ASTERISK=22 comes from a suite that moves.
. "$(dirname "$0")/debian.sh"

NAME=asterisk
REVISION=1
PACKAGES="asterisk asterisk-modules asterisk-core-sounds-en-gsm sip-tester"
WITHOUT='adduser|asterisk-config|debconf|dirmngr|dpkg|tar|passwd|tzdata|ucf|gcc-.*-base|(gnupg|gpg|pinentry).*'
WITHOUT="$WITHOUT|perl.*|libperl.*|libsnmp.*|snmp.*|libpam.*|libsensors.*|pci.ids|libpci3|lsb-base|sysvinit.*"
WITHOUT="$WITHOUT|init-system-helpers|login.defs|libaudit.*|libsemanage.*|libsepol.*|readline-common|base-passwd"
WITHOUT="$WITHOUT|libgpgme.*|libksba8|libnpth0.*|libassuan.*|libnss3|libnspr4|libportaudio2|libjack.*|libasound2.*"
WITHOUT="$WITHOUT|libvorbis.*|libsamplerate0|libwebp.*|libtiff.*|libjpeg.*|libgmime.*|libspandsp.*|libical3.*"
WITHOUT="$WITHOUT|libneon.*|libradcli4|libsybdb5|freetds-common|libpq5|libiksemel3|liblua.*|libunbound8|libcodec2.*"
case "${ASTERISK:-16}" in
16) SUITE=bullseye ;;
22) SUITE=sid ;;
*) fail "ASTERISK is 16 or 22" ;;
esac

# The voice is chosen by a link that Debian makes while installing.
finish() {
    sounds=$1/usr/share/asterisk/sounds
    [ -e "$sounds/en" ] || ln -s "$(basename "$(ls -d "$sounds"/en_* | head -n 1)")" "$sounds/en"
}

check() {
    "$1/run" /usr/sbin/asterisk -V && "$1/run" /usr/bin/sipp -v | grep -i sipp
}

if [ -n "${ASTERISK_ROOT:-}" ]; then
    [ -x "$ASTERISK_ROOT/run" ] || fail "ASTERISK_ROOT names no unpacked Asterisk: $ASTERISK_ROOT"
    [ "${1:-}" != --where ] || echo "$ASTERISK_ROOT"
else
    unpacked "$@"
fi
