#!/bin/sh
# Brings a backup back into an EMPTY database: restore.sh <backup folder>
#   DATABASE_URL       where to; refused when it holds tables
#   DATA_DIR           where the files go; nothing there is overwritten
#   BACKUP_PASSPHRASE  as it was when the backup was written
# Afterwards: bun run shop doctor
set -eu
umask 077
: "${DATABASE_URL:?}"
backup="${1:?restore.sh <backup folder>}"
here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
ask() { psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$DATABASE_URL" "$@"; }

(cd "$backup" && sha256sum --check --quiet SHA256SUMS) || { echo 'the backup is damaged: its hashes do not match' >&2; exit 1; }
if [ "$(ask --command "select count(*) from information_schema.tables where table_schema in ('public', 'drizzle')")" != 0 ]; then
  echo 'the database is not empty; restore into a new one and switch DATABASE_URL to it' >&2
  exit 1
fi

unseal() { # a file of the backup to standard output
  if [ -f "$backup/$1.enc" ]; then
    openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -pass env:BACKUP_PASSPHRASE -in "$backup/$1.enc"
  else
    cat "$backup/$1"
  fi
}

unseal database.dump >"$work/dump"
pg_restore --no-owner --no-privileges --exit-on-error --single-transaction --dbname="$DATABASE_URL" "$work/dump"
rm -f "$work/dump"
if [ -f "$backup/files.tar.gz" ] || [ -f "$backup/files.tar.gz.enc" ]; then
  : "${DATA_DIR:?}"
  mkdir -p "$DATA_DIR"
  unseal files.tar.gz | tar --extract --gzip --keep-old-files --directory "$DATA_DIR"
fi

ask --file "$here/count-rows.sql" >"$work/rows.txt"
if ! diff "$backup/rows.txt" "$work/rows.txt"; then
  echo 'the restored tables do not hold the rows that were backed up' >&2
  exit 1
fi
ask --command 'analyze'
echo "restored $(wc -l <"$work/rows.txt") tables, $(awk '{ sum += $2 } END { print sum }' "$work/rows.txt") rows, as they were backed up"
