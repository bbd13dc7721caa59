#!/bin/sh
# The scheduler, as user airflow with the group of Docker's socket. When it is to stop, the stages
# are first, which write a checkpoint.
set -eu
if [ "$(id -u)" = 0 ]; then
  exec setpriv --reuid airflow --regid airflow --groups "$(stat -c %g /var/run/docker.sock)" sh "$0"
fi

stop() {
  python3 /opt/airflow/init-scripts/stop-stages.py || true
  # More than once: Airflow ends by an exception, which whatever is running may swallow.
  while kill "$scheduler" 2>/dev/null; do sleep 3; done
}

# A task that starts before the API answers loses a try.
until python3 /opt/airflow/init-scripts/airflow-healthy.py 2>/dev/null; do sleep 1; done
airflow scheduler &
scheduler=$!
trap 'stop; exit 0' TERM
wait "$scheduler"
