/** What the compiler refuses in source that was written as TypeScript, or for an older compiler, and what to write instead. */
const INSTEAD: readonly { readonly says: RegExp; readonly instead: string }[] = [
  {
    says: /Not implemented: Closures/i,
    instead:
      "a function keeps nothing but its arguments: keep the value in a field of the context, which an HTTP call's callback gets as its first argument",
  },
  { says: /Not implemented: Iterators/i, instead: "count: for (let i = 0; i < list.length; i++) { const item = list[i]; … }" },
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
    says: /TS2322: Type '.* \| null' is not assignable to type/,
    instead: "keep it in a const and test that for null first; or end the expression with ! where it cannot be null",
  },
  { says: /Cannot find name '__(?:retain|release)'/, instead: "nothing: delete the call, memory is collected" },
  { says: /Cannot find name 'JSON'/, instead: 'Config or JsonParser from "meshwright/assembly", or a package such as assemblyscript-json' },
  {
    says: /TS6054: File '~lib\/(?:bindings\/wasi|wasi|rt\/|allocator\/)/,
    instead: "nothing: delete the import and what uses it; the runtime needs none, and what aborts is the build's",
  },
  { says: /TS6054: File '~lib\/((?:@[\w.-]+\/)?[\w.-]+)/, instead: "npm install $1, if the file is part of that package" },
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
  { says: /TS1003: Identifier expected/, instead: "one const for each property: there is no destructuring" },
  { says: /TS1109: Expression expected/, instead: "an if: there is neither ?. nor ?? nor …" },
];

const AT = /└─ in (.+)\((\d+),(\d+)\)/;

/** Adds to each of the compiler's messages that is known where it is and what to write instead. */
export function explain(messages: string): string {
  return messages
    .split(/\n(?=ERROR )/)
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
