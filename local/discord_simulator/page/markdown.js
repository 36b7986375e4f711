/** Discord's markdown as DOM nodes: what our messages use of it. Unknown marks stay as they are typed. */
import { el } from "./dom.js";
import { guild, nameOf } from "./store.js";

const INLINE = [
  [/^\\([^\sA-Za-z0-9])/, (match) => [match[1]]],
  [/^```(?:[a-z]+\n)?([\s\S]+?)```/, (match) => [el("pre", {}, match[1])]],
  [/^`([^`]+)`/, (match) => [el("code", {}, match[1])]],
  [/^\*\*([\s\S]+?)\*\*/, (match) => [el("strong", {}, ...inline(match[1]))]],
  [/^__([\s\S]+?)__/, (match) => [el("u", {}, ...inline(match[1]))]],
  [/^~~([\s\S]+?)~~/, (match) => [el("s", {}, ...inline(match[1]))]],
  [/^\*([^*\s][^*]*?)\*/, (match) => [el("em", {}, ...inline(match[1]))]],
  [/^_([^_\s][^_]*?)_(?![A-Za-z0-9])/, (match) => [el("em", {}, ...inline(match[1]))]],
  [/^<@!?(\d+)>/, (match) => [el("span", { class: "mention" }, `@${nameOf(match[1])}`)]],
  [/^<@&(\d+)>/, (match) => [role(match[1])]],
  [/^\|\|(.+?)\|\|/, (match) => [el("span", { class: "spoiler" }, ...inline(match[1]))]],
  [/^<#(\d+)>/, (match) => [el("span", { class: "mention" }, `#${channelName(match[1])}`)]],
  [/^<t:(-?\d+)(?::([tTdDfFR]))?>/, (match) => [time(Number(match[1]), match[2] ?? "f")]],
  [/^\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/, (match) => [link(match[2], ...inline(match[1]))]],
  [/^https?:\/\/[^\s<>)]+/, (match) => [link(match[0], match[0])]],
];

const link = (address, ...children) => el("a", { href: address, target: "_blank", rel: "noreferrer" }, ...children);
const channelName = (id) => guild()?.channels.find((candidate) => candidate.id === id)?.name ?? "unknown";

function role(id) {
  const found = guild()?.roles.find((candidate) => candidate.id === id);
  return el("span", { class: "mention" }, `@${found?.name ?? "unknown-role"}`);
}

function time(seconds, style) {
  const moment = new Date(seconds * 1000);
  const full = moment.toLocaleString(undefined, { dateStyle: "full", timeStyle: "short" });
  const formats = {
    t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
    f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
  };
  const text = style === "R" ? relative(seconds) : moment.toLocaleString(undefined, formats[style]);
  return el("time", { class: "stamp", title: full }, text);
}

function relative(seconds) {
  const away = seconds - Date.now() / 1000;
  const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]].find(
    ([, length]) => Math.abs(away) >= length,
  ) ?? ["second", 1];
  return new Intl.RelativeTimeFormat("en").format(Math.round(away / size), unit);
}

export function inline(text) {
  const nodes = [];
  let plain = "";
  while (text) {
    const hit = INLINE.map(([pattern, make]) => [text.match(pattern), make]).find(([match]) => match);
    if (!hit) {
      const [letter] = text;
      plain += letter;
      text = text.slice(letter.length);
      continue;
    }
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(...hit[1](hit[0]));
    text = text.slice(hit[0][0].length);
  }
  if (plain) nodes.push(plain);
  return nodes;
}

function line(text) {
  const heading = text.match(/^(#{1,3}) +(.*)/);
  if (heading) return el(`h${heading[1].length + 2}`, {}, ...inline(heading[2]));
  if (text.startsWith("-# ")) return el("small", {}, ...inline(text.slice(3)));
  if (text.startsWith("> ")) return el("blockquote", {}, ...inline(text.slice(2)));
  const item = text.match(/^\s*[-*] +(.*)/);
  if (item) return el("div", { class: "item" }, ...inline(item[1]));
  return el("div", {}, ...(text ? inline(text) : [el("br")]));
}

/** A block of text: code blocks whole, the rest line by line. */
export function markdown(text) {
  const parts = (text ?? "").split(/(```[\s\S]+?```)/).filter(Boolean);
  const nodes = parts.flatMap((part) => (part.startsWith("```") ? inline(part) : part.replace(/^\n|\n$/g, "").split("\n").map(line)));
  return el("div", { class: "markdown" }, ...nodes);
}
