import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the ports that systems give to whoever asks for any, so that nobody is given it meanwhile; and above Istio's own. */
const [FIRST, LAST] = [16_000, 32_000];

/** A port for a program that is told its port long before it listens. */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer();
    server.once("error", () => resolve(false));
    // On all addresses, as a gateway listens.
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
