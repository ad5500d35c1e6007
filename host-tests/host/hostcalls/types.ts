import type { Vm } from "../vm.ts";

/** A function that the host offers: words come as unsigned numbers, 64-bit numbers as unsigned bigints. */
// biome-ignore lint/suspicious/noExplicitAny: each hostcall has its own parameters, checked against scripts/abi when a module is loaded
export type HostFunction = (vm: Vm, ...args: any[]) => number | undefined;

export type HostFunctions = Readonly<Record<string, HostFunction>>;
