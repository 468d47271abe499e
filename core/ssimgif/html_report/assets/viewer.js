/* Puts the parts together: one frame is shown, and every part follows it. */
"use strict";

class Viewer {
  /**
   * @param {HTMLElement} root is filled
   * @param data as page_data() of ssimgif makes it
   * @param {{names?: number[], place?: number, mode?: string}} options names are those of the frames
   *   of an excerpt, of which only the pictures are shown; place and mode are those to begin with
   */
  constructor(root, data, { names = null, place = null, mode = "side" } = {}) {
    this.data = data;
    this.names = names;
    const brief = names !== null;
    this.gif = new Gif(Uint8Array.from(atob(data.gif), (letter) => letter.charCodeAt(0)));
    this.pictures = new Pictures(data, this.gif, mode);
    const choose = (index) => this.show(nearestFrame(data.frames, index));
    this.followers = brief ? [] : [
      new Charts(data, this.gif, choose),
      new SceneStrip(data, this.gif, choose),
      new PalettePanel(data, this.gif),
    ];
    root.classList.add("ssimgif-view");
    root.replaceChildren(this.#compare(brief), ...(brief ? [] : this.#sections()));
    const worst = data.frames.map((frame) => data.report.ssim[frame.index]);
    this.show(place ?? (brief ? 0 : worst.indexOf(Math.min(...worst))));
    if (!brief) this.followers[2].countAll();
  }

  /** Show the frame at a place among those in the data. */
  show(place) {
    const { data } = this;
    this.place = Math.max(0, Math.min(data.frames.length - 1, place));
    const { index } = data.frames[this.place];
    this.scrubber.value = this.place;
    const words = this.#words(index);
    this.scrubber.setAttribute("aria-valuetext", words);
    this.readout.textContent = words;
    this.ready = this.pictures.show(this.place);
    for (const follower of this.followers) follower.show(index);
  }

  /** Stop what goes on by itself; the root may be filled anew. */
  close() {
    this.#pause();
    this.pictures.close();
  }

  #playing = 0;

  #words(index) {
    const { report, starts, blocks } = this.data;
    const ssim = `SSIM ${report.ssim[index].toFixed(4)}`;
    if (this.names) return `Frame ${this.names[index]}, ${ssim}`;
    const scene = report.scenes.findIndex((one) => one.start <= index && index < one.stop);
    return `Frame ${index} of ${report.frames_source}, ${secondsText(starts[index])}, ` +
      `${ssim}, scene ${scene + 1}, block ${blocks[index]} ` +
      `(${bytesText(this.gif.blocks[blocks[index]].bytes)})`;
  }

  #compare(brief) {
    const { data } = this;
    this.scrubber = el("input", {
      type: "range", min: 0, max: data.frames.length - 1, step: 1, value: 0, "aria-label": "Frame",
      oninput: () => this.show(Number(this.scrubber.value)),
    });
    this.readout = el("output", { class: "readout" });
    const step = (text, label, by) => el("button", {
      type: "button", "aria-label": label, title: label,
      onclick: () => { this.#pause(); this.show(this.place + by); },
    }, text);
    this.playButton = el("button", {
      type: "button", class: "play", onclick: () => (this.#playing ? this.#pause() : this.#play()),
    }, "Play");
    const some = data.frames.length < data.report.frames_source
      ? el("p", { class: "hint" },
        `${data.frames.length} of ${data.report.frames_source} frames are in this page, ` +
        "the worst ones among them; the curves have all.")
      : null;
    return el("section", { "aria-label": "Source and GIF compared" },
      el("div", { class: "scrub" },
        step("◀", "Previous frame", -1), this.playButton, step("▶", "Next frame", 1), this.scrubber),
      this.readout, brief ? null : some, this.pictures.element);
  }

  #play() {
    const { frames, starts } = this.data;
    const next = (this.place + 1) % frames.length;
    const wait = next ? starts[frames[next].index] - starts[frames[this.place].index] : 0.5;
    this.playButton.textContent = "Pause";
    this.#playing = setTimeout(async () => {
      this.show(next);
      await this.ready;
      if (this.#playing) this.#play();
    }, 1000 * Math.max(0.02, wait));
  }

  #pause() {
    clearTimeout(this.#playing);
    this.#playing = 0;
    this.playButton.textContent = "Play";
  }

  #sections() {
    const { report } = this.data;
    const [charts, strip, palettes] = this.followers;
    const section = (title, ...children) => {
      const id = freshId("section");
      return el("section", { "aria-labelledby": id }, el("h2", { id }, title), ...children);
    };
    return [
      report.fit ? section("Limit of bytes", new FitPanel(report).element) : null,
      section("Curves", charts.element),
      section("Scenes", el("p", { class: "hint" },
        report.scenes.length === 1 ? "One scene, no cuts." : `${report.scenes.length} scenes.`),
      strip.element),
      section("Palettes", palettes.element),
      section("Candidates", ...candidateTables(report)),
      section("Settings and versions", el("div", { class: "facts" }, factTables(report))),
    ].filter(Boolean);
  }
}

/** What came out, in one heading and a few lines. */
function verdict(report) {
  const facts = [
    ["Size", bytesText(report.bytes)],
    ["S", scoreText(report.score)],
    ["Mean SSIM", scoreText(report.mean)],
    ["10th percentile", scoreText(report.p10)],
    ["Looks", report.looks_mean === null ? "not measured" : report.looks_mean.toFixed(1)],
    ["Worst places", report.local_mean === null ? "not measured" : report.local_mean.toFixed(2)],
    ["Missed changes", `${(100 * report.missed).toFixed(1)} %`],
    ["Colour difference", report.delta_e_mean.toFixed(2)],
    ["Frames", `${report.frames_source} read, ${report.frames_coded} written`],
    ["Duration", secondsText(report.source.duration)],
  ];
  return el("div", { class: "verdict" },
    el("p", { class: report.valid ? "met" : "missed" },
      report.valid ? "The target is met." : `The target is missed: ${report.shortfalls.join("; ")}.`),
    report.warnings.map((text) => el("p", { class: "missed" }, text)),
    el("dl", {}, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
}
