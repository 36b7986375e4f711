/** Selects of every kind as native controls: options of the message, or people, roles and channels of the guild. */
import { el } from "./dom.js";
import { guild, nameOf } from "./store.js";

const USERS = () => (guild()?.members ?? []).map((m) => ({ label: `@${nameOf(m.user.id)}`, value: m.user.id }));
const ROLES = () =>
  (guild()?.roles ?? []).filter((r) => r.name !== "@everyone").map((r) => ({ label: `@${r.name}`, value: r.id }));
const CHANNELS = (types) =>
  (guild()?.channels ?? [])
    .filter((c) => !types?.length || types.includes(c.type))
    .map((c) => ({ label: `#${c.name}`, value: c.id }));

/** What can be chosen in a select component (3, 5–8), or in a slash option of type user 6, channel 7, role 8, mentionable 9. */
export function choicesOf(component) {
  if (component.type === 3) return component.options;
  if (component.type === 5) return USERS();
  if (component.type === 6) return ROLES();
  if (component.type === 7) return [...USERS(), ...ROLES()];
  return CHANNELS(component.channel_types);
}

export function optionChoices(option) {
  if (option.choices?.length) return option.choices.map((choice) => ({ label: choice.name, value: String(choice.value) }));
  if (option.type === 5) return [{ label: "True", value: "true" }, { label: "False", value: "false" }];
  if (option.type === 6) return USERS();
  if (option.type === 7) return CHANNELS(option.channel_types);
  if (option.type === 8) return ROLES();
  return option.type === 9 ? [...USERS(), ...ROLES()] : null;
}

/** A `<select>`; with several values it is a list with a button that sends them. */
export function choose(component, onChosen) {
  const choices = choicesOf(component);
  const many = (component.max_values ?? 1) > 1;
  const chosen = choices.some((choice) => choice.default);
  const select = el(
    "select",
    { class: "select", "aria-label": component.placeholder ?? "Choose", multiple: many, disabled: component.disabled },
    !many && !chosen && el("option", { value: "", disabled: true, selected: true, hidden: true }, component.placeholder ?? "Make a selection"),
    ...choices.map((choice) =>
      el("option", { value: choice.value, selected: choice.default, title: choice.description },
        choice.description ? `${choice.label} — ${choice.description}` : choice.label),
    ),
  );
  const values = () => [...select.selectedOptions].map((option) => option.value).filter(Boolean);
  if (!many) {
    select.addEventListener("change", () => onChosen(values()));
    return select;
  }
  select.size = Math.min(choices.length, 8);
  return el("div", { class: "many" }, select, el("button", { class: "button", type: "button", onclick: () => onChosen(values()) }, "Choose"));
}
