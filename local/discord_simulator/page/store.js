/** What the page knows: the simulator's state as the chosen user sees it. One listener draws it. */
import { follow, readCommands, readState } from "./api.js";

export const store = {
  state: { users: [], guilds: [], messages: {} },
  commands: [],
  userId: null,
  channelId: null,
  connected: true,
};

let listener = () => {};
let stop = () => {};

export const onChange = (draw) => (listener = draw);
export const guild = () => store.state.guilds[0];
export const user = () => store.state.users.find((candidate) => candidate.id === store.userId);
export const member = (id) => guild()?.members.find((candidate) => candidate.user.id === id);
export const channel = () =>
  [...(guild()?.channels ?? []), store.state.direct_channel].find((candidate) => candidate?.id === store.channelId);
export const messages = () => store.state.messages[store.channelId] ?? [];

/** The name somebody goes by here. */
export function nameOf(id) {
  const found = store.state.users.find((candidate) => candidate.id === id);
  return member(id)?.nick ?? found?.global_name ?? found?.username ?? "somebody";
}

async function refresh() {
  store.state = await readState(store.userId);
  const known = [...(guild()?.channels ?? []), store.state.direct_channel].filter(Boolean);
  if (!known.some((candidate) => candidate.id === store.channelId)) {
    store.channelId = (known.find((candidate) => candidate.type === 0) ?? known[0])?.id ?? null;
  }
  store.commands = guild() ? await readCommands(guild().id) : [];
  listener();
}

function onEvent(event) {
  if (event.kind === "message") {
    const list = (store.state.messages[event.channel_id] ??= []);
    const index = list.findIndex((message) => message.id === event.message_id);
    if (index >= 0) list[index] = event.message;
    else list.push(event.message);
    list.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
    listener(event);
  } else if (event.kind === "message_delete") {
    const list = store.state.messages[event.channel_id] ?? [];
    store.state.messages[event.channel_id] = list.filter((message) => message.id !== event.message_id);
    listener(event);
  } else if (event.kind !== "interaction") {
    refresh();
  }
}

/** Be somebody: what they see, and what changes for them from now on. */
export async function become(userId) {
  stop();
  store.userId = userId;
  localStorage.setItem("user", userId);
  await refresh();
  let lost = false;
  stop = follow(userId, onEvent, (connected) => {
    store.connected = connected;
    if (connected && lost) refresh();
    lost = !connected;
    listener();
  });
}

export function open(channelId) {
  store.channelId = channelId;
  listener();
}

/** Start as whoever was chosen last, else as the guild's owner. */
export async function start() {
  store.state = await readState(null);
  const users = store.state.users.map((candidate) => candidate.id);
  const last = localStorage.getItem("user");
  const first = users.includes(last) ? last : (guild()?.owner_id ?? users[0]);
  if (first) await become(first);
  else listener();
}
