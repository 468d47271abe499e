/* Colour tables: those of the shown frame by use, and all tables as one picture. */
"use strict";

const MOST_TABLES = 400;
const TABLES_WIDTH = 512;
const YIELD_EVERY = 8;

class PalettePanel {
  constructor({ data, gif }) {
    this.data = data;
    this.gif = gif;
    this.uses = new Map();
    this.heading = el("h3", {});
    this.swatches = el("ul", { class: "swatches" });
    this.tables = el("canvas", { class: "tables", width: TABLES_WIDTH, height: 1, role: "img" });
    const count = gif.tables.length;
    this.element = el("div", { class: "palettes" }, this.heading, this.swatches,
      el("h3", {}, count === 1 ? "The only colour table" : `All ${count.toLocaleString("en")} colour tables`),
      el("p", { class: "hint" }, "One row for each table, the first at the top. " +
        "The wider a colour, the more pixels were drawn in it."), this.tables);
  }

  show(index) {
    const number = this.data.blocks[index];
    const block = this.gif.blocks[number];
    const counts = this.#counts(number);
    const drawn = counts.reduce((sum, count) => sum + count, 0);
    const held = this.gif.width * this.gif.height - drawn;
    const share = (count) => `${((100 * count) / Math.max(drawn, 1)).toFixed(1)} %`;
    const used = counts.filter(Boolean).length;
    this.heading.textContent =
      `Colours of frame ${index + 1}: ${used} used, ${drawn.toLocaleString("en")} pixels drawn, ` +
      `${held.toLocaleString("en")} left as they are`;
    const colors = tableColors(this.gif.tables[block.table]);
    const order = colors.map((_, i) => i).filter((i) => i !== block.transparent);
    order.sort((a, b) => counts[b] - counts[a] || a - b);
    this.swatches.replaceChildren(...order.slice(0, 256).map((i) =>
      el("li", { style: `--color: ${colors[i]}`, class: counts[i] ? null : "unused",
        title: `${colors[i]}: ${share(counts[i])}` },
        el("span", { class: "hidden" }, `${colors[i]} ${share(counts[i])}`))));
  }

  /** Count the colours of all blocks, a few at a time, and draw the tables. */
  async countAll() {
    const totals = this.gif.tables.map(() => new Float64Array(256));
    for (let number = 0; number < this.gif.blocks.length; number += 1) {
      const total = totals[this.gif.blocks[number].table];
      this.#counts(number).forEach((count, i) => { total[i] += count; });
      if (number % YIELD_EVERY === YIELD_EVERY - 1) await new Promise((done) => { setTimeout(done); });
    }
    const used = totals.map((total) => total.filter(Boolean).length);
    const mean = used.reduce((sum, count) => sum + count, 0) / used.length;
    const words = `${plural(totals.length, "colour table")}, ${mean.toFixed(0)} colours used in the mean`;
    const shown = totals.slice(0, MOST_TABLES);
    this.tables.setAttribute("aria-label",
      shown.length < totals.length ? `${words}; the first ${MOST_TABLES} are drawn` : words);
    this.tables.height = shown.length;
    this.tables.style.height = `${Math.min(320, Math.max(20, 6 * shown.length))}px`;
    shown.forEach((total, number) => this.#strip(number, total));
    this.element.dataset.counted = "true";
  }

  #counts(number) {
    if (!this.uses.has(number)) {
      const counts = new Uint32Array(256);
      for (const index of this.gif.indices(number)) counts[index] += 1;
      const { transparent } = this.gif.blocks[number];
      if (transparent >= 0) counts[transparent] = 0;
      this.uses.set(number, counts);
    }
    return this.uses.get(number);
  }

  /** Draw one row: the colours from dark to light, as wide as they are used. */
  #strip(number, total) {
    const colors = tableColors(this.gif.tables[number]);
    const all = total.reduce((sum, count) => sum + count, 0) || 1;
    const light = (i) => {
      const [r, g, b] = [1, 3, 5].map((at) => parseInt(colors[i].slice(at, at + 2), 16));
      return 0.299 * r + 0.587 * g + 0.114 * b;
    };
    const order = [...total.keys()].filter((i) => total[i]).sort((a, b) => light(a) - light(b));
    const pen = this.tables.getContext("2d");
    let left = 0;
    for (const i of order) {
      const right = left + (TABLES_WIDTH * total[i]) / all;
      pen.fillStyle = colors[i];
      pen.fillRect(Math.floor(left), number, Math.ceil(right) - Math.floor(left), 1);
      left = right;
    }
  }
}

function tableColors(bytes) {
  const out = [];
  for (let at = 0; at < bytes.length; at += 3) {
    out.push("#" + [0, 1, 2].map((c) => bytes[at + c].toString(16).padStart(2, "0")).join(""));
  }
  return out;
}
