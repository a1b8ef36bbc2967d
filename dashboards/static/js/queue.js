// The list of the triage page: asked for every three seconds and merged by key, so that the selected row never moves.
import { tellTime } from "./due.js";

const body = document.getElementById("queue");
const NEW_FOR = 60000;
const drawn = new Map();
const seen = new Map();
export const picked = new Set();
let first = true;
let mark = "";

export const list = () => body.querySelector(".qlist");
export const rows = () => [...body.querySelectorAll(".row[data-alert]")];
export const row = (id) => body.querySelector(`.row[data-alert="${id}"]`);
export const selected = () => body.querySelector(".row[aria-current]")?.dataset.alert ?? null;

export function select(id) {
  rows().forEach((one) => (one.dataset.alert === String(id) ? one.setAttribute("aria-current", "true") : one.removeAttribute("aria-current")));
  row(id)?.classList.remove("row-new");
  seen.set(String(id), 0);
  row(id)?.scrollIntoView({ block: "nearest" });
}

export function drop(ids) {
  ids.forEach((id) => row(id)?.closest("[data-row]").remove());
  ids.forEach((id) => picked.delete(String(id)));
  mark = "";
}

function decorate(one) {
  const id = one.dataset.alert;
  one.classList.toggle("row-new", Date.now() - (seen.get(id) ?? 0) < NEW_FOR);
  one.classList.toggle("picked", picked.has(id));
}

// Puts the children of `fresh` into `live` in order; a node that is already in its place is not touched.
function arrange(live, wanted) {
  let cursor = live.firstChild;
  for (const node of wanted) {
    if (node === cursor) cursor = cursor.nextSibling;
    else live.insertBefore(node, cursor);
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

function keep(item, old) {
  const key = item.dataset.row;
  const html = item.innerHTML;
  const had = old.get(key);
  if (!had) {
    if (!first && !seen.has(key)) seen.set(key, Date.now());
    drawn.set(key, html);
    return item;
  }
  if (drawn.get(key) !== html) {
    const link = had.firstElementChild;
    const fresh = item.firstElementChild;
    const current = link.hasAttribute("aria-current");
    for (const { name, value } of [...fresh.attributes]) link.setAttribute(name, value);
    if (current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    link.innerHTML = fresh.innerHTML;
    drawn.set(key, html);
  }
  return had;
}

function anchor() {
  const frame = list().getBoundingClientRect();
  const visible = (one) => one && one.getBoundingClientRect().bottom > frame.top && one.getBoundingClientRect().top < frame.bottom;
  const current = body.querySelector(".row[aria-current]");
  return visible(current) ? current : rows().find(visible);
}

export function merge(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const current = selected();
  for (const part of [".qtop", ".qfoot"]) {
    const here = body.querySelector(part);
    const there = fresh.querySelector(part);
    const pace = here.querySelector("[data-pace]");
    if (pace) there.querySelector("[data-pace]")?.replaceWith(pace.cloneNode(true));
    if (here.innerHTML !== there.innerHTML && !here.contains(document.activeElement)) here.innerHTML = there.innerHTML;
  }
  const live = list();
  const stands = anchor();
  const top = stands?.getBoundingClientRect().top;
  const old = new Map([...live.querySelectorAll("[data-row]")].map((item) => [item.dataset.row, item]));
  const sections = new Map([...live.querySelectorAll(":scope > [data-section]")].map((item) => [item.dataset.section, item]));
  const wanted = [...fresh.querySelector(".qlist").children].map((item) => {
    const had = sections.get(item.dataset.section);
    const items = [...item.querySelectorAll("[data-row]")].map((one) => keep(one, old));
    if (!item.dataset.section) return item;
    const home = had ?? item;
    home.querySelector(".qsec").innerHTML = item.querySelector(".qsec").innerHTML;
    arrange(home.querySelector("ol"), items);
    return home;
  });
  arrange(live, wanted);
  rows().forEach(decorate);
  if (current && row(current)) row(current).setAttribute("aria-current", "true");
  if (stands?.isConnected) {
    const moved = stands.getBoundingClientRect().top - top;
    if (moved) {
      const scroller = live.scrollHeight > live.clientHeight ? live : document.scrollingElement;
      scroller.scrollTop += moved;
    }
  }
  first = false;
}

export function pick(id, on = !picked.has(String(id))) {
  if (on) picked.add(String(id));
  else picked.delete(String(id));
  const one = row(id);
  if (one) decorate(one);
}

export function clearPicked() {
  [...picked].forEach((id) => pick(id, false));
}

export async function load(address) {
  const response = await fetch(address, { headers: { "X-Fragment": "1", "X-Seen": mark }, credentials: "same-origin" });
  if (!response.ok) throw Object.assign(new Error("list"), { status: response.status });
  tellTime(response.headers.get("X-Now"));
  if (response.status === 204) return rows().forEach(decorate);
  mark = response.headers.get("X-Mark") ?? "";
  merge(await response.text());
}

rows().forEach((one) => {
  seen.set(one.dataset.alert, 0);
  drawn.set(one.dataset.alert, one.parentElement.innerHTML);
});
first = false;
