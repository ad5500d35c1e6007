import { Environment, HeaderName } from "../../sdk/index";
import { Config, ConfigValue } from "../../std/config";
import { decimal } from "../../std/decimal";
import { JsonType } from "../../std/json";
import { digestOf } from "../../std/sha256";
import { utf8Bytes } from "../../std/utf8";
import { Identity } from "./identity";
import { KeyTable } from "./key-table";
import { PathRule } from "./paths";

const NO_HEADER = new HeaderName("-");

/** In which form a refusal has its body. */
export namespace BodyForm {
  export const Json: i32 = 0;
  export const Problem: i32 = 1;
  export const Text: i32 = 2;
}

/** The service that decides about bearer tokens. */
export class DecisionSettings {
  cluster: string = "";
  path: string = "/";
  timeoutMs: u32 = 500;
  /** Of the request, that go to the service and are part of what it decides about. */
  headers: StaticArray<HeaderName> = [];
  headerNames: string[] = [];
  /** Whether an answer holds for the token alone, whatever method, path and headers. */
  perToken: bool = false;
  ttlNs: u64 = 0;
  maxEntries: i32 = 1000;
  allowOnError: bool = false;
}

/** What `request-auth` is told: see README.md and config.schema.json beside this file. */
export class RequestAuthSettings {
  hasKeys: bool = false;
  keyHeader: HeaderName = NO_HEADER;
  keys: KeyTable = new KeyTable(0);
  forwardKey: bool = false;
  decision: DecisionSettings | null = null;
  userHeader: HeaderName = NO_HEADER;
  tenantHeader: HeaderName = NO_HEADER;
  /** With `_` for `-`, which many servers take for the same. */
  forgeries: StaticArray<HeaderName> = [];
  publicPaths: PathRule[] = [];
  body: i32 = BodyForm.Json;
  challenge: string = "";

  static read(value: ConfigValue): RequestAuthSettings {
    const settings = new RequestAuthSettings();
    if (!value.allow(["api_keys", "decision", "identity", "public_paths", "body", "realm"])) return settings;
    const keys = value.get("api_keys");
    const decision = value.get("decision");
    if (!keys.present && !decision.present) value.problem("expected api_keys, decision or both, found neither");
    settings.readKeys(keys);
    settings.readDecision(decision);
    settings.readIdentity(value.get("identity"));
    const paths = value.get("public_paths").items();
    for (let i = 0; i < paths.length; i++) {
      const rule = PathRule.parse(paths[i].string(""));
      if (rule != null) settings.publicPaths.push(rule);
      else paths[i].expected("a path such as /healthz or /static/*, in plain form");
    }
    const body = value.get("body").oneOf(["json", "problem+json", "text"]);
    settings.body = body == "json" ? BodyForm.Json : body == "text" ? BodyForm.Text : BodyForm.Problem;
    const realm = value.get("realm").string("mesh");
    if (!isRealm(realm)) value.get("realm").expected('printable ASCII without " and \\');
    settings.challenge = (decision.present ? "Bearer" : "ApiKey") + ' realm="' + realm + '"';
    return settings;
  }

  private readKeys(value: ConfigValue): void {
    if (!value.present || !value.allow(["header", "keys", "env", "forward"])) return;
    this.hasKeys = true;
    this.keyHeader = new HeaderName(value.get("header").headerName("x-api-key"));
    this.forwardKey = value.get("forward").boolean(false);
    const listed = value.get("keys");
    const variable = value.get("env");
    if (!listed.present && !variable.present) value.problem("expected keys, env or both, found neither");
    const own = listed.items();
    const document = variable.present ? documentIn(variable) : null;
    const more: ConfigValue[] = document == null ? [] : document.root.items();
    this.keys = new KeyTable(own.length + more.length);
    this.addKeys(own);
    this.addKeys(more);
    if (document == null) return;
    for (let i = 0; i < document.problems.length; i++) variable.problem(document.problems[i]);
  }

