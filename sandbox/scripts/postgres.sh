# PostgreSQL in its container: a new cluster in an empty volume, then the server, never as root.
# SETTINGS: lines of postgresql.conf, one a word, written there so that ALTER SYSTEM goes over them.
set -euf
data=/var/lib/postgresql/data
as="setpriv --reuid=70 --regid=70 --clear-groups"
if ! [ -s "$data/PG_VERSION" ]; then
  mkdir -p "$data"
  chown -R 70:70 /var/lib/postgresql
  chmod 700 "$data"
  password=/tmp/password
  (umask 077 && printf '%s\n' "$POSTGRES_PASSWORD" >"$password")
  chown 70:70 "$password"
  $as "$BIN/initdb" -D "$data" -U postgres --pwfile="$password" --auth-host=scram-sha-256 --auth-local=trust \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
  rm "$password"
  # shellcheck disable=SC2086
  printf '%s\n' $SETTINGS >>"$data/postgresql.conf"
  printf 'host all all all scram-sha-256\n' >>"$data/pg_hba.conf"
fi
exec $as "$BIN/postgres" -D "$data" -k /tmp
