/** Message components, version 2 and the older rows, as they look in a chat. */
import { choose } from "./choose.js";
import { byId, el } from "./dom.js";
import { markdown } from "./markdown.js";
import { store } from "./store.js";

const STYLE = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };

function button(component, message, send) {
  const label = `${component.emoji?.name ?? ""} ${component.label ?? ""}`.trim();
  if (component.style === 5) return el("a", { class: "button link", href: component.url, target: "_blank", rel: "noreferrer" }, label, " ↗");
  if (component.style === 6) {
    const sku = store.state.skus.find((candidate) => candidate.id === component.sku_id);
    return el("button", { class: "button premium", type: "button", onclick: () => send({ verb: "buy", sku_id: component.sku_id }) }, `✦ Get ${sku?.name ?? "a subscription"}`);
  }
  return el("button", {
    class: `button ${STYLE[component.style]}`, type: "button", disabled: component.disabled,
    onclick: () => send({ verb: "click", message_id: message.id, custom_id: component.custom_id }),
  }, label);
}

function picture(item) {
  const image = el("img", { src: item.media.url, alt: item.description ?? "", loading: "lazy" });
  return el("button", { class: "picture", type: "button", title: "Look closer", onclick: () => look(item) }, image);
}

/** Discord's own pictures cannot be had here: a plain square stands for them. */
function thumbnail(component) {
  const alt = component.description ?? "";
  const image = el("img", { class: "thumbnail", src: component.media.url, alt, onerror: () => image.replaceWith(el("span", { class: "thumbnail missing", role: "img", "aria-label": alt })) });
  return image;
}

function look(item) {
  const viewer = byId("viewer");
  viewer.replaceChildren(el("img", { src: item.media.url, alt: item.description ?? "", onclick: () => viewer.close() }));
  viewer.showModal();
}

function container(component, message, send) {
  const colour = component.accent_color === undefined || component.accent_color === null
    ? undefined : `border-left-color:#${component.accent_color.toString(16).padStart(6, "0")}`;
  return el("div", { class: "container", style: colour }, ...draw(component.components, message, send));
}

function one(component, message, send) {
  switch (component.type) {
    case 1: return el("div", { class: "row" }, ...draw(component.components, message, send));
    case 2: return button(component, message, send);
    case 3: case 5: case 6: case 7: case 8:
      return choose(component, (values) => send({ verb: "select", message_id: message.id, custom_id: component.custom_id, values }));
    case 9: return el("div", { class: "section" }, el("div", {}, ...draw(component.components, message, send)), one(component.accessory, message, send));
    case 10: return markdown(component.content);
    case 11: return thumbnail(component);
    case 12: return el("div", { class: "gallery" }, ...component.items.map(picture));
    case 13: return el("a", { class: "file", href: component.file.url, download: component.name }, component.name ?? "file");
    case 14: return el("hr", component.divider === false ? { class: "blank" } : {});
    case 17: return container(component, message, send);
    default: return el("em", {}, `component type ${component.type}`);
  }
}

/** Nodes of a message's components; `send` takes the act that a click or choice is. */
export function draw(components, message, send) {
  return (components ?? []).map((component) => one(component, message, send));
}
