/* Legends below charts: lists that wrap as texts do. */
(function () {
  "use strict";
  const m3e = window.m3e;
  const DASHES = { solid: "", dash: "7 4", dot: "2 3", dashdot: "7 3 2 3" };

  function drawn(tag, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  function line({ colour, dash, width }) {
    const dashes = DASHES[dash] ?? dash.replace(/px/g, "").replace(/,/g, " ");
    const way = { x1: 0, x2: 28, y1: 6, y2: 6, stroke: colour, "stroke-width": width, "stroke-dasharray": dashes };
    const picture = drawn("svg", { width: 28, height: 12, "aria-hidden": "true" });
    picture.append(drawn("line", way));
    return picture;
  }

  /** A box in the colour of bars, with the sign of their pattern. */
  function box({ colour, sign }) {
    const made = m3e.element("span", { class: "box", "aria-hidden": "true" }, sign || "");
    made.style.background = colour;
    return made;
  }

  /** Puts a list of {text, colour, dash, width} for lines, {text, colour, sign} for bars, after a chart. */
  m3e.showLegend = function (chart, entries) {
    if (!chart.nextElementSibling?.matches(".legend")) chart.after(m3e.element("ul", { class: "legend" }));
    const rows = entries.map((entry) => m3e.element("li", {}, entry.dash ? line(entry) : box(entry), entry.text));
    chart.nextElementSibling.replaceChildren(...rows);
  };
})();
