# Sourced by ./run and ./check: makes .venv, and fills it from a hash-locked list.
# Quick the second time: a stamp in .venv holds the hash of what was installed.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"
venv="$root/.venv"

# What the caller's shell set for another project must not leak into this one; how to reach a
# package index (a mirror, a proxy, a certificate) is the machine's own affair and stays.
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV CONDA_PREFIX
unset PIP_TARGET PIP_PREFIX PIP_ROOT PIP_USER PIP_REQUIRE_VIRTUALENV PIP_CONSTRAINT PIP_REQUIREMENT
unset PIP_NO_BINARY PIP_ONLY_BINARY PIP_NO_DEPS PIP_EDITABLE PIP_PYTHON
unset UV_PROJECT UV_PROJECT_ENVIRONMENT UV_SYSTEM_PYTHON UV_PYTHON UV_TARGET UV_PREFIX
unset UV_CONSTRAINT UV_OVERRIDE UV_NO_BINARY UV_ONLY_BINARY UV_NO_BUILD_ISOLATION UV_WORKING_DIR
export PYTHONNOUSERSITE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 UV_NO_PROGRESS=1
[ -n "${HOME:-}" ] || export HOME="$venv"

say() { printf '%s\n' "$*" >&2; }
stop() {
  say "$@"
  exit 1
}

# Prints the first Python that is new enough. A name on PATH can be a shim that runs nothing.
find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11 python; do
    "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    "$name" -c 'import sys; print(sys.executable)'
    return
  done
  return 1
}

make_venv() {
  local python
  python="$(find_python)" ||
    stop "Doorward needs Python 3.11 or later. On Debian 12: apt-get install python3 python3-venv"
  "$python" -c 'import venv, ensurepip' 2>/dev/null ||
    stop "$python cannot make a virtual environment. On Debian: apt-get install python3-venv"
  say "Making .venv with $("$python" -V)"
  "$python" -m venv --clear "$venv" ||
    stop "Making .venv failed. On Debian: apt-get install python3-venv"
}

hash_of() { "$venv/bin/python" -c 'import hashlib, pathlib, sys
print(hashlib.sha256(b"".join(pathlib.Path(p).read_bytes() for p in sys.argv[1:])).hexdigest())' "$@"; }

# uv is four times quicker; pip does the same from the same list where uv cannot be had.
install_list() {
  local list="$1"
  if "$venv/bin/python" -m pip install -q --require-hashes -r requirements-tools.txt; then
    "$venv/bin/uv" pip install -q --python "$venv/bin/python" --require-hashes \
      --compile-bytecode -r "$list" &&
      "$venv/bin/uv" pip install -q --python "$venv/bin/python" --no-deps \
        --no-build-isolation --editable . && return
    say "uv could not install; trying pip"
  fi
  "$venv/bin/python" -m pip install -q --require-hashes -r "$list" &&
    "$venv/bin/python" -m pip install -q --no-deps --editable .
}

# environment NAME LIST: .venv holds what LIST names, and `doorward` itself.
environment() {
  local stamp="$venv/.$1-stamp" list="$2" wanted
  if command -v flock >/dev/null; then
    exec 9<"$root"
    flock 9
  fi
  "$venv/bin/python" -c '' 2>/dev/null || make_venv
  wanted="$root $(hash_of "$list" requirements-tools.txt pyproject.toml)"
  if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    say "Installing from $list"
    install_list "$list" || stop "Installing from $list failed: see the lines above."
    printf '%s\n' "$wanted" >"$stamp"
  fi
  exec 9<&-
  export PATH="$venv/bin:$PATH" VIRTUAL_ENV="$venv"
}
