/* What is wider than its box scrolls in it: a line above says so, and the box fades where more is hidden. */
(function () {
  "use strict";
  const m3e = window.m3e;
  const TEXT = "↔ wider than the screen: scroll sideways";

  /** Which sides hide something: "left", "right", both, or none. */
  function hidden(box) {
    const most = box.scrollWidth - box.clientWidth;
    const sides = { left: box.scrollLeft > 1, right: box.scrollLeft < most - 1 };
    return Object.keys(sides).filter((side) => sides[side]).join(" ");
  }

  function tell(box, cue) {
    const sides = hidden(box);
    if (sides) box.dataset.more = sides;
    else delete box.dataset.more;
    cue.hidden = box.scrollWidth <= box.clientWidth + 1;
  }

  function follow(box) {
    const cue = m3e.element("p", { class: "cue", hidden: true }, TEXT);
    box.before(cue);
    const update = () => tell(box, cue);
    box.addEventListener("scroll", update, { passive: true });
    const observer = new ResizeObserver(update);
    for (const element of [box, ...box.children]) observer.observe(element);
  }

  document.querySelectorAll(".wide, .plate").forEach(follow);
})();
