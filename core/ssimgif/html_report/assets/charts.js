/* Curves over the clip's frames, by uPlot, and the strip of scenes. */
"use strict";

const CURVES = [
  {
    title: "Worst places", words: "1 is hard to see, 2 is plain; lower is better", height: 170, digits: 2,
    figures: ({ data }) => data.report.local,
    target: ({ target }) => target.local,
    worst: (figures) => Math.max(...figures),
  },
  {
    title: "Structure (SSIM)", words: "1 is the source; higher is better", height: 170, digits: 4,
    figures: ({ data }) => data.report.ssim,
    target: ({ target }) => target.mean,
    worst: (figures) => Math.min(...figures),
  },
  {
    title: "Bytes", words: "what comes with each frame", height: 150, digits: 0, bars: true,
    figures: ({ data, gif }) => bytesByFrame(data, gif),
    target: () => 0,
    worst: (figures) => figures.reduce((a, b) => Math.max(a, b), 0),
  },
];
const MOST_ROWS = 2000;

class Charts {
  /** @param choose called with the source frame that somebody points at */
  constructor(entries, choose) {
    this.entries = entries;
    this.choose = choose;
    this.shown = 0;
    this.report = entries[0].data.report;
    this.frames = this.report.ssim.map((_, index) => index + 1); // counted from 1
    this.curves = CURVES.map((curve) => ({
      ...curve, values: entries.map((entry) => curve.figures(entry)), holder: el("div", { class: "chart" }),
    })).filter(({ values }) => values.every((figures) => figures[0] !== null));
    this.element = el("div", { class: "charts" },
      this.curves.map((curve) => this.#figure(curve)), this.#table());
    this.plots = [];
    this.observer = new ResizeObserver(() => this.#fit());
    this.observer.observe(this.element);
    darkTheme.addEventListener("change", () => this.#draw());
  }

  show(index) {
    this.shown = index;
    for (const plot of this.plots) {
      plot.redraw(false);
      plot.setLegend({ idx: index });
    }
  }

  #figure({ holder, title, words, values, worst, digits }) {
    const told = values.map((figures, number) => {
      const most = worst(figures);
      const frame = figures.indexOf(most) + 1;
      const name = this.entries.length > 1 ? `${this.entries[number].name}: ` : "";
      return `${name}${most.toFixed(digits)} in frame ${frame}`;
    });
    holder.setAttribute("role", "img");
    holder.setAttribute("aria-label", `${title}. The extreme is ${told.join("; ")}.`);
    return el("figure", {}, el("figcaption", {}, el("strong", {}, title), ` – ${words}`), holder);
  }

  #fit() {
    const width = this.curves[0].holder.clientWidth;
    if (!width || width === this.width) return;
    this.width = width;
    if (!this.plots.length) this.#draw();
    else for (const plot of this.plots) plot.setSize({ width, height: plot.height });
  }

  #draw() {
    for (const plot of this.plots) plot.destroy();
    if (!this.width) return;
    const included = this.entries[0].data.frames.map((frame) => frame.index);
    const colors = ["--accent", "--shown"].map(themeColor);
    this.plots = this.curves.map((curve) => {
      const text = (_, value) => (value === undefined || value === null ? "–"
        : value.toLocaleString("en", { minimumFractionDigits: curve.digits, maximumFractionDigits: curve.digits }));
      const series = this.entries.map(({ name }, number) => ({
        label: this.entries.length > 1 ? name : curve.title,
        stroke: colors[number], width: 1.5, value: text,
        points: { show: true, filter: () => (this.frames.length > 1 ? included : null), size: 5, fill: colors[number] },
        ...(curve.bars && this.entries.length === 1
          ? { fill: colors[number], width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.8, 40] }) }
          : {}),
      }));
      const values = [...curve.values];
      const target = curve.target(this.report);
      if (target) {
        series.push({
          label: "Asked for", stroke: themeColor("--ink"), dash: [6, 4], width: 1, value: text, points: { show: false },
        });
        values.push(this.frames.map(() => target));
      }
      return this.#plot(curve, series, values);
    });
  }

  #plot({ holder, height }, series, values) {
    const ink = themeColor("--ink");
    const grid = { stroke: themeColor("--line"), width: 1 };
    const axis = { stroke: ink, grid, ticks: grid };
    return new uPlot({
      width: this.width,
      height,
      scales: { x: { time: false, range: [0.5, this.frames.length + 0.5] } },
      axes: [
        { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] },
        { ...axis, size: 64 },
      ],
      series: [{ label: "Frame" }, ...series],
      legend: { live: true },
      cursor: {
        sync: { key: "frames" },
        drag: { x: false, y: false },
      },
      hooks: {
        ready: [(plot) => this.#choosable(plot)],
        draw: [(plot) => this.#marks(plot)],
      },
    }, [this.frames, ...values], holder);
  }

  #choosable(plot) {
    plot.over.addEventListener("click", (event) => this.choose(plot.posToIdx(event.offsetX)));
    // Where nobody points at a frame, the legends tell of the shown one.
    plot.over.addEventListener("mouseleave", () => this.show(this.shown));
    plot.setLegend({ idx: this.shown });
  }

  /** Draw the scenes' cuts, and where the shown frame is. */
  #marks(plot) {
    const pen = plot.ctx;
    const line = (place, color, dash, width) => {
      const x = Math.round(plot.valToPos(place, "x", true)) + 0.5;
      pen.save();
      pen.strokeStyle = color;
      pen.lineWidth = width * devicePixelRatio;
      pen.setLineDash(dash);
      pen.beginPath();
      pen.moveTo(x, plot.bbox.top);
      pen.lineTo(x, plot.bbox.top + plot.bbox.height);
      pen.stroke();
      pen.restore();
    };
    for (const scene of this.report.scenes.slice(1)) {
      line(scene.start + 0.5, themeColor("--cut"), [2, 3], 1);
    }
    line(this.shown + 1, themeColor("--soft"), [], 1.5);
  }

  #table() {
    const details = el("details", { class: "fold" }, el("summary", {}, "The curves as a table"));
    details.addEventListener("toggle", () => {
      if (details.childElementCount > 1) return;
      const { starts } = this.entries[0].data;
      const rows = this.frames.slice(0, MOST_ROWS).map((number, index) => [
        number, secondsText(starts[index]),
        ...this.curves.flatMap(({ values, digits }) => values.map((figures) =>
          figures[index].toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }))),
      ]);
      const names = this.entries.map(({ name }) => (this.entries.length > 1 ? `, ${name}` : ""));
      const headings = this.curves.flatMap(({ title }) => names.map((name) => title + name));
      details.append(table("Frames", ["Frame", "From", ...headings], rows));
      if (this.frames.length > MOST_ROWS) details.append(el("p", {}, `The first ${MOST_ROWS} frames.`));
    });
    return details;
  }
}

