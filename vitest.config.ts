import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // The tests of the examples import what users import, and here they get the sources.
    alias: Object.fromEntries(
      Object.entries({ host: "host/index.ts", testing: "envoy/index.ts", vitest: "vitest/index.ts" }).map(([name, file]) => [
        `meshwright/${name}`,
        fileURLToPath(new URL(`host-tests/${file}`, import.meta.url)),
      ]),
    ),
  },
  test: {
    // Examples are tested as they ship.
    env: { MESHWRIGHT_BUILD: "release" },
    // Envoy and asc take a core each; more at a time only makes all of them slow.
    maxWorkers: 2,
    // Only for what hangs: on a loaded machine a test of seconds may take a minute.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: { name: "build", include: ["host-tests/{build,oci}/**/*.test.ts"] },
      },
      {
        extends: true,
        test: { name: "fuzz", include: ["host-tests/fuzz/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "envoy",
          include: ["host-tests/**/*.test.ts", "examples/*/**/*.test.ts"],
          exclude: ["**/node_modules/**", "host-tests/{build,oci,fuzz,other-sdks,istio,pipeline}/**"],
          // Fetches Envoy or builds its image once for all workers, and says which one runs.
          globalSetup: ["host-tests/envoy/global-setup.ts"],
        },
      },
      {
        extends: true,
        // Needs compilers that not everybody has: npm run test:sdks runs it, npm test leaves it out.
        test: {
          name: "sdks",
          include: ["host-tests/other-sdks/**/*.test.ts"],
          globalSetup: ["host-tests/envoy/global-setup.ts", "host-tests/other-sdks/global-setup.ts"],
        },
      },
      {
        extends: true,
        // Needs Go and Istio's module: npm run test:istio runs it, npm test leaves it out.
        test: {
          name: "istio",
          include: ["host-tests/istio/**/*.test.ts"],
          globalSetup: ["host-tests/istio/global-setup.ts"],
        },
      },
      {
        extends: true,
        // Needs Go and the OpenTelemetry Collector's modules: npm run test:pipeline runs it, npm test leaves it out.
        test: {
          name: "pipeline",
          include: ["host-tests/pipeline/**/*.test.ts"],
          globalSetup: ["host-tests/pipeline/global-setup.ts"],
        },
      },
    ],
  },
});
