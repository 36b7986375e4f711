/** A list above the composer, moved through with the arrow keys: commands, or choices of an option. */
import { el } from "./dom.js";

export function picker() {
  const node = el("ul", { class: "picker", role: "listbox", hidden: true });
  let entries = [];
  let current = 0;
  let choose = () => {};

  function mark(index) {
    current = (index + entries.length) % entries.length;
    [...node.querySelectorAll("[role=option]")].forEach((item, at) => item.setAttribute("aria-selected", String(at === current)));
    node.querySelectorAll("[role=option]")[current]?.scrollIntoView({ block: "nearest" });
  }

  return {
    node,
    close: () => { node.hidden = true; entries = []; },
    isOpen: () => !node.hidden && entries.length > 0,
    /** entries: `{title, detail, value}`. */
    show(title, found, onChoose, empty) {
      entries = found;
      choose = onChoose;
      node.replaceChildren(el("li", { class: "head" }, title), ...found.map((entry, index) =>
        el("li", { role: "option", onmousedown: (event) => { event.preventDefault(); choose(entry); }, onmousemove: () => index !== current && mark(index) },
          el("b", {}, entry.title), entry.detail && el("span", {}, entry.detail))));
      if (!found.length) node.append(el("li", { class: "empty" }, empty));
      node.hidden = false;
      if (found.length) mark(0);
    },
    /** True when the key was for the list. */
    key(event) {
      if (node.hidden || !entries.length) return false;
      if (event.key === "ArrowDown") mark(current + 1);
      else if (event.key === "ArrowUp") mark(current - 1);
      else if (event.key === "Enter" || event.key === "Tab") choose(entries[current]);
      else return false;
      event.preventDefault();
      return true;
    },
  };
}
