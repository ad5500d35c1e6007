const COUNT = "count: for (let i = 0; i < list.length; i++) { const item = list[i]; … }";
const CONTINUATION = "a continuation, as new HttpCall(cluster).then<C>(this, (context, response) => …): there are no promises";
const MAP = "Map<string, T>, or a class with a field for each name";
const HEADERS = 'new HeaderList().add("name", "value")';
const NODES = "assert|buffer|child_process|events|fs|http|http2|https|net|os|path|stream|timers|url|util|zlib";

/**
 * What the compiler refuses in source that was written as TypeScript, or for an older compiler, and what to write instead. The first that fits a
 * message, which has the line of the source in it, is said.
 */
const INSTEAD: readonly { readonly says: RegExp; readonly instead: string }[] = [
  {
    says: /Not implemented: Closures/i,
    instead:
      "a function keeps nothing but its arguments: keep the value in a field of the context, which an HTTP call's callback gets as its first argument",
  },
  { says: /Not implemented: Iterators/i, instead: COUNT },
  { says: /TS1155: .*[\s\S]*\bfor \(\w+ \w+ in /, instead: COUNT },
  { says: /Not implemented: Interface hidden classes/i, instead: "a class in place of the interface, and new for its objects" },
  { says: /Not implemented: Exceptions/i, instead: "nothing can be caught: test before, as with map.has(key) or list.length" },
  {
    says: /Not implemented: Regular expressions|Invalid regular expression/i,
    instead: "look with indexOf, startsWith, split or substring",
  },
  { says: /Not implemented: union types/i, instead: "one type; only T | null is there" },
  { says: /TS2531: Object is possibly 'null'/, instead: "keep it in a const and test that: const found = …; if (found != null) …" },
  {
    says: /TS2322: Type '.*' is not assignable to type 'usize'[\s\S]*\? null :/,
    instead: "condition ? value : null, the other way round; a bare null that comes first counts as a number, and so would the value",
  },
  {
    says: /TS2322: Type '(?:.*\/)?(\w+) \| null' is not assignable to type[\s\S]*└─ in ~lib\/(?!meshwright)/,
    instead: "the type argument where the function is called, as in target.set<$1>(source): the compiler took one that may be null for it",
  },
  {
    says: /TS2322: Type '.* \| null' is not assignable to type/,
    instead: "keep it in a const and test that for null first; or end the expression with ! where it cannot be null",
  },
  { says: /Cannot find name '__(?:retain|release)'/, instead: "nothing: delete the call, memory is collected" },
  { says: /Cannot find name 'JSON'[\s\S]*JSON\.stringify/, instead: 'JsonWriter from "meshwright/assembly"' },
  { says: /Cannot find name 'JSON'/, instead: 'Config or JsonParser from "meshwright/assembly", or a package such as assemblyscript-json' },
  {
    says: /TS6054: File '~lib\/(?:bindings\/wasi|wasi|rt\/|allocator\/)/,
    instead: "nothing: delete the import and what uses it; the runtime needs none, and what aborts is the build's",
  },
  { says: /TS6054: File '~lib\/meshwright\.ts'/, instead: '"meshwright/assembly"' },
  {
    says: new RegExp(`TS6054: File '~lib/(?:node:)?(?:${NODES}|crypto)(?:\\.ts|/)`),
    instead: 'what "meshwright/assembly" has in its place: Node\'s own modules are not there',
  },
  { says: /TS2305: Module '~lib\/crypto'/, instead: 'sha256, hmacSha256, timingSafeEqual and random() from "meshwright/assembly"' },
  { says: /TS6054: File '~lib\/((?:@[\w.-]+\/)?[\w.-]+?)(?:\.ts'|\/)/, instead: "npm install $1, if the file is part of that package" },
  {
    says: /TS2305: Module '~lib\/(@[\w-]+\/[\w-]+).*' has no exported member/,
    instead: "only what $1 had; nothing else has its name there",
  },
  {
    says: /TS2339: Property '(\w+)' does not exist on type '.*\/compat\/.*\/(RootContext|Context)'/,
    instead: "the class of your own that has it: (context as MyClass).$1, where MyClass extends $2",
  },
  { says: /TS2322: Type '[iu]\d+' is not assignable to type 'f64'/, instead: "i32 for number, which is f64" },
  { says: /TS2322: Type '(?:bool|[iuf]\d+|[iu]size)' is not assignable to type '~lib\/string\/String'/, instead: "value.toString()" },
  {
    says: /TS2322: Type '~lib\/string\/String' is not assignable to type '~lib\/arraybuffer\/ArrayBuffer'/,
    instead: "String.UTF8.encode(text)",
  },
  { says: /Cannot find name '(?:any|unknown|never)'/, instead: "the type that it has: a class, string, bool, i32, f64 …" },
  { says: /Cannot find name 'undefined'/, instead: "null" },
  { says: /Cannot find name '(?:Record|Partial)'/, instead: MAP },
  {
    says: /Cannot find name 'set(?:Timeout|Interval)'/,
    instead: "plugin.after(milliseconds, timer) or plugin.every(milliseconds, timer), with a class that extends Timer",
  },
  { says: /Cannot find name '(?:fetch|Promise|XMLHttpRequest)'/, instead: CONTINUATION },
  {
    says: /Cannot find name '(?:Buffer|btoa|atob|TextEncoder|TextDecoder)'/,
    instead: "base64Encode, hexEncode and their like for encodings, String.UTF8.encode(text) for bytes",
  },
  { says: /Cannot find name 'URL(?:SearchParams)?'/, instead: "urlPath, urlQuery, queryParameter" },
  { says: /TS2339: Property '(\w+)' does not exist[\s\S]*\bprocess\.env\./, instead: 'Environment.get("$1") in onConfigure' },
  { says: /TS2339: Property 'find' does not exist on type '~lib\/array\//, instead: "findIndex, and list[index] where it is not -1" },
  {
    says: /TS2339: Property 'forEach' does not exist on type '~lib\/(?:map|set)\//,
    instead: "a loop over keys() or values(), which are arrays here",
  },
  {
    says: /TS2339: Property '(\w+)' does not exist on type '[^']*#[^']*'/,
    instead: "the function's first argument in place of this, which it has not: context.$1",
  },
  { says: /TS2329: Index signature is missing in type '.*\/HeaderMap'/, instead: '.get("name")' },
  { says: /TS2322: .* is not assignable to type '.*\/HeaderList(?: \| null)?'|on type '.*\/HeaderList'/, instead: HEADERS },
  {
    says: /TS2322: Type '<object>' is not assignable/,
    instead: "a class, and new for its objects: literals have no type of their own here",
  },
  {
    says: /TS2322: Type '~lib\/string\/String' is not assignable to type 'i32'[\s\S]*│ +(?:export +)?enum /,
    instead: 'constants, as const RED = "red": the values of an enum are numbers',
  },
  { says: /TS2554: [\s\S]*\bnew Date\(\)/, instead: "new Date(<i64>(Clock.now() / 1000000))" },
  { says: /AS234: [\s\S]*\bNumber\(/, instead: "parseFloat(text) or I32.parseInt(text)" },
  { says: /AS234: [\s\S]*\bString\(/, instead: "value.toString()" },
  { says: /AS200: Conversion from type '\w+' to '(\w+)' requires an explicit cast/, instead: "<$1>value, where it fits" },
  {
    says: /TS1140: Type argument expected/,
    instead: "the type argument, as in list.map<string>(…) or registerHttpFilter<MyFilter>(…): from a function none is inferred",
  },
  { says: /TS2416: Property '(\w+)'/, instead: "another name: the class that it extends has $1 already, with another type" },
  { says: /TS2394: /, instead: "the same types as in the class that it extends, which is shown second; or another name" },
  { says: /TS1127: Invalid character[\s\S]*#\w/, instead: "private: a name can't begin with #" },
  { says: /TS1110: Type expected[\s\S]*\basync\b/, instead: CONTINUATION },
  { says: /TS1109: Expression expected[\s\S]*\bawait\b/, instead: CONTINUATION },
  { says: /TS1110: Type expected[\s\S]*: \{/, instead: MAP },
  { says: /TS1003: Identifier expected[\s\S]*\{[^}]*\.\.\./, instead: "one field after the other: there is no spread" },
  { says: /TS1003: Identifier expected/, instead: "one const for each property: there is no destructuring" },
  { says: /TS1109: Expression expected/, instead: "an if: there is neither ?. nor ?? nor …" },
];

const AT = /└─ in (.+)\((\d+),(\d+)\)/;

/** What only follows from another: the compiler knows no type for a value where it has complained. */
const FOLLOWS = /^ERROR .*type 'auto'/i;

/** Adds to each of the compiler's messages that is known where it is and what to write instead; leaves out what follows from another. */
export function explain(messages: string): string {
  const all = messages.split(/\n(?=ERROR )/);
  const own = all.filter(message => !FOLLOWS.test(message) || message.includes("'<object>'"));
  return (own.some(message => message.startsWith("ERROR ")) ? own : all)
    .map(message => {
      for (const { says, instead } of INSTEAD) {
        const match = says.exec(message);
        const [, file, line] = AT.exec(message) ?? [];
        if (match) return `${message.trimEnd()}\n ${file ? `${file}:${line}: ` : ""}write instead: ${fill(instead, match)}\n`;
      }
      return message;
    })
    .join("\n");
}

function fill(text: string, match: RegExpExecArray): string {
  return text.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? "");
}
