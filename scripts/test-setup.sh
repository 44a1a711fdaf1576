#!/bin/sh
# What the tests need from the system: a Chromium that looks at the report, a PostgreSQL and a Java for Spark.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 \
    || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium fonts-dejavu-core"
command -v postgres >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 \
    || missing="$missing postgresql"
find /usr/lib/jvm -maxdepth 1 2>/dev/null | grep -Eq '(java|jdk|temurin).*(17|21)' || [ -n "${JAVA_HOME:-}" ] \
    || missing="$missing openjdk-17-jre-headless"
[ -n "$missing" ] || exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
echo "Installing for the tests:$missing ..."
$as_root apt-get update -qq
# the tests start a server of their own: the package's need not run
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
