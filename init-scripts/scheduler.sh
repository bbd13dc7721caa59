#!/bin/sh
# The scheduler, as user airflow with the group of Docker's socket.
set -eu
exec setpriv --reuid airflow --regid airflow --groups "$(stat -c %g /var/run/docker.sock)" \
  airflow scheduler
