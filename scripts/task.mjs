#!/usr/bin/env node
// What `npm run <task>` does. Plain JavaScript that needs nothing installed: it installs first.
import { bench, build, demo, docs, manifests, reload, w3c } from "./task/build.mjs";
import { check } from "./task/check.mjs";
import { fuzz } from "./task/fuzz.mjs";
import { ensureInstalled } from "./task/install.mjs";
import { istio } from "./task/istio.mjs";
import { pipeline } from "./task/pipeline.mjs";
import { sdks } from "./task/sdks.mjs";
import { test } from "./task/test.mjs";

const TASKS = { build, test, check, docs, bench, demo, fuzz, istio, manifests, pipeline, sdks, reload, w3c };

const [name = "", ...args] = process.argv.slice(2);
const task = TASKS[name];
if (!task) {
  console.error(`task: there is no task "${name}"; give one of ${Object.keys(TASKS).join(", ")}`);
  process.exit(2);
}
process.exitCode = (await ensureInstalled()) || (await task(args));
