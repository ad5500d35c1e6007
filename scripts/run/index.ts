export type { FilterLine } from "./filter-log.ts";
export { type Live, type LiveEvent, type LiveOptions, startLive } from "./live.ts";
export { findModule, findRunnable, type Module, readConfig } from "./module.ts";
export { attributeText, filterLine, isOfEnvoy, liveLines, requestLines } from "./print.ts";
export type { Reload } from "./reload.ts";
export { type RequestReport, type Session, type SessionOptions, startSession } from "./session.ts";
export { findWatched, type Watched } from "./source.ts";
