import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Envoy and asc take a core each; more at a time only makes all of them slow.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: "build", include: ["host-tests/build/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "envoy",
          include: ["host-tests/**/*.test.ts", "examples/*/**/*.test.ts"],
          exclude: ["**/node_modules/**", "host-tests/build/**"],
          // Fetches Envoy or builds its image once for all workers, and says which one runs.
          globalSetup: ["host-tests/envoy/global-setup.ts"],
        },
      },
    ],
  },
});
