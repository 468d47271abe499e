/* Curves over the clip's frames, by uPlot, and the strip of scenes. */
"use strict";

class Charts {
  /** @param choose called with the source frame that somebody points at */
  constructor(data, gif, choose) {
    this.data = data;
    this.choose = choose;
    this.shown = 0;
    const { report } = data;
    this.frames = report.ssim.map((_, i) => i);
    this.bytes = bytesByFrame(data, gif);
    this.holders = [1, 2, 3].map(() => el("div", { class: "chart" }));
    this.element = el("div", { class: "charts" },
      this.#figure(this.holders[0], "SSIM of each frame", this.#ssimWords()),
      this.#figure(this.holders[1], "Worst places of each frame", this.#localWords()),
      this.#figure(this.holders[2], "Bytes of each frame", this.#bytesWords()),
      this.#table());
    this.plots = [];
    this.observer = new ResizeObserver(() => this.#fit());
    this.observer.observe(this.element);
    darkTheme.addEventListener("change", () => this.#draw());
  }

  show(index) {
    this.shown = index;
    for (const plot of this.plots) plot.redraw(false);
  }

  #figure(holder, title, words) {
    holder.setAttribute("role", "img");
    holder.setAttribute("aria-label", `${title}. ${words}`);
    return el("figure", {}, el("figcaption", {}, title), holder);
  }

  #ssimWords() {
    const { report } = this.data;
    const worst = Math.min(...report.ssim);
    return `Mean ${scoreText(report.mean)}, worst ${scoreText(worst)} in frame ` +
      `${report.ssim.indexOf(worst)}, target ${scoreText(report.target.mean)}.`;
  }

  #localWords() {
    const { report } = this.data;
    if (report.local_mean === null) return "Not measured.";
    const worst = Math.max(...report.local);
    return `Mean ${report.local_mean.toFixed(2)}, worst ${worst.toFixed(2)} in frame ` +
      `${report.local.indexOf(worst)}, at most ${report.target.local.toFixed(2)} on average.`;
  }

  #bytesWords() {
    const most = this.bytes.reduce((a, b) => Math.max(a, b), 0);
    return `The most, ${bytesText(most)}, in frame ${this.bytes.indexOf(most)}.`;
  }

  #fit() {
    const width = this.holders[0].clientWidth;
    if (!width || width === this.width) return;
    this.width = width;
    if (!this.plots.length) this.#draw();
    else for (const plot of this.plots) plot.setSize({ width, height: plot.height });
  }

  #draw() {
    for (const plot of this.plots) plot.destroy();
    if (!this.width) return;
    const ink = themeColor("--ink");
    const accent = themeColor("--accent");
    const { report } = this.data;
    const included = this.data.frames.map((frame) => frame.index);
    const points = { show: true, filter: () => included, size: 5, fill: accent };
    const dots = this.frames.length > 1 ? points : { show: true };
    const curve = (holder, height, label, figures, target, digits) => this.#plot(holder, height, [
      { label, stroke: accent, width: 1.5, points: dots, value: (_, v) => v?.toFixed(digits) },
      { label: "Target", stroke: ink, dash: [6, 4], width: 1, points: { show: false }, value: (_, v) => v?.toFixed(digits) ?? "none" },
    ], [figures, this.frames.map(() => target || null)]);
    const ssim = curve(this.holders[0], 200, "SSIM", report.ssim, report.target.mean, 4);
    const local = curve(this.holders[1], 150, "Worst places", report.local, report.target.local, 2);
    const bytes = this.#plot(this.holders[2], 150, [
      {
        label: "Bytes", stroke: accent, fill: accent, width: 0,
        paths: uPlot.paths.bars({ size: [0.8, 40] }), points: { show: false },
        value: (_, v) => v?.toLocaleString("en"),
      },
    ], [this.bytes]);
    this.plots = [ssim, local, bytes];
  }

  #plot(holder, height, series, values) {
    const ink = themeColor("--ink");
    const grid = { stroke: themeColor("--line"), width: 1 };
    const axis = { stroke: ink, grid, ticks: grid };
    return new uPlot({
      width: this.width,
      height,
      scales: { x: { time: false, range: [-0.5, this.frames.length - 0.5] } },
      axes: [
        { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] },
        { ...axis, size: 64 },
      ],
      series: [{ label: "Frame" }, ...series],
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
    for (const scene of this.data.report.scenes.slice(1)) {
      line(scene.start - 0.5, themeColor("--cut"), [2, 3], 1);
    }
    line(this.shown, themeColor("--shown"), [], 1.5);
  }

  #table() {
    const MOST = 2000;
    const { data } = this;
    const details = el("details", {}, el("summary", {}, "The curves as a table"));
    details.addEventListener("toggle", () => {
      if (details.childElementCount > 1) return;
      const rows = this.frames.slice(0, MOST).map((i) => [
        i, secondsText(data.starts[i]), data.report.ssim[i].toFixed(4),
        data.report.local[i]?.toFixed(2) ?? "", this.bytes[i].toLocaleString("en"),
      ]);
      details.append(table("Frames", ["Frame", "From", "SSIM", "Worst places", "Bytes"], rows));
      if (this.frames.length > MOST) details.append(el("p", {}, `The first ${MOST} frames.`));
    });
    return details;
  }
}

/** The scenes in a row, as long as they last, each with a picture. */
class SceneStrip {
  constructor(data, gif, choose) {
    this.data = data;
    this.gif = gif;
    this.items = data.report.scenes.map((scene, number) => this.#item(scene, number, choose));
    this.element = el("ol", { class: "scenes", "aria-label": "Scenes" },
      this.items.map((item) => el("li", { style: item.style }, item.button)));
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
    const words = `Scene ${number + 1}: frames ${scene.start}–${scene.stop - 1}, ` +
      `S ${scoreText(scene.score)}, ${bytesText(scene.bytes)}`;
    const button = el("button", { type: "button", title: words, onclick: () => choose(scene.start) },
      thumbnail, el("span", {}, words));
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      this.#paint(thumbnail, scene);
    });
    seen.observe(button);
    return { scene, button, style: `flex-grow: ${scene.stop - scene.start}` };
  }

  #paint(canvas, scene) {
    const frame = nearestFrame(this.data.frames, scene.start);
    const image = new Image();
    image.onload = () => {
      const scale = Math.max(canvas.width / image.width, canvas.height / image.height);
      const [w, h] = [image.width * scale, image.height * scale];
      canvas.getContext("2d").drawImage(image, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
    };
    image.src = this.data.frames[frame].source;
  }
}

/** The place of the frame nearest to a source frame, the later one of two. */
function nearestFrame(frames, index) {
  let best = 0;
  frames.forEach((frame, place) => {
    if (Math.abs(frame.index - index) <= Math.abs(frames[best].index - index)) best = place;
  });
  return best;
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
