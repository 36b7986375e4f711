/** Where a person types: words, or a slash command with its options and live choices. */
import { act } from "./api.js";
import { optionChoices } from "./choose.js";
import { byId, el, fileOf, fill } from "./dom.js";
import { picker } from "./picker.js";
import { channel, store } from "./store.js";

const WAIT_MS = 120;
const list = picker();
let chosen = null;
let fields = {};

/** Commands as typed: "bet", "capper add". */
function flat() {
  return store.commands.filter((command) => command.type === 1).flatMap((command) => {
    const groups = (command.options ?? []).filter((option) => option.type <= 2);
    if (!groups.length) return [{ name: command.name, description: command.description, options: command.options ?? [] }];
    return groups.flatMap((group) => (group.type === 1 ? [[group.name, group]] : group.options.map((sub) => [`${group.name} ${sub.name}`, sub])))
      .map(([name, sub]) => ({ name: `${command.name} ${name}`, description: sub.description, options: sub.options ?? [] }));
  });
}

function take(command) {
  chosen = command;
  fields = {};
  list.close();
  drawComposer();
  const first = byId("composer").querySelector(".option input, .option select");
  if (first) first.focus();
  else byId("composer").querySelector(".go").focus();
}

function drop() {
  chosen = null;
  fields = {};
  list.close();
  drawComposer();
  byId("composer").querySelector("input").focus();
}

function words(send) {
  const input = el("input", {
    class: "words", placeholder: `Message #${channel()?.name ?? ""} – type / for commands`, "aria-label": "Message",
    oninput: () => {
      if (!input.value.startsWith("/")) return list.close();
      const typed = input.value.slice(1).toLowerCase().trimEnd();
      const found = flat().filter((command) => command.name.startsWith(typed)).map((command) => ({ title: `/${command.name}`, detail: command.description, value: command }));
      return list.show("Commands", found, (entry) => take(entry.value), "No such command.");
    },
    onblur: () => list.close(),
    onkeydown: (event) => { if (!list.key(event) && event.key === "Escape") list.close(); },
  });
  return { input, submit: async () => input.value.trim() && !input.value.startsWith("/") && send({ verb: "say", content: input.value, files: [] }) };
}

const plain = () => Object.fromEntries(Object.entries(fields).filter(([, field]) => field.value !== "" && field.value !== null).map(([name, field]) => [name, field.value]));

function completed(option, send) {
  let timer = 0;
  let asked = 0;
  const ask = async (typed) => {
    const mine = ++asked;
    try {
      const body = { verb: "autocomplete", user_id: store.userId, channel_id: store.channelId, command: chosen.name, option: option.name, typed, options: plain() };
      const { choices } = await act(body);
      if (mine !== asked || document.activeElement !== input) return;
      list.show(option.description, choices.map((choice) => ({ title: choice.name, value: choice.value })), pick, "No options match your search.");
    } catch (error) {
      send({ failed: error.message });
    }
  };
  const pick = (entry) => {
    clearTimeout(timer);
    asked++;
    input.value = entry.title;
    fields[option.name] = { value: entry.value };
    list.close();
  };
  const input = el("input", {
    "aria-label": option.name, placeholder: option.description, maxlength: option.max_length,
    onfocus: () => ask(input.value),
    onblur: () => list.close(),
    oninput: () => { fields[option.name] = { value: input.value }; list.close(); clearTimeout(timer); timer = setTimeout(() => ask(input.value), WAIT_MS); },
    onkeydown: (event) => { if (!list.key(event) && event.key === "Escape") (list.isOpen() ? list.close() : drop()); },
  });
  return input;
}

function converted(option, text) {
  if (text === "") return null;
  if (option.type === 4 || option.type === 10) return Number(text);
  return option.type === 5 ? text === "true" : text;
}

function control(option, send) {
  if (option.autocomplete) return completed(option, send);
  const set = (value) => (fields[option.name] = { value: converted(option, value) });
  if (option.type === 11) return el("input", { type: "file", "aria-label": option.name, onchange: async (event) => (fields[option.name] = { value: event.target.files[0] ? await fileOf(event.target.files[0]) : null }) });
  const choices = optionChoices(option);
  if (!choices) return el("input", { "aria-label": option.name, placeholder: option.description, maxlength: option.max_length, oninput: (event) => set(event.target.value), onkeydown: (event) => event.key === "Escape" && drop() });
  return el("select", { class: "select", "aria-label": option.name, onchange: (event) => set(event.target.value) },
    el("option", { value: "" }, option.required ? `Choose ${option.name}` : "—"), ...choices.map((choice) => el("option", { value: choice.value }, choice.label)));
}

function command(send) {
  const options = chosen.options.map((option) => el("label", { class: "option", title: option.description },
    el("span", {}, option.name, option.required && el("i", {}, " *")), control(option, send)));
  return el("div", { class: "command" }, el("b", {}, `/${chosen.name}`), el("small", {}, chosen.description), ...options);
}

let sending = () => {};

/** Draw the composer anew, empty. */
export function drawComposer(send = sending) {
  sending = send;
  const form = byId("composer");
  const text = chosen ? null : words(send);
  const go = el("button", { class: "button primary go" }, "Send");
  form.onsubmit = async (event) => {
    event.preventDefault();
    list.close();
    if (!chosen) {
      await text.submit();
      text.input.value = "";
      return;
    }
    go.disabled = true;
    const refused = await send({ verb: "slash", command: chosen.name, options: plain() });
    go.disabled = false;
    if (!refused) drop();
  };
  fill(form, list.node, chosen ? command(send) : text.input, chosen && el("button", { class: "button secondary", type: "button", onclick: drop }, "Cancel"), go);
}
