"""
### fetch → train → eval → register → notify

Each task is a container that runs one stage of the program `ml4`. One DAG run is one pipeline and
one MLflow run: a task that is retried or cleared goes on in it.

* **Trigger** names a configuration (`config`); the other fields change single keys of it for this run.
* **train** goes on from its last checkpoint after a retry.
* **register** is skipped where the model does not pass the gate: nothing is registered then.
* **notify** always runs and says how it ended, on Slack if the connection `slack_webhook` has a token.

A task's XCom is the stage's result: ids and figures. The details are on the MLflow page.
"""

import os
from datetime import UTC, datetime, timedelta

from airflow.providers.common.compat.sdk import DAG
from docker.types import DeviceRequest
from ml4.fetch_operator import FetchOperator
from ml4.notify_operator import NotifyOperator
from ml4.params import config_params
from ml4.slack import report_missing_notification
from ml4.stage_operator import StageOperator

GPU = [DeviceRequest(count=-1, capabilities=[["gpu"]])]


def stage(name: str, operator: type[StageOperator] = StageOperator, **options) -> StageOperator:
    """The task that runs `ml4 <name>` in a container."""
    return operator(
        task_id=name,
        image=f"{os.environ.get('ML4_STACK', 'ml4')}-task",
        mem_limit=os.environ.get("ML4_TASK_MEMORY", "8g"),
        doc_md=f"`ml4 {name}` in a container",
        **options,
    )


with DAG(
    dag_id="ml4_pipeline",
    description="Trains, judges and registers a Korean text classifier",
    doc_md=__doc__,
    params=config_params(),
    schedule=os.environ.get("ML4_SCHEDULE") or None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=2,
    is_paused_upon_creation=False,
    default_args={"retries": 2, "retry_delay": timedelta(seconds=10)},
    tags=["ml4", "bert", "mlflow"],
):
    gpu = GPU if os.environ.get("ML4_VARIANT") == "gpu" else None
    fetch = stage("fetch", FetchOperator)
    train = stage("train", device_requests=gpu)
    evaluate = stage("eval", device_requests=gpu)
    register = stage("register", skip_on_exit_code=99)
    notify = stage("notify", NotifyOperator, on_failure_callback=report_missing_notification)

    # A teardown runs whatever happened and does not decide whether the DAG run has failed.
    fetch >> train >> evaluate >> register >> notify.as_teardown()
