/** `npm run docs`: writes docs/api.md. Runs as dist/docs.js. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiReference, readApi } from "./index.ts";

const ROOT = join(import.meta.dirname, "..");
const file = join(ROOT, "docs", "api.md");
writeFileSync(file, apiReference(readApi(ROOT)));
console.log(`docs: wrote ${file}`);
