// Waits until the tables were looked at, then shows what was found.
const waiting = document.querySelector("[data-wait]");

async function ask() {
  try {
    const answer = await fetch(waiting.dataset.wait, { headers: { Accept: "application/json" } });
    if (answer.status === 401) { window.location.assign("/login"); return; }
    if (answer.ok && (await answer.json()).state !== "looking") { window.location.reload(); return; }
  } catch { /* the server may be starting anew: ask again */ }
  window.setTimeout(ask, 700);
}

window.setTimeout(ask, 400);
