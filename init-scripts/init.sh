#!/bin/sh
# What has to be done before the services start: run at each `up`, any number of times, as root.
set -eu
airflow='setpriv --reuid airflow --regid airflow --clear-groups env HOME=/home/airflow'

# The stages and MLflow write as the owner of the checkout; where that is root, as user 1000.
cd /app
mkdir -p mlruns/cache/datasets mlruns/cache/models mlruns/cache/downloads mlruns/work
owner=$(stat -c %u:%g mlruns)
[ "${owner%:*}" != 0 ] || owner=1000:1000
chown -R "$owner" mlruns configs

# Keys of this installation, made once, the same in all services.
cd /opt/airflow/data
mkdir -p keys logs
for key in fernet jwt secret; do
  [ -s "keys/$key" ] && continue
  bytes=$([ "$key" = fernet ] && echo 32 || echo 64)
  head -c "$bytes" /dev/urandom | base64 -w 0 | tr '+/' '-_' >"keys/$key.new"
  mv "keys/$key.new" "keys/$key"
done
chmod 700 keys
chown airflow:airflow . keys keys/* logs

$airflow airflow db migrate

# The tokens are read here, and stand in no other container's settings.
connections=$(mktemp --suffix .json)
(
  set -a
  . /project/.env
  if [ -f /project/.env.local ]; then . /project/.env.local; fi
  python3 /opt/airflow/init-scripts/connections.py >"$connections"
)
chown airflow "$connections"
$airflow airflow connections import --overwrite "$connections" &
import=$!
$airflow airflow users create --role Admin --username admin --password admin \
  --firstname Admin --lastname Admin --email admin@localhost
wait "$import"
rm "$connections"
