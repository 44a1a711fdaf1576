// Draws each chart of a page when it comes into sight, in the page's own colours; the numbers stand in a table below.
const library = document.querySelector("meta[name=chart-library]")?.content;
let loading = null;
const drawn = new Map();

function load() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = library;
    script.onload = () => resolve(window.vegaEmbed);
    script.onerror = () => reject(new Error("the chart library did not load"));
    document.head.append(script);
  });
  return loading;
}

function theme(width) {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  const text = { labelColor: token("--ink"), titleColor: token("--soft"), labelFontSize: 12, titleFontSize: 12, titleFontWeight: 500 };
  return {
    background: "transparent",
    font: token("--sans"),
    view: { stroke: null },
    axis: { ...text, domainColor: token("--line"), tickColor: token("--line"), gridColor: token("--line"), labelPadding: 6 },
    axisY: { labelLimit: Math.max(90, Math.min(220, 0.4 * width)) },
    line: { color: token("--accent") },
    point: { color: token("--accent") },
    rule: { color: token("--ink") },
  };
}

function numbers() {
  const parts = new Intl.NumberFormat(navigator.language).formatToParts(12345.6);
  const mark = (type, otherwise) => parts.find((part) => part.type === type)?.value ?? otherwise;
  return { decimal: mark("decimal", "."), thousands: mark("group", ","), grouping: [3], currency: ["", ""] };
}

async function draw(figure) {
  figure.classList.add("drawing");
  const canvas = figure.querySelector(".canvas");
  try {
    const [embed, answer] = await Promise.all([load(), fetch(figure.dataset.source, { credentials: "same-origin" })]);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const spec = await answer.json();
    const renderer = figure.dataset.renderer ?? "svg";
    const options = { ast: true, actions: false, renderer, defaultStyle: false, formatLocale: numbers(), config: theme(canvas.clientWidth), tooltip: { disableDefaultStyle: true } };
    drawn.get(figure)?.finalize();
    const result = await embed(canvas, spec, options);
    drawn.set(figure, result);
    figure.dispatchEvent(new CustomEvent("drawn", { detail: result.view }));
  } catch (error) {
    canvas.textContent = "The chart could not be drawn. The numbers stand below.";
  }
  figure.classList.remove("drawing");
}

const watch = new IntersectionObserver((entries) => {
  for (const entry of entries.filter((one) => one.isIntersecting)) {
    watch.unobserve(entry.target);
    draw(entry.target);
  }
}, { rootMargin: "200px" });

for (const figure of document.querySelectorAll("figure[data-source]")) watch.observe(figure);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => [...drawn.keys()].forEach(draw));
