/** For a project's vitest.config.ts: `plugins: [meshwright()]`. Published as `meshwright/vitest-config`. */
import { existsSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { configDefaults, type Plugin } from "vitest/config";
import { buildForTests } from "./build-filter.ts";

export interface MeshwrightOptions {
  /** Entry files that tests build, as they give them to `buildFilter`. */
  entries?: readonly string[];
}

/**
 * Builds filters before the tests run, and runs the tests again when AssemblyScript has changed.
 *
 * The build happens in vitest's own process, where the compiler stays loaded from run to run; `buildFilter` in a test then finds its module,
 * or the reason why there is none, ready. Without the plugin tests build for themselves, which only takes longer.
 */
export function meshwright({ entries = ["assembly/index.ts"] }: MeshwrightOptions = {}): Plugin {
  // Why a build fails is told by the test that needs it.
  const attempt = (entry: string, reuse: boolean) => buildForTests(entry, {}, reuse).catch(() => null);
  const build = async (): Promise<void> => {
    for (const entry of entries.filter(path => existsSync(path))) await attempt(entry, true);
  };
  return {
    name: "meshwright",
    config: ({ test }) => ({
      test: {
        forceRerunTriggers: [...configDefaults.forceRerunTriggers, "**/assembly/**"],
        // vitest's 5 s are too few where a test fetches an Envoy, or starts one on a loaded machine.
        testTimeout: test?.testTimeout ?? 120_000,
        hookTimeout: test?.hookTimeout ?? 120_000,
      },
    }),
    async configureVitest({ vitest }) {
      let warm = !vitest.config.watch;
      vitest.onTestsRerun(() => {
        warm = true;
        return build();
      });
      await build();
      const [entry] = entries;
      // Between the first result and the first change there is time; vitest does not wait for this.
      vitest.config.reporters.push({ onTestRunEnd: () => void warmUp() });
      async function warmUp(): Promise<void> {
        for (let i = 0; i < WARM_AFTER && !warm && entry !== undefined; i++) {
          await setImmediate();
          await attempt(entry, false);
        }
        warm = true;
      }
    },
  };
}

/** The compiler's own code gets fast by being run. Measured: the fourth compilation takes a fifth of the first, and later ones are hardly faster. */
const WARM_AFTER = 3;