  private addKeys(items: ConfigValue[]): void {
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      if (item.type != JsonType.Object) {
        item.expected('an object such as {"sha256": "…", "user": "u1", "tenant": "t1"}');
        continue;
      }
      item.allow(["sha256", "user", "tenant"]);
      const digest = digestOf(item.get("sha256").string(""));
      if (digest == null) item.get("sha256").expected("64 hexadecimal digits");
      const identity = new Identity();
      identity.user = readName(item.get("user"));
      identity.tenant = readName(item.get("tenant"));
      if (digest != null && !this.keys.add(digest, identity)) item.get("sha256").problem("the same key stands there twice");
    }
  }

  private readDecision(value: ConfigValue): void {
    if (!value.present) return;
    const keys = ["cluster", "path", "timeout_ms", "headers", "per", "cache", "on_error"];
    const decision = new DecisionSettings();
    this.decision = decision;
    if (!value.allow(keys)) return;
    decision.cluster = value.get("cluster").required();
    decision.path = value.get("path").string("/");
    if (!decision.path.startsWith("/")) value.get("path").expected("a path that begins with /");
    decision.timeoutMs = value.get("timeout_ms").integer(500, 1, 60_000);
    decision.perToken = value.get("per").oneOf(["request", "token"]) == "token";
    decision.allowOnError = value.get("on_error").oneOf(["deny", "allow"]) == "allow";
    const headers: HeaderName[] = [];
    const listed = value.get("headers").items();
    for (let i = 0; i < listed.length; i++) {
      if (!listed[i].present) continue;
      const name = lowerCase(listed[i].headerName("-"));
      if (name.startsWith(":")) listed[i].expected("a header; method and path go along anyway");
      headers.push(new HeaderName(name));
      decision.headerNames.push(name);
    }
    decision.headers = StaticArray.fromArray<HeaderName>(headers);
    const cache = value.get("cache");
    if (!cache.present || !cache.allow(["ttl_ms", "max_entries"])) return;
    decision.ttlNs = <u64>cache.get("ttl_ms").integer(0, 0, 86_400_000) * 1_000_000;
    decision.maxEntries = cache.get("max_entries").integer(1000, 1, 100_000);
  }

  private readIdentity(value: ConfigValue): void {
    const known = value.present && value.allow(["user_header", "tenant_header"]);
    const user = known ? value.get("user_header").headerName("x-user-id") : "x-user-id";
    const tenant = known ? value.get("tenant_header").headerName("x-tenant-id") : "x-tenant-id";
    this.userHeader = new HeaderName(user);
    this.tenantHeader = new HeaderName(tenant);
    this.forgeries = [new HeaderName(withUnderscores(user)), new HeaderName(withUnderscores(tenant))];
  }
}

/** What a variable of the VM's environment holds: an array as in `keys`. Null when there is no such variable, which is a problem. */
function documentIn(variable: ConfigValue): Config | null {
  const name = variable.required();
  const text = Environment.get(name);
  if (text != null) return Config.parse("$" + name, text);
  variable.problem("the VM has no variable " + name + "; Envoy's environment_variables and Istio's vmConfig.env name what it sees");
  return null;
}

/** Who a key stands for: goes into a header. Absent is empty. */
function readName(value: ConfigValue): StaticArray<u8> {
  const text = value.string("");
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) >= 0x20 && text.charCodeAt(i) != 0x7f) continue;
    value.expected("text without control characters");
    return [];
  }
  if (text.length > 256) value.problem("expected at most 256 characters, found " + decimal(text.length));
  return utf8Bytes(text);
}

function isRealm(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || c > 0x7e || c == 34 || c == 92) return false;
  }
  return true;
}

/** A header's name, which is ASCII, in small letters. */
function lowerCase(name: string): string {
  let lower = "";
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    lower += String.fromCharCode(c - 65 < 26 && c >= 65 ? c | 32 : c);
  }
  return lower;
}

function withUnderscores(name: string): string {
  let other = "";
  for (let i = 0; i < name.length; i++) other += name.charCodeAt(i) == 45 ? "_" : name.charAt(i);
  return other;
}
