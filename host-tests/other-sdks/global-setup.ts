import { installPackages } from "./build.ts";

/** Installs once what the workers would otherwise all begin to install at the same time, in the same folder. */
export default installPackages;
