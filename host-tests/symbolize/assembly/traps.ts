/** A filter that traps as the header `x-trap` says; ../traps.ts finds the lines by the marks at their ends. */
import { HeadersStatus, HttpContext, registerHttpFilter } from "../../../assembly/index";
import { Arithmetic } from "./arithmetic";

class Reading {
  value: i32 = 0;
  next: Reading | null = null;
}

class Traps extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const kind = this.requestHeaders.get("x-trap");
    if (kind != null) trapBy(kind); // caller
    return HeadersStatus.Continue;
  }

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    if (this.responseHeaders.has("x-trap")) unreachable(); // response
    return HeadersStatus.Continue;
  }
}
registerHttpFilter<Traps>("traps");

function trapBy(kind: string): void {
  if (kind == "assert") assert(kind.length > 100, "kind is too short"); // assert
  if (kind == "throw") throw new Error("thrown on purpose"); // throw
  if (kind == "unreachable") unreachable(); // unreachable
  if (kind == "bounds") element([1, 2, 3], kind.length); // bounds-caller
  if (kind == "null") follow(null); // null-caller
  if (kind == "divide") quotient(kind.length, kind.length - 6); // divide-caller
  if (kind == "divide-again") {
    if (endOfName(kind) == "n") quotient(last, kind.length - 12); // divide-again-caller
  }
  if (kind == "inlined") Arithmetic.halve(kind.length - 7); // inlined-caller
  if (kind == "overflow") descend(kind.length); // overflow-caller
  if (kind == "library") pad(kind); // library-caller
  if (kind == "missing") missing(kind); // missing-caller
}

/** What a step found goes here, so that nothing is left out for want of a use. */
export let last: i32 = 0;

function element(numbers: i32[], at: i32): void {
  last = numbers[at]; // bounds
}

function follow(reading: Reading | null): void {
  last = reading!.value; // null
}

function quotient(a: i32, b: i32): void {
  last = a / b; // divide
}

function endOfName(kind: string): string {
  return kind.charAt(kind.length - 1);
}

function descend(depth: i32): i32 {
  last = depth;
  return descend(depth + 1) + depth; // overflow
}

function pad(text: string): void {
  last = text.repeat(-1).length; // library
}

function missing(key: string): void {
  last = new Map<string, i32>().get(key); // missing
}
