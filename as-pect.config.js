/** as-pect runs the specs of assembly/std, which needs no host. */
export default {
  entries: ["assembly/std/__tests__/**/*.spec.ts"],
  include: ["assembly/std/__tests__/**/*.include.ts"],
  disclude: [/node_modules/],
  reporter: "scripts/task/as-pect-reporter.mjs",
  async instantiate(memory, createImports, instantiate, binary) {
    return instantiate(binary, createImports({ env: { memory } }));
  },
  outputBinary: false,
};
