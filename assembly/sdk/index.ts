/** The SDK: what a filter imports. */
export { DataStatus, HeadersStatus, LogLevel, Status, TrailersStatus } from "../abi/enums";
export { Body } from "./body";
export { Clock } from "./clock";
export { Environment } from "./environment";
export { HeaderList } from "./header-list";
export { HeaderMap, REPEATED } from "./header-map";
export { HeaderName } from "./header-name";
export { HttpContext, HttpContextOf } from "./http-context";
export { log } from "./log";
export { Node } from "./node";
export { PluginContext } from "./plugin-context";
export { Properties } from "./properties";
export { random } from "./random";
export { registerConfiguredHttpFilter, registerHttpFilter, registerPlugin } from "./register";
export { SliceBuilder } from "./slice-builder";
export { SPAN_ATTRIBUTE_PREFIX, Span } from "./span";
export { cleanSlice, textSlice } from "./text";
