/** `export * from "@solo-io/proxy-runtime/proxy"`: all that a module exports. */
// Before the abort handler, which the compiler reaches early: what it logs with has to be there by then.
import "../sdk/properties";
import "../sdk/abort";

export { proxy_abi_version_0_2_1 } from "../abi/exports";
export { unpackStaticData } from "../abi/static-data";
export { cleared, nextRound, renewed, visitStack } from "../sdk/loop-garbage";
export * from "./exports";
// The build puts these in the place of imports that Envoy lacks.
export { dateNow, performanceNow, seed } from "./globals";
// The host asks for memory.
export { proxy_on_memory_allocate } from "./host-memory";
// The build has these called, for small blocks and short copies, and drops the exports.
export { hasSmall, keepSmall, takeSmall } from "./small-blocks";
export { copySmall, fillSmall } from "./small-memory";
export { compareTexts, findText } from "./text-search";

// The build has the compiler take what is in it for the globals of their names.
import "./shim";
