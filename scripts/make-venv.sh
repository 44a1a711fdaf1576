#!/bin/sh
# Make a virtual environment: make-venv.sh PYTHON FOLDER. Debian keeps the venv module in a package of its own.
set -eu
python=$1 folder=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Coterie needs Python 3.11 or newer; '$python' is $("$python" --version 2>&1). Name another: make PYTHON=python3.12" >&2
    exit 2
}
if ! "$python" -m venv "$folder" >/dev/null 2>&1; then
    rm -rf "$folder"
    as_root=""
    [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq python3-venv >/dev/null
    "$python" -m venv "$folder"
fi
