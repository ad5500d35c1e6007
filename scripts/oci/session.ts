import { authorize, loginNeeded, refused } from "./authorization.ts";
import { realmThatIstioRefuses } from "./challenge.ts";
import { findCredentials } from "./credentials.ts";
import { OciError } from "./errors.ts";
import { exchange, type HttpRequest, type HttpResponse } from "./http.ts";
import { apiHost, apiName, type Reference } from "./reference.ts";
import { growing, type Pause, retrying } from "./retry.ts";
import { statusError } from "./status-error.ts";

export interface SessionOptions {
  /** HTTP instead of HTTPS. Never chosen by itself: it shows the password to everyone on the way. */
  readonly plainHttp: boolean;
  readonly actions: "pull" | "pull,push";
}

/** A request to the registry: a path below the API's root, or an address that the registry gave. */
export interface RegistryRequest extends Omit<HttpRequest, "url"> {
  readonly url: string | URL;
  /** Any other status is an error. */
  readonly expect: readonly number[];
}

/** Requests to one repository, with whatever the registry asks for to let us in. */
export class Session {
  readonly reference: Reference;
  readonly #options: SessionOptions;
  readonly #root: URL;
  #authorization: string | null = null;
  #challenge: string | null = null;

  constructor(reference: Reference, options: SessionOptions) {
    this.reference = reference;
    this.#options = options;
    this.#root = new URL(`${options.plainHttp ? "http" : "https"}://${apiHost(reference.host)}`);
  }

  /** Host and repository, for messages. */
  get place(): string {
    return `${this.reference.host}/${this.reference.name}`;
  }

  /** Why Istio would be kept out where we were let in; null when it would not, or when nobody asked us anything. */
  get istioProblem(): string | null {
    return this.#challenge === null ? null : realmThatIstioRefuses(this.#challenge);
  }

  /** The address of something in the repository: `manifests/1.0`. */
  path(rest: string): string {
    return `/v2/${apiName(this.reference)}/${rest}`;
  }

  /**
   * Makes sure that a registry is there, before something else makes less sense of its absence.
   * Spec: distribution-spec end-1
   */
  async open(pause: Pause = growing): Promise<void> {
    await retrying(pause, () => this.#greet());
  }

  async #greet(): Promise<void> {
    const url = new URL("/v2/", this.#root);
    const direct = await exchange({ method: "GET", url, stay: true });
    const { location } = Object.fromEntries(direct.headers);
    if (direct.status >= 300 && direct.status < 400 && location !== undefined) this.#followable(new URL(location, url));
    const response = direct.status >= 300 && direct.status < 400 ? await exchange({ method: "GET", url }) : direct;
    const { status } = response;
    if (status === 200) return;
    if (status === 401 && response.headers.has("www-authenticate")) return this.#remember(response);
    if (status === 400 && /HTTP request (was sent )?to (an )?HTTPS/i.test(new TextDecoder().decode(response.body))) {
      throw new OciError("tls", `oci: ${this.reference.host} speaks HTTPS; leave --plain-http out`, { status });
    }
    if (status >= 500 || status === 429) throw statusError(response, this.place, "GET /v2/");
    const text = `oci: ${this.reference.host} is no container registry: /v2/ answers ${status}; check host and port`;
    throw new OciError("not-a-registry", text, { status });
  }

  /**
   * Throws where no push can follow: a redirected POST becomes a GET, and the password stays behind. A pull can, as from registry.k8s.io,
   * unless all that is elsewhere is HTTPS.
   */
  #followable({ origin, protocol, host, hostname }: URL): void {
    const { plainHttp, actions } = this.#options;
    if (origin === this.#root.origin) return;
    const isUpgrade = plainHttp && protocol === "https:" && hostname === this.#root.hostname;
    if (actions === "pull" && !isUpgrade) return;
    const next = isUpgrade ? "leave --plain-http out" : "give that as the host";
    const port = isUpgrade && host !== this.#root.host ? `, and write ${host}` : "";
    throw new OciError("not-a-registry", `oci: ${this.reference.host} leads to ${origin}; ${next}${port}`);
  }

  /** Sends a request; answers a 401 once. */
  async send({ url, expect, headers = {}, ...rest }: RegistryRequest): Promise<HttpResponse> {
    const target = new URL(url, this.#root);
    const once = (): Promise<HttpResponse> => {
      // An upload may be sent to a storage host, which the password is not for.
      const authorization = target.origin === this.#root.origin ? this.#authorization : null;
      return exchange({ ...rest, url: target, headers: authorization === null ? headers : { ...headers, authorization } });
    };
    let response = await once();
    if (response.status === 401 && target.origin === this.#root.origin) {
      await this.#answer(response);
      response = await once();
    }
    if (expect.includes(response.status)) return response;
    if (response.status === 401) await this.#explainRefusal();
    throw statusError(response, this.place, `${rest.method} ${target.pathname}`);
  }

  #remember(response: HttpResponse): void {
    this.#challenge ??= response.headers.get("www-authenticate");
  }

  async #answer(response: HttpResponse): Promise<void> {
    this.#remember(response);
    const { plainHttp, actions } = this.#options;
    const header = response.headers.get("www-authenticate") ?? "";
    // All that this session will need at once, and not the challenge's scope: that is for the one request, a HEAD at first.
    const scope = `repository:${apiName(this.reference)}:${actions}`;
    this.#authorization = await authorize(header, { host: this.reference.host, scope, plainHttp });
  }

  /** A second 401: the password is wrong, or a token service gave a token without rights. */
  async #explainRefusal(): Promise<void> {
    const { host } = this.reference;
    const credentials = await findCredentials(host);
    if (!credentials) throw loginNeeded(host);
    if (this.#authorization?.startsWith("Basic ")) throw refused(host, credentials);
    const who = credentials.username === "" ? "the identity token" : `user "${credentials.username}"`;
    const text = `oci: ${host} does not let ${who} ${this.#options.actions} in ${this.reference.name}; ask for the permission`;
    throw new OciError("denied", text, { status: 401 });
  }
}
