import { randomInt } from "node:crypto";
import { build } from "./build.mjs";
import { bin } from "./run.mjs";

const USAGE =
  "use: npm run fuzz -- [--runs N] [--seed N]   N inputs for each property, 72,000 by default: 1,000,000 in all; other inputs each time, unless --seed says which";

/** Feeds the modules with what nobody would send, on the emulator. `npm test` does the same with fewer inputs, which are always the same. */
export async function fuzz(args) {
  const settings = { "--runs": "72000" };
  for (let i = 0; i < args.length; i += 2) {
    if (!["--runs", "--seed"].includes(args[i]) || !/^-?\d+$/.test(args[i + 1] ?? "")) {
      console.error(`fuzz: expected --runs or --seed with a number, found ${args.slice(i, i + 2).join(" ")}\n${USAGE}`);
      return 2;
    }
    settings[args[i]] = args[i + 1];
  }
  const built = await build([]);
  if (built !== 0) return built;
  process.env.MESHWRIGHT_FUZZ_RUNS = settings["--runs"];
  process.env.MESHWRIGHT_FUZZ_SEED = settings["--seed"] ?? String(randomInt(2 ** 31));
  console.log(`fuzz: seed ${process.env.MESHWRIGHT_FUZZ_SEED}, ${settings["--runs"]} inputs for each property`);
  return bin("vitest/vitest.mjs", ["run", "--project", "fuzz", "--testTimeout", "0"]);
}
