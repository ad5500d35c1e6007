export { SymbolizeError, type SymbolizeErrorCode } from "./errors.ts";
export { type RawFrame, recognise, resolveFrame, type SourceFrame } from "./frames.ts";
export { type Backtrace, type LoggedFrame, LogSymbolizer } from "./log-symbolizer.ts";
export { ModuleMap } from "./module-map.ts";
export { belonging, openMap } from "./open.ts";
export { frameText, isUsers } from "./render.ts";
