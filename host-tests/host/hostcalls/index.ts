import { bufferCalls } from "./buffers.ts";
import { callCalls } from "./calls.ts";
import { contextCalls } from "./contexts.ts";
import { foreignCalls } from "./foreign.ts";
import { headerCalls } from "./headers.ts";
import { metricCalls } from "./metrics.ts";
import { propertyCalls } from "./properties.ts";
import { sharedCalls } from "./shared.ts";
import type { HostFunctions } from "./types.ts";

export type { HostFunction } from "./types.ts";

/** Every hostcall, by name. */
export const HOSTCALL_TABLE: HostFunctions = {
  ...contextCalls,
  ...bufferCalls,
  ...headerCalls,
  ...propertyCalls,
  ...sharedCalls,
  ...callCalls,
  ...metricCalls,
  ...foreignCalls,
};
