/* Puts the parts together: one frame is shown, and every part follows it. */
"use strict";

const SHORTEST_SECONDS = 0.02;
const REST_SECONDS = 0.5;

/** Read what the parts share: for each GIF its name, what page_data() tells of it, and its blocks. */
function readEntries(data) {
  return (data.gifs ?? [data]).map((one) => ({
    name: data.gifs ? one.name : "GIF",
    data: one,
    gif: new Gif(Uint8Array.from(atob(one.gif), (letter) => letter.charCodeAt(0))),
  }));
}

class Viewer {
  /**
   * @param {HTMLElement} root is filled
   * @param entries as readEntries() gives them
   * @param {{names?: number[], place?: number, mode?: string, playing?: boolean}} options names are
   *   those of the frames of an excerpt; place and mode are those to begin with
   */
  constructor(root, entries, { names = null, place = null, mode = "swipe", playing = false } = {}) {
    this.entries = entries;
    this.data = entries[0].data;
    this.names = names;
    this.pictures = new Pictures(entries, mode);
    this.followers = [];
    root.classList.add("ssimgif-view");
    root.replaceChildren(this.#compare());
    this.show(place ?? (names ? 0 : hardestPlace(this.data)));
    if (playing) this.#play();
  }

  /** Show the frame at a place among those in the data. */
  show(place) {
    const { frames } = this.data;
    this.place = Math.max(0, Math.min(frames.length - 1, place));
    const { index } = frames[this.place];
    this.#tell(index, this.place);
    this.ready = this.pictures.show(this.place);
    for (const follower of this.followers) follower.show(index);
  }

  /** Let a part with `show(index)` follow the shown frame. */
  follow(part) {
    this.followers.push(part);
    part.show(this.data.frames[this.place].index);
    return part;
  }

  /** Show the frame of the data that is nearest to a source frame. */
  choose(index) {
    this.pause();
    this.show(nearestFrame(this.data.frames, index));
  }

  pause() {
    clearTimeout(this.#playing);
    this.#playing = 0;
    this.playButton.textContent = "Play";
    if (this.pictures.place === null) this.show(this.place);
  }

  /** Stop what goes on by itself; the root may be filled anew. */
  close() {
    clearTimeout(this.#playing);
    this.#playing = 0;
    this.pictures.close();
  }

  #playing = 0;

  #tell(index, place) {
    this.scrubber.value = place;
    const words = this.#words(index);
    this.scrubber.setAttribute("aria-valuetext", words);
    this.readout.textContent = words;
  }

  /** Frames are counted from 1, as scenes are. */
  #words(index) {
    const { report, starts } = this.data;
    if (this.names) return `Frame ${this.names[index] + 1} of the clip`;
    const scene = report.scenes.findIndex((one) => one.start <= index && index < one.stop);
    const where = report.scenes.length > 1 ? `, scene ${scene + 1} of ${report.scenes.length}` : "";
    const bytes = this.entries.map(({ name, data, gif }) => {
      const text = bytesText(gif.blocks[data.blocks[index]].bytes);
      return this.entries.length > 1 ? `${name} ${text}` : text;
    });
    return `Frame ${index + 1} of ${report.frames_source}, at ${secondsText(starts[index])}${where}: ` +
      bytes.join(", ");
  }

  #compare() {
    const { data } = this;
    this.scrubber = el("input", {
      type: "range", min: 0, max: data.frames.length - 1, step: 1, value: 0, "aria-label": "Frame",
      oninput: () => { this.pause(); this.show(Number(this.scrubber.value)); },
    });
    this.readout = el("p", { class: "readout" });
    const step = (text, label, by) => el("button", {
      type: "button", "aria-label": label, title: label,
      onclick: () => { this.pause(); this.show(this.place + by); },
    }, text);
    this.playButton = el("button", {
      type: "button", class: "play", onclick: () => (this.#playing ? this.pause() : this.#play()),
    }, "Play");
    const scrub = el("div", { class: "scrub" },
      step("◀", "Previous frame", -1), this.playButton, step("▶", "Next frame", 1), this.scrubber);
    return el("section", { "aria-label": "Source and GIF compared" },
      this.pictures.element, scrub, this.readout, this.#some());
  }

  #some() {
    const { frames, report } = this.data;
    if (this.names || frames.length >= report.frames_source) return null;
    const playing = this.entries.length > 1 ? "." : "; playing shows all of the GIF, without the source.";
    return el("p", { class: "hint" },
      `${frames.length} of ${report.frames_source} frames can be compared${playing}`);
  }

  #play() {
    this.playButton.textContent = "Pause";
    const { frames, report } = this.data;
    const every = this.names || frames.length >= report.frames_source || this.entries.length > 1;
    if (every) this.#playFrames();
    else this.#playAlone(0);
  }

  #playFrames() {
    const { frames, starts } = this.data;
    const next = (this.place + 1) % frames.length;
    const wait = next ? starts[frames[next].index] - starts[frames[this.place].index] : REST_SECONDS;
    this.#playing = setTimeout(async () => {
      this.show(next);
      await this.ready;
      if (this.#playing) this.#playFrames();
    }, 1000 * Math.max(SHORTEST_SECONDS, wait));
  }

  #playAlone(block) {
    const { gif, data } = this.entries[0];
    this.pictures.showAlone(block);
    const index = Math.max(0, data.blocks.indexOf(block));
    this.place = nearestFrame(data.frames, index);
    this.#tell(index, this.place);
    const wait = Math.max(SHORTEST_SECONDS, gif.blocks[block].delay / 100);
    this.#playing = setTimeout(
      () => this.#playAlone((block + 1) % gif.blocks.length), 1000 * wait);
  }
}

/** The place of the frame that the answers call hard: of the worst places, or the least SSIM. */
function hardestPlace({ frames, report }) {
  const faults = frames.map(({ index }) =>
    (report.local_mean === null ? -report.ssim[index] : report.local[index]));
  return faults.indexOf(Math.max(...faults));
}

/** The place of the frame nearest to a source frame, the later one of two. */
function nearestFrame(frames, index) {
  let best = 0;
  frames.forEach((frame, place) => {
    if (Math.abs(frame.index - index) <= Math.abs(frames[best].index - index)) best = place;
  });
  return best;
}
