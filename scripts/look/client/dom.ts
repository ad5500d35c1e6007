type Child = Node | string | null;

/** An element; strings become text, never markup, because they are what somebody else sent. */
export function el(tag: string, properties: Readonly<Record<string, string>> = {}, ...children: readonly Child[]): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value);
  made.append(...children.filter(child => child !== null));
  return made;
}

export function at(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

export function ms(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;
}

/** Enter does what a click does. */
export function onChoose(element: HTMLElement, choose: () => void): HTMLElement {
  element.addEventListener("click", choose);
  element.addEventListener("keydown", event => {
    if (event.key === "Enter") choose();
  });
  return element;
}
