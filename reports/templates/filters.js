/* Filters: rows, instances and curves are shown if they fit what is picked; nothing picked fits all. */
(function () {
  "use strict";
  const m3e = window.m3e;
  const FACETS = { task: "Task", platform: "Platform", bandwidth: "Bandwidth", optimizer: "Optimizer" };
  const SEARCH = "search";

  const names = Object.keys(FACETS);
  const cases = new Map(m3e.data.cases.map((entry) => [entry.name, entry]));
  const picks = Object.fromEntries(names.map((facet) => [facet, new Set()]));
  const labels = { case: labelsOf(m3e.data.cases), optimizer: labelsOf(m3e.data.optimizers) };
  const form = document.getElementById("facets");
  const groups = [...document.querySelectorAll(".filtered")].map(groupOf).filter((group) => group.items.length);
  let words = [];

  /** Whether a facet lets a value through; values that are not known pass. */
  m3e.picked = (facet, value) => value === undefined || picks[facet].size === 0 || picks[facet].has(value);

  function labelsOf(entries) {
    return entries.map((entry) => entry.name.toLowerCase()).join("\n");
  }

  /** Rows or instances under one label that counts those shown. */
  function groupOf(container) {
    const label = m3e.element("p", { class: "count", "aria-live": "polite" });
    (container.closest(".wide") || container).before(label);
    const items = [...container.children].filter((item) => item.dataset.case || item.dataset.optimizer);
    return { items, label, noun: container.tagName === "TBODY" ? "row" : "instance" };
  }

  /** Words for cases do not hide what is of no case, and words for optimizers not what is of none. */
  function has(item, word) {
    const elsewhere = Object.keys(labels).some((key) => !item.dataset[key] && labels[key].includes(word));
    return elsewhere || (item.dataset.text || item.textContent).toLowerCase().includes(word);
  }

  function fits(item) {
    const { optimizer, other } = item.dataset;
    const entry = cases.get(item.dataset.case) || {};
    const named = m3e.picked("optimizer", optimizer) || (other !== undefined && m3e.picked("optimizer", other));
    return named && names.every((facet) => m3e.picked(facet, entry[facet])) && words.every((word) => has(item, word));
  }

  function show({ items, label, noun }) {
    const shown = items.filter((item) => !(item.hidden = !fits(item))).length;
    const number = shown === items.length ? `${shown}` : `${shown} of ${items.length}`;
    label.textContent = `${number} ${noun}${items.length === 1 ? "" : "s"}`;
  }

  function state() {
    const found = new URLSearchParams();
    for (const facet of names) picks[facet].forEach((value) => found.append(facet, value));
    if (words.length) found.set(SEARCH, words.join(" "));
    return found;
  }

  function told() {
    const parts = names.filter((facet) => picks[facet].size).map((facet) => [...picks[facet]].join(" or "));
    if (words.length) parts.push(`“${words.join(" ")}”`);
    return m3e.shorten(parts.join(" · "), 80);
  }

  /** Shows what fits; the page's address keeps what is picked. */
  function apply() {
    groups.forEach(show);
    for (const facet of form.querySelectorAll(".facet")) {
      const number = picks[facet.dataset.facet].size;
      facet.classList.toggle("active", number > 0);
      facet.querySelector(".number").textContent = number ? ` (${number})` : "";
    }
    document.getElementById("active").textContent = told();
    form.querySelector(".note").hidden = told() === "";
    m3e.refresh();
  }

  function remember() {
    const text = state().toString();
    if (text || location.hash.includes("=")) history.replaceState(null, "", "#" + text);
  }

  function change() {
    words = form.elements[SEARCH].value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const facet of names) {
      picks[facet] = new Set([...form.querySelectorAll(`[name=${facet}]:checked`)].map((box) => box.value));
    }
    apply();
    remember();
  }

  /** Takes over what the page's address keeps. */
  function recall() {
    const kept = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    form.elements[SEARCH].value = kept.get(SEARCH) || "";
    for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = kept.getAll(box.name).includes(box.value);
    change();
  }

  function valuesOf(facet) {
    if (facet === "optimizer") return m3e.data.optimizers.map((look) => look.name);
    const found = new Set(m3e.data.cases.map((entry) => entry[facet]));
    return [...found].sort(new Intl.Collator("en", { numeric: true }).compare);
  }

  function choice(facet, value) {
    const box = m3e.element("input", { type: "checkbox", name: facet, value });
    return m3e.element("label", {}, box, m3e.named(value));
  }

  function addFacet(facet) {
    const values = valuesOf(facet);
    if (values.length < 2) return;
    const summary = m3e.element("summary", {}, FACETS[facet], m3e.element("span", { class: "number" }));
    const choices = m3e.element("fieldset", { class: "choices" }, m3e.element("legend", { class: "unseen" }, FACETS[facet]));
    choices.append(...values.map((value) => choice(facet, value)));
    form.append(m3e.element("details", { class: "facet", "data-facet": facet, name: "facet" }, summary, choices));
  }

  function closeOthers(event) {
    for (const open of form.querySelectorAll(".facet[open]")) {
      if (event.key === "Escape" || (event.type === "click" && !open.contains(event.target))) open.open = false;
    }
  }

  function build() {
    const hint = "Search rows and instances";
    form.append(m3e.element("input", { type: "search", name: SEARCH, placeholder: hint, "aria-label": hint }));
    names.forEach(addFacet);
    form.append(m3e.element("button", { type: "reset" }, "Reset"));
    const note = "Hidden rows still count: means and ranks are over all problems and optimizers.";
    form.append(m3e.element("p", { class: "note", hidden: true }, note));
    form.addEventListener("input", change);
    form.addEventListener("reset", () => setTimeout(change));
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  build();
  const bar = document.getElementById("filters");
  bar.hidden = groups.length === 0;
  const phone = window.matchMedia("(max-width: 40rem)");
  bar.open = !phone.matches;
  phone.addEventListener("change", () => (bar.open = !phone.matches));
  for (const event of ["click", "keydown"]) document.addEventListener(event, closeOthers);
  window.addEventListener("hashchange", () => location.hash.includes("=") && recall());
  recall();
})();
