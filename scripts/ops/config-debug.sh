#!/bin/sh
# Shows what a proxy does: filter chains, plugins with their configuration, tracer, tags, clusters. Arguments as for health-check.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/ops/proxy.sh
. "$here/proxy.sh"
with_proxy show "$@"
