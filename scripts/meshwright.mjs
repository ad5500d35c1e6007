#!/usr/bin/env node
// The command. npm links it when it installs, which in a clone is before dist/ is built; so it is a file of its own.
import { existsSync } from "node:fs";

const program = new URL("../dist/cli.js", import.meta.url);
if (existsSync(program)) await import(program.href);
else {
  console.error("meshwright: dist/cli.js is missing, so this is a clone that was not built yet; run npm run build");
  process.exitCode = 1;
}
