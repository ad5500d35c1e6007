import type { Trap } from "./trap.ts";

/** Why the emulator said no. */
export type RefusalCode =
  /** The module can't be loaded: broken, an unknown import, no allocator… Envoy refuses it as well. */
  | "module"
  /** `proxy_on_vm_start` or `proxy_on_configure` returned false, or trapped. Envoy refuses it as well. */
  | "configuration"
  /** Something that Envoy does and the emulator does not; see README.md. */
  | "gap"
  /** The test used the emulator in a way that makes no sense. */
  | "usage"
  /** Strict mode found something. */
  | "strict";

/** An error of the emulator, never of the filter: it says where, what, and the next step. */
export class HostRefusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HostRefusal";
    this.code = code;
  }

  /** Puts where a filter trapped at the head of the stack, for test runners to show that line and not one of ours. */
  at(traps: readonly Trap[]): this {
    const lines = traps.at(-1)?.stack ?? [];
    if (lines.length > 0)
      this.stack = [
        `${this.name}: ${this.message}`,
        ...lines,
        ...(this.stack ?? "")
          .split("\n    at ")
          .slice(1)
          .map(line => `    at ${line}`),
      ].join("\n");
    return this;
  }
}

/** Refuses by name what the emulator lacks, rather than guess. */
export function gap(what: string): HostRefusal {
  return new HostRefusal("gap", `host: does not emulate ${what}; test it on the real Envoy (meshwright/testing)`);
}
