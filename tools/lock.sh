#!/usr/bin/env bash
# Renews the hash-locked lists from pyproject.toml: `./check --lock [--upgrade]`.
# Valid for every Python from 3.11 on; they name versions and hashes, never an index host.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

compile() {
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
    --no-annotate --no-emit-index-url --no-emit-find-links "$@" >/dev/null
}
pins="$(mktemp)"
trap 'rm -f "$pins"' EXIT

compile "$@" pyproject.toml --extra postgres --emit-build-options -o requirements.txt
grep -v '^--' requirements.txt >"$pins"
compile "$@" pyproject.toml --extra postgres --group test --group lint --constraint "$pins" \
  --emit-build-options -o requirements-dev.txt
grep -v '^--' requirements-dev.txt >"$pins"
compile "$@" --group tools --constraint "$pins" -o requirements-tools.txt
