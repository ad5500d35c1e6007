import { parseSignature, type Signature } from "../../scripts/abi/signature.ts";

/** Signatures of the WASI functions that Envoy has since 1.39; none of them does more than answer an error. */
export const WASI_SINCE_1_39_SIGNATURES: ReadonlyMap<string, Signature> = new Map(
  Object.entries({
    clock_res_get: "ww:w",
    fd_advise: "wllw:w",
    fd_allocate: "wll:w",
    fd_datasync: "w:w",
    fd_fdstat_set_rights: "wll:w",
    fd_filestat_get: "ww:w",
    fd_filestat_set_size: "wl:w",
    fd_filestat_set_times: "wllw:w",
    fd_pread: "wwwlw:w",
    fd_pwrite: "wwwlw:w",
    fd_readdir: "wwwlw:w",
    fd_renumber: "ww:w",
    fd_sync: "w:w",
    fd_tell: "ww:w",
    path_create_directory: "www:w",
    path_filestat_get: "wwwww:w",
    path_filestat_set_times: "wwwwllw:w",
    path_link: "wwwwww:w",
    path_readlink: "wwwwww:w",
    path_remove_directory: "www:w",
    path_rename: "wwwwww:w",
    path_symlink: "wwww:w",
    path_unlink_file: "www:w",
    sock_accept: "www:w",
    sock_recv: "wwwwww:w",
    sock_send: "wwwww:w",
    sock_shutdown: "ww:w",
  }).map(([name, notation]) => [name, parseSignature(notation)]),
);
