/** A modal as the application sent it: labelled fields, answered in one go. */
import { choose, choicesOf } from "./choose.js";
import { byId, el, fileOf } from "./dom.js";
import { markdown } from "./markdown.js";

function textInput(component) {
  const shared = {
    name: component.custom_id, placeholder: component.placeholder, required: component.required !== false,
    minlength: component.min_length, maxlength: component.max_length ?? 4000, value: component.value ?? "",
  };
  const node = component.style === 2 ? el("textarea", { ...shared, rows: 5 }) : el("input", { ...shared, type: "text" });
  return { node, read: () => node.value };
}

function files(component) {
  const node = el("input", { type: "file", multiple: (component.max_values ?? 1) > 1, required: component.required !== false });
  return { node, read: () => Promise.all([...node.files].map(fileOf)) };
}

function boxes(component, type) {
  const inputs = component.options.map((option) => [el("input", { type, name: component.custom_id, checked: option.default }), option]);
  const node = el("div", { class: "boxes" }, ...inputs.map(([input, option]) => el("label", {}, input, ` ${option.label}`)));
  const values = () => inputs.filter(([input]) => input.checked).map(([, option]) => option.value);
  return { node, read: type === "radio" ? () => values()[0] ?? null : values };
}

function select(component) {
  let chosen = choicesOf(component).filter((choice) => choice.default).map((choice) => choice.value);
  const node = choose(component, (values) => (chosen = values));
  return { node, read: () => chosen };
}

function field(component) {
  switch (component.type) {
    case 4: return textInput(component);
    case 19: return files(component);
    case 21: return boxes(component, "radio");
    case 22: return boxes(component, "checkbox");
    case 23: {
      const node = el("input", { type: "checkbox", checked: component.default });
      return { node, read: () => node.checked };
    }
    default: return select(component);
  }
}

/** Open it; `submit(fields)` sends the answers and says in words what was refused, or nothing. */
export function openModal(data, submit) {
  const dialog = byId("modal");
  const readers = {};
  const rows = data.components.map((row) => {
    if (row.type === 10) return markdown(row.content);
    const component = row.component ?? row.components[0];
    const made = field(component);
    readers[component.custom_id] = made.read;
    return el("label", { class: "field" }, el("span", {}, row.label ?? component.label ?? "", component.required !== false && el("i", {}, " *")),
      row.description && el("small", {}, row.description), made.node);
  });
  const refusal = el("p", { class: "refusal", role: "alert" });
  const form = el("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      const fields = {};
      for (const [name, read] of Object.entries(readers)) fields[name] = await read();
      const refused = await submit(fields);
      if (refused) refusal.textContent = refused;
      else dialog.close();
    },
  }, el("h2", {}, data.title), ...rows, refusal,
    el("footer", {}, el("button", { class: "button secondary", type: "button", onclick: () => dialog.close() }, "Cancel"), el("button", { class: "button primary" }, "Submit")));
  dialog.replaceChildren(form);
  dialog.showModal();
  form.querySelector("input, textarea, select")?.focus();
}
