import { request as overHttp } from "node:http";
import { request as overHttps } from "node:https";

export interface Question {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** The head of an answer; repeated headers are joined. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends one request without a body and reads the answer to its end. Not by fetch, which refuses ports that proxies do listen on, such as 10080. */
export function ask(url: string, { method, headers, timeoutMs }: Question): Promise<Answer> {
  const request = url.startsWith("https:") ? overHttps : overHttp;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false, signal: AbortSignal.timeout(timeoutMs) }, response => {
      const joined = Object.entries(response.headersDistinct).map(([name, values = []]) => [name, values.join(", ")]);
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(joined) }));
      response.resume();
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
