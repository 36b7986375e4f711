/** Make an element: `el("button", { class: "x", onclick }, "text", child)`. Text is always text, never markup. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...present(children));
  return node;
}

/** Only what is there: a condition that does not hold draws nothing. */
const present = (children) => children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== "");

/** Put these in place of what the element holds. */
export function fill(node, ...children) {
  node.replaceChildren(...present(children));
}

export const byId = (id) => document.getElementById(id);

/** A round picture: the address if there is one, else the first letter on a colour of the name's own. */
export function avatar(name, url) {
  if (url) {
    const image = el("img", { class: "avatar", src: url, alt: "", onerror: () => image.replaceWith(avatar(name)) });
    return image;
  }
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  return el("span", { class: "avatar", style: `background:hsl(${hue} 45% 42%)`, "aria-hidden": "true" }, [...name][0] ?? "?");
}

/** Read a chosen file the way `/sim/act` takes it. */
export async function fileOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return { filename: file.name, content_type: file.type, base64: btoa(binary) };
}
