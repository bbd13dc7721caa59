"""One measurement of MLflow's Python client: client.py <task> <uri> <run ID> <file>.

client.js is its twin.
"""

import hashlib
import json
import os
import resource
import sys
import tempfile
import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric

task, uri, run_id, file = sys.argv[1:]
mlflow.set_tracking_uri(uri)
client = MlflowClient(uri)
experiment_id = client.get_run(run_id).info.experiment_id
METRICS = 10_000


def log_background(folder):
    for step in range(METRICS):
        client.log_metric(run_id, "loss", 1 / (step + 1), step=step, synchronous=False)
    mlflow.flush_async_logging()
    return METRICS


def log_batches(folder):
    now = int(time.time() * 1000)
    metrics = [Metric("loss", 1 / (step + 1), now, step) for step in range(METRICS)]
    for start in range(0, METRICS, 1000):
        client.log_batch(run_id, metrics=metrics[start : start + 1000])
    return METRICS


def search(folder):
    found, token = 0, None
    while True:
        page = client.search_runs([experiment_id], max_results=50, page_token=token)
        found += len(page)
        token = page.token
        if not token:
            return found


def upload(folder):
    client.log_artifact(run_id, file)
    return os.path.getsize(file)


def download(folder):
    return os.path.getsize(client.download_artifacts(run_id, os.path.basename(file), folder))


def download_checked(folder):
    """With what ours always does: a SHA-256, and the file safe on the disk."""
    path = client.download_artifacts(run_id, os.path.basename(file), folder)
    with open(path, "rb") as data:
        hashlib.file_digest(data, "sha256")
        os.fsync(data.fileno())
    return os.path.getsize(path)


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


with tempfile.TemporaryDirectory() as folder:
    work = globals()[task.replace("-", "_")]
    before = peak()
    start = time.perf_counter()
    moved = work(folder)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "moved": moved, "peakBytes": peak(), "grownBytes": peak() - before}))
