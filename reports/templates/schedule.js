/* A schedule: what the cores do when, above the memory bandwidth over the same time. */
(function () {
  "use strict";
  const m3e = window.m3e;
  const COLOURS = ["#3f8fd2", "#f0a30a", "#2a9d5c", "#d17fae", "#8a7be0", "#d9c84a", "#c2603f", "#58c1c9"];
  const PATTERNS = ["", "/", "x", "\\", "-", "+", "|"];
  const HAIR = 1 / 400; // of the makespan: bars that are shorter have no outline, which would hide them
  const NAMED = 150; // with more jobs no bar has a text
  const ENTRIES = 24; // in the legend

  function marker(place, outlines, colours) {
    const shape = PATTERNS[Math.floor(place / COLOURS.length) % PATTERNS.length];
    const pattern = { shape, fillmode: "overlay", fgcolor: "#101214", fgopacity: 0.55, solidity: 0.2, size: 6 };
    return { color: COLOURS[place % COLOURS.length], line: { color: colours.page, width: outlines }, pattern };
  }

  function hover(schedule, job) {
    const [start, end] = [schedule.start[job], schedule.end[job]];
    const network = m3e.plain(m3e.shorten(schedule.networks[schedule.network[job]], 60));
    const count = schedule.count ? schedule.count[job] : 1;
    const name = m3e.plain(m3e.shorten(schedule.layer[job], 60));
    const number = schedule.job ? schedule.job[job] : job;
    return [
      count > 1 ? `<b>${m3e.amount(count)} short jobs</b>` : `<b>${name}</b>`,
      count > 1 ? (network ? `most of the time ${network}` : "together") : `${network ? network + ", " : ""}job ${number}`,
      `on ${m3e.plain(schedule.cores[schedule.core[job]])}`,
      `${m3e.amount(start)} to ${m3e.amount(end)}: ${m3e.amount(end - start)} cycles`,
    ].join("<br>");
  }

  /** The bars of one network. */
  function bars(schedule, place, scale, colours) {
    const jobs = [...schedule.core.keys()].filter((job) => schedule.network[job] === place);
    const lengths = jobs.map((job) => schedule.end[job] - schedule.start[job]);
    const hair = HAIR * schedule.makespan;
    return {
      type: "bar",
      orientation: "h",
      base: jobs.map((job) => schedule.start[job] / scale),
      x: lengths.map((length) => length / scale),
      y: jobs.map((job) => schedule.core[job]),
      width: 0.84,
      marker: marker(place, lengths.map((length) => (length > hair ? 0.7 : 0)), colours),
      hovertext: jobs.map((job) => hover(schedule, job)),
      hoverinfo: "text",
      text: schedule.core.length > NAMED ? "" : jobs.map((job) => m3e.plain(schedule.layer[job])),
      textposition: "inside",
      insidetextanchor: "middle",
      textangle: 0,
      insidetextfont: { color: "#101214" },
    };
  }

  function line(name, times, values, more) {
    const hovertemplate = `%{y:,.5~g} GB/s<extra>${name}</extra>`;
    return { type: "scatter", mode: "lines", name, x: times, y: values, yaxis: "y2", hovertemplate, ...more };
  }

  /** Asked for, used and limit; both ends of each step. */
  function bandwidth(schedule, scale, low, colours) {
    const times = schedule.times.map((time) => time / scale);
    const asked = schedule.demands.map((value) => Math.max(value, low));
    if (asked.length) asked.push(asked[asked.length - 1]);
    const used = schedule.used
      ? [...schedule.used, schedule.used[schedule.used.length - 1]].map((value) => Math.max(value, low))
      : asked.map((value) => Math.min(value, schedule.limit));
    const shape = { shape: "hv", width: 1 };
    const limit = { line: { color: colours.limit, width: 1.5, dash: "dash" } };
    return [
      line("used", times, used, { line: { ...shape, width: 0 }, fill: "tozeroy", fillcolor: colours.flow }),
      line("asked for", times, asked, { line: { ...shape, color: colours.ink } }),
      line("limit", [0, schedule.makespan / scale], [schedule.limit, schedule.limit], { ...limit }),
    ];
  }

  /** Logarithmic where demand and limit are far from each other. */
  function range(schedule) {
    const limit = schedule.limit;
    const peak = schedule.demands.reduce((most, value) => Math.max(most, value), 0);
    if (peak <= 10 * limit && (peak >= limit / 10 || peak === 0)) return { low: 0, range: [0, 1.12 * Math.max(limit, peak)] };
    const low = Math.min(limit, peak) / 100;
    return { low, type: "log", range: [Math.log10(low), Math.log10(2 * Math.max(limit, peak))] };
  }

  function cores(schedule, colours) {
    const labels = schedule.cores.map((label) => m3e.plain(label));
    const step = Math.ceil(labels.length / 40);
    const shown = [...labels.keys()].filter((core) => core % step === 0);
    return m3e.axis(colours, {
      tickvals: shown,
      ticktext: shown.map((core) => labels[core]),
      range: [labels.length - 0.5, -0.5],
      domain: [0.36, 1],
      showgrid: false,
      fixedrange: true,
    });
  }

  function entriesOf(schedule, colours) {
    const shown = schedule.networks.slice(0, ENTRIES).map((network, place) => {
      const { color, pattern } = marker(place, 0, colours);
      return { text: network || "jobs", colour: color, sign: pattern.shape };
    });
    const more = (schedule.kinds || schedule.networks.length) - shown.length;
    if (more > 0) shown.push({ text: `and ${more} more`, colour: "transparent" });
    return [
      ...shown,
      { text: "bandwidth used", colour: colours.flow },
      { text: "asked for", colour: colours.ink, dash: "solid", width: 1 },
      { text: `limit, ${m3e.amount(schedule.limit)} GB/s`, colour: colours.limit, dash: "dash", width: 1.5 },
    ];
  }

  m3e.kinds.schedule = function (entry, colours, width) {
    const schedule = entry.schedule;
    const [scale, unit] = schedule.unit;
    const { low, ...memory } = range(schedule);
    const traces = schedule.networks.map((_, place) => bars(schedule, place, scale, colours));
    traces.push(...bandwidth(schedule, scale, low, colours));
    const rows = Math.min(640, Math.max(150, 28 * schedule.cores.length));
    const layout = {
      height: Math.round(rows / 0.64) + 80,
      barmode: "overlay",
      hovermode: "closest",
      uniformtext: { mode: "hide", minsize: 9 },
      xaxis: m3e.axis(colours, { title: { text: "time, " + unit, standoff: 8 }, range: [0, schedule.makespan / scale || 1], anchor: "y2" }),
      yaxis: cores(schedule, colours),
      yaxis2: m3e.axis(colours, { ...memory, title: { text: memory.type ? "GB/s<br>(log)" : "GB/s" }, domain: [0, 0.28], fixedrange: true, nticks: 5 }),
      margin: { l: 50, r: 12, t: 30, b: 50 },
    };
    return { traces, layout, legend: entriesOf(schedule, colours) };
  };
})();
