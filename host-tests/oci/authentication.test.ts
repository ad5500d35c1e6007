import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, it } from "vitest";
import { copyOfModule, dockerConfig, login, meshwright } from "./fixtures.ts";
import { describeRegistries, temporaryFolder } from "./matrix.ts";
import { IDENTITY_TOKEN, PASSWORD, READER, USER } from "./users.ts";

describeRegistries("authentication", start => {
  const folder = temporaryFolder();
  const built = copyOfModule(folder);
  let configs = 0;
  const configured = (config: object): { DOCKER_CONFIG: string } => dockerConfig(join(folder, `${configs++}`), config);
  const push = (host: string, env: Record<string, string> = {}) => meshwright(["push", built, `oci://${host}/a/b:1`, "--plain-http"], env);
  const pull = (host: string, env: Record<string, string> = {}) =>
    meshwright(["pull", `oci://${host}/a/b:1`, "-o", join(folder, "back.wasm"), "--plain-http"], env);

  it("takes a user and a password", async () => {
    const { host } = await start("basic");
    const env = configured(login(host, USER, PASSWORD));
    const pushed = await push(host, env);
    expect(pushed.status).toBe(0);
    expect(pushed.err).toContain(`Istio 1.30 and later will not pull from ${host}: its realm "Registry Realm" is no http or https URL`);
    expect(await pull(host, env)).toMatchObject({ status: 0, err: "" });
  });

  it("names the user whose password is wrong, and where it is from", async () => {
    const { host } = await start("basic");
    const env = configured(login(host, USER, "wrong"));
    const { status, out, err } = await push(host, env);
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(err).toBe(`oci: ${host} refused user "${USER}" from ${join(env.DOCKER_CONFIG, "config.json")}; run: docker login ${host}\n`);
    expect((await pull(host, configured(login(host, USER, PASSWORD)))).err).toContain('has no "1"');
  });

  it.each([["null"], ["[]"], ['{"auths":null}'], ['{"auths":{"127.0.0.1":null},"credHelpers":null,"credsStore":""}']])(
    "finds no password in a config.json with %s",
    async text => {
      const { host } = await start("basic");
      const env = configured({});
      writeFileSync(join(env.DOCKER_CONFIG, "config.json"), text);
      expect((await push(host, env)).err).toContain(`${host} asks for a user and a password`);
    },
  );

  it("says that a password is needed", async () => {
    const { host } = await start("basic");
    const { status, err } = await push(host);
    expect(status).toBe(1);
    expect(err).toContain(`${host} asks for a user and a password, and Docker's config.json has none for it; run: docker login ${host}`);
  });

  it("asks the credential helper of a host, and the store for the others", async () => {
    const { host } = await start("basic");
    const programs = join(folder, "programs");
    helper(programs, "vault", `{"ServerURL":"${host}","Username":"${USER}","Secret":"${PASSWORD}"}`, 0);
    helper(programs, "empty", "credentials not found in native keychain", 1);
    const env = { PATH: `${programs}${delimiter}${process.env.PATH}` };
    const config = { credHelpers: { [host]: "vault" }, credsStore: "empty" };
    expect(await push(host, { ...env, ...configured(config) })).toMatchObject({ status: 0 });
    expect(await push(host, { ...env, ...configured({ credsStore: "vault", auths: { [host]: {} } }) })).toMatchObject({ status: 0 });
    expect((await push(host, { ...env, ...configured({ credsStore: "empty" }) })).err).toContain("asks for a user and a password");
    const missing = await push(host, { ...env, ...configured({ credsStore: "absent" }) });
    expect(missing.err).toContain(
      `docker-credential-absent gave no credentials for ${host}: it is not on PATH; install it, or log in again`,
    );
  });

  it("fetches a token for the whole push at once", async () => {
    const { host, service } = await start.withTokens();
    const env = configured(login(host, USER, PASSWORD));
    expect(await push(host, env)).toMatchObject({ status: 0 });
    expect(service.scopes).toEqual(["repository:a/b:pull,push"]);
    expect(await pull(host, env)).toMatchObject({ status: 0 });
    expect(service.scopes.at(-1)).toBe("repository:a/b:pull");
  });

  it("fetches a token for an identity token", async () => {
    const { host } = await start.withTokens();
    const env = configured({
      auths: { [host]: { auth: Buffer.from("00000000-0000-0000-0000-000000000000:").toString("base64"), identitytoken: IDENTITY_TOKEN } },
    });
    expect(await push(host, env)).toMatchObject({ status: 0 });
    const wrong = await push(host, configured({ auths: { [host]: { identitytoken: "stale" } } }));
    expect(wrong).toMatchObject({ status: 1, out: "" });
    expect(wrong.err).toContain(`${host} refused`);
  });

  it("names the user whom the token service refuses", async () => {
    const { host } = await start.withTokens();
    const { status, err } = await push(host, configured(login(host, USER, "wrong")));
    expect(status).toBe(1);
    expect(err).toContain(`${host} refused user "${USER}"`);
  });

  it("says that a user may not push", async () => {
    const { host } = await start.withTokens();
    const { status, err } = await push(host, configured(login(host, READER, PASSWORD)));
    expect(status).toBe(1);
    expect(err).toContain(`${host} does not let user "${READER}" pull,push in a/b; ask for the permission`);
  });
});

/** A credential helper that answers the same to everything. */
function helper(folder: string, name: string, answer: string, status: number): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\ncat >/dev/null\necho '${answer}'\nexit ${status}\n`);
  chmodSync(file, 0o755);
}
