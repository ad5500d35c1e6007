import type { SourceFrame } from "./frames.ts";

/** Which frames are the user's: neither AssemblyScript's library nor the SDK. */
export function isUsers({ file }: SourceFrame): boolean {
  return file !== null && !file.startsWith("~lib/") && !file.startsWith("meshwright/");
}

/** `pad (assembly/index.ts:63:10)`; without a location the name alone. */
export function frameText(frame: SourceFrame): string {
  const { file, line, column, certain } = frame;
  const name = frame.function ?? "inlined code";
  if (file === null) return name;
  const place = `${file}:${line}:${column}`;
  return `${name} (${place}${certain ? "" : ", most likely"})${isUsers(frame) && frame.text ? `  | ${frame.text}` : ""}`;
}
