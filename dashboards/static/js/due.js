// Time left: words, class and ring follow data-due each minute, by the server's clock; never announced, never seconds.
let offset = 0;

export function tellTime(iso) {
  const at = Date.parse(iso ?? "");
  if (!Number.isNaN(at)) offset = at - Date.now();
}

export const now = () => Date.now() + offset;

export function interval(ms) {
  const minutes = Math.floor(Math.abs(ms) / 60000);
  if (minutes < 1) return "不到 1 分";
  if (minutes < 60) return `${minutes} 分`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} 小时 ${minutes % 60} 分` : `${hours} 小时`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} 天 ${hours % 24} 小时` : `${days} 天`;
}

const square = '<svg class="i" aria-hidden="true"><use href="/static/icons.svg#i-alert-square"/></svg>';

function tell(mark) {
  const left = Date.parse(mark.dataset.due) - now();
  const words = interval(left);
  const text = (left < 0 ? "超时" : "剩") + (words.startsWith("不到") ? "" : " ") + words;
  const bold = mark.querySelector("b");
  if (bold.textContent !== text) bold.textContent = text;
  const look = left < 0 ? "due-late" : left < 1800000 ? "due-near" : left < 3600000 ? "due-soon" : "";
  for (const name of ["due-late", "due-near", "due-soon"]) mark.classList.toggle(name, name === look);
  const ring = mark.querySelector(".ring");
  if (ring && left < 0) ring.outerHTML = square;
  else if (ring) {
    const used = Math.max(1, Math.min(100, Math.round(100 - left / 10 / Number(mark.dataset.target || 1))));
    ring.lastElementChild.setAttribute("stroke-dasharray", `${used} 100`);
  }
}

export function tellAll() {
  document.querySelectorAll(".due[data-due]").forEach(tell);
}

tellTime(document.documentElement.dataset.now);
setInterval(tellAll, 5000);
