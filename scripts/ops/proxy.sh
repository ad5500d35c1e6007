# shellcheck shell=sh
# Sourced by the other scripts, which set $here: gets at a proxy's admin interface, by itself or through kubectl.

# The repository's or the installed package's own command line, whatever is in PATH.
meshwright() {
  # shellcheck disable=SC2154
  node "$here/../meshwright.mjs" "$@"
}

examine() {
  meshwright doctor "$@"
}

show() {
  meshwright doctor --show "$@"
}

# with_proxy WORK [URL | pod NAME [NAMESPACE]]
with_proxy() {
  work=$1
  shift
  if [ "${1:-}" != pod ]; then
    "$work" --admin "${1:-http://127.0.0.1:9901}"
    return
  fi
  if [ "$#" -lt 2 ]; then
    echo "give the pod's name behind \"pod\", and its namespace if it is not default" >&2
    return 2
  fi
  dump=$(mktemp -d)
  trap 'rm -rf "$dump"' EXIT INT TERM
  # What ADMIN_PATHS in scripts/doctor/read-admin.ts has.
  for path in 'config_dump?include_eds' stats 'clusters?format=json' certs server_info; do
    kubectl exec -n "${3:-default}" "$2" -c istio-proxy -- pilot-agent request GET "$path" >"$dump/${path%%\?*}" || return 2
  done
  "$work" --dump "$dump"
}
