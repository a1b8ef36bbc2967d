// Lists of rows: J K move, Enter opens, G and F go to scope and filters; a changed filter is sent at once.
import { onKeys } from "./keys.js";
import * as overlays from "./overlays.js";

const rows = () => [...document.querySelectorAll("[data-alert], [data-row]")].filter((one) => one.offsetParent !== null);
const first = document.querySelector("[data-alert][aria-current=true]");
let at = first?.dataset.alert ?? null;

function stand(row) {
  rows().forEach((one) => one.removeAttribute("aria-current"));
  if (!row) return;
  at = row.dataset.alert ?? row.dataset.row;
  row.setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = rows();
  const here = all.findIndex((one) => one.hasAttribute("aria-current"));
  stand(all[Math.max(0, Math.min(all.length - 1, here < 0 ? 0 : here + by))]);
  return Boolean(all.length);
}

function scope() {
  const all = [...document.querySelectorAll(".qtop .seg a")];
  all[(all.findIndex((one) => one.hasAttribute("aria-current")) + 1) % all.length]?.click();
  return Boolean(all.length);
}

const moves = {
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  KeyG: scope,
  KeyF: () => (document.querySelector(".filters select")?.focus(), true),
};

onKeys((event) => {
  if (overlays.current() || event.shiftKey) return false;
  if (event.code === "Enter" && event.target === document.body) {
    document.querySelector("[aria-current=true] [data-open]")?.click();
    return true;
  }
  return moves[event.code]?.() ?? false;
});

document.addEventListener("change", (event) => event.target.closest?.("[data-auto]")?.requestSubmit());
document.body.addEventListener("htmx:afterSwap", () => {
  const again = rows().find((one) => (one.dataset.alert ?? one.dataset.row) === at);
  if (again) stand(again);
});
