import { FLAGS } from "./response-flags.ts";

/** The response flags of a line, in Envoy's default format, Istio's, or JSON with any key. */
export function flagsOfLine(line: string): string[] {
  const text = line.trim();
  if (text.startsWith("{")) {
    try {
      const values = Object.entries(JSON.parse(text) as Record<string, unknown>);
      return known(String(values.find(([key]) => /flags$/i.test(key))?.[1] ?? ""));
    } catch {
      return [];
    }
  }
  // "GET /path HTTP/1.1" 503 UF,URX …: behind the status; or the flags alone, as somebody types them.
  const [, behindStatus] = /" (?:\d{3}|0) ([A-Za-z,-]+)/.exec(text) ?? [];
  return known(behindStatus ?? (/^[A-Z]{2,8}(,[A-Z]{2,8})*$/.test(text) ? text : ""));
}

/** Whether a line that somebody typed is nothing but flags, and Envoy has none of them. */
export const areUnknownFlags = (line: string): boolean =>
  /^[A-Za-z]{2,8}(,[A-Za-z]{2,8})*$/.test(line.trim()) && flagsOfLine(line).length === 0;

const known = (flags: string): string[] => flags.split(",").filter(flag => flag in FLAGS);
