/** Everything that a module is compared with, as on the command line. */
export const PEER_NAMES = ["meshwright", "c", "c-single", "as-raw", "rust", "go", "gcore", "solo", "lua", "native"] as const;
export type PeerName = (typeof PEER_NAMES)[number];
