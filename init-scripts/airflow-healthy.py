"""airflow-healthy.py scheduler|dag_processor: whether its heartbeat has reached the database."""

import json
import sys
import urllib.request

HEALTH = "http://api-server:8080/api/v2/monitor/health"
with urllib.request.urlopen(HEALTH, timeout=10) as response:
    health = json.load(response)
for component in ("metadatabase", *sys.argv[1:]):
    if health[component]["status"] != "healthy":
        sys.exit(f"{component}: {health[component]}")
