/* Small helpers: elements, figures in words. */
"use strict";

/** Make an element: attributes by name, `on...` as listeners, strings as text. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A table of rows of texts; the first of a row is its heading. */
function table(caption, headings, rows, chosen = () => false) {
  const head = headings.length
    ? el("thead", {}, el("tr", {}, headings.map((text) => el("th", { scope: "col" }, text))))
    : null;
  const body = rows.map((row, number) =>
    el("tr", { class: chosen(number) ? "chosen" : null },
      row.map((text, column) =>
        column ? el("td", {}, String(text)) : el("th", { scope: "row" }, String(text)))));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {}, el("caption", {}, caption), head, el("tbody", {}, body)));
}

let idsGiven = 0;
const freshId = (name) => `${name}-${(idsGiven += 1)}`;

const bytesText = (count) => `${count.toLocaleString("en")} bytes`;
const secondsText = (seconds) => `${seconds.toFixed(2)} s`;
const scoreText = (score) => score.toFixed(4);

/** A colour of the page's own, so that canvases follow dark and light. */
const themeColor = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const darkTheme = matchMedia("(prefers-color-scheme: dark)");
