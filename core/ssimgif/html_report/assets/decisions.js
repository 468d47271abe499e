/* What was decided and why: palettes and their use, candidates, settings, versions. */
"use strict";

class PalettePanel {
  constructor(data, gif) {
    this.data = data;
    this.gif = gif;
    this.uses = new Map();
    this.heading = el("h3", {});
    this.swatches = el("ul", { class: "swatches" });
    this.strips = el("ul", { class: "strips", tabindex: "0", "aria-label": "Colour tables" });
    this.element = el("div", { class: "palettes" }, this.heading, this.swatches,
      el("h3", {}, `All ${gif.tables.length} colour tables`.replace("All 1 colour tables", "The only colour table")),
      el("p", { class: "hint" }, "The wider a colour, the more pixels were drawn in it."),
      this.strips);
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
      `Colours of block ${number}: ${used} used, ${drawn.toLocaleString("en")} pixels drawn, ` +
      `${held.toLocaleString("en")} left as they are`;
    const colors = tableColors(this.gif.tables[block.table]);
    const order = colors.map((_, i) => i).filter((i) => i !== block.transparent);
    order.sort((a, b) => counts[b] - counts[a] || a - b);
    this.swatches.replaceChildren(...order.slice(0, 256).map((i) =>
      el("li", { style: `--color: ${colors[i]}`, class: counts[i] ? null : "unused",
        title: `${colors[i]}: ${share(counts[i])}` },
        el("span", { class: "hidden" }, `${colors[i]} ${share(counts[i])}`))));
  }

  /** Count the colours of all blocks, a few at a time, and draw the strips. */
  async countAll() {
    const totals = this.gif.tables.map(() => new Float64Array(256));
    for (let number = 0; number < this.gif.blocks.length; number += 1) {
      const total = totals[this.gif.blocks[number].table];
      this.#counts(number).forEach((count, i) => { total[i] += count; });
      if (number % 8 === 7) await new Promise((done) => { setTimeout(done); });
    }
    const MOST = 100;
    this.strips.replaceChildren(...totals.slice(0, MOST).map((total, number) =>
      this.#strip(number, total)));
    if (totals.length > MOST) {
      this.strips.append(el("li", {}, `and ${totals.length - MOST} more`));
    }
    this.strips.dataset.counted = "true";
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

  #strip(number, total) {
    const colors = tableColors(this.gif.tables[number]);
    const all = total.reduce((sum, count) => sum + count, 0) || 1;
    const order = [...total.keys()].filter((i) => total[i]);
    const users = this.gif.blocks.filter((block) => block.table === number).length;
    const words = `Table ${number}: ${order.length} of ${colors.length} colours used, in ` +
      `${users} block${users === 1 ? "" : "s"}`;
    const canvas = el("canvas", { width: 512, height: 1, role: "img", "aria-label": words });
    const pen = canvas.getContext("2d");
    const light = (i) => {
      const [r, g, b] = [1, 3, 5].map((at) => parseInt(colors[i].slice(at, at + 2), 16));
      return 0.299 * r + 0.587 * g + 0.114 * b;
    };
    order.sort((a, b) => light(a) - light(b));
    let left = 0;
    for (const i of order) {
      const right = left + (512 * total[i]) / all;
      pen.fillStyle = colors[i];
      pen.fillRect(Math.floor(left), 0, Math.ceil(right) - Math.floor(left), 1);
      left = right;
    }
    return el("li", {}, canvas, el("span", {}, words));
  }
}

function tableColors(bytes) {
  const out = [];
  for (let at = 0; at < bytes.length; at += 3) {
    out.push("#" + [0, 1, 2].map((c) => bytes[at + c].toString(16).padStart(2, "0")).join(""));
  }
  return out;
}

/** All palettes that were tried for each scene, and what made one of them win. */
function candidateTables(report) {
  return report.scenes.map((scene, number) => {
    const rows = scene.candidates.map((one) => [
      one.strategy,
      one.colors,
      one.score === null ? "not scored" : scoreText(one.score),
      one.bytes === null ? "not coded" : one.bytes.toLocaleString("en"),
      one.verdict,
    ]);
    const caption = `Scene ${number + 1}, frames ${scene.start}–${scene.stop - 1}`;
    const headings = ["Palette", "Colours", "SSIM in nearest colours", "Estimated bytes", "Verdict"];
    const won = (row) => scene.candidates[row].verdict === "chosen";
    return el("details", { open: number === 0 },
      el("summary", {}, `${caption}: ${scene.strategy}, ${scene.colors} colours`),
      el("p", {}, whyItWon(scene)),
      rows.length ? table(caption, headings, rows, won) : null);
  });
}

function whyItWon(scene) {
  const winner = scene.candidates.find((one) => one.verdict === "chosen");
  if (!winner) return `This scene uses “${scene.strategy}”; no candidate of its own was chosen.`;
  const name = (one) => `“${one.strategy}” with ${one.colors} colours`;
  const others = scene.candidates.filter((one) => one !== winner && one.bytes !== null);
  if (winner.bytes === null || !others.length) return `${name(winner)} was chosen.`;
  const next = others.reduce((a, b) => (b.bytes < a.bytes ? b : a));
  const percent = (100 * (next.bytes / winner.bytes - 1)).toFixed(1);
  const then = next.bytes >= winner.bytes
    ? `the best of the others, ${name(next)}, needs ${percent} % more`
    : `${name(next)} needs less but is ${next.verdict}`;
  return `${name(winner)} won: with it the scene takes about ` +
    `${bytesText(winner.bytes)} at the target; ${then}.`;
}

/** What was asked, what was used, and how long it took. */
function factTables(report) {
  const text = (value) => {
    if (value === null) return "not set";
    return Array.isArray(value) ? value.join(", ") : value;
  };
  const rows = (facts) => Object.entries(facts).map(([name, value]) => [
    name.replaceAll("_", " "), text(value)]);
  const seconds = Object.fromEntries(
    Object.entries(report.seconds).map(([stage, time]) => [stage, secondsText(time)]));
  return [
    table("Target", [], rows(report.target)),
    table("Settings", [], rows(report.settings)),
    table("Seconds by stage", [], rows(seconds)),
    table("Versions", [], rows(report.versions)),
  ];
}
