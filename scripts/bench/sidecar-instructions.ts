import { needValgrind } from "./callgrind.ts";
import { countInstructions } from "./instructions.ts";
import { ENVOY_SERVICE, withSink } from "./services.ts";
import type { SidecarPlan } from "./sidecar.ts";
import { COUNTED_SIDECARS, envoysIn, scenesOf } from "./sidecars.ts";
import { requestWithId, type Traffic } from "./traffic.ts";

/** What the sidecar's worker does for a request, and what each filter adds to it. */
export interface SidecarInstructions {
  readonly sidecar: string;
  readonly without: number;
  readonly filters: readonly { readonly label: string; readonly added: number }[];
}

/** Connections upstream and batches of spans differ a little from one round to the next. */
const WITHIN = 0.005;

/** Counts instructions in front of a service, which do not depend on what else the machine does, as requests per second do. */
export async function countSidecars({ binary, envoyVersion, subjects, traffic, progress }: SidecarPlan): Promise<SidecarInstructions[]> {
  await needValgrind();
  const scenes = scenesOf(COUNTED_SIDECARS, subjects, envoyVersion);
  progress.begin("sidecar, instructions", envoysIn(scenes));
  const counted: SidecarInstructions[] = [];
  for (const { sidecar, filters } of scenes) {
    const requests = requestsOf(traffic, sidecar.sampled);
    const [without = Number.NaN, ...others] = await ENVOY_SERVICE.run(binary, url =>
      withSink(binary, async sink => {
        const counts: number[] = [];
        for (const entry of [null, ...filters]) {
          progress.say(entry?.label ?? "no filter");
          const form = sidecar.spec(entry?.filter ?? null, url, sink);
          const [count = Number.NaN] = await countInstructions(binary, form, [requests], { within: WITHIN });
          counts.push(Math.round(count));
          progress.step();
        }
        return counts;
      }),
    );
    const added = filters.map(({ label }, i) => ({ label, added: (others[i] ?? Number.NaN) - without }));
    counted.push({ sidecar: sidecar.label, without, filters: added });
  }
  return counted;
}

/**
 * Requests of which Envoy samples the first, at so many percent: it takes the first eight digits of an id as a number, and what is left of
 * that by 10,000.
 */
function requestsOf(traffic: Traffic, sampled: number): string[] {
  const count = sampled > 0 ? 100 / sampled : 1;
  const numbers = Array.from({ length: count }, (_, i) => (10_000 / count) * i);
  return numbers.map(number => requestWithId(traffic, `${number.toString(16).padStart(8, "0")}-1111-4222-8333-444455556666`));
}
