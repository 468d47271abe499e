/* The shown frame: source and GIF in three ways, and the maps of what is wrong where. */
"use strict";

const MODES = [
  ["side", "Side by side"],
  ["swipe", "Swipe"],
  ["blink", "Blink"],
];
const ZOOMS = [
  ["fit", "Fit"],
  ["1", "1×"],
  ["2", "2×"],
  ["4", "4×"],
];
const MAPS = [
  ["error", "Error map", "1 − SSIM of luma"],
  ["color", "Colour-difference map", "CIEDE2000"],
  ["local", "Worst places", "butteraugli"],
  ["dither", "Dither map", "grain added, in levels"],
];
const BLINK_MILLISECONDS = 600;

/** From black over red and yellow to white, so that more is brighter. */
const HEAT = (() => {
  const stops = [[0, 0, 0], [66, 10, 104], [147, 38, 103], [221, 81, 58], [252, 165, 10], [252, 255, 210]];
  const out = new Uint8Array(768);
  for (let i = 0; i < 256; i += 1) {
    const place = (i / 255) * (stops.length - 1);
    const low = Math.min(Math.floor(place), stops.length - 2);
    for (let c = 0; c < 3; c += 1) {
      out[3 * i + c] = Math.round(
        stops[low][c] + (place - low) * (stops[low + 1][c] - stops[low][c]));
    }
  }
  return out;
})();

class Pictures {
  constructor(data, gif, mode) {
    this.data = data;
    this.gif = gif;
    this.mode = mode;
    this.#decoded = new Map();
    this.source = this.#canvas("The source's frame");
    this.made = this.#canvas("The GIF's frame");
    this.maps = Object.fromEntries(MAPS.map(([name, title]) => [name, this.#canvas(title)]));
    this.element = el("div", { class: "pictures" }, this.#toolbar(), this.#stage(), this.#mapRow());
    this.#mode(mode);
    this.#zoom("fit");
  }

  /** Show the frame at a place among those in the data. */
  async show(place) {
    this.place = place;
    const frame = this.data.frames[place];
    const shown = this.gif.picture(this.data.blocks[frame.index]);
    const pictures = await this.#decode(frame);
    if (this.place !== place) return;
    this.made.getContext("2d").putImageData(shown, 0, 0);
    const pen = this.source.getContext("2d");
    pen.clearRect(0, 0, this.source.width, this.source.height);
    pen.drawImage(pictures.source, 0, 0, this.source.width, this.source.height);
    for (const [name] of MAPS) paintMap(this.maps[name], pictures[name]);
    this.element.dataset.shown = frame.index;
  }

  close() {
    clearInterval(this.#blinking);
  }

  #decoded;
  #blinking = 0;

  #canvas(label) {
    return el("canvas", {
      width: this.gif.width, height: this.gif.height, role: "img", "aria-label": label,
    });
  }

  async #decode(frame) {
    if (!this.#decoded.has(frame)) {
      if (this.#decoded.size > 24) this.#decoded.delete(this.#decoded.keys().next().value);
      const names = ["source", ...MAPS.map(([name]) => name)];
      const images = names.map(async (name) => {
        const image = new Image();
        image.src = frame[name];
        await image.decode();
        return [name, image];
      });
      this.#decoded.set(frame, Promise.all(images).then(Object.fromEntries));
    }
    return this.#decoded.get(frame);
  }

  #toolbar() {
    const group = freshId("mode");
    const modes = MODES.map(([value, text]) =>
      el("label", {},
        el("input", {
          type: "radio", name: group, value, checked: value === this.mode,
          onchange: () => this.#mode(value),
        }), text));
    const zoom = el("select", { onchange: (event) => this.#zoom(event.target.value) },
      ZOOMS.map(([value, text]) => el("option", { value }, text)));
    return el("div", { class: "toolbar" },
      el("fieldset", { class: "choice" }, el("legend", {}, "Compare"), modes),
      el("label", { class: "field" }, "Zoom", zoom));
  }

  #stage() {
    this.edge = el("input", {
      type: "range", min: 0, max: 100, value: 50, "aria-label": "Edge between source and GIF",
      oninput: () => this.#swipe(Number(this.edge.value)),
    });
    const figure = (canvas, text) =>
      el("figure", {}, el("div", { class: "checks" }, canvas), el("figcaption", {}, text));
    this.stage = el("div", {
      class: "stage", tabindex: "0", role: "group", "aria-label": "Source and GIF",
      onpointermove: (event) => this.#drag(event),
      onpointerdown: (event) => this.#drag(event),
    }, figure(this.source, "Source"), figure(this.made, "GIF"));
    this.hint = el("p", { class: "hint" });
    return el("div", {}, this.stage, el("div", { class: "edge" }, this.edge), this.hint);
  }

  #mapRow() {
    const figures = MAPS.map(([name, title, unit]) => {
      const end = this.data.scales[name];
      const ramp = el("canvas", { class: "ramp", width: 256, height: 1, "aria-hidden": "true" });
      paintRamp(ramp);
      return el("figure", {}, this.maps[name],
        el("figcaption", {}, `${title} (${unit})`,
          el("span", { class: "scale" }, "0", ramp, `${end}+`)));
    });
    return el("div", { class: "maps" }, figures);
  }

  #mode(mode) {
    this.mode = mode;
    this.stage.dataset.mode = mode;
    this.edge.parentElement.hidden = mode !== "swipe";
    clearInterval(this.#blinking);
    this.stage.classList.remove("blinked");
    this.hint.textContent = {
      side: "",
      swipe: "Source left of the edge, GIF right of it. Drag over the picture, or use the slider.",
      blink: "Source and GIF in turns.",
    }[mode];
    this.#swipe(Number(this.edge.value));
    if (mode === "blink") {
      this.#blinking = setInterval(
        () => this.stage.classList.toggle("blinked"), BLINK_MILLISECONDS);
    }
  }

  #zoom(zoom) {
    this.stage.classList.toggle("fit", zoom === "fit");
    const factor = zoom === "fit" ? null : Number(zoom);
    for (const canvas of [this.source, this.made]) {
      canvas.style.width = factor ? `${factor * canvas.width}px` : "";
    }
  }

  #swipe(percent) {
    const swiping = this.stage.dataset.mode === "swipe";
    this.made.style.clipPath = swiping ? `inset(0 0 0 ${percent}%)` : "";
  }

  #drag(event) {
    if (this.stage.dataset.mode !== "swipe" || !event.buttons) return;
    const box = this.made.getBoundingClientRect();
    const percent = Math.max(0, Math.min(100, (100 * (event.clientX - box.left)) / box.width));
    this.edge.value = percent;
    this.#swipe(percent);
  }
}

function paintMap(canvas, image) {
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
  heat(picture.data);
  pen.putImageData(picture, 0, 0);
}

function paintRamp(canvas) {
  const pen = canvas.getContext("2d");
  const picture = pen.createImageData(256, 1);
  for (let i = 0; i < 256; i += 1) picture.data[4 * i] = i;
  heat(picture.data);
  pen.putImageData(picture, 0, 0);
}

function heat(pixels) {
  for (let at = 0; at < pixels.length; at += 4) {
    const level = 3 * pixels[at];
    pixels[at] = HEAT[level];
    pixels[at + 1] = HEAT[level + 1];
    pixels[at + 2] = HEAT[level + 2];
    pixels[at + 3] = 255;
  }
}
