"""Connections as `airflow connections import` reads them, from the environment."""

import json
import os

slack = {"conn_type": "slackwebhook", "password": os.environ["SLACK_WEBHOOK_TOKEN"]}
if base := os.environ.get("SLACK_WEBHOOK_BASE"):
    slack["host"] = base
connections = {os.environ["AIRFLOW__PROVIDERS__SLACK__WEBHOOK_CONN_ID"]: slack}
if token := os.environ.get("HF_TOKEN"):
    connections["huggingface"] = {"conn_type": "generic", "password": token}
print(json.dumps(connections))
