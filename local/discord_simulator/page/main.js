/** The page: channels and people at the left, the chat at the right. */
import { act } from "./api.js";
import { drawComposer } from "./composer.js";
import { avatar, byId, el, fill } from "./dom.js";
import { drawMessages } from "./messages.js";
import { openModal } from "./modal.js";
import { drawShop } from "./shop.js";
import { become, channel, guild, nameOf, onChange, open, start, store } from "./store.js";

let timer = 0;

function notice(text) {
  const node = byId("notice");
  node.textContent = text;
  node.hidden = !text;
  clearTimeout(timer);
  if (text) timer = setTimeout(() => (node.hidden = true), 8000);
}

/** Do something as the chosen person; returns the words of a refusal, or nothing. */
async function send(body) {
  if (body.failed) return notice(body.failed);
  notice("");
  try {
    const result = await act({ user_id: store.userId, channel_id: store.channelId, ...body });
    if (result.failed) {
      const text = result.text || result.failure || "This interaction failed";
      notice(text);
      return text;
    }
    if (result.modal) openModal(result.modal, (fields) => send({ verb: "modal", interaction_id: result.interaction_id, fields }));
    return undefined;
  } catch (error) {
    notice(error.message);
    return error.message;
  }
}

function drawChannels() {
  const direct = store.state.direct_channel;
  const rows = [...(guild()?.channels ?? []), ...(direct ? [{ ...direct, name: "direct messages" }] : [])];
  byId("channels").replaceChildren(...rows.map((item) => el("button", {
    type: "button", class: item.id === store.channelId ? "open" : "", "aria-current": item.id === store.channelId ? "page" : undefined,
    onclick: () => { open(item.id); drawMessages(send, true); drawComposer(send); },
  }, el("span", { "aria-hidden": "true" }, item.type === 2 ? "🔊" : "#"), item.name)));
}

function rolesOf(id) {
  const found = guild()?.members.find((member) => member.user.id === id);
  const names = (found?.roles ?? []).map((role) => guild().roles.find((candidate) => candidate.id === role)?.name).filter(Boolean);
  return [...(guild()?.owner_id === id ? ["owner"] : []), ...names].join(", ") || "member";
}

function drawPeople() {
  byId("people").replaceChildren(...store.state.users.map((person) => el("button", {
    type: "button", class: person.id === store.userId ? "open" : "", "aria-pressed": String(person.id === store.userId),
    onclick: () => become(person.id).then(() => { drawMessages(send, true); drawComposer(send); }).catch((error) => notice(error.message)),
  }, avatar(nameOf(person.id)), el("span", {}, el("b", {}, nameOf(person.id)), el("small", {}, rolesOf(person.id))))));
}

onChange((event) => {
  fill(byId("server"), el("b", {}, guild()?.name ?? "No server yet"), !store.connected && el("small", {}, "reconnecting…"));
  fill(byId("topic"), el("b", {}, `# ${channel()?.name ?? ""}`), el("small", {}, "a simulator: nothing here leaves this machine"));
  drawChannels();
  drawPeople();
  drawShop(send);
  if (!event || event.channel_id === store.channelId) drawMessages(send);
});

start().then(() => { drawMessages(send, true); drawComposer(send); }).catch((error) => notice(error.message));
