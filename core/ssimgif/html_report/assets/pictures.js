/* The shown frame: the source and one GIF or two in the same place, side by side or in turns. */
"use strict";

const MODES = [
  ["swipe", "Swipe"],
  ["side", "Side by side"],
  ["blink", "Blink"],
];
const ZOOMS = [
  ["fit", "Fit"],
  ["1", "1×"],
  ["2", "2×"],
  ["4", "4×"],
];
const BLINK_MILLISECONDS = 600;
const DECODED_FRAMES = 24;

class Pictures {
  /**
   * @param entries one for each GIF: {name, data, gif}; the first one's frames hold the source
   * @param {string} mode one of MODES
   */
  constructor(entries, mode) {
    this.entries = entries;
    this.#decoded = new Map();
    const { width, height } = entries[0].gif;
    const canvas = (label) =>
      el("canvas", { width, height, role: "img", "aria-label": label });
    this.layers = [
      { name: "Source", canvas: canvas("The source's frame") },
      ...entries.map(({ name }) => ({ name, canvas: canvas(`The frame of ${name}`) })),
    ];
    if (entries.length === 1) this.layers[1].canvas.setAttribute("aria-label", "The GIF's frame");
    this.element = el("div", { class: "pictures" }, this.#stage(), this.#toolbar());
    this.stage.parentElement.style.setProperty("--aspect", width / height);
    this.#choose(0, 1);
    this.#mode(mode);
    this.#zoom("fit");
  }

  /** Show the frame at a place among those in the data. */
  async show(place) {
    this.place = place;
    const frame = this.entries[0].data.frames[place];
    const made = this.entries.map(({ data, gif }) => gif.picture(data.blocks[frame.index]));
    const source = await this.#decode(frame);
    if (this.place !== place) return;
    const pen = this.layers[0].canvas.getContext("2d");
    pen.clearRect(0, 0, pen.canvas.width, pen.canvas.height);
    pen.drawImage(source, 0, 0, pen.canvas.width, pen.canvas.height);
    made.forEach((picture, number) => this.#put(number, picture));
    delete this.stage.dataset.alone;
    this.element.dataset.shown = frame.index;
  }

  /** Show the only GIF without the source, once a block of it is drawn. */
  showAlone(block) {
    this.place = null;
    this.#put(0, this.entries[0].gif.picture(block));
    this.stage.dataset.alone = "";
  }

  close() {
    clearInterval(this.#blinking);
  }

  get mode() {
    return this.stage.dataset.mode;
  }

  #decoded;
  #blinking = 0;

  #put(number, picture) {
    this.layers[number + 1].canvas.getContext("2d").putImageData(picture, 0, 0);
  }

  async #decode(frame) {
    if (!this.#decoded.has(frame)) {
      if (this.#decoded.size > DECODED_FRAMES) {
        this.#decoded.delete(this.#decoded.keys().next().value);
      }
      const image = new Image();
      image.src = frame.source;
      this.#decoded.set(frame, image.decode().then(() => image));
    }
    return this.#decoded.get(frame);
  }

  #toolbar() {
    const group = freshId("mode");
    const modes = MODES.map(([value, text]) =>
      el("label", {},
        el("input", {
          type: "radio", name: group, value, onchange: () => this.#mode(value),
        }), text));
    this.modes = el("fieldset", { class: "choice" }, el("legend", { class: "hidden" }, "Compare"), modes);
    const zoom = el("select", { onchange: (event) => this.#zoom(event.target.value) },
      ZOOMS.map(([value, text]) => el("option", { value }, text)));
    return el("div", { class: "toolbar" }, this.modes, this.#pair(),
      el("label", { class: "field" }, "Zoom", zoom));
  }

  /** Which two of the source and two GIFs share the place; there is no choice with one GIF. */
  #pair() {
    if (this.layers.length < 3) return null;
    const pairs = [[0, 1], [0, 2], [1, 2]];
    const text = (pair) => pair.map((number) => this.layers[number].name).join(" | ");
    return el("label", { class: "field" }, "Shown",
      el("select", { onchange: (event) => this.#choose(...pairs[event.target.value]) },
        pairs.map((pair, number) => el("option", { value: number }, text(pair)))));
  }

  #choose(left, right) {
    this.layers.forEach(({ figure }, number) => {
      figure.dataset.layer = { [left]: "left", [right]: "right" }[number] ?? "none";
    });
    const [first, second] = [this.layers[left].name, this.layers[right].name];
    this.tags[0].textContent = first;
    this.tags[1].textContent = second;
    this.edge.setAttribute("aria-label", `Edge between ${first} and ${second}`);
    if (this.mode) this.#mode(this.mode);
  }

  #stage() {
    this.edge = el("input", {
      type: "range", min: 0, max: 100, value: 50,
      oninput: () => this.#swipe(Number(this.edge.value)),
    });
    for (const layer of this.layers) {
      layer.figure = el("figure", {},
        el("div", { class: "checks" }, layer.canvas), el("figcaption", {}, layer.name));
    }
    this.tags = [1, 2].map(() => el("span", { "aria-hidden": "true" }));
    this.handle = el("div", { class: "handle", "aria-hidden": "true" });
    this.stage = el("div", {
      class: "stage", tabindex: "0", role: "group", "aria-label": "Source and GIF",
      onpointermove: (event) => this.#drag(event),
      onpointerdown: (event) => this.#drag(event),
    }, this.layers.map(({ figure }) => figure), this.handle);
    return el("div", { class: "frame" }, this.stage, el("div", { class: "tags" }, this.tags),
      el("div", { class: "edge hidden" }, this.edge));
  }

  #mode(mode) {
    this.stage.dataset.mode = mode;
    this.stage.parentElement.dataset.mode = mode;
    for (const input of this.modes.querySelectorAll("input")) input.checked = input.value === mode;
    this.edge.parentElement.hidden = mode !== "swipe";
    clearInterval(this.#blinking);
    this.stage.classList.remove("blinked");
    this.#swipe(Number(this.edge.value));
    if (mode === "blink") {
      this.#blinking = setInterval(
        () => this.stage.classList.toggle("blinked"), BLINK_MILLISECONDS);
    }
  }

  #zoom(zoom) {
    this.stage.classList.toggle("fit", zoom === "fit");
    const factor = zoom === "fit" ? null : Number(zoom);
    for (const { canvas } of this.layers) {
      canvas.style.width = factor ? `${factor * canvas.width}px` : "";
    }
    this.#swipe(Number(this.edge.value));
  }

  #swipe(percent) {
    const swiping = this.mode === "swipe";
    for (const { canvas, figure } of this.layers) {
      const cut = swiping && figure.dataset.layer === "right";
      canvas.style.clipPath = cut ? `inset(0 0 0 ${percent}%)` : "";
    }
    this.handle.hidden = !swiping;
    this.stage.style.setProperty("--edge", percent / 100);
    this.stage.style.setProperty("--width", this.layers[0].canvas.style.width || "100%");
  }

  #drag(event) {
    if (this.mode !== "swipe" || !event.buttons) return;
    const box = this.layers[0].canvas.getBoundingClientRect();
    const percent = Math.max(0, Math.min(100, (100 * (event.clientX - box.left)) / box.width));
    this.edge.value = percent;
    this.#swipe(percent);
  }
}
