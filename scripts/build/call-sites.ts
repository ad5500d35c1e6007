/** A place in the source, line and column counted from 1. */
export interface CallSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Call {
  readonly caller: string;
  readonly callee: string;
  /** The call itself, or, where the compiler inlined a library function, the user's expression around it. */
  readonly site: CallSite | null;
}

/**
 * Finds the place in the user's code from which the function `target` is reached.
 *
 * A call such as Math.random() reaches its import through the standard library, so callers are followed breadth first
 * until one lies outside of it and of the SDK. `wat` is the text format as binaryen prints it with source locations:
 * a comment `;;@ file:line:column` precedes an expression whose location differs from the one before.
 */
export function findUserCall(wat: string, target: string, sdkPath: string | null): CallSite | null {
  const isLibrary = (file: string): boolean => file.startsWith("~lib/") || (sdkPath !== null && file.startsWith(sdkPath));
  const calls = readCalls(wat, isLibrary);
  const seen = new Set([target]);
  for (let targets = [target]; targets.length > 0; ) {
    const callers = calls.filter(({ callee }) => targets.includes(callee));
    const inUserCode = callers.find(({ site }) => site !== null);
    if (inUserCode) return inUserCode.site;
    targets = [...new Set(callers.map(({ caller }) => caller))].filter(caller => !seen.has(caller));
    for (const caller of targets) seen.add(caller);
  }
  return null;
}

const LOCATION = /^\s*;;@ (.+):(\d+):(\d+)$/;
const FUNCTION = /^ \(func \$("[^"]*"|[^\s()]+)/;
const CALL = /^\s*\((?:return_)?call \$("[^"]*"|[^\s()]+)/;

function readCalls(wat: string, isLibrary: (file: string) => boolean): Call[] {
  const calls: Call[] = [];
  let caller = "";
  let site: CallSite | null = null;
  for (const line of wat.split("\n")) {
    const location = LOCATION.exec(line);
    const opened = FUNCTION.exec(line)?.[1];
    const callee = CALL.exec(line)?.[1];
    if (opened !== undefined) {
      caller = unquote(opened);
      site = null;
    } else if (location) {
      const [, file = "", row, column] = location;
      if (!isLibrary(file)) site = { file, line: Number(row), column: Number(column) + 1 };
    } else if (callee !== undefined) {
      calls.push({ caller, callee: unquote(callee), site });
    }
  }
  return calls;
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1) : name;
}
