#!/bin/sh
# Compiles the lock files: exact versions with hashes, no address of a registry.
set -eu
cd "$(dirname "$0")/.."
options="--universal --python-version 3.11 --generate-hashes
    --no-emit-package talenta-shared --quiet --custom-compile-command 'make lock'"
for service in profile assessment placement reporting; do
    eval .venv/bin/uv pip compile $options -o "requirements/$service.txt" "services/$service/pyproject.toml"
done
eval .venv/bin/uv pip compile $options -o requirements/dev.txt services/*/pyproject.toml requirements/dev.in
eval .venv/bin/uv pip compile $options -o requirements/build.txt requirements/build.in
eval .venv/bin/uv pip compile $options -o requirements/comparison.txt requirements/comparison.in
