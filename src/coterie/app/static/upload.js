// Sends the files of the start page with a bar; without this module the form sends them all the same.
const form = document.querySelector("form.upload");
const input = form.querySelector("input[type=file]");
const drop = form.querySelector(".drop");
const chosen = form.querySelector(".picked");
const sending = form.querySelector(".sending");
const words = form.querySelector(".sending-words");
const bar = form.querySelector("progress");
const problem = form.querySelector("[role=alert]");
const send = form.querySelector("button[type=submit]");
const stop = form.querySelector("button.stop");
let request = null;

const size = (bytes) => bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;

function complain(text) {
  problem.textContent = text;
  problem.hidden = !text;
}

function refuse(files) {
  if (files.length > Number(form.dataset.files)) return `At most ${form.dataset.files} files at once.`;
  const large = files.find((file) => file.size > Number(form.dataset.most));
  return large ? `“${large.name}” is too large (${size(large.size)}).` : "";
}

function show() {
  const files = [...input.files];
  chosen.replaceChildren(...files.map((file) => {
    const item = document.createElement("li");
    item.textContent = `${file.name}, ${size(file.size)}`;
    return item;
  }));
  chosen.hidden = files.length === 0;
  complain(refuse(files));
}

function rest(busy) {
  sending.hidden = !busy;
  stop.hidden = !busy;
  send.disabled = busy;
}

function failed(text) {
  request = null;
  rest(false);
  complain(text);
}

function answered() {
  let told = null;
  try { told = JSON.parse(request.responseText); } catch { /* not one of our answers */ }
  if (request.status === 200 && told?.location) { window.location.assign(told.location); return; }
  if (request.status === 401) { window.location.assign("/login"); return; }
  const error = told?.error;
  failed(error ? [error.what, error.found, error.remedy].filter(Boolean).join(" ") : "The upload did not work. Try again.");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const files = [...input.files];
  const no = files.length ? refuse(files) : "Choose at least one file.";
  if (no || request) { complain(no); return; }
  complain("");
  request = new XMLHttpRequest();
  request.open("POST", `/api${new URL(form.action).pathname}`);
  request.setRequestHeader("X-CSRF-Token", form.elements.csrf.value);
  request.upload.addEventListener("progress", (step) => {
    const share = step.total ? 100 * step.loaded / step.total : 0;
    bar.value = share;
    words.textContent = share < 100 ? `${size(step.loaded)} of ${size(step.total)} sent` : "All sent; one moment …";
  });
  request.addEventListener("load", answered);
  request.addEventListener("error", () => failed("The connection was lost. Nothing was kept: try again."));
  request.addEventListener("abort", () => failed(""));
  rest(true);
  request.send(new FormData(form));
});

stop.addEventListener("click", () => request?.abort());
input.addEventListener("change", show);
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
for (const name of ["dragleave", "drop"]) {
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("over"); });
}
drop.addEventListener("drop", (event) => {
  if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; show(); }
});
window.addEventListener("pageshow", () => { if (!request) rest(false); });
