#!/usr/bin/env bash
# The Python module as a user gets it: a wheel, installed into an environment of its own; its tests and doctests, and the notebooks with
# their assertions. `python/check.sh [PROFILE]`, by default the one of `cargo test`, whose built dependencies it shares.
# Installs what it needs there by pip, and where Java is present pyspark too: without Java the tests on Spark say that they are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
profile=${1:-dev}
work=${CARGO_TARGET_DIR:-$PWD/target}/python
venv=$work/venv
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    install() { if [ "$(id -u)" = 0 ]; then apt-get "$@"; else sudo apt-get "$@"; fi; }
    install update -qq
    DEBIAN_FRONTEND=noninteractive install install -y -qq --no-install-recommends python3-venv >/dev/null
fi
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check "maturin>=1.9,<2" duckdb ipykernel nbclient pandas polars pyarrow pytest
# Half a gigabyte: where it does not come, the tests on Spark say that they are skipped, as without Java.
! command -v java >/dev/null || "$venv/bin/pip" install --quiet --disable-pip-version-check "pyspark>=4,<5" || echo "pyspark could not be installed"

rm -rf "$work/wheels"
VIRTUAL_ENV=$venv "$venv/bin/maturin" build --quiet --profile "$profile" --manifest-path python/Cargo.toml --out "$work/wheels"
"$venv/bin/pip" install --quiet --disable-pip-version-check --force-reinstall --no-deps "$work"/wheels/colofair-*.whl
# From the root, where no folder is called colofair: what is tested is what was installed.
"$venv/bin/pytest" -c python/pyproject.toml --rootdir python -rs --pyargs colofair python/tests python/README.md docs/scale.md
"$venv/bin/python" notebooks/run.py
