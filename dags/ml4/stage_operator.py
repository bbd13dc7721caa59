"""A stage of ml4 in a container."""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
)
from airflow.providers.docker.operators.docker import DockerOperator
from docker.types import Mount
from ml4.container_files import archive
from ml4.params import config_arguments

STACK = os.environ.get("ML4_STACK", "ml4")
CONFIGS = Path(__file__).parents[2] / "configs"
BAD_INPUT = 2
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "HF_ENDPOINT")


class StageOperator(DockerOperator):
    """Runs `ml4 <task_id>` with the DAG run's params; returns the stage's result.

    What DockerOperator does not do: it removes the container that an earlier try of this task left
    (its scheduler was killed), so that no two work on one thing; hands over secrets as files, which
    `docker inspect` does not show; takes the result from stdout alone; does not retry bad input.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(
            network_mode=STACK,
            mount_tmp_dir=False,
            auto_remove="force",  # also when the task is marked as failed
            mounts=[
                Mount("/app/mlruns", f"{STACK}_mlruns"),
                Mount("/app/configs", f"{STACK}_configs"),
            ],
            **kwargs,
        )

    def execute(self, context) -> dict:
        run_id = context["run_id"]
        labels = {"ml4.dag": self.dag_id, "ml4.run": run_id, "ml4.stage": self.task_id}
        self._remove_orphans(labels)
        self.container = self.cli.create_container(
            self.image,
            [self.task_id, *config_arguments(context["params"])],
            environment={
                "ML4_PIPELINE_ID": run_id,
                "ML4_IMAGE_DIGEST": self.cli.inspect_image(self.image)["Id"],
                "MLFLOW_TRACKING_URI": os.environ.get("MLFLOW_TRACKING_URI", "http://mlflow:5000"),
                "ML4__TRACKING__PUBLIC_URI": os.environ.get("ML4_MLFLOW_URL", ""),
                **{name: os.environ[name] for name in PROXIES if os.environ.get(name)},
                **self.environment,
            },
            labels=labels,
            user=_owner(),
            host_config=self.cli.create_host_config(
                mounts=self.mounts,
                network_mode=self.network_mode,
                mem_limit=self.mem_limit,
                device_requests=self.device_requests,
            ),
        )
        try:
            return self._run(self.container["Id"], self.secrets())
        finally:
            self.cli.remove_container(self.container["Id"], force=True)

    def secrets(self) -> dict[str, str]:
        """Environment variables of the stage that only its process is to see."""
        return {}

    def _run(self, container: str, secrets: dict[str, str]) -> dict:
        if secrets:
            self.cli.put_archive(container, "/run", archive("secrets", secrets))
        output = self.cli.attach(container, stream=True)
        self.cli.start(container)
        for line in _lines(output):
            self._log_line(line)
        code = self.cli.wait(container)["StatusCode"]
        if code in self.skip_on_exit_code:
            raise AirflowSkipException("The gate was not passed: nothing is registered.")
        if code == BAD_INPUT:
            raise AirflowFailException("Bad input or configuration, see above: a retry is no use.")
        if self.cli.inspect_container(container)["State"]["OOMKilled"]:
            raise AirflowException(f"Out of memory: ML4_TASK_MEMORY is {self.mem_limit}.")
        if code != 0:
            raise AirflowException(f"ml4 {self.task_id} ended with exit code {code}.")
        return json.loads(self.cli.logs(container, stderr=False).splitlines()[-1])

    def _remove_orphans(self, labels: dict[str, str]) -> None:
        filters = {"label": [f"{name}={value}" for name, value in labels.items()]}
        for orphan in self.cli.containers(all=True, filters=filters):
            self.log.warning("Stopping container %.12s, which an earlier try left.", orphan["Id"])
            self.cli.stop(orphan["Id"])  # the stage writes a checkpoint
            self.cli.remove_container(orphan["Id"], force=True)

    def _log_line(self, line: str) -> None:
        try:
            entry = json.loads(line)
            level = logging.getLevelNamesMapping()[entry["level"].upper().replace("WARN", "WARNING")]
            self.log.log(level, "%s%s", entry["message"], _details(entry))
        except (ValueError, KeyError, TypeError, AttributeError):  # not of the stage's own log
            self.log.info("%s", line)


def _details(entry: dict) -> str:
    shown = {name: entry[name] for name in entry if name not in ("level", "message", "timestamp")}
    return "".join(f"  {name}={value}" for name, value in shown.items())


def _owner() -> str:
    """Who the project folder belongs to; init.sh sees to it that this is not root."""
    owner = CONFIGS.stat()
    return f"{owner.st_uid}:{owner.st_gid}"


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)
    if rest:
        yield rest.decode(errors="replace")
