#!/bin/sh
# Writes one backup of the shop below BACKUP_DIR: the database, the files (pictures, KYC), and a manifest with sizes, hashes and the
# counted rows of every table at that moment, which restore.sh compares.
#   DATABASE_URL       the shop's database; pg_dump must be at least as new as the server
#   DATA_DIR           where the shop keeps files
#   BACKUP_DIR         where backups go; copy it to another provider, in another country, every day
#   BACKUP_PASSPHRASE  encrypts with AES-256 by openssl; without it the backup is refused unless BACKUP_PLAIN=yes
#   BACKUP_KEEP        how many backups are kept (default 30)
set -eu
umask 077
: "${DATABASE_URL:?}" "${BACKUP_DIR:?}"
if [ -z "${BACKUP_PASSPHRASE:-}" ] && [ "${BACKUP_PLAIN:-}" != yes ]; then
  echo 'BACKUP_PASSPHRASE is not set; a backup holds everybody’s data and is not written in the clear (BACKUP_PLAIN=yes does it all the same).' >&2
  exit 1
fi
here="$(cd "$(dirname "$0")" && pwd)"
name="rahim-$(date -u +%Y%m%dT%H%M%SZ)"
work="$BACKUP_DIR/.$name"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

seal() { # standard input to a file, encrypted when there is a passphrase
  if [ -n "${BACKUP_PASSPHRASE:-}" ]; then
    openssl enc -aes-256-cbc -pbkdf2 -iter 600000 -salt -pass env:BACKUP_PASSPHRASE -out "$1.enc"
  else
    cat >"$1"
  fi
}

# One snapshot for the counts and the dump: what is written meanwhile is in neither.
snapshot="$work/snapshot"
mkfifo "$work/hold"
psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$DATABASE_URL" >"$snapshot" <"$work/hold" &
holder=$!
exec 3>"$work/hold"
echo 'begin isolation level repeatable read read only; select pg_export_snapshot();' >&3
waited=0
until [ -s "$snapshot" ]; do
  waited=$((waited + 1))
  if [ "$waited" -gt 300 ] || ! kill -0 "$holder" 2>/dev/null; then echo 'the database gave no snapshot' >&2; exit 1; fi
  sleep 0.1
done
id="$(head -n 1 "$snapshot")"

{ printf "begin isolation level repeatable read read only; set transaction snapshot '%s';\n" "$id"; cat "$here/count-rows.sql"; } |
  psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$DATABASE_URL" >"$work/rows.txt"
# The scheduler's own tables are made anew at the next start.
pg_dump --format=custom --compress=6 --no-owner --no-privileges --snapshot="$id" --exclude-schema=pgboss --dbname="$DATABASE_URL" >"$work/dump"
echo 'commit;' >&3
exec 3>&-
wait "$holder"
seal "$work/database.dump" <"$work/dump"
rm -f "$work/dump" "$work/hold" "$snapshot"

if [ -n "${DATA_DIR:-}" ] && [ -d "$DATA_DIR/media" ]; then
  tar --create --gzip --directory "$DATA_DIR" media $([ -d "$DATA_DIR/private" ] && echo private) | seal "$work/files.tar.gz"
fi
(cd "$work" && sha256sum -- * >SHA256SUMS)
mv "$work" "$BACKUP_DIR/$name"
trap - EXIT

# The oldest go; names sort by time.
ls -1d "$BACKUP_DIR"/rahim-* | sort -r | tail -n "+$((${BACKUP_KEEP:-30} + 1))" | while read -r old; do rm -rf "$old"; done
echo "$BACKUP_DIR/$name"
