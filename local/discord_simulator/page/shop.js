/** What the server may subscribe to and has bought; nothing where nothing is sold. */
import { byId, el } from "./dom.js";
import { guild, store } from "./store.js";

const nameOf = (id) => store.state.skus.find((sku) => sku.id === id)?.name ?? "a subscription";
const press = (label, onclick) => el("button", { type: "button", class: "button", onclick }, label);

/** Draw the shop; `send` takes the act that a button is. */
export function drawShop(send) {
  const node = byId("shop");
  const skus = store.state.skus ?? [];
  node.hidden = !skus.length || !guild();
  if (node.hidden) return;
  const bought = guild().entitlements;
  const offered = skus.filter((sku) => !bought.some((item) => item.sku_id === sku.id));
  node.replaceChildren(el("h2", {}, "Subscriptions"),
    ...bought.map((item) => el("div", {}, el("span", {}, nameOf(item.sku_id)),
      press("End", () => send({ verb: "end", entitlement_id: item.id })),
      press("Refund", () => send({ verb: "refund", entitlement_id: item.id })))),
    ...offered.map((sku) => el("div", {}, el("span", {}, sku.name), press("Buy", () => send({ verb: "buy", sku_id: sku.id })))));
}
