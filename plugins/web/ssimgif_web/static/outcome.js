/* What comes out: size, quality and time in words, and the one thing to do next. */
"use strict";

const STAGES = {
  reading: "Reading",
  scenes: "Finding scenes",
  palettes: "Choosing colours",
  encoding: "Making the GIF",
  "drawing the report": "Comparing with the source",
};
const FEW_STEPS = 4;

/** Seconds as a person would tell them. */
function aboutSeconds(seconds) {
  if (seconds < 10) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 90) return `${5 * Math.round(seconds / 5)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Rows of {name, figure, words, tone} as a list of figures. */
function showFigures(rows, busy = false) {
  byId("figures").setAttribute("aria-busy", String(busy));
  byId("figures").replaceChildren(...rows.map(({ name, figure, words, tone }) => el("div", {},
    el("dt", {}, name), el("dd", { class: "figure" }, figure), el("dd", { class: tone ?? "words" }, words))));
}

function sizeRow(bytes, limit, about) {
  const over = limit !== null && bytes > limit;
  const figure = sizeText(bytes);
  if (limit === null) return { name: "Size", figure, words: about ? "" : bytesText(bytes) };
  if (over && about) {
    return { name: "Size", figure, words: `above ${sizeText(limit)}: quality will be lowered to fit` };
  }
  return over
    ? { name: "Size", figure, words: `above the limit of ${sizeText(limit)}`, tone: "missed" }
    : { name: "Size", figure, words: `within ${sizeText(limit)}` };
}

function qualityRow(report, asked) {
  const reached = report.looks_mean;
  if (reached === null) return { name: "Quality", figure: "–", words: "not measured" };
  const best = asked && reached < asked - 1;
  return {
    name: "Quality", figure: reached.toFixed(0),
    words: best ? `${qualityWords(reached)}; a GIF of this can do no better` : qualityWords(reached),
  };
}

/** What a preview tells. */
function previewRows(made, values, limit) {
  const { report } = made.view;
  const size = made.predicted_bytes === null
    ? { name: "Size", figure: sizeText(made.bytes_per_frame), words: "a frame" }
    : sizeRow(made.predicted_bytes, limit, true);
  const source = `estimated from ${plural(made.frames.length, "frame")}`;
  size.words = [source, size.words].filter(Boolean).join("; ");
  return [size, qualityRow(report, Number(values.quality)), timeRow(made.seconds)];
}

const timeRow = (seconds) => (seconds === null
  ? { name: "Time", figure: "–", words: "unknown until it is read" }
  : { name: "Time", figure: aboutSeconds(seconds), words: "to make, estimated" });

/** What a finished conversion tells. */
function doneRows(report, limit) {
  const seconds = Object.values(report.seconds).reduce((sum, one) => sum + one, 0);
  const asked = report.settings.max_bytes === null ? report.settings.quality : null;
  return [
    sizeRow(report.bytes, limit, false), qualityRow(report, asked),
    { name: "Time", figure: aboutSeconds(seconds), words: "it took to make" },
  ];
}

/** How far a conversion is, as a bar's share and words. */
function progressOf(job, started) {
  const stage = STAGES[job.stage] ?? job.stage ?? "Starting";
  if (!job.total) return { share: null, words: `${stage} …` };
  const seconds = (performance.now() - started) / 1000;
  const left = job.stage === "encoding" && job.done >= FEW_STEPS && started
    ? `, about ${aboutSeconds((seconds * (job.total - job.done)) / job.done)} left` : "";
  return { share: job.done / job.total, words: `${stage}: ${job.done} of ${job.total}${left}` };
}

/** Fill the place of the one thing to do; the same state is only brought up to date. */
class ActionPlace {
  #state = null;

  busy(words, share, stop) {
    if (this.#state !== "busy") {
      this.bar = el("progress", { "aria-label": "Progress", max: 1 });
      this.words = el("span", {});
      this.stop = el("button", { type: "button", onclick: () => this.stopping?.() }, "Stop");
      this.#fill("busy", el("div", { class: "busy" }, this.bar, this.words), this.stop);
    }
    this.stopping = stop;
    this.stop.hidden = !stop;
    this.words.textContent = words;
    if (share === null) this.bar.removeAttribute("value");
    else this.bar.value = share;
  }

  done(job) {
    this.#fill(`done ${job.id}`,
      el("a", { class: "button main", href: `api/jobs/${job.id}/gif`, download: job.name,
        "aria-label": `Download ${job.name}` }, "Download"),
      el("a", { class: "button", href: `api/jobs/${job.id}/report.html`, download: "",
        "aria-label": `Download the report of ${job.name}` }, "Report"));
  }

  offer(text, work, words = null) {
    this.#fill(`offer ${text} ${words}`,
      words ? el("p", { class: "missed" }, words) : null,
      el("button", { type: "button", class: "main", onclick: work }, text));
  }

  tell(words) {
    this.#fill(`tell ${words}`, el("p", { class: "missed" }, words));
  }

  #fill(state, ...children) {
    if (this.#state === state) return;
    const had = byId("action").contains(document.activeElement);
    this.#state = state;
    byId("action").replaceChildren(...children.filter(Boolean));
    if (had) byId("action").querySelector("a, button:not([hidden])")?.focus();
  }
}
