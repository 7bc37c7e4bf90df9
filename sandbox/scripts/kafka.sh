# Kafka in its container: a folder formatted before the first start, then the broker.
set -eu
data=/var/lib/kafka
if ! [ -e "$data/meta.properties" ]; then
  mkdir -p "$data"
  cp -R /kafka/formatted/. "$data"
fi
# shellcheck disable=SC2086 # options, one a word
exec "$JAVA" $JAVA_OPTIONS -cp "$LIBS/*" kafka.Kafka /kafka/server.properties
