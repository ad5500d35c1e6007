/** `@higress/proxy-wasm-assemblyscript-sdk/assembly` 0.0.2: properties answer a status, HTTP calls take a second callback. */
export * from "../common";
export { log, set_property } from "../hostcalls";
export {
  Context,
  ensureRootContext,
  getContext,
  getRootContext,
  HttpCallback,
  HttpCallbackFunction,
  ResponseCallBack,
  RootContext,
  registerRootContext,
  root_context,
  setRootContext,
} from "./contexts";
export { GetPropertyResult, get_property } from "./properties";
