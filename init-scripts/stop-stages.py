"""Stops the stages of this stack, those too that start meanwhile, and waits until they have ended."""

import os
from contextlib import suppress

import docker

filters = {"label": "ml4.stage", "network": os.environ["ML4_STACK"]}
client = docker.from_env()
while running := client.containers.list(filters=filters, ignore_removed=True):
    for container in running:
        with suppress(docker.errors.APIError):  # it has just ended
            container.kill(signal="SIGTERM")
    for container in running:
        with suppress(docker.errors.APIError):
            container.wait(timeout=100)
