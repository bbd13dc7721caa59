"""The Slack connection as `airflow connections import` reads it, from the environment."""

import json
import os

connection = {"conn_type": "slackwebhook", "password": os.environ["SLACK_WEBHOOK_TOKEN"]}
if base := os.environ.get("SLACK_WEBHOOK_BASE"):
    connection["host"] = base
name = os.environ["AIRFLOW__PROVIDERS__SLACK__WEBHOOK_CONN_ID"]
print(json.dumps({name: connection}))
