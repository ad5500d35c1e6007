/**
 * What a filter writes to the response's headers while there is no response yet. Gcore's edge takes that; Envoy refuses it, so it is done
 * when the response comes, before the filter sees it. Only programs that do so have this: see facts.ts.
 */
import { addExtra, ExtraKind, findExtra, firstExtra } from "./extras";

/** Keeps a write for later; false when the response has come. */
export function defer(write: ExtraKind, name: string, value: string): bool {
  if (findExtra(ExtraKind.Answered) != null) return false;
  addExtra(write, name, value);
  return true;
}

/** A header's first value as it will be; "" when there will be none. */
export function deferredValue(name: string): string {
  if (findExtra(ExtraKind.Answered) != null) return "";
  let value = "";
  let each = firstExtra();
  while (each != null) {
    if (each.kind >= ExtraKind.Add && isSameName(each.name, name)) {
      if (each.kind == ExtraKind.Remove) value = "";
      else if (each.kind == ExtraKind.Replace || value == "") value = each.value;
    }
    each = each.next;
  }
  return value;
}

/** Of any case. Not by `toLowerCase`: its tables are 6 kB in every module whose code mentions it. */
function isSameName(a: string, b: string): bool {
  if (a.length != b.length) return false;
  for (let i = 0; i < a.length; i++) if (lower(a.charCodeAt(i)) != lower(b.charCodeAt(i))) return false;
  return true;
}

function lower(code: i32): i32 {
  return code >= 65 && code <= 90 ? code | 32 : code;
}
