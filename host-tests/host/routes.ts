import type { HeaderMap } from "./header-map.ts";

/** Where a request goes; the first route that matches is taken. */
export interface Route {
  /** Path prefix; "/" by default. */
  prefix?: string;
  path?: string;
  /** Header that must be present with exactly this value. */
  header?: { name: string; value: string };
  cluster?: string;
  /** Answered by the host, without upstream. */
  response?: { status: number; body?: string };
  name?: string;
}

export function routeOf(routes: readonly Route[], headers: HeaderMap): Route | null {
  const path = headers.get(":path");
  // Without a path, or without the scheme that the client used, no route matches, not even one for every prefix.
  if (path === undefined || !headers.get("x-forwarded-proto")) return null;
  const bare = path.split(/[?#]/)[0] ?? "";
  const matches = (route: Route): boolean => {
    if (route.path !== undefined ? bare !== route.path : !path.startsWith(route.prefix ?? "/")) return false;
    return !route.header || headers.all(route.header.name).join(",") === route.header.value;
  };
  return routes.find(matches) ?? null;
}
