"""The trigger form, from the schema of the configuration."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from airflow.providers.common.compat.sdk import Param

SCHEMA = Path(__file__).parents[2] / "configs/config.schema.json"


def config_params() -> dict[str, Param]:
    """A field for the configuration file and one for each of its keys, by dotted name.

    A key's field is empty at first: then the file decides, or else the schema's default.
    """
    config = Param(
        os.environ.get("ML4_CONFIG", "configs/config.yaml"),
        type="string",
        title="config",
        pattern=r"^configs/[\w./-]+\.ya?ml$",
        examples=["configs/config.yaml", "configs/quickstart.yaml"],
        description="Configuration file of the project. quickstart.yaml needs no download and "
        "takes two minutes. The fields below change single keys of it for this run.",
    )
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return {"config": config} | {key: _param(key, leaf) for key, leaf in _leaves(schema)}


def config_arguments(params: dict) -> list[str]:
    """The arguments of `ml4` that a filled-in form stands for."""
    arguments = ["--config", params["config"]]
    for key, value in params.items():
        if key != "config" and value is not None and value != "":
            text = value if isinstance(value, str) else json.dumps(value)
            arguments += ["--set", f"{key}={text}"]
    return arguments


def _leaves(schema: dict, path: str = "") -> Iterator[tuple[str, dict]]:
    for name, child in schema["properties"].items():
        if "properties" in child:
            yield from _leaves(child, f"{path}{name}.")
        else:
            yield f"{path}{name}", child


def _param(key: str, leaf: dict) -> Param:
    rules = {name: leaf[name] for name in leaf if name not in ("default", "description", "anyOf")}
    if "anyOf" in leaf:  # the form has no field for "a number or a word"
        rules |= {"type": "string", "pattern": _pattern(leaf["anyOf"])}
    if "enum" in rules:
        rules["enum"] = [*(choice for choice in rules["enum"] if choice is not None), None]
    types = rules["type"] if isinstance(rules["type"], list) else [rules["type"]]
    rules["type"] = [*(name for name in types if name != "null"), "null"]
    default = "empty" if leaf["default"] is None else json.dumps(leaf["default"])
    help_text = f"{leaf['description']} {_range(leaf)}Where the file does not say: {default}."
    return Param(None, title=key, section=key.split(".")[0], description=help_text, **rules)


def _range(leaf: dict) -> str:
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    bounds = " and ".join(f"{word} {leaf[name]}" for name, word in words.items() if name in leaf)
    return f"{bounds.capitalize()}. " if bounds else ""


def _pattern(choices: list[dict]) -> str:
    return f"^({'|'.join(choice.get('const', '[0-9]+') for choice in choices)})$"
