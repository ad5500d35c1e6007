import type { Host } from "./host.ts";
import { HttpFilter } from "./http-filter.ts";
import { HostRefusal } from "./refusal.ts";
import { Status } from "./status.ts";

/** What strict mode takes exception to; all of it with `strict: true`. */
export interface StrictOptions {
  /** Calls that nobody has answered at the end. */
  calls?: boolean;
  /** Streams and connections that are still there at the end. */
  contexts?: boolean;
  /** Memory that grows after the first streams. */
  memory?: boolean;
  /** Hostcalls that answer an error other than "there is none". */
  hostcalls?: boolean;
  /** Callbacks that trapped: the client only sees a 503. */
  traps?: boolean;
  /** Bodies of another length than their content-length. */
  lengths?: boolean;
}

/** Answers that are no failure: the filter asked whether there is something. */
const ORDINARY: ReadonlySet<number> = new Set([Status.Ok, Status.NotFound, Status.Empty, Status.CasMismatch]);
/** After so many streams a module has all the memory that it needs. */
const WARM_UP = 16;
/** Functions whose results are no statuses. */
const NO_STATUS = new Set(["env.pthread_equal", "env.emscripten_notify_memory_growth"]);

/** Finds what a test would not notice. */
export class Strict {
  readonly #host: Host;
  readonly #options: StrictOptions;
  readonly #failures: string[] = [];
  readonly #pages = new Map<string, number>();
  #streams = 0;

  constructor(host: Host, options: boolean | StrictOptions) {
    this.#host = host;
    const all = options === true;
    this.#options = all
      ? { calls: true, contexts: true, memory: true, hostcalls: true, traps: true, lengths: true }
      : options === false
        ? {}
        : options;
  }

  /** `issued` is how many contexts the VM has had. */
  hostcall(name: string, args: readonly (number | bigint)[], status: number, issued: number): void {
    if (!this.#options.hostcalls || NO_STATUS.has(name) || ORDINARY.has(status)) return;
    // So a filter finds out whether a stream is still there that it does something for.
    if (name === "env.proxy_set_effective_context" && Number(args[0]) <= issued) return;
    // WASI answers are other numbers; 8 and above 12 are errors there as well.
    this.#failures.push(`${name}(${args.join(", ")}) answered ${status}`);
  }

  /** At the end of a stream: how many bytes request and response have less than they promise. */
  lengths(request: number, response: number): void {
    if (!this.#options.lengths) return;
    // A request that lacks bytes never ends, unless a filter or the upstream answers before.
    if (request < 0)
      this.#failures.push(
        `the request has ${-request} bytes more than its content-length says; a filter calls willChangeRequestBody() before`,
      );
    if (response !== 0) {
      const than = response < 0 ? `${-response} bytes more` : `${response} bytes less`;
      this.#failures.push(`the response has ${than} than its content-length says; a filter calls willChangeResponseBody() before`);
    }
  }

  streamEnded(): void {
    if (++this.#streams === WARM_UP) for (const plugin of this.#host.plugins) this.#pages.set(plugin.settings.vmKey, plugin.memoryPages);
  }

  /** What is wrong by now, in words. */
  get problems(): string[] {
    const problems: string[] = [];
    const { calls, contexts, memory, traps } = this.#options;
    const host = this.#host;
    if (traps) problems.push(...host.traps.map(String));
    if (calls) {
      for (const call of host.httpCalls) problems.push(`the call to ${call.cluster}${call.path} is not answered`);
      for (const call of host.grpcCalls) problems.push(`the gRPC ${call.kind} ${call.service}/${call.method} is still open`);
    }
    if (contexts) {
      for (const context of host.liveStreams) {
        const name = context instanceof HttpFilter ? "stream" : "connection";
        problems.push(`${name} context ${context.id} of ${context.settings.name} is still there`);
      }
    }
    if (memory) {
      for (const plugin of host.plugins) {
        const before = this.#pages.get(plugin.settings.vmKey);
        if (before !== undefined && plugin.memoryPages > before) {
          problems.push(`the memory of ${plugin.name} grew from ${before} to ${plugin.memoryPages} pages after ${WARM_UP} streams`);
        }
      }
    }
    return [...problems, ...this.#failures];
  }

  /** Throws when there is a problem. */
  check(): void {
    const { problems } = this;
    if (problems.length > 0) throw this.refusal(problems);
  }

  /** The error for these problems; where a filter trapped, its stack begins there. */
  refusal(problems: readonly string[]): HostRefusal {
    const error = new HostRefusal("strict", `host, strict: ${problems.join("; ")}`);
    return this.#options.traps ? error.at(this.#host.traps) : error;
  }
}
