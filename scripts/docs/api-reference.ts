import type { Api, ApiMember, ApiSymbol } from "./model.ts";

/** What belongs together, in the order in which somebody who writes a filter needs it. */
const SECTIONS: readonly { readonly title: string; readonly files: readonly string[] }[] = [
  {
    title: "Contexts and registration",
    files: ["sdk/register", "sdk/http-context", "sdk/tcp-context", "sdk/stream-context", "sdk/plugin-context", "sdk/context"],
  },
  { title: "What a callback answers, and other enumerations", files: ["abi/enums"] },
  { title: "Headers and bodies", files: ["sdk/header-map", "sdk/header-name", "sdk/header-list", "sdk/header-snapshot", "sdk/body"] },
  { title: "Spans, attributes and properties", files: ["sdk/span", "sdk/attributes", "sdk/properties", "sdk/node", "sdk/environment"] },
  { title: "Cookies, queries and credentials", files: ["sdk/request-parts", "std/authorization", "std/url"] },
  { title: "Configuration and JSON", files: ["std/config", "std/json", "std/json-writer"] },
  { title: "Encodings, digests and signatures", files: ["sdk/encoding", "sdk/digest", "std/hmac"] },
  { title: "Calls", files: ["sdk/calls", "sdk/http-call", "sdk/grpc-call"] },
  {
    title: "Shared data, queues and metrics",
    files: ["sdk/shared-data", "sdk/shared-queue", "sdk/metrics", "sdk/metric-family", "sdk/series-index"],
  },
  { title: "Log, clock, timers and random numbers", files: ["sdk/log", "sdk/clock", "sdk/timers", "sdk/random", "std/random"] },
  { title: "Envoy's foreign functions", files: ["sdk/foreign"] },
  { title: "Text and bytes", files: ["sdk/text", "sdk/slice-builder", "std/slice", "std/utf8", "std/protobuf"] },
];

const SPEC = "https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1";

const HEAD = `# API reference

What \`meshwright/assembly\` exports, made from the docstrings by \`npm run docs\`; edit those. [abi.md](abi.md) lists the hostcalls and callbacks of the ABI
with the API for each.

Absent is null (or \`ABSENT\` for a view on bytes), and never the same as empty. Nothing that the host answers traps: a method returns null, a
\`Status\` or an outcome. "Valid in" says in which callbacks; elsewhere a read is absent and a write answers \`Status.BadArgument\` or \`Status.NotFound\`.
`;

/** The page docs/api.md. */
export function apiReference(api: Api): string {
  const known = new Set(SECTIONS.flatMap(({ files }) => files.map(path)));
  const lost = api.symbols.filter(({ file }) => !known.has(file));
  if (lost.length > 0) {
    const [{ name, file } = { name: "", file: "" }] = lost;
    throw new Error(`docs: ${name} of ${file} belongs to no section; add the file to SECTIONS in scripts/docs/api-reference.ts`);
  }
  const sections = SECTIONS.map(({ title, files }) => ({
    title,
    symbols: files.flatMap(file => api.symbols.filter(symbol => symbol.file === path(file))),
  })).filter(({ symbols }) => symbols.length > 0);
  const links = linksOf(sections.flatMap(({ title, symbols }) => [title, ...symbols.map(({ name }) => name)]));
  const link = (heading: string): string => `[${heading}](#${links.get(heading)})`;
  const contents = sections.map(({ title, symbols }) => `- ${link(title)}: ${symbols.map(({ name }) => link(name)).join(", ")}`).join("\n");
  const body = sections.map(({ title, symbols }) => `## ${title}\n\n${symbols.map(symbol => symbolText(symbol, links)).join("\n")}`);
  return `${HEAD}\n${contents}\n\n${body.join("\n")}`;
}

const path = (file: string): string => `assembly/${file}.ts`;

/** The anchors that GitHub makes of the headings, in their order: the second of a name gets a number. */
function linksOf(headings: readonly string[]): Map<string, string> {
  const seen = new Map<string, number>();
  const links = new Map<string, string>();
  for (const heading of headings) {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replace(/\s/g, "-");
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    links.set(heading, count === 0 ? anchor : `${anchor}-${count}`);
  }
  return links;
}

function symbolText(symbol: ApiSymbol, links: ReadonlyMap<string, string>): string {
  const anchor = symbol.base === null ? undefined : links.get(symbol.base);
  const base = anchor === undefined ? "" : `Inherits from [${symbol.base}](#${anchor}).\n\n`;
  const members = symbol.members.map(memberText).join("");
  return `### ${symbol.name}\n\n\`${symbol.signature}\`\n\n${base}${docText(symbol.doc)}\n${members === "" ? "" : `\n${members}`}`;
}

function memberText(member: ApiMember): string {
  const doc = docText(member.doc);
  if (doc === "") return `- \`${member.signature}\`\n`;
  const [first = "", ...rest] = doc.split("\n");
  const more = rest.map(line => (line === "" ? "" : `  ${line}`)).join("\n");
  return `- \`${member.signature}\`: ${first}${more === "" ? "" : `\n${more}`}\n`;
}

/** A docstring as Markdown: what is indented, such as a diagram, becomes a block of its own, and the specification a link. */
function docText(doc: string): string {
  const lines: string[] = [];
  let fenced = false;
  let indented = false;
  for (const line of doc.split("\n")) {
    if (line.startsWith("```")) fenced = !fenced;
    const isIndented = !fenced && line.startsWith("  ");
    if (isIndented !== indented && !(indented && line === "")) {
      lines.push("```text".slice(0, isIndented ? 7 : 3));
      indented = isIndented;
    }
    lines.push(isIndented ? line.slice(2) : line);
  }
  if (indented) lines.push("```");
  return lines.join("\n").replace(/Spec: v0\.2\.1 #(\w+)/g, `[Spec](${SPEC}#$1)`);
}
