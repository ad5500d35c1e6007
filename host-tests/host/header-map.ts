import type { ByteString } from "./bytes.ts";
import { INLINE_REQUEST_HEADERS, INLINE_RESPONSE_HEADERS, NO_INLINE_HEADERS } from "./inline-headers.ts";
import type { Pairs } from "./pairs.ts";

export type HeaderMapKind = "request" | "response" | "trailers";

const INLINE: Record<HeaderMapKind, ReadonlySet<string>> = {
  request: INLINE_REQUEST_HEADERS,
  response: INLINE_RESPONSE_HEADERS,
  trailers: NO_INLINE_HEADERS,
};

/** Headers or trailers as Envoy keeps them: names in lower case, pseudo-headers first, otherwise in the order of arrival. */
export class HeaderMap {
  readonly kind: HeaderMapKind;
  #entries: [name: ByteString, value: ByteString][] = [];

  constructor(kind: HeaderMapKind, pairs: Pairs = []) {
    this.kind = kind;
    for (const [name, value] of pairs) this.add(name, value);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** What `proxy_get_header_map_size` answers: bytes of all names and values, not the number of headers. */
  get byteSize(): number {
    let size = 0;
    for (const [name, value] of this.#entries) size += name.length + value.length;
    return size;
  }

  /** The first value of `name`, which is compared without regard to case. */
  get(name: ByteString): ByteString | undefined {
    const key = this.#key(name);
    return this.#entries.find(entry => entry[0] === key)?.[1];
  }

  /** All values of `name`, in order. */
  all(name: ByteString): ByteString[] {
    const key = this.#key(name);
    return this.#entries.filter(entry => entry[0] === key).map(entry => entry[1]);
  }

  has(name: ByteString): boolean {
    return this.get(name) !== undefined;
  }

  /** Adds a value: after the others of that name, or to the end of the only one where Envoy keeps but one. */
  add(name: ByteString, value: ByteString): void {
    const key = this.#key(name);
    const existing = INLINE[this.kind].has(key) ? this.#entries.find(entry => entry[0] === key) : undefined;
    if (existing) existing[1] = existing[1] === "" ? value : `${existing[1]},${value}`;
    else if (key.startsWith(":")) this.#entries.splice(this.#pseudoHeaders(), 0, [key, value]);
    else this.#entries.push([key, value]);
  }

  /** Makes `value` the only one, as the last of the headers. */
  set(name: ByteString, value: ByteString): void {
    this.remove(name);
    this.add(name, value);
  }

  /** Makes `value` the first one of `name` where it stands, as Envoy does with its own headers. */
  replace(name: ByteString, value: ByteString): void {
    const key = this.#key(name);
    const existing = this.#entries.find(entry => entry[0] === key);
    if (existing) existing[1] = value;
    else this.add(key, value);
  }

  remove(name: ByteString): void {
    const key = this.#key(name);
    this.#entries = this.#entries.filter(entry => entry[0] !== key);
  }

  clear(): void {
    this.#entries = [];
  }

  /** A copy of all headers, in order. */
  pairs(): [name: ByteString, value: ByteString][] {
    return this.#entries.map(([name, value]) => [name, value]);
  }

  clone(): HeaderMap {
    const copy = new HeaderMap(this.kind);
    copy.#entries = this.pairs();
    return copy;
  }

  /** Requests have no `host` beside `:authority`: it is another name for it. */
  #key(name: ByteString): ByteString {
    const key = lowerCase(name);
    return key === "host" && this.kind === "request" ? ":authority" : key;
  }

  #pseudoHeaders(): number {
    const first = this.#entries.findIndex(([name]) => !name.startsWith(":"));
    return first < 0 ? this.#entries.length : first;
  }
}

/** ASCII only, as Envoy does it. */
function lowerCase(name: ByteString): ByteString {
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, letters => letters.toLowerCase()) : name;
}
