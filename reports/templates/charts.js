/* Charts: drawn when they come into view, in the colours of the page, and again when something has changed. */
(function () {
  "use strict";
  const m3e = window.m3e;
  const NARROW = 560;

  /** By kind, functions from a case's data, the theme and a width in pixels to {traces, layout, legend}. */
  m3e.kinds = {};

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const coarse = window.matchMedia("(pointer: coarse)");
  const near = new Set();

  function theme() {
    const style = getComputedStyle(document.documentElement);
    const names = ["page", "ink", "dim", "line", "card", "flow", "limit"];
    const colours = Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
    return { ...colours, dark: dark.matches };
  }

  function common(colours, width) {
    return {
      width,
      autosize: false,
      showlegend: false,
      paper_bgcolor: colours.page,
      plot_bgcolor: colours.page,
      font: { color: colours.ink, family: getComputedStyle(document.body).fontFamily, size: 12 },
      hoverlabel: { bgcolor: colours.card, bordercolor: colours.line, font: { color: colours.ink, size: 12 }, align: "left" },
      dragmode: coarse.matches ? false : "zoom",
      modebar: { bgcolor: "transparent", color: colours.dim, activecolor: colours.ink },
    };
  }

  /** What an axis looks like; `more` overrules. */
  m3e.axis = function (colours, more) {
    return { gridcolor: colours.line, linecolor: colours.line, zeroline: false, automargin: true, ...more };
  };

  m3e.narrow = (width) => width < NARROW;

  const CONFIG = {
    displaylogo: false,
    displayModeBar: coarse.matches ? false : "hover",
    doubleClick: "reset",
    modeBarButtons: [["toImage", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
  };

  /** The library, which runs only now, not when the page is opened. */
  function plotly() {
    if (!window.Plotly) document.head.append(m3e.element("script", {}, document.getElementById("plotly").textContent));
    return window.Plotly;
  }

  function draw(element) {
    const colours = theme();
    const width = Math.max(240, element.clientWidth);
    const { traces, layout, legend } = m3e.kinds[element.dataset.kind](m3e.data.cases[element.dataset.case], colours, width);
    plotly().react(element, traces, { ...common(colours, width), ...layout }, CONFIG);
    m3e.showLegend(element, legend);
    element.style.minHeight = layout.height + "px";
    element.dataset.drawn = "yes";
  }

  /** Draws what is in view again, and the rest when it comes into view. */
  m3e.refresh = function () {
    for (const element of document.querySelectorAll(".chart[data-drawn]")) delete element.dataset.drawn;
    near.forEach(draw);
  };

  function onChange(element, isNear) {
    if (isNear) near.add(element);
    else near.delete(element);
    if (isNear && !element.dataset.drawn) draw(element);
  }

  function onResize() {
    let width = window.innerWidth; // on phones, bars that come and go change the height alone
    let asked = 0;
    window.addEventListener("resize", () => {
      if (window.innerWidth === width) return;
      width = window.innerWidth;
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(m3e.refresh);
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    m3e.watch(document.querySelectorAll(".chart"), onChange);
    dark.addEventListener("change", m3e.refresh);
    onResize();
  });
})();
