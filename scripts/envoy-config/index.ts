export { SPAN_STATE_PREFIX, spanAttributeNames, spanStatePrefix } from "./attribute-names.ts";
export { dynamicFiles, envoyConfig, filterFile } from "./config.ts";
export { earlyHeaderMutation, ORIGINAL_TRACEPARENT } from "./early-header-mutation.ts";
export { metricLabels } from "./metric-labels.ts";
export * from "./place.ts";
export { skipUnsampled } from "./skip-unsampled.ts";
export type * from "./spec.ts";
export { statsTags } from "./stats-tags.ts";
export { filterStateTags } from "./tracing.ts";
