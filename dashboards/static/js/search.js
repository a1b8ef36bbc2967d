// Search results: J K move, Enter opens, O opens the forum's page, N the next page, F the filters.
import { onKeys } from "./keys.js";
import * as overlays from "./overlays.js";

const rows = [...document.querySelectorAll("[data-row]")];
let at = -1;

function stand(next) {
  if (!rows.length) return false;
  rows[at]?.removeAttribute("aria-current");
  at = Math.max(0, Math.min(rows.length - 1, next));
  rows[at].setAttribute("aria-current", "true");
  rows[at].scrollIntoView({ block: "nearest" });
  return true;
}

const press = (selector, root = document) => {
  const found = root?.querySelector(selector);
  found?.click();
  return Boolean(found);
};

const moves = {
  KeyJ: () => stand(at + 1),
  KeyK: () => stand(at - 1),
  KeyO: () => press("[data-origin]", rows[at]),
  KeyN: () => press("[data-next]"),
  KeyF: () => {
    const first = document.querySelector(".facets a");
    first?.focus();
    return Boolean(first);
  },
};

onKeys((event) => {
  if (overlays.current() || event.shiftKey) return false;
  if (event.code === "Enter" && event.target === document.body) return press("[data-open]", rows[at]);
  return moves[event.code]?.() ?? false;
});
