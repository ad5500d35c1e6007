/** One way in that a registry offers with a 401. Parameters by lower-case name. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Reads a WWW-Authenticate header, which may hold several challenges:
 * `Bearer realm="https://auth.example/token",service="registry",scope="repository:a:pull", Basic realm=x`
 *
 * Spec: RFC 9110 section 11.6.1
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const token = "[\\w!#$%&'*+.^`|~-]+";
  // A parameter is told from the next scheme by its equals sign.
  const piece = new RegExp(`(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))|(${token})`, "g");
  for (const [, name, quoted, plain, scheme] of header.matchAll(piece)) {
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    const current = challenges.at(-1);
    if (name !== undefined && current) current.parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "";
  }
  return challenges;
}

/**
 * Why Istio 1.30 and later would not pull from a registry with this challenge, or null when it would.
 * Its guard against forged token services looks at every quoted realm, also at one of basic authentication, which is only a title.
 */
export function realmThatIstioRefuses(header: string): string | null {
  for (const [, realm = ""] of header.matchAll(/realm="([^"]*)"/g)) {
    if (!URL.canParse(realm) || !/^https?:$/.test(new URL(realm).protocol)) return `its realm "${realm}" is no http or https URL`;
    const host = new URL(realm).hostname;
    if (host === "localhost" || isInternal(host)) return `its realm "${realm}" is on an internal address`;
  }
  return null;
}

function isInternal(host: string): boolean {
  if (host.startsWith("[")) return /^\[(::1\]|f[cd]|fe[89ab])/.test(host);
  const [a, b] = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(host)?.slice(1).map(Number) ?? [];
  if (a === undefined || b === undefined) return false;
  return a === 10 || a === 127 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254);
}
