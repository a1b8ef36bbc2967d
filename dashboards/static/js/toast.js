// The undo strip under the queue: what was just done, 撤销 for twelve seconds; it never covers a row.
const place = document.getElementById("toast");
let timer = 0;

const strip = (words) => {
  const box = Object.assign(document.createElement("div"), { className: "toast" });
  box.setAttribute("role", "status");
  box.append(Object.assign(document.createElement("span"), { className: "grow", textContent: words }));
  return box;
};

function put(box, forMs) {
  clearTimeout(timer);
  place.replaceChildren(...(box ? [box] : []));
  if (box && forMs) timer = setTimeout(() => place.replaceChildren(), forMs);
}

// A sentence without undo; "" clears it. `address` adds a link.
export function say(words, address = "") {
  if (!words) return put(null);
  const box = strip(words);
  if (address) box.append(Object.assign(document.createElement("a"), { href: address, textContent: "重新登录" }));
  put(box, address ? 0 : 8000);
}

export function offer(toast) {
  if (!toast) return put(null);
  const box = strip(toast.words);
  if (toast.alerts.length) {
    const form = document.getElementById("toast-form").content.firstElementChild.cloneNode(true);
    form.action = toast.action;
    form.append(...toast.alerts.map((id) => Object.assign(document.createElement("input"), { type: "hidden", name: toast.name, value: id })));
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "view", value: location.search.slice(1) }));
    const button = Object.assign(document.createElement("button"), { type: "submit", textContent: "撤销" });
    button.append(Object.assign(document.createElement("kbd"), { textContent: "Z" }));
    form.append(button);
    box.append(Object.assign(document.createElement("span"), { className: "mut", textContent: "12 秒内可撤" }), form);
  }
  put(box, 12000);
}

export const offered = () => place.querySelector("form");
