"""Prints the routes of this MLflow's server and the methods of its Python client, as JSON."""

import json

from mlflow import MlflowClient
from mlflow.server import handlers

routes = {
    f"{method} {path}"
    for path, _, methods, *_ in handlers.get_endpoints()
    for method in methods
    if not path.startswith("/ajax-api")
}
methods = [name for name in dir(MlflowClient) if callable(getattr(MlflowClient, name))]
print(json.dumps({"routes": sorted(routes), "methods": [m for m in methods if m[0] != "_"]}))
