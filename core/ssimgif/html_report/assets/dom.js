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

/**
 * A table of rows, the first of a row being its heading. A cell is a text, or {text, better, words}:
 * it may be marked as the better one, and explained in words.
 */
function table(caption, headings, rows, { chosen = () => false } = {}) {
  const head = headings.length
    ? el("thead", {}, el("tr", {}, headings.map((text) => (text
      ? el("th", { scope: "col" }, text) : el("td", {})))))
    : null;
  const cell = (value, column) => {
    const { text, better, words } = typeof value === "object" ? value : { text: value };
    const note = words ? el("span", { class: "note" }, words) : null;
    return column
      ? el("td", { class: better ? "better" : null }, String(text), note)
      : el("th", { scope: "row" }, String(text), note);
  };
  const body = rows.map((row, number) =>
    el("tr", { class: chosen(number) ? "chosen" : null }, row.map(cell)));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {}, el("caption", {}, caption), head, el("tbody", {}, body)));
}

let idsGiven = 0;
const freshId = (name) => `${name}-${(idsGiven += 1)}`;

const bytesText = (count) => `${count.toLocaleString("en")} bytes`;
const secondsText = (seconds) => `${seconds.toFixed(2)} s`;
const scoreText = (score) => score.toFixed(4);
const percentText = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

/** A size in the units that limits are given in. */
function sizeText(count) {
  const [unit, name] = [[1e6, "MB"], [1e3, "kB"]].find(([one]) => count >= one) ?? [1, "bytes"];
  const figure = count / unit;
  const digits = figure >= 100 || unit === 1 ? 0 : figure >= 10 ? 1 : 2;
  return `${figure.toLocaleString("en", { maximumFractionDigits: digits })} ${name}`;
}

const QUALITY_WORDS = [
  [90, "looks like the source"],
  [80, "very hard to tell from the source"],
  [70, "good: losses show on a close look"],
  [55, "fair: losses show"],
  [40, "plain losses"],
  [-Infinity, "rough"],
];

/** What a quality, 0 to 100, means to somebody who looks; rounded, as it is shown. */
const qualityWords = (quality) => QUALITY_WORDS.find(([least]) => Math.round(quality) >= least)[1];

/** A colour of the page's own, so that canvases follow dark and light. */
const themeColor = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const darkTheme = matchMedia("(prefers-color-scheme: dark)");
