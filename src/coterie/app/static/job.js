// Keeps the page of a job up to date, and leads on when it is over.
const place = document.querySelector("[data-job]");
const words = (name) => place.querySelector(`[data-words="${name}"]`);
const bar = place.querySelector("progress");

function write(name, text) {
  const element = words(name);
  if (element && element.textContent !== text) element.textContent = text;
}

function show(job) {
  write("head", job.state === "queued" ? "Waiting for its turn" : "Finding the segments");
  write("stage", job.state !== "queued" ? job.stage : job.waiting_before ? `${job.waiting_before} before it` : "Begins in a moment");
  write("percent", String(job.percent));
  write("took", job.state === "running" ? `${job.took} so far` : "");
  write("left", job.left);
  if (job.percent) bar.value = job.percent; // before, the bar moves to and fro
}

async function ask() {
  try {
    const answer = await fetch(place.dataset.job, { headers: { Accept: "application/json" } });
    if (answer.status === 401) { window.location.assign("/login"); return; }
    if (answer.ok) {
      const { job } = await answer.json();
      if (job.study) { window.location.replace(job.study); return; }
      if (!["queued", "running"].includes(job.state)) { window.location.reload(); return; }
      show(job);
    }
  } catch { /* the server may be starting anew: ask again */ }
  window.setTimeout(ask, 1000);
}

window.setTimeout(ask, 500);
