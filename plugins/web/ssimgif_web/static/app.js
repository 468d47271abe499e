/* The page: files come in, a preview follows the settings, conversions run and can be compared. */
"use strict";

const PREVIEW_DELAY_MILLISECONDS = 120;
const POLL_MILLISECONDS = 300;
const byId = (id) => document.getElementById(id);
const page = { files: new Map(), jobs: new Map(), selected: null, form: null };

function complain(error) {
  if (error.name === "AbortError") return;
  byId("alert").textContent = error.message;
}

const say = (text) => { byId("status").textContent = text; };

/** Run something that a person asked for; what goes wrong is shown. */
const attempt = (work) => async (...values) => {
  byId("alert").textContent = "";
  try {
    return await work(...values);
  } catch (error) {
    complain(error);
    return null;
  }
};

// Files

const addFiles = attempt(async (files) => {
  const failures = [];
  for (const file of files) {
    say(`Reading ${file.name}`);
    try {
      if (file.size > page.choices.file_bytes) {
        throw new Error(`${file.name} is too large: at most ${bytesText(page.choices.file_bytes)}`);
      }
      const added = await api.upload(file);
      page.files.set(added.id, added);
      page.selected = added.id;
      showFiles();
      preview();
    } catch (error) {
      failures.push(error.message);
    }
  }
  say(failures.length ? "" : "Ready");
  if (failures.length) throw new Error(failures.join(" – "));
});

const removeFile = attempt(async (id) => {
  await api.removeFile(id);
  page.files.delete(id);
  if (page.selected === id) page.selected = page.files.keys().next().value ?? null;
  showFiles();
  preview();
});

function showFiles() {
  byId("files").replaceChildren(...[...page.files.values()].map((file) => {
    const radio = el("input", {
      type: "radio", name: "selected", value: file.id, checked: file.id === page.selected,
      onchange: () => { page.selected = file.id; preview(); },
    });
    const frames = file.frames === null ? "" : `, ${file.frames} frames`;
    return el("li", {},
      el("label", { class: "name" }, radio, file.name),
      el("span", {}, `${file.width} × ${file.height}${frames}, ${bytesText(file.bytes)}`),
      el("button", { type: "button", class: "main", onclick: () => convert([file.id]),
        "aria-label": `Convert ${file.name}` }, "Convert"),
      el("button", { type: "button", onclick: () => removeFile(file.id),
        "aria-label": `Remove ${file.name}` }, "Remove"));
  }));
  byId("convert-all").disabled = !page.files.size;
}

// Preview

let previewTimer = 0;
let previewing = null;

function preview() {
  clearTimeout(previewTimer);
  previewTimer = setTimeout(makePreview, PREVIEW_DELAY_MILLISECONDS);
}

async function makePreview() {
  previewing?.abort();
  const file = page.selected;
  if (!file) {
    byId("preview").hidden = true;
    byId("prediction").textContent = "Add a file to see what it would become.";
    return;
  }
  previewing = new AbortController();
  byId("prediction").setAttribute("aria-busy", "true");
  const { signal } = previewing;
  try {
    for (const fine of [false, true]) {
      const started = performance.now();
      const made = await api.preview(file, page.form.values(), fine, signal);
      if (signal.aborted) return;
      showPreview(file, made, performance.now() - started);
      if ([...page.jobs.values()].some(isOpen)) break;
    }
  } catch (error) {
    if (error.name === "AbortError") return;
    byId("prediction").textContent = error.message;
    byId("preview").hidden = true;
    page.preview = null;
  }
  byId("prediction").removeAttribute("aria-busy");
}

function showPreview(file, made, milliseconds) {
  const { report } = made.view;
  const size = made.predicted_bytes === null
    ? `about ${bytesText(Math.round(made.bytes_per_frame))} a frame`
    : `about ${(made.predicted_bytes / 1000).toLocaleString("en", { maximumFractionDigits: 0 })} kB`;
  const limit = page.form.values().max_bytes ? ", without the limit of bytes" : "";
  const missed = report.valid ? "" : ` The target is missed: ${report.shortfalls.join("; ")}.`;
  byId("prediction").textContent =
    `Predicted: ${size}${limit}, S ${scoreText(report.score)}.${missed} ` +
    `From ${made.frames.length} frames in ${(milliseconds / 1000).toFixed(1)} s.`;
  byId("preview").hidden = false;
  const before = page.preview && page.previewed === file ? page.preview : null;
  const shown = before && before.frames[before.viewer.place];
  const place = Math.max(0, made.frames.indexOf(shown));
  const mode = page.preview?.viewer.pictures.mode;
  page.preview?.viewer.close();
  const viewer = new Viewer(byId("preview"), made.view, { names: made.frames, place, mode });
  page.preview = { viewer, frames: made.frames };
  page.previewed = file;
}

