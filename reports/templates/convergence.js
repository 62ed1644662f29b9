/* Convergence on a case: medians over evaluations or CPU seconds, with bands between the quartiles. */
(function () {
  "use strict";
  const m3e = window.m3e;
  const FLOOR = 1e-4; // a logarithmic axis has no zero
  const BANDS = 8; // with more optimizers only the one that leads gets a band
  const UNIFIED = 16; // with more of them the pointer tells one, not all

  /** What the axis is like, by the curves that are chosen. */
  const OVER = {
    curves: { title: "evaluations", hoverformat: ",d", tickformat: "~s" },
    cpu_curves: { title: "CPU seconds", hoverformat: ",.3~r", tickformat: ",~r" },
  };
  let chosen = "curves";

  const looks = new Map(m3e.data.optimizers.map((look) => [look.name, look]));

  /** At each place of `grid` the value of the step before. */
  function along(grid, places, values) {
    let place = -1;
    return grid.map((at) => {
      while (place + 1 < places.length && places[place + 1] <= at) place += 1;
      return place < 0 ? null : values[place];
    });
  }

  function percent(value) {
    if (value === null) return "–";
    return (100 * value).toLocaleString("en", { maximumSignificantDigits: 3 }) + " %";
  }

  const floored = (values) => values.map((value) => (value === null ? null : Math.max(value, FLOOR)));

  function colourOf(look, colours) {
    return colours.dark ? look.dark : look.colour;
  }

  function faint(colour) {
    return colour + "28";
  }

  /** The polygon between the quartiles, as far as both are known. */
  function band(grid, curve, look, colours) {
    const [q1, q3] = [along(grid, curve.at, curve.q1), along(grid, curve.at, curve.q3)];
    const known = [...grid.keys()].filter((place) => q1[place] !== null && q3[place] !== null);
    const edge = (values) => known.map((place) => Math.max(values[place], FLOOR));
    const shared = { type: "scatter", mode: "lines", hoverinfo: "skip", showlegend: false, legendgroup: look.name };
    const steps = { x: known.map((place) => grid[place]), line: { shape: "hv", width: 0 } };
    return [
      { ...shared, ...steps, y: edge(q1) },
      { ...shared, ...steps, y: edge(q3), fill: "tonexty", fillcolor: faint(colourOf(look, colours)) },
    ];
  }

  function median(grid, curve, look, colours, brief) {
    const [q1, middle, q3] = ["q1", "median", "q3"].map((key) => along(grid, curve.at, curve[key]));
    const quartiles = (place) => (curve.runs > 1 && !brief ? ` (${percent(q1[place])} to ${percent(q3[place])})` : "");
    const name = m3e.plain(m3e.named(look.name));
    return {
      type: "scatter",
      mode: "lines",
      name,
      legendgroup: look.name,
      x: grid,
      y: floored(middle),
      customdata: grid.map((_, place) => percent(middle[place]) + quartiles(place)),
      hovertemplate: "%{customdata}<extra>%{fullData.name}</extra>",
      zorder: look.leads ? 1 : 0,
      line: { shape: "hv", color: colourOf(look, colours), dash: look.dash, width: widthOf(look) },
    };
  }

  function widthOf(look) {
    return look.leads ? 3 : look.quiet ? 1 : 1.7;
  }

  function tracesOf(curves, colours, brief) {
    const grid = [...new Set(curves.flatMap((curve) => curve.at))].sort((a, b) => a - b);
    const banded = curves.filter((curve) => curve.runs > 1 && (curves.length <= BANDS || looks.get(curve.optimizer).leads));
    return [
      ...banded.flatMap((curve) => band(grid, curve, looks.get(curve.optimizer), colours)),
      ...curves.map((curve) => median(grid, curve, looks.get(curve.optimizer), colours, brief)),
    ];
  }

  function entryOf(curve, colours) {
    const look = looks.get(curve.optimizer);
    return { text: m3e.named(look.name), colour: colourOf(look, colours), dash: look.dash, width: widthOf(look) };
  }

  m3e.kinds.convergence = function (entry, colours, width) {
    const over = OVER[chosen];
    const curves = entry[chosen].filter((curve) => m3e.picked("optimizer", curve.optimizer));
    const loud = curves.filter((curve) => !looks.get(curve.optimizer).quiet);
    const narrow = m3e.narrow(width);
    const layout = {
      height: narrow ? 290 : 370,
      hovermode: curves.length <= UNIFIED ? "x unified" : "closest",
      xaxis: m3e.axis(colours, { type: "log", nticks: 5, ...over, title: { text: over.title, standoff: 8 } }),
      yaxis: m3e.axis(colours, { type: "log", title: { text: entry.measure }, tickformat: "~%", nticks: 4 }),
      margin: { l: 50, r: 12, t: 30, b: 50 },
    };
    return { traces: tracesOf(curves, colours, narrow), layout, legend: loud.map((curve) => entryOf(curve, colours)) };
  };

  document.addEventListener("DOMContentLoaded", () => {
    const control = document.getElementById("effort");
    if (control === null) return;
    control.hidden = false;
    control.addEventListener("change", (event) => {
      chosen = event.target.value;
      m3e.refresh();
    });
  });
})();
