import type { ContainerRuntimeClient } from "testcontainers";

/** How Envoy runs: in a container where there is an engine, else as a process of this machine. */
export type Run = "container" | "binary";

let engine: Promise<ContainerRuntimeClient | null> | undefined;

/** The container engine, or null where there is none. Loads testcontainers only when somebody asks. */
export function findEngine(): Promise<ContainerRuntimeClient | null> {
  engine ??= (async () => {
    // testcontainers' own cleaner is an image too, which an offline engine cannot pull; the driver cleans up itself.
    process.env.TESTCONTAINERS_RYUK_DISABLED ??= "true";
    // Users of the published package need not have testcontainers installed.
    const library = await import("testcontainers").catch(() => null);
    return library?.getContainerRuntimeClient().catch(() => null) ?? null;
  })();
  return engine;
}

/**
 * The choice for this machine. MESHWRIGHT_ENVOY_RUN=binary or container overrides it;
 * with MESHWRIGHT_REQUIRE_CONTAINER=1 (CI) a missing engine is an error instead of a reason to take the binary.
 */
export async function chooseRun(wanted?: Run): Promise<Run> {
  const required = process.env.MESHWRIGHT_REQUIRE_CONTAINER === "1";
  const asked = wanted ?? askedFor(process.env.MESHWRIGHT_ENVOY_RUN);
  if (asked === "binary" && !(required && !wanted)) return "binary";
  if (await findEngine()) return "container";
  if (required || asked === "container") {
    throw new Error(
      "no container engine answers, and one is required " +
        "(MESHWRIGHT_REQUIRE_CONTAINER=1 or a container was asked for); start Docker or Podman, or unset the variable to run Envoy as a process",
    );
  }
  return "binary";
}

function askedFor(value: string | undefined): Run | undefined {
  if (!value || value === "auto") return undefined;
  if (value === "container" || value === "binary") return value;
  throw new Error(`MESHWRIGHT_ENVOY_RUN must be auto, container or binary, not "${value}"`);
}
