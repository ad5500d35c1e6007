/** Whom the registries of the tests know. */
export const USER = "mesh";
export const PASSWORD = "s3cret";
/** May pull and not push, where rights are told apart. */
export const READER = "reader";
/** The password with bcrypt at its lowest cost, which is the only hash that docker-registry reads. */
export const BCRYPT = "$2a$04$YVHVm0VwPugUaXtgNiynoOEBFBNVQV3o9BbPAi7HwvcY5rlhIyZRy";
/** Stands for USER and PASSWORD at the token service. */
export const IDENTITY_TOKEN = "identity-token-of-mesh";

/** The user that an Authorization header of basic authentication proves, or null. */
export function userIn(authorization: string | undefined): string | null {
  const [user, password] = Buffer.from(/^Basic (.+)$/.exec(authorization ?? "")?.[1] ?? "", "base64")
    .toString()
    .split(":");
  return (user === USER || user === READER) && password === PASSWORD ? user : null;
}

/** What each may do in every repository. */
export function actionsOf(user: string | null): readonly string[] {
  return user === USER ? ["pull", "push"] : user === READER ? ["pull"] : [];
}
