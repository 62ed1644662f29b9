/* What all scripts share: the page's data, and a few helpers. */
(function () {
  "use strict";
  const m3e = (window.m3e = {});
  const MARGIN = 300; // pixels around what is in view

  m3e.data = JSON.parse(document.getElementById("data").textContent);

  const short = new Map(Object.entries(m3e.data.short || {}));

  /** What stands for a name that takes too much room. */
  m3e.named = (name) => short.get(name) ?? name;

  /** A new element with attributes and children; null and false attributes are left out. */
  m3e.element = function (tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children);
    return made;
  };

  /** Text that Plotly shows to the letter: it takes some tags for markup. */
  m3e.plain = function (text) {
    return String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  };

  /** At most so many characters: start and end kept. */
  m3e.shorten = function (text, limit) {
    const half = Math.floor((limit - 1) / 2);
    return text.length <= limit ? text : text.slice(0, half) + "…" + text.slice(text.length - half);
  };

  /** Tells `onChange` which elements come near to what is in view, or go from there. */
  m3e.watch = function (elements, onChange) {
    const tell = (entries) => entries.forEach(({ target, isIntersecting }) => onChange(target, isIntersecting));
    const observer = new IntersectionObserver(tell, { rootMargin: MARGIN + "px 0px" });
    elements.forEach((element) => observer.observe(element));
  };

  /** A number with separators, whole if it is large. */
  m3e.amount = function (value) {
    const places = Math.abs(value) >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 };
    return value.toLocaleString("en", places);
  };
})();
