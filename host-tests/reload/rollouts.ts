import {
  type EnvoyResponse,
  filterFile,
  type Load,
  localPlace,
  type RunningEnvoy,
  startLoad,
  type WasmFilterSpec,
} from "../envoy/index.ts";
import { nameOf, ROOT_ID, type Version, withCode } from "./modules.ts";

/** How long a new version may take until an answer names it. Far more than it takes: what fails here hangs. */
const PATIENCE_MS = 60_000;

/** What is known of a version from the answers that named it. Times are `performance.now()`. */
interface Sightings {
  readonly publishedAt: number;
  answers: number;
  firstAnswer: number;
  /** When the last request was sent that this version answered. */
  lastSent: number;
}

export interface RolloutOptions {
  concurrency?: number;
}

/** Publishes versions of code and configuration in a running Envoy under load, and reads in every answer which version made it. */
export class Rollouts {
  readonly #envoy: RunningEnvoy;
  readonly #wasm: string;
  readonly #load: Load;
  readonly #seen = new Map<string, Sightings>();
  readonly #times: number[] = [];
  readonly #mixed: string[] = [];
  #current: Version = { code: 0, config: 0 };
  #acrossReloads = 0;

  /** For an Envoy that was started with `versionedFilter(wasm)` in its listener "in". */
  constructor(envoy: RunningEnvoy, wasm: string, { concurrency = 8 }: RolloutOptions = {}) {
    this.#envoy = envoy;
    this.#wasm = wasm;
    this.#seen.set(nameOf(this.#current), sightings());
    this.#load = startLoad(envoy, "in", { concurrency, ok: (response, sentAt) => this.#answered(response, sentAt) });
  }

  get current(): string {
    return nameOf(this.#current);
  }

  get load(): Load {
    return this.#load;
  }

  /** Publishes the next version of what is asked for, and waits until an answer names it. */
  async next(what: "code" | "configuration" | "both"): Promise<void> {
    const { code, config } = this.#current;
    const version = { code: code + Number(what !== "configuration"), config: config + Number(what !== "code") };
    const filter = await filterOf(this.#envoy, this.#wasm, version);
    this.#seen.set(nameOf(version), sightings());
    this.#current = version;
    // Not by updateFilter: its questions to the admin interface would be part of the time.
    await this.#envoy.writeFile(`ecds-${ROOT_ID}.yaml`, filterFile(filter, localPlace(this.#envoy.folder)));
    const deadline = performance.now() + PATIENCE_MS;
    while (this.#seen.get(nameOf(version))?.answers === 0) {
      if (performance.now() > deadline) throw new Error(`no answer names ${nameOf(version)}; Envoy's log:\n${this.#envoy.log.tail(15)}`);
      await new Promise(resolve => setTimeout(resolve, 1));
    }
  }

  /** Ends the load; what has been seen. */
  async stop() {
    const { sent, failures } = await this.#load.stop();
    const versions = [...this.#seen.values()];
    const effects = versions.slice(1).map((version, index) => ({
      first: version.firstAnswer - version.publishedAt,
      // Requests that began after that moment all met the new version.
      all: Math.max(0, (versions[index]?.lastSent ?? 0) - version.publishedAt),
    }));
    return { sent, failures, mixed: this.#mixed, acrossReloads: this.#acrossReloads, effects, times: this.#times };
  }

  /** Whether it is an answer as it should be: of one version, and of one that was published. */
  #answered(response: EnvoyResponse, sentAt: number): boolean {
    this.#times.push(performance.now() - sentAt);
    const [atRequest, atResponse] = [response.header("x-request"), response.header("x-response")];
    if (response.status !== 200 || atRequest === null) return false;
    if (atRequest !== atResponse) {
      this.#mixed.push(`${atRequest} / ${atResponse}`);
      return false;
    }
    const seen = this.#seen.get(atRequest);
    if (!seen) return false;
    if (seen.answers++ === 0) seen.firstAnswer = performance.now();
    seen.lastSent = Math.max(seen.lastSent, sentAt);
    const current = this.#seen.get(this.current);
    if (seen !== current && current && current.answers > 0 && sentAt < current.publishedAt) this.#acrossReloads++;
    return true;
  }
}

/** The filter of `assembly/versioned.ts` in its first version. */
export function versionedFilter(wasm: string): WasmFilterSpec {
  return { name: ROOT_ID, wasm, config: { version: "0" }, discovered: true };
}

/** The filter in any version, with its module in Envoy's folder under a name of its own. */
export async function filterOf(envoy: RunningEnvoy, wasm: string, { code, config }: Version): Promise<WasmFilterSpec> {
  const file = await envoy.writeFile(`versioned-${code}.wasm`, await withCode(wasm, code));
  return { ...versionedFilter(file), config: { version: String(config) } };
}

const sightings = (): Sightings => ({ publishedAt: performance.now(), answers: 0, firstAnswer: 0, lastSent: 0 });