/** The scenes in a row, as long as they last, each with a picture. */
class SceneStrip {
  constructor(entries, choose) {
    this.entries = entries;
    const { scenes } = entries[0].data.report;
    this.items = scenes.map((scene, number) => this.#item(scene, number, choose));
    const words = scenes.length === 1 ? "One scene, no cuts." : `${scenes.length} scenes, as long as they last.`;
    this.element = el("div", {}, el("p", { class: "hint" }, words),
      el("ol", { class: "scenes", "aria-label": "Scenes" },
        this.items.map((item) => el("li", { style: item.style }, item.button))));
  }

  show(index) {
    for (const { scene, button } of this.items) {
      const here = scene.start <= index && index < scene.stop;
      if (here) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  #item(scene, number, choose) {
    const thumbnail = el("canvas", { width: 96, height: 54, "aria-hidden": "true" });
    const bytes = this.entries.map(({ name, data }) => {
      const text = sizeText(data.report.scenes[number].bytes);
      return this.entries.length > 1 ? `${name} ${text}` : text;
    });
    const words = `Scene ${number + 1}: ${frameRange(scene)}, ${bytes.join(", ")}`;
    const button = el("button", { type: "button", title: words, onclick: () => choose(scene.start) },
      thumbnail, el("span", {}, words));
    const seen = new IntersectionObserver((found) => {
      if (!found.some((one) => one.isIntersecting)) return;
      seen.disconnect();
      this.#paint(thumbnail, scene);
    });
    seen.observe(button);
    return { scene, button, style: `flex-grow: ${scene.stop - scene.start}` };
  }

  #paint(canvas, scene) {
    const { frames } = this.entries[0].data;
    const image = new Image();
    image.onload = () => {
      const scale = Math.max(canvas.width / image.width, canvas.height / image.height);
      const [w, h] = [image.width * scale, image.height * scale];
      canvas.getContext("2d").drawImage(image, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
    };
    image.src = frames[nearestFrame(frames, scene.start)].source;
  }
}

/** Bytes of the blocks that come on screen with each source frame; 0 where a picture stays. */
function bytesByFrame(data, gif) {
  const out = new Array(data.blocks.length).fill(0);
  const first = new Map();
  data.blocks.forEach((block, index) => {
    if (!first.has(block)) first.set(block, index);
  });
  let index = 0;
  gif.blocks.forEach((block, number) => {
    index = first.get(number) ?? index;
    out[index] += block.bytes;
  });
  return out;
}