// Conversions

const convert = attempt(async (ids) => {
  for (const id of ids) {
    const job = await api.convert(id, page.form.values());
    page.jobs.set(job.id, job);
  }
  showJobs();
  poll();
});

let polling = 0;
let polls = 0;

/** Ask how far the conversions are, until all have ended; only the newest answer counts. */
async function poll() {
  clearTimeout(polling);
  const number = ++polls;
  try {
    const jobs = await api.jobs();
    if (number !== polls) return;
    page.jobs = new Map(jobs.map((job) => [job.id, job]));
    showJobs();
  } catch (error) {
    if (number === polls) complain(error);
  }
  if (number === polls && [...page.jobs.values()].some(isOpen)) {
    polling = setTimeout(poll, POLL_MILLISECONDS);
  }
}

const isOpen = (job) => job.state === "waiting" || job.state === "running";

function showJobs() {
  const list = byId("jobs");
  const known = new Map([...list.children].map((item) => [item.dataset.job, item]));
  for (const job of page.jobs.values()) {
    const item = known.get(job.id) ?? list.appendChild(el("li", { "data-job": job.id }));
    known.delete(job.id);
    showJob(item, job);
  }
  for (const item of known.values()) item.remove();
  const done = [...page.jobs.values()].filter((job) => job.state === "done");
  byId("zip").hidden = !done.length;
}

function showJob(item, job) {
  if (item.dataset.state === job.state && job.state === "running") {
    const bar = item.querySelector("progress");
    setProgress(bar, job);
    item.querySelector(".stage-name").textContent = stageText(job);
    return;
  }
  if (item.dataset.state === job.state) return;
  if (item.dataset.state === "running") say(`${job.name}: ${job.state}`);
  item.dataset.state = job.state;
  const button = (text, work) => el("button", {
    type: "button", onclick: work, "aria-label": `${text} ${job.name}` }, text);
  const name = el("span", { class: "name" }, job.name);
  const remove = button("Remove", attempt(async () => { await api.removeJob(job.id); poll(); }));
  const cancel = button("Cancel", attempt(async () => { await api.cancel(job.id); poll(); }));
  const parts = {
    waiting: () => [el("span", {}, "waiting"), cancel],
    running: () => {
      const bar = el("progress", { "aria-label": `Progress of ${job.name}` });
      setProgress(bar, job);
      return [bar, el("span", { class: "stage-name" }, stageText(job)), cancel];
    },
    done: () => [
      el("span", {}, resultText(job.report)),
      el("a", { class: "button", href: `api/jobs/${job.id}/gif`, download: job.name,
        "aria-label": `Download ${job.name}` }, "Download"),
      button("Compare", () => compare(job)),
      el("a", { class: "button", href: `api/jobs/${job.id}/report.html`, download: "",
        "aria-label": `Download the report of ${job.name}` }, "Report"),
      remove,
    ],
    failed: () => [el("span", { class: "missed" }, job.error), remove],
    cancelled: () => [el("span", {}, "cancelled"), remove],
  };
  item.replaceChildren(name, ...parts[job.state]());
}

function setProgress(bar, job) {
  if (job.total) {
    bar.max = job.total;
    bar.value = job.done;
  } else bar.removeAttribute("value");
}

function stageText(job) {
  if (!job.stage) return "starting";
  return job.total ? `${job.stage} ${job.done} of ${job.total}` : job.stage;
}

function resultText(report) {
  const missed = report.valid ? "" : `, missed: ${report.shortfalls[0]}`;
  return `${bytesText(report.bytes)}, S ${scoreText(report.score)}${missed}`;
}

const compare = attempt(async (job) => {
  const data = await api.view(job.id);
  byId("compare").hidden = false;
  byId("compare-title").textContent = `Compare: ${job.name}`;
  page.viewer?.close();
  page.viewer = new Viewer(byId("view"), data);
  byId("view").prepend(verdict(data.report));
  byId("compare-title").focus();
  byId("compare-title").scrollIntoView();
});

// Beginning

function acceptDrops() {
  const drop = byId("drop");
  byId("picker").addEventListener("change", (event) => {
    addFiles([...event.target.files]);
    event.target.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("over"); });
  }
  addEventListener("drop", (event) => addFiles([...event.dataTransfer.files]));
}

const begin = attempt(async () => {
  page.choices = await api.choices();
  page.form = new SettingsForm(byId("fields"), page.choices, preview);
  byId("settings").addEventListener("submit", (event) => event.preventDefault());
  byId("convert-all").addEventListener("click", () => convert([...page.files.keys()]));
  acceptDrops();
  for (const file of await api.files()) page.files.set(file.id, file);
  page.selected ??= page.files.keys().next().value ?? null;
  showFiles();
  if (page.selected) preview();
  await poll();
});

begin();
