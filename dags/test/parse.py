"""Imports the DAG and tells what it found, as one line of JSON."""

import importlib.metadata
import json
import logging
import sys
import tarfile
import time
import warnings
from io import BytesIO
from pathlib import Path

warnings.simplefilter("ignore")
logging.disable()
sys.path.insert(0, str(Path(__file__).parents[1]))

import airflow.providers.docker.operators.docker  # noqa: E402,F401 the workers have it loaded
import airflow.providers.slack.hooks.slack_webhook  # noqa: E402,F401

start = time.perf_counter()
import ml4_pipeline  # noqa: E402

seconds = time.perf_counter() - start
dag = ml4_pipeline.notify.dag

from ml4.container_files import archive  # noqa: E402
from ml4.params import config_arguments  # noqa: E402


def refused(key, value):
    try:
        dag.params.get_param(key).resolve(value)
    except Exception:  # its class differs between the versions
        return True
    return False


tar = tarfile.open(fileobj=BytesIO(archive("folder", {"NAME": "값"})))
report = {
    "version": importlib.metadata.version("apache-airflow"),
    "seconds": seconds,
    "tasks": [task.task_id for task in dag.topological_sort()],
    "params": sorted(dag.params),
    "refused": [refused("train.epochs", 0), refused("train.epochs", "two"), refused("config", "x")],
    "taken": not refused("train.epochs", 3) and not refused("train.epochs", None),
    "arguments": config_arguments({"config": "c.yaml", "train.epochs": 3, "dataset.path": None}),
    "archived": tar.extractfile("folder/NAME").read().decode(),
}
print(json.dumps(report))
