import { takeBytes, textOf } from "../bytes";
import { WasmResultValues } from "../enums";
import { get_property as ask, askProperty, set_property as set } from "../hostcalls";
import { responseMap } from "../maps";
import { isOfRequest, namedHeader, requestProperty, setRequestProperty } from "./request";

/** Gcore parts the parts of a path with dots, and has a status of two bytes; Envoy has the same attributes under paths of its own. */
export function get_property(path: string): ArrayBuffer {
  if (path == "response.status") return status();
  if (isOfRequest(path)) {
    const value = requestProperty(path);
    if (value != "") return String.UTF8.encode(value);
  }
  // What the filter has set itself has its name as it is.
  if (path.indexOf(".") < 0 || askProperty(path) == WasmResultValues.Ok) return ask(path);
  if (askProperty(path.replaceAll(".", "\0")) == WasmResultValues.Ok) return takeBytes();
  return isOfRequest(path) ? String.UTF8.encode(namedHeader(path)) : new ArrayBuffer(0);
}

/** Of the request, only the parts of the URL can be written; a name of the filter's own keeps its value for the stream. */
export function set_property(path: string, data: ArrayBuffer): WasmResultValues {
  if (path == "response.status") return WasmResultValues.BadArgument;
  return isOfRequest(path) ? setRequestProperty(path, textOf(data)) : set(path, data);
}

/** Of the response, most significant byte first; empty before there is one. */
function status(): ArrayBuffer {
  // A filter that asks for it mostly asks for headers, too: this is read with them.
  const text = responseMap.get(":status");
  let code = text == null ? 0 : U32.parseInt(text);
  // Envoy takes the headers away once they have passed.
  if (code == 0 && askProperty("response\0code") == WasmResultValues.Ok) code = Uint32Array.wrap(takeBytes(), 0, 1)[0];
  if (code == 0) return new ArrayBuffer(0);
  const bytes = new ArrayBuffer(2);
  store<u16>(changetype<usize>(bytes), bswap<u16>(<u16>code));
  return bytes;
}
