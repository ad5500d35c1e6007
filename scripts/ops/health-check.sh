#!/bin/sh
# Examines one proxy: of this machine, or of a pod.
#   health-check.sh                                  Envoy's admin interface on 127.0.0.1:9901
#   health-check.sh http://127.0.0.1:15000           another one
#   health-check.sh pod NAME [NAMESPACE]             the sidecar or gateway of a pod, by kubectl
# Exit status: 0 healthy, 1 an error was found, 2 nothing could be read.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/ops/proxy.sh
. "$here/proxy.sh"

# Of the control plane only where there is one to ask.
if [ "${1:-}" = pod ] && command -v istioctl >/dev/null 2>&1; then
  echo "--- istioctl proxy-status: what the proxy has of istiod's configuration"
  istioctl proxy-status "$2.${3:-default}" || true
fi
with_proxy examine "$@"
