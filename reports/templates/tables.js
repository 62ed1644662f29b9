/* Tables sort by a click on a head: up, then down; what is missing comes last either way. */
(function () {
  "use strict";
  const m3e = window.m3e;
  const MISSING = new Set(["", "–"]);
  const texts = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  /** What a row is sorted by: a number, a text, or null if it is missing. */
  function keyOf(row, column) {
    const cell = row.cells[column];
    if ("value" in cell.dataset) return cell.dataset.value === "" ? null : Number(cell.dataset.value);
    const text = cell.textContent.trim();
    return MISSING.has(text) ? null : text;
  }

  function compare(a, b) {
    if (typeof a === "string") return texts.compare(a, b);
    return a === b ? 0 : a - b; // the difference of two infinities is no number
  }

  function sort(table, column, direction) {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({ row, key: keyOf(row, column) }));
    const missing = rows.filter(({ key }) => key === null);
    const known = rows.filter(({ key }) => key !== null).sort((a, b) => direction * compare(a.key, b.key));
    body.append(...[...known, ...missing].map(({ row }) => row));
    table.classList.add("sorted");
  }

  function onClick(table, head) {
    const ascending = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    sort(table, head.cellIndex, ascending ? 1 : -1);
  }

  function makeSortable(table) {
    for (const head of table.tHead.rows[0].cells) {
      const button = m3e.element("button", { type: "button" }, ...head.childNodes);
      button.addEventListener("click", () => onClick(table, head));
      head.append(button);
    }
  }

  document.querySelectorAll("table.sortable").forEach(makeSortable);
})();
