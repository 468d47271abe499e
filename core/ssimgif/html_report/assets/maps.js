/* Maps of what is wrong where in the shown frame, one row for each GIF. */
"use strict";

const MAPS = [
  ["local", "Worst places", "How plain the errors are: 1 is hard to see, 2 is plain (butteraugli)."],
  ["missed", "Missed changes", "What changed in the source and not in the GIF, in levels of light."],
  ["error", "Structure", "Where edges and texture differ (1 − SSIM of luma)."],
  ["color", "Colour", "How far colours are off: 2 is hard to see (CIEDE2000)."],
  ["dither", "Grain", "Dots that the source doesn't have, in levels of light."],
];

// The coding of a map leaves so many levels where there is nothing.
const NOTHING = 2;

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

class MapRow {
  /** @param entry {name, data, gif}; @param {boolean} named whether labels tell which GIF it is */
  constructor({ name, data, gif }, named) {
    this.data = data;
    const { width, height } = gif;
    this.canvases = Object.fromEntries(MAPS.map(([kind, title]) => [kind, el("canvas", {
      width, height, role: "img", "aria-label": named ? `${title} of ${name}` : title,
    })]));
    this.notes = {};
    const figures = MAPS.map(([kind, title, words]) => {
      const ramp = el("canvas", { class: "ramp", width: 256, height: 1, "aria-hidden": "true" });
      paintRamp(ramp);
      this.notes[kind] = el("span", {});
      return el("figure", {}, this.canvases[kind],
        el("figcaption", {}, el("span", {}, el("strong", {}, title), this.notes[kind]), el("span", {}, words),
          el("span", { class: "scale" }, "0", ramp, `${data.scales[kind]}+`)));
    });
    this.element = el("div", {}, named ? el("h3", {}, name) : null, el("div", { class: "maps" }, figures));
  }

  async show(index) {
    this.index = index;
    const frame = this.data.frames.find((one) => one.index === index);
    const images = await Promise.all(MAPS.map(async ([kind]) => {
      const image = new Image();
      image.src = frame[kind];
      await image.decode();
      return [kind, image];
    }));
    if (this.index !== index) return;
    for (const [kind, image] of images) {
      const most = paintMap(this.canvases[kind], image);
      this.notes[kind].textContent = most <= NOTHING ? ": nothing in this frame" : "";
    }
    this.element.dataset.shown = index;
  }
}

/** Paint a map in colours, and return its greatest level, 0 to 255. */
function paintMap(canvas, image) {
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
  let most = 0;
  for (let at = 0; at < picture.data.length; at += 4) most = Math.max(most, picture.data[at]);
  heat(picture.data);
  pen.putImageData(picture, 0, 0);
  return most;
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
