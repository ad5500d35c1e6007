import { takeBytes } from "../bytes";
import { HeaderMapTypeValues, WasmResultValues } from "../enums";
import { askText } from "../headers";
import { get_property as ask, askProperty } from "../hostcalls";

/** Gcore parts the parts of a path with dots, and has a status of two bytes; Envoy has the same attributes under paths of its own. */
export function get_property(path: string): ArrayBuffer {
  if (path == "response.status") return status();
  if (path.indexOf(".") < 0 || askProperty(path) == WasmResultValues.Ok) return ask(path);
  return askProperty(path.replaceAll(".", "\0")) == WasmResultValues.Ok ? takeBytes() : new ArrayBuffer(0);
}

/** Of the response, most significant byte first; empty before there is one. */
function status(): ArrayBuffer {
  const text = askText(HeaderMapTypeValues.ResponseHeaders, ":status");
  let code = text.length == 0 ? 0 : U32.parseInt(text);
  // Envoy takes the headers away once they have passed.
  if (code == 0 && askProperty("response\0code") == WasmResultValues.Ok) code = Uint32Array.wrap(takeBytes(), 0, 1)[0];
  if (code == 0) return new ArrayBuffer(0);
  const bytes = new ArrayBuffer(2);
  store<u16>(changetype<usize>(bytes), bswap<u16>(<u16>code));
  return bytes;
}
