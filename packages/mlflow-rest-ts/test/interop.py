"""Writes with MLflow's Python client what the test reads, or reads what it wrote.

interop.py write <uri> <name>   prints the ids
interop.py read <uri> <json>    prints what is there
"""

import json
import math
import sys
import tempfile

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput, Metric

mode, uri, argument = sys.argv[1:]
mlflow.set_tracking_uri(uri)
client = MlflowClient(uri)


def write(name):
    experiment_id = client.create_experiment(name, tags={"team": "가"})
    run = client.create_run(experiment_id, run_name="파이썬", tags={"note": "a\nb"})
    run_id = run.info.run_id
    client.log_param(run_id, "lr", 5e-5)
    for step, value in enumerate([0.5, math.inf, -math.inf, math.nan, 1 / 3]):
        client.log_metric(run_id, f"m{step}", value, step=step, timestamp=1000 + step)
    client.log_metric(run_id, "big", 1.0, step=2**62 + 1, timestamp=1)
    dataset = Dataset("nsmc", "digest", "local", "{}", schema="{}", profile="{}")
    context = [InputTag("mlflow.data.context", "training")]
    client.log_inputs(run_id, [DatasetInput(dataset, context)])
    client.log_text(run_id, "보고", "a/보고.txt")
    model = client.create_logged_model(
        experiment_id, name="m", source_run_id=run_id, tags={"a": "b"}, params={"c": "d"}
    )
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/MLmodel", "w") as file:
            file.write("flavors: {}")
        client.log_model_artifacts(model.model_id, folder)
    client.finalize_logged_model(model.model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 3)])
    client.create_registered_model(name, tags={"e": "f"}, description="설명")
    source = f"models:/{model.model_id}"
    version = client.create_model_version(
        name, source, run_id, tags={"g": "h"}, description="첫", model_id=model.model_id
    )
    client.set_registered_model_alias(name, "champion", version.version)
    client.transition_model_version_stage(name, version.version, "Staging")
    client.set_terminated(run_id, "FINISHED", end_time=5)
    return {"experimentId": experiment_id, "runId": run_id, "modelId": model.model_id}


def read(names):
    experiment = client.get_experiment_by_name(names["name"])
    run = client.get_run(names["runId"])
    model = client.get_logged_model(names["modelId"])
    registered = client.get_registered_model(names["name"])
    version = client.get_model_version_by_alias(names["name"], "production")
    text = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/a/보고.txt")
    history = client.get_metric_history(names["runId"], "loss")
    return {
        "experiment": [experiment.name, experiment.tags],
        "run": [run.info.run_name, run.info.status, run.info.end_time],
        "params": run.data.params,
        "tags": {k: v for k, v in run.data.tags.items() if not k.startswith("mlflow.")},
        "metrics": {m.key: [repr(m.value), str(m.step), m.timestamp] for m in run.data._metric_objs},
        "history": sorted([m.step, m.value, m.timestamp] for m in history),
        "inputs": [[i.dataset.name, i.dataset.digest, i.tags[0].value] for i in run.inputs.dataset_inputs],
        "outputs": [[o.model_id, o.step] for o in run.outputs.model_outputs],
        "model": [model.name, str(model.status), model.tags["a"], model.params],
        "modelMetrics": [[m.key, m.value, m.dataset_name] for m in model.metrics],
        "modelFiles": [f.path for f in client.list_logged_model_artifacts(model.model_id)],
        "registered": [registered.description, registered.tags, registered.aliases],
        "version": [str(version.version), version.current_stage, version.source, version.run_id],
        "versionTags": version.tags["g"],
        "text": text,
    }


print(json.dumps(write(argument) if mode == "write" else read(json.loads(argument))))
