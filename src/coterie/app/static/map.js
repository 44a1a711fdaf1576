// A rectangle drawn on the map asks the server who is inside, and shows its answer beside the map.
const figure = document.querySelector('figure[data-chart="map"]');
const WAIT = 180;
let timer = null;
let asked = 0;

async function ask(box) {
  const mine = ++asked;
  const address = new URL(location.href);
  address.search = box ? `?box=${box.map((end) => end.toFixed(3)).join(",")}` : "";
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok || mine !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelector("#selection").replaceWith(document.adoptNode(page.querySelector("#selection")));
  history.replaceState(null, "", address);
}

function changed(_name, value) {
  clearTimeout(timer);
  const box = value.x && value.y ? [...value.x, ...value.y] : null;
  timer = setTimeout(() => ask(box), WAIT);
}

figure?.addEventListener("drawn", (event) => event.detail.addSignalListener("brush", changed));
