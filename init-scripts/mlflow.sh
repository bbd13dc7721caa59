#!/bin/sh
# MLflow on the checkout's mlruns/, as the user whom that belongs to.
set -eu
cd /app # as on the host: the database is mlruns/mlflow.db below the project folder
export HOME=/tmp
exec setpriv --reuid "$(stat -c %u mlruns)" --regid "$(stat -c %g mlruns)" --clear-groups \
  mlflow server --host 0.0.0.0 --port 5000 --workers 1 \
  --backend-store-uri sqlite:///mlruns/mlflow.db \
  --serve-artifacts --artifacts-destination mlruns \
  --allowed-hosts 'mlflow:5000,localhost:*,127.0.0.1:*'
