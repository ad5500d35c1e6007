export type Cell = string | number | null | undefined;

/** A table in Markdown with its columns lined up; the first column to the left, numbers to the right. Absent cells are a dash. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [head, ...rows.map(row => row.map(cellText))];
  const widths = head.map((_, column) => Math.max(...texts.map(row => (row[column] ?? "").length), 3));
  const pad = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  const line = (cells: readonly string[]): string => `| ${cells.map(pad).join(" | ")} |`;
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(texts[0] ?? []), line(rule), ...texts.slice(1).map(line)].join("\n");
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return "-";
  return typeof cell === "number" ? grouped(cell) : cell.replaceAll("|", "\\|");
}

/** `43,600` */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** The figure, and how often `reference` goes into it: `43,600 (1.02)`. */
export function withRatio(value: number | undefined, reference: number | undefined): Cell {
  if (value === undefined) return null;
  return reference === undefined || reference <= 0 ? grouped(value) : `${grouped(value)} (${(value / reference).toFixed(2)})`;
}

/** `2.28` or `12.3`: three digits that say something. */
export function decimal(value: number | undefined): Cell {
  if (value === undefined || !Number.isFinite(value)) return null;
  return Math.abs(value) >= 100 ? grouped(value) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
