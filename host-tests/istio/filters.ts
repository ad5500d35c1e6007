import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../oci/fixtures.ts";

/** The filters of the pack. */
export function filters(): string[] {
  return readdirSync(join(ROOT, "assembly", "filters"), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name);
}
