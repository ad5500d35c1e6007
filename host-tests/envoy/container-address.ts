import { once } from "node:events";
import { connect } from "node:net";
import type { StartedTestContainer } from "testcontainers";

/** On a machine beside its engine it takes less than one; elsewhere there is no answer. */
const ANSWER_MS = 300;

/**
 * The container's own address, where this machine reaches it, as Linux does beside its engine; null elsewhere. Behind the ports that an engine maps
 * stands a proxy of its own, which makes an end of a connection's reset.
 */
export async function ownAddress(started: StartedTestContainer, port: number): Promise<string | null> {
  const [network] = started.getNetworkNames();
  const host = network === undefined ? "" : started.getIpAddress(network);
  if (!host) return null;
  const socket = connect({ host, port });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(ANSWER_MS) });
    return host;
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
}
