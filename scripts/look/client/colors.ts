/** Told apart on light and dark ground, also by those who do not see all colours. */
const COLORS = ["#3b82f6", "#e08a00", "#0f9d7a", "#b4539b", "#6b7280", "#d1495b"];
const given = { service: new Map<string, string>(), tenant: new Map<string, string>() };

/** The same colour for the same name, as long as the page is open. */
export function colorOf(kind: keyof typeof given, name: string): string {
  const names = given[kind];
  const known = names.get(name) ?? COLORS[names.size % COLORS.length] ?? "#6b7280";
  names.set(name, known);
  return known;
}

export function dot(kind: keyof typeof given, name: string): HTMLElement {
  const made = document.createElement("i");
  made.style.background = colorOf(kind, name);
  return made;
}
