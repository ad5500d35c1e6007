import { stringify } from "yaml";
import type { Check } from "../check.ts";
import { tracingOf } from "../exporters.ts";
import type { Report } from "../finding.ts";
import { asObject, asObjects, at, type Json } from "../json.ts";
import { carriesTraffic, type Manager } from "../proxy.ts";

/** Istio's default is 1. */
const LOW_PERCENT = 1;

/** How many requests get a trace. */
export const sampling: Check = ({ proxy }) =>
  proxy.managers.filter(carriesTraffic).flatMap((manager): Report[] => {
    const { provider } = tracingOf(manager, proxy);
    // A sampler of the tracer's own decides alone.
    if (!provider || at(provider, "typed_config").sampler !== undefined) return [];
    const runtime = staticRuntime(proxy.bootstrap);
    const tracing = asObject(manager.config.tracing);
    const random = percent(tracing.random_sampling, number(runtime["tracing.random_sampling"], 100));
    const overall = percent(tracing.overall_sampling, number(runtime["tracing.global_enabled"], 1));
    const client = percent(tracing.client_sampling, number(runtime["tracing.client_enabled"], 1));
    return [...checkRandom(manager, { random, overall }, runtime), ...(client === 0 ? [clientOff(manager)] : [])];
  });

function checkRandom({ where }: Manager, { random, overall }: { random: number; overall: number }, runtime: Json): Report[] {
  const share = (random * overall) / 100;
  if (share > LOW_PERCENT) return [];
  const found = `random_sampling ${random} % of overall_sampling ${overall} %: ${share === 0 ? "no request" : `one request of ${Math.round(100 / share)}`} that comes without a trace gets one`;
  const mend =
    "raise it, to 100 while you look for something (Istio: randomSamplingPercentage in Telemetry), and let the Collector's tail_sampling choose";
  return [
    {
      id: share === 0 ? "sampling-zero" : "sampling-low",
      where: `${where}, tracing`,
      found,
      mend,
      change: changeOf(random, overall, runtime),
    },
  ];
}

/** Of what is low, and where it is said. */
function changeOf(random: number, overall: number, runtime: Json): string {
  const full = { value: 100 };
  const tracing = { ...(random < 100 ? { random_sampling: full } : {}), ...(overall < 100 ? { overall_sampling: full } : {}) };
  const keys = { "tracing.random_sampling": 10_000, "tracing.global_enabled": 100 };
  const said = Object.entries(keys).filter(([key, value]) => key in runtime && Number(runtime[key]) < value);
  return stringify(
    said.length > 0 ? { layered_runtime: { layers: [{ name: "static", static_layer: Object.fromEntries(said) }] } } : { tracing },
  );
}

function clientOff({ where }: Manager): Report {
  const found = "client_sampling 0 %: x-client-trace-id does not have a request traced";
  const mend = "take client_sampling away, which means 100, if clients are to ask for traces";
  return {
    id: "sampling-client-off",
    where: `${where}, tracing`,
    found,
    mend,
    change: stringify({ tracing: { client_sampling: { value: 100 } } }),
  };
}

/** A message that is there without a value means 0. The runtime, where it says something, comes first. */
function percent(message: unknown, runtime: number | null): number {
  if (runtime !== null) return runtime;
  return message === undefined ? 100 : number(asObject(message).value, 1) || 0;
}

function number(value: unknown, perPercent: number): number | null {
  const read = typeof value === "string" ? Number(value) : value;
  return typeof read === "number" && Number.isFinite(read) ? read / perPercent : null;
}

function staticRuntime(bootstrap: Json): Json {
  const layers = asObjects(at(bootstrap, "layered_runtime").layers);
  return Object.assign({}, ...layers.map(({ static_layer }) => asObject(static_layer)));
}
