import { randomFillSync } from "node:crypto";
import { textOf } from "./bytes.ts";
import type { HostFunctions } from "./hostcalls/types.ts";
import type { Vm } from "./vm.ts";

const OK = 0;
const EBADF = 8;
const EFAULT = 21;
const EINVAL = 28;
const ENOENT = 44;
const ENOSYS = 52;
const ENOTDIR = 20;
const ENOTSUP = 58;
const MAX_RANDOM = 65536;
const MONOTONIC = 1;

const isStandardOutput = (fd: number): boolean => fd === 1 || fd === 2;
const onlyForOutput = (_vm: Vm, fd: number): number => (isStandardOutput(fd) ? OK : EBADF);
const unsupported = (): number => ENOTSUP;

function environment(vm: Vm): string[] {
  return [...vm.settings.env].map(([key, value]) => `${key}=${value}`);
}

/** Writes to standard output become log lines of the filter: info, and error for standard error. */
function write(vm: Vm, fd: number, iovs: number, count: number, writtenOut: number): number {
  if (!isStandardOutput(fd)) return EBADF;
  let text = "";
  for (let i = 0; i < count; i++) {
    const [pointer, size] = [vm.memory.word(iovs + i * 8), vm.memory.word(iovs + i * 8 + 4)];
    const part = pointer === null || size === null ? null : vm.memory.text(pointer, size);
    if (part === null) return EFAULT;
    text += part;
  }
  if (text !== "") vm.context.log(fd === 1 ? 2 : 4, textOf(text.replace(/\n$/, "")));
  return vm.memory.setWord(writtenOut, text.length) ? OK : EFAULT;
}

function zero(vm: Vm, out: number, answer: number): number {
  return vm.memory.setWord(out, 0) ? answer : EFAULT;
}

/** The WASI functions that Envoy offers; without files, arguments and sockets. */
export const WASI_TABLE: HostFunctions = {
  args_get: () => OK,
  args_sizes_get: (vm: Vm, count: number, size: number) => (vm.memory.setWord(count, 0) && vm.memory.setWord(size, 0) ? OK : EFAULT),

  environ_get(vm: Vm, pointers: number, buffer: number) {
    let [slot, at] = [pointers, buffer];
    for (const entry of environment(vm)) {
      const bytes = Buffer.from(`${entry}\0`);
      if (!vm.memory.setWord(slot, at) || !vm.memory.write(at, bytes)) return EFAULT;
      slot += 4;
      at += bytes.length;
    }
    return OK;
  },

  environ_sizes_get(vm: Vm, count: number, size: number) {
    const entries = environment(vm);
    const bytes = entries.reduce((sum, entry) => sum + Buffer.byteLength(entry) + 1, 0);
    return vm.memory.setWord(count, entries.length) && vm.memory.setWord(size, bytes) ? OK : EFAULT;
  },

  clock_time_get(vm: Vm, id: number, _precision: bigint, out: number) {
    if (id > MONOTONIC) return ENOTSUP;
    const { clock } = vm.host;
    return vm.memory.setLong(out, id === MONOTONIC ? clock.monotonic : clock.now) ? OK : EFAULT;
  },
  clock_res_get(vm: Vm, id: number, out: number) {
    if (id > MONOTONIC) return ENOTSUP;
    return vm.memory.setLong(out, 1n) ? OK : EFAULT;
  },

  random_get(vm: Vm, pointer: number, size: number) {
    if (size > MAX_RANDOM) return EINVAL;
    return vm.memory.write(pointer, randomFillSync(Buffer.alloc(size))) || size === 0 ? OK : EFAULT;
  },

  fd_write: write,
  fd_read: () => ENOSYS,
  fd_seek: () => OK,
  fd_close: () => OK,
  fd_fdstat_get(vm: Vm, fd: number, out: number) {
    if (!isStandardOutput(fd)) return EBADF;
    // All zero but the right to write.
    const stat = Buffer.alloc(24);
    stat.writeBigUInt64LE(64n, 8);
    vm.memory.write(out, stat);
    return OK;
  },
  fd_fdstat_set_flags: () => ENOSYS,
  fd_prestat_get: () => EBADF,
  fd_prestat_dir_name: () => ENOSYS,
  path_open: () => ENOENT,
  poll_oneoff: (vm: Vm, _in: number, _out: number, _count: number, eventsOut: number) =>
    vm.host.envoy.pollOneoff === OK ? zero(vm, eventsOut, OK) : vm.host.envoy.pollOneoff,
  sched_yield: () => OK,
  // Envoy only writes a line at the level trace, and goes on.
  proc_exit: () => undefined,

  // Since 1.39.
  fd_advise: () => OK,
  fd_allocate: onlyForOutput,
  fd_datasync: onlyForOutput,
  fd_fdstat_set_rights: onlyForOutput,
  fd_filestat_get: () => EBADF,
  fd_filestat_set_size: onlyForOutput,
  fd_filestat_set_times: onlyForOutput,
  fd_pread: () => ENOSYS,
  fd_pwrite: (vm: Vm, fd: number, iovs: number, count: number, _offset: bigint, out: number) => write(vm, fd, iovs, count, out),
  fd_readdir: (vm: Vm, _fd: number, _buffer: number, _size: number, _cookie: bigint, out: number) => zero(vm, out, ENOTDIR),
  fd_renumber: (_vm: Vm, fd: number, to: number) => (isStandardOutput(fd) && isStandardOutput(to) ? ENOTSUP : EBADF),
  fd_sync: onlyForOutput,
  fd_tell: (vm: Vm, fd: number, out: number) => (isStandardOutput(fd) ? (vm.memory.setLong(out, 0n) ? OK : EFAULT) : EBADF),
  path_create_directory: unsupported,
  path_filestat_get: unsupported,
  path_filestat_set_times: unsupported,
  path_link: unsupported,
  path_readlink: (vm: Vm, _fd: number, _path: number, _size: number, _buffer: number, _length: number, out: number) =>
    zero(vm, out, ENOTSUP),
  path_remove_directory: unsupported,
  path_rename: unsupported,
  path_symlink: unsupported,
  path_unlink_file: unsupported,
  sock_accept: (vm: Vm, _fd: number, _flags: number, out: number) => (vm.memory.setLong(out, 0n) ? ENOTSUP : EFAULT),
  sock_recv: (vm: Vm, _fd: number, _data: number, _count: number, _flags: number, sizeOut: number, flagsOut: number) =>
    vm.memory.setWord(sizeOut, 0) && vm.memory.write(flagsOut, Buffer.alloc(2)) ? ENOTSUP : EFAULT,
  sock_send: (vm: Vm, _fd: number, _data: number, _count: number, _flags: number, out: number) => zero(vm, out, ENOTSUP),
  sock_shutdown: unsupported,
};
