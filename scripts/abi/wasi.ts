import { parseSignature, type Signature } from "./signature.ts";

/** Envoy registers its WASI functions under both names of the first preview. */
export const WASI_MODULES: readonly string[] = ["wasi_snapshot_preview1", "wasi_unstable"];

// What every supported Envoy (1.36 to 1.40) offers. File functions are there to link; they answer "not supported".
const TABLE = {
  args_get: "ww:w",
  args_sizes_get: "ww:w",
  clock_time_get: "wlw:w",
  environ_get: "ww:w",
  environ_sizes_get: "ww:w",
  fd_close: "w:w",
  fd_fdstat_get: "ww:w",
  fd_fdstat_set_flags: "ww:w",
  fd_prestat_dir_name: "www:w",
  fd_prestat_get: "ww:w",
  fd_read: "wwww:w",
  fd_seek: "wlww:w",
  fd_write: "wwww:w",
  path_open: "wwwwwllww:w",
  poll_oneoff: "wwww:w",
  proc_exit: "w:",
  random_get: "ww:w",
  sched_yield: ":w",
} as const;

/** Every WASI function that all supported versions of Envoy provide, by name. */
export const WASI_CALLS: ReadonlyMap<string, Signature> = new Map(
  Object.entries(TABLE).map(([name, notation]) => [name, parseSignature(notation)]),
);

/** WASI functions that Envoy has only since 1.39: a module that imports one does not load on 1.37. */
export const WASI_SINCE_1_39: ReadonlySet<string> = new Set([
  "clock_res_get",
  "fd_advise",
  "fd_allocate",
  "fd_datasync",
  "fd_fdstat_set_rights",
  "fd_filestat_get",
  "fd_filestat_set_size",
  "fd_filestat_set_times",
  "fd_pread",
  "fd_pwrite",
  "fd_readdir",
  "fd_renumber",
  "fd_sync",
  "fd_tell",
  "path_create_directory",
  "path_filestat_get",
  "path_filestat_set_times",
  "path_link",
  "path_readlink",
  "path_remove_directory",
  "path_rename",
  "path_symlink",
  "path_unlink_file",
  "sock_accept",
  "sock_recv",
  "sock_send",
  "sock_shutdown",
]);
