export { findModule, type Module, readConfig } from "./module.ts";
export { filterLine, requestLines } from "./print.ts";
export { type RequestReport, type Session, type SessionOptions, startSession } from "./session.ts";
