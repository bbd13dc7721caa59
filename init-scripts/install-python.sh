#!/bin/sh
# install-python.sh ENVIRONMENT REQUIREMENTS: a Python environment from locked requirements, with
# uv, which is ten times as fast as pip and is not left in the image.
set -eu
python3 -m venv /tmp/uv
/tmp/uv/bin/pip install --quiet --no-cache-dir --require-hashes -r /install/uv.requirements.txt
/tmp/uv/bin/uv venv --quiet --python "$(command -v python3)" "$1"
UV_COMPILE_BYTECODE_TIMEOUT=0 /tmp/uv/bin/uv pip install --quiet --no-cache --python "$1/bin/python" --require-hashes \
  --only-binary :all: --compile-bytecode -r "$2"
rm -r /tmp/uv
