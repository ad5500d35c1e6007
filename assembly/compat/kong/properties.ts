import { noBytes, takeBytes, takeText } from "../bytes";
import { HeaderMapTypeValues, WasmResultValues } from "../enums";
import { askText } from "../headers";
import { askProperty } from "../hostcalls";
import { hasKept } from "../kept";
import { pathOf, queryOf, withoutPort } from "../url-parts";
import { attributeOf } from "./names";

/**
 * Kong's host parts the parts of a path with dots, has nginx' variables and values of the gateway beside Envoy's attributes, and all values are
 * text. A path in Envoy's notation has Envoy's value.
 */
export function get_property(path: string): ArrayBuffer {
  const attribute = attributeOf(path);
  if (attribute == "") return askProperty(path) == WasmResultValues.Ok ? takeBytes() : noBytes();
  const text = textOf(attribute);
  return text == "" ? noBytes() : String.UTF8.encode(text);
}

/** An attribute of Envoy as text; "" when there is none. */
function textOf(attribute: string): string {
  // Envoy knows the code of a local response later than its headers.
  if (attribute == "response\0code" && askProperty("response\0headers\0:status") == WasmResultValues.Ok) return takeText();
  // The parameters of a query and cookies follow in a path of their own.
  const part = attribute.indexOf("\n");
  if (part >= 0) return valueIn(textOf(attribute.substring(0, part)), attribute.charAt(part + 1), attribute.substring(part + 2));
  if (askProperty(attribute) != WasmResultValues.Ok) return ofPassedRequest(attribute);
  if (attribute.endsWith("\0address") || attribute == "request\0host") return withoutPort(takeText());
  if (attribute.endsWith("\0mtls")) return load<u8>(changetype<usize>(takeBytes())) != 0 ? "true" : "false";
  return isNumber(attribute) ? numberOf(takeBytes()) : takeText();
}

/** Envoy takes the attributes of a request away with its headers, which are kept where a filter asks for them later. */
function ofPassedRequest(attribute: string): string {
  if (!attribute.startsWith("request\0") || !hasKept(HeaderMapTypeValues.RequestHeaders)) return "";
  const name = attribute.substring(8);
  if (name.startsWith("headers\0")) return kept(name.substring(8));
  if (name == "host") return withoutPort(kept(":authority"));
  if (name == "path" || name == "scheme" || name == "method") return kept(":" + name);
  if (name != "url_path" && name != "query") return "";
  return name == "query" ? queryOf(kept(":path")) : pathOf(kept(":path"));
}

function kept(header: string): string {
  return askText(HeaderMapTypeValues.RequestHeaders, header);
}

function isNumber(attribute: string): bool {
  if (attribute.startsWith("request\0headers\0") || attribute.startsWith("response\0headers\0")) return false;
  return attribute.endsWith("\0port") || attribute.endsWith("size") || attribute.endsWith("\0code") || attribute == "connection\0id";
}

function numberOf(bytes: ArrayBuffer): string {
  return bytes.byteLength == 8 ? load<i64>(changetype<usize>(bytes)).toString() : "";
}

/** The value of `name` in `a=1&b=2`; "" when it is not there. */
function valueIn(text: string, separator: string, name: string): string {
  const parts = text.split(separator);
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i].trim();
    if (part.startsWith(name) && part.charAt(name.length) == "=") return part.substring(name.length + 1);
  }
  return "";
}
