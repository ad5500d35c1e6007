#!/bin/sh
# Sends one request with a trace of its own and follows it.
#   traffic-trace.sh URL [--access-log FILE] [--spans FILE] [--header 'x-user-id: u42'] …     as `meshwright trace`
#   traffic-trace.sh pod NAME NAMESPACE URL [--header …] …                                      through the sidecar of a pod, by kubectl:
#     the request is sent from its container istio-proxy, and looked for in that container's log
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/ops/proxy.sh
. "$here/proxy.sh"

if [ "${1:-}" != pod ]; then
  meshwright trace "$@"
  exit
fi
pod=$2 namespace=$3 url=$4
shift 4
hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }
trace=$(hex 16)
set -- --header "traceparent: 00-$trace-$(hex 8)-01" "$@"
echo "sent       traceparent of trace $trace"
kubectl exec -n "$namespace" "$pod" -c istio-proxy -- curl -sS -o /dev/null -w 'answered   %{http_code}\n' "$@" "$url"
# The sidecar writes its log every few seconds.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  lines=$(kubectl logs -n "$namespace" "$pod" -c istio-proxy --since=2m | grep -F "$trace" || true)
  if [ -n "$lines" ]; then
    echo "$lines" | sed 's/^/log        /'
    exit 0
  fi
  sleep 2
done
echo "missing    a line with the trace id in the log of istio-proxy; health-check.sh pod $pod $namespace says why" >&2
exit 1
