/** What must not outlive this process: children, containers, folders. Called synchronously, last one first. */
const undone = new Set<() => void>();
let armed = false;

/**
 * Has `undo` called when this process ends without having done it itself, however it ends (SIGKILL excepted: nobody can act on that).
 * Returns the function that takes it back.
 */
export function atExit(undo: () => void): () => void {
  undone.add(undo);
  arm();
  return () => undone.delete(undo);
}

function arm(): void {
  if (armed) return;
  armed = true;
  process.on("exit", undoAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const onSignal = (): void => {
      // Somebody else listens too (a command that stops in order): when this process ends is their decision.
      if (process.listenerCount(signal) - 1 - passive() > 0) return;
      undoAll();
      process.removeListener(signal, onSignal);
      process.kill(process.pid, signal);
    };
    // First in line: a listener for one time is gone once it has been called, and would no longer be counted.
    process.prependListener(signal, onSignal);
  }
}

/**
 * Listeners of the library signal-exit, which only watch and, as this one, wait for others to decide. Several libraries of ours and of
 * testcontainers load it; it keeps its count where its copies find each other.
 */
function passive(): number {
  const version3 = (process as { __signal_exit_emitter__?: { count?: number } }).__signal_exit_emitter__;
  const version4 = (globalThis as { [key: symbol]: { count?: number } | undefined })[Symbol.for("signal-exit emitter")];
  return (version3?.count ?? 0) + (version4?.count ?? 0);
}

function undoAll(): void {
  for (const undo of [...undone].reverse()) {
    undone.delete(undo);
    try {
      undo();
    } catch {
      // The others still have to be undone.
    }
  }
}
