import { HeaderName } from "../../sdk/index";
import { ABSENT, lowerCase, Slice, sliceOfBytes } from "../../std/slice";
import { utf8Bytes } from "../../std/utf8";

/** One attribute, resolved as far as the configuration alone can: what is left for a request are its headers. */
export class Attribute {
  /** Tried in order; the first that is there and not empty gives the value. */
  headers: StaticArray<HeaderName> = [];
  /** There are no such headers. */
  isConstant: bool = true;
  /** The value when no header gives one, and the same as a view; without it the attribute is left out. */
  constant: StaticArray<u8> | null = null;
  constantView: Slice = ABSENT;
  /** `span.attributes.<name>`, or what the configuration puts before the name; and the same as a view. */
  readonly property: StaticArray<u8>;
  readonly propertyView: Slice;
  /** The request header that carries the attribute, for `"to": ["request_header"]`. */
  readonly header: StaticArray<u8>;
  /** The key in baggage. */
  readonly key: StaticArray<u8>;

  constructor(
    readonly name: string,
    statePrefix: string,
    headerPrefix: string,
  ) {
    const property = utf8Bytes(statePrefix + name);
    this.property = property;
    this.propertyView = sliceOfBytes(property);
    // No HeaderName: nobody asks for it, and each name in the index of header maps costs something at every request.
    const header = utf8Bytes(headerPrefix + fieldName(name));
    lowerCase(sliceOfBytes(header));
    this.header = header;
    this.key = utf8Bytes(name);
  }
}

/** `user.id` as part of a header name: `user-id`. */
function fieldName(name: string): string {
  let field = "";
  for (let i = 0; i < name.length; i++) field += isLetterOrDigit(name.charCodeAt(i)) ? name.charAt(i) : "-";
  return field;
}

function isLetterOrDigit(c: i32): bool {
  return <u32>(c - 48) < 10 || <u32>((c | 32) - 97) < 26;
}
