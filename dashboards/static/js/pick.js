// Correcting the proposed judgement: a picker's radio is chosen by number or click, shown in the accent colour, sent with the decision.
import * as overlays from "./overlays.js";

const shows = (field) => document.querySelectorAll(`[data-shows="${field}"]`);

function shorten(field, option) {
  return option.querySelector("span:not(.mut)").textContent.trim() || field;
}

export function choose(option, dispatch) {
  const input = option.querySelector("input[type=radio]");
  const box = option.closest(".overlay");
  const field = box.dataset.field;
  const mode = box.dataset.mode;
  input.checked = true;
  shows(field).forEach((place) => {
    place.textContent = shorten(field, option);
    place.classList.toggle("changed", !input.defaultChecked);
  });
  if (field === "unit") {
    const button = document.querySelector("[data-act=assign]");
    button.dataset.unit = input.value;
    button.querySelector("[data-confirm]").textContent = `确认，派给 ${input.value}`;
    const people = document.querySelector("[data-people]");
    if (people && !input.defaultChecked) people.textContent = `${input.value} 的发言人收到消息`;
  }
  overlays.close();
  if (mode === "dispatch") dispatch();
}

// Shift + number, or a second press on the same line: a unit that joins in.
export function join(option) {
  const input = option.querySelector("input[type=radio]");
  const holder = option.closest(".overlay").querySelector("[data-co]");
  const had = [...holder.children].find((one) => one.value === input.value);
  if (had) had.remove();
  else {
    const co = Object.assign(document.createElement("input"), { type: "hidden", name: "co_unit", value: input.value });
    co.setAttribute("form", "decide");
    holder.append(co);
  }
  option.classList.toggle("co", !had);
  const names = [...holder.children].map((one) => one.value).join("、");
  const alt = document.querySelector('[data-pick="unit"] .alt');
  if (alt) alt.textContent = names ? `协办 ${names}` : "";
}

// Typing narrows the list; Enter takes the first that is left.
document.addEventListener("input", (event) => {
  if (!event.target.matches?.(".optfind [data-find]")) return;
  const wanted = event.target.value.trim().toLowerCase();
  let number = 0;
  event.target.closest(".overlay").querySelectorAll(".opt").forEach((option) => {
    option.hidden = !option.textContent.toLowerCase().includes(wanted);
    if (!option.hidden) number += 1;
    option.querySelector("kbd").textContent = !option.hidden && number < 10 ? number : "";
  });
});
