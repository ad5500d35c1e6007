import type { Check } from "../check.ts";
import { accessLogs } from "./access-logs.ts";
import { certificates } from "./certificates.ts";
import { clusters } from "./clusters.ts";
import { exporters } from "./exporters.ts";
import { filterChains } from "./filter-chains.ts";
import { pluginConfigs } from "./plugin-configs.ts";
import { propagation } from "./propagation.ts";
import { requestIds } from "./request-ids.ts";
import { responses } from "./responses.ts";
import { sampling } from "./sampling.ts";
import { spanTags } from "./span-tags.ts";
import { statsLabels } from "./stats-labels.ts";
import { tracers } from "./tracers.ts";
import { updates } from "./updates.ts";
import { wasmState } from "./wasm-state.ts";

/** In the order in which one would look. */
export const CHECKS: readonly Check[] = [
  updates,
  wasmState,
  pluginConfigs,
  filterChains,
  tracers,
  exporters,
  sampling,
  requestIds,
  propagation,
  spanTags,
  accessLogs,
  clusters,
  responses,
  certificates,
  statsLabels,
];
