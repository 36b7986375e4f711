/** The list of messages of the open channel. */
import { draw } from "./components.js";
import { avatar, byId, el } from "./dom.js";
import { markdown } from "./markdown.js";
import { channel, messages, nameOf, store } from "./store.js";

const clock = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "numeric", minute: "2-digit" });

function authorOf(message) {
  const application = message.author.id === store.state.application?.id;
  const name = message.sim.webhook || application ? (message.author.global_name ?? message.author.username) : nameOf(message.author.id);
  return { name, tag: application || message.sim.webhook || message.author.bot };
}

function attachments(message) {
  const version2 = (message.flags & (1 << 15)) !== 0;
  if (version2) return [];
  return (message.attachments ?? []).map((file) =>
    file.content_type?.startsWith("image/") ? el("img", { class: "attachment", src: file.url, alt: file.description ?? file.filename })
      : el("a", { class: "file", href: file.url, download: file.filename }, file.filename));
}

function menu(message, send) {
  const commands = store.commands.filter((command) => command.type === 3);
  if (!commands.length || message.sim.private) return null;
  return el("div", { class: "apps" }, ...commands.map((command) =>
    el("button", { type: "button", onclick: () => send({ verb: "message_command", command: command.name, message_id: message.id }) }, command.name)));
}

function item(message, send) {
  const { name, tag } = authorOf(message);
  const used = message.sim.used_by && el("div", { class: "used" }, avatar(message.sim.used_by), el("b", {}, message.sim.used_by),
    message.sim.command ? ` used /${message.sim.command}` : " used a button");
  const body = message.sim.thinking ? el("div", { class: "thinking" }, "is thinking", el("span", {}, "…"))
    : [message.content && markdown(message.content), ...draw(message.components, message, send), ...attachments(message)];
  const note = message.sim.private && el("div", { class: "private" }, "👁 Only you can see this · ",
    el("button", { type: "button", onclick: () => send({ verb: "dismiss", message_id: message.id }) }, "Dismiss message"));
  return el("li", { class: `message${message.sim.private ? " mine" : ""}`, "data-id": message.id }, used,
    el("div", { class: "line" }, avatar(name, message.author.avatar_url), el("div", { class: "body" },
      el("div", { class: "who" }, el("b", {}, name), tag && el("span", { class: "tag" }, "APP"),
        el("time", { datetime: message.timestamp }, clock.format(new Date(message.timestamp))),
        message.edited_timestamp && el("small", {}, "(edited)")), body, note)), menu(message, send));
}

let drawn = new Map();

/** The message's element: the one that is there while nothing of it changed, so that focus and open selects survive. */
function kept(message, send) {
  const text = JSON.stringify([message, store.userId]);
  const before = drawn.get(message.id);
  return before?.text === text ? before : { text, node: item(message, send) };
}

/** Bring the list to these nodes without touching those that stay. */
function bring(list, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => { if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null); });
}

const welcome = el("li", { class: "welcome" }, el("h2", {}), el("p", {}, "Type / for commands. Switch between people at the lower left: each sees their own private messages."));

/** Draw the channel; stays at the end if it was there. `moved`: another channel or person, so everything is new. */
export function drawMessages(send, moved) {
  const list = byId("messages");
  const atEnd = moved || list.scrollHeight - list.scrollTop - list.clientHeight < 120;
  if (moved) drawn = new Map();
  drawn = new Map(messages().map((message) => [message.id, kept(message, send)]));
  welcome.querySelector("h2").textContent = `#${channel()?.name ?? ""}`;
  bring(list, [welcome, ...[...drawn.values()].map((entry) => entry.node)]);
  if (atEnd) list.scrollTop = list.scrollHeight;
  for (const image of list.querySelectorAll("img")) image.addEventListener("load", () => atEnd && (list.scrollTop = list.scrollHeight), { once: true });
}
