/* How a limit of bytes was met: what was tried, on a plot and in a table. */
"use strict";

const shapeText = (one) =>
  `${one.width}x${one.height}` + (one.fps === null ? "" : ` at ${fpsText(one.fps)} frames a second`);

function fpsText(fps) {
  const [above, below = 1] = fps.split("/").map(Number);
  return String(Number((above / below).toFixed(2)));
}

class FitPanel {
  /** @param report with a `fit` */
  constructor(report) {
    this.fit = report.fit;
    this.limit = report.settings.max_bytes;
    this.tried = [...this.fit.tried].sort((a, b) => a.bytes - b.bytes);
    this.holder = el("div", { class: "chart", role: "img", "aria-label": this.#words() });
    const chosen = shapeText(this.fit);
    this.element = el("div", {},
      el("p", {}, `Chosen: ${this.fit.reason}. The whole GIF comes to a quality of ` +
        `${this.fit.seen.toFixed(0)}, seen at ${this.fit.shown_width}x${this.fit.shown_height}.`),
      el("figure", {}, el("figcaption", {},
        "Quality as shown over bytes, of all that was tried; the dashed line is the limit"),
      this.holder),
      table("What was tried", ["Size", "Quality asked for", "Bytes, estimated", "Quality as shown"],
        this.fit.tried.map((one) => [shapeText(one), one.quality, one.bytes.toLocaleString("en"),
          one.seen]),
        (row) => shapeText(this.fit.tried[row]) === chosen));
    new ResizeObserver(() => this.#draw()).observe(this.holder);
    darkTheme.addEventListener("change", () => this.#draw(true));
  }

  #words() {
    const seen = this.tried.map((one) => one.seen);
    return `${this.tried.length} attempts, quality as shown from ${Math.min(...seen)} ` +
      `to ${Math.max(...seen)}.`;
  }

  #draw(again = false) {
    const width = this.holder.clientWidth;
    if (!width || (width === this.width && !again)) return;
    this.width = width;
    this.plot?.destroy();
    const grid = { stroke: themeColor("--line"), width: 1 };
    const axis = { stroke: themeColor("--ink"), grid, ticks: grid };
    const accent = themeColor("--accent");
    const chosen = shapeText(this.fit);
    const series = (label, wanted, fill) => ({
      label, stroke: accent, paths: () => null, points: { show: true, size: 9, fill },
      value: (_, v, __, i) => (i === null || i === undefined || v === null || v === undefined
        ? "" : `${v.toFixed(0)} (${shapeText(this.tried[i])})`),
      figures: this.tried.map((one) => ((shapeText(one) === chosen) === wanted ? one.seen : null)),
    });
    const both = [series("Chosen size", true, accent), series("Others", false, themeColor("--paper"))];
    this.plot = new uPlot({
      width,
      height: 240,
      scales: { x: { time: false } },
      axes: [{ ...axis, values: (_, ticks) => ticks.map((v) => v.toLocaleString("en")) },
        { ...axis, size: 64 }],
      series: [{ label: "Bytes", value: (_, v) => v?.toLocaleString("en") }, ...both],
      cursor: { drag: { x: false, y: false } },
      hooks: { draw: [(plot) => this.#mark(plot)] },
    }, [this.tried.map((one) => one.bytes), ...both.map((one) => one.figures)], this.holder);
  }

  /** Draw the limit. */
  #mark(plot) {
    const pen = plot.ctx;
    const x = Math.round(plot.valToPos(this.limit, "x", true));
    pen.save();
    pen.strokeStyle = themeColor("--ink");
    pen.setLineDash([6, 4]);
    pen.beginPath();
    pen.moveTo(x, plot.bbox.top);
    pen.lineTo(x, plot.bbox.top + plot.bbox.height);
    pen.stroke();
    pen.restore();
  }
}
