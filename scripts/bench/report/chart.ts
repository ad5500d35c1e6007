import type { BenchResult } from "../result.ts";
import type { Traffic } from "../traffic.ts";
import { grouped } from "./table.ts";

const WIDTH = 760;
const LABELS = 290;
const ROW = 28;
const TOP = 44;
const VALUES = 70;

/** Instructions of the task for each subject as bars; readable on light and dark pages. Null when none were measured. */
export function chart({ subjects, envoy }: BenchResult, traffic: Traffic = "hit"): string | null {
  const bars = subjects
    .filter(({ program }) => program === "task")
    .flatMap(({ label, own, instructions }) => {
      const value = instructions?.[traffic];
      return value === undefined ? [] : [{ label, own, value }];
    })
    .sort((a, b) => a.value - b.value);
  if (bars.length === 0) return null;
  const most = Math.max(...bars.map(({ value }) => value));
  const height = TOP + bars.length * ROW + 12;
  const title = `Instructions per request above Envoy ${envoy} without a filter (the task, traffic ${traffic})`;
  const rows = bars.map(({ label, own, value }, i) => {
    const y = TOP + i * ROW;
    const width = Math.max(1, Math.round(((WIDTH - LABELS - VALUES) * value) / most));
    const weight = own ? ' font-weight="bold"' : "";
    return [
      `<text x="${LABELS - 8}" y="${y + 15}" text-anchor="end"${weight}>${escaped(label)}</text>`,
      `<rect x="${LABELS}" y="${y}" width="${width}" height="20" rx="2" fill="${own ? "#2f81f7" : "#8b949e"}"/>`,
      `<text x="${LABELS + width + 6}" y="${y + 15}"${weight}>${grouped(value)}</text>`,
    ].join("\n");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    "<style>text{font:13px system-ui,sans-serif;fill:#24292f}@media(prefers-color-scheme:dark){text{fill:#c9d1d9}}</style>",
    `<text x="8" y="22">${escaped(title)}</text>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
