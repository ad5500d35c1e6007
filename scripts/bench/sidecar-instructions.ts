import { needValgrind } from "./callgrind.ts";
import { countInstructions } from "./instructions.ts";
import type { Progress } from "./progress.ts";
import { ENVOY_SERVICE, withSink } from "./services.ts";
import { COUNTED_SIDECARS } from "./sidecars.ts";
import type { Subject } from "./subject.ts";
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
export async function countSidecars(
  binary: string,
  subjects: readonly Subject[],
  traffic: Traffic,
  progress: Progress,
): Promise<SidecarInstructions[]> {
  await needValgrind();
  const scenes = COUNTED_SIDECARS.map(sidecar => ({ ...sidecar, filters: sidecar.filters(subjects) }));
  progress.begin(
    "sidecar, instructions",
    scenes.reduce((sum, { filters }) => sum + filters.length + 1, 0),
  );
  const counted: SidecarInstructions[] = [];
  for (const { label: sidecar, sampled, filters, spec } of scenes) {
    const requests = requestsOf(traffic, sampled);
    const counts = await ENVOY_SERVICE.run(binary, url =>
      withSink(binary, async sink => {
        const each: number[] = [];
        for (const entry of [null, ...filters]) {
          progress.say(entry?.label ?? "no filter");
          const form = spec(entry?.filter ?? null, url, sink);
          const [count = Number.NaN] = await countInstructions(binary, form, [requests], { within: WITHIN });
          each.push(Math.round(count));
          progress.step();
        }
        return each;
      }),
    );
    const [without = Number.NaN, ...others] = counts;
    counted.push({ sidecar, without, filters: filters.map(({ label }, i) => ({ label, added: (others[i] ?? Number.NaN) - without })) });
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
