/* The page: files come in, a quick look follows every setting, and the whole GIF follows that. */
"use strict";

const MOMENT_MILLISECONDS = 60; // between two previews while a slider moves
const SETTLED_MILLISECONDS = 700; // without a change, before all of it is converted
const LONG_SECONDS = 60; // of a conversion, before which a second look is worth while
const POLL_MILLISECONDS = 300;
const byId = (id) => document.getElementById(id);
const page = {
  items: [], selected: null, choices: null, form: null, list: null,
  estimates: new Estimates(), action: new ActionPlace(), viewer: null, stageOf: null,
};
// Nothing can be dropped by a finger.
const INVITATION = `${matchMedia("(pointer: coarse)").matches ? "Choose" : "Drop"} a video or an animation`;
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

const isOpen = (item) => item.state === "waiting" || item.state === "running";
const say = (text) => { byId("status").textContent = text; };

/** Run something that a person asked for; what goes wrong is shown. */
const attempt = (work) => async (...values) => {
  byId("alert").textContent = "";
  try {
    return await work(...values);
  } catch (error) {
    if (error.name !== "AbortError") byId("alert").textContent = error.message;
    return null;
  }
};

// Files

const addFiles = attempt(async (files) => {
  const added = files.map((file) => ({ file, item: new Item(file.name) }));
  page.items.push(...added.map(({ item }) => item));
  if (added.length) select(added[0].item);
  for (const { file, item } of added) {
    say(`Reading ${file.name}`);
    try {
      if (file.size > page.choices.file_bytes) {
        throw new Error(`${file.name} is too large: at most ${bytesText(page.choices.file_bytes)}`);
      }
      item.file = await api.upload(file);
      item.mine = true;
      if (page.selected === item || page.selected.error) select(item);
    } catch (error) {
      item.error = error.message;
      say(error.message);
    }
    show();
  }
  convertLater();
});

const removeItem = attempt(async (item) => {
  page.items = page.items.filter((one) => one !== item);
  if (page.selected === item) select(page.items.find((one) => one.file) ?? page.items[0] ?? null);
  show();
  if (item.job) await api.removeJob(item.job.id);
  if (item.file) await api.removeFile(item.file.id);
  if (page.items.length === 0) byId("picker").focus();
});

function select(item) {
  page.selected = item;
  page.shown = null;
  show();
  if (item?.file && item.state !== "done") preview();
}

// A quick look

let previewTimer = 0;
let previewing = null;
let again = false;

function preview() {
  clearTimeout(previewTimer);
  previewTimer = setTimeout(makePreview, MOMENT_MILLISECONDS);
}

/** Preview what is selected; what changes meanwhile is previewed after it, so that all is answered. */
async function makePreview() {
  const item = page.selected;
  if (!item?.file) return;
  if (previewing?.item === item) {
    again = true;
    return;
  }
  previewing?.control.abort();
  const own = previewing = { item, control: new AbortController() };
  const values = page.form.values();
  show();
  try {
    for (const fine of [false, true]) {
      const made = await api.preview(item.file.id, values, fine, own.control.signal);
      item.error = null;
      page.estimates.keep(item.file.id, values, made);
      if (page.selected === item && item.state !== "done") showPreview(item, made, values);
      show();
      if (again || made.seconds === null || made.seconds < LONG_SECONDS) break;
    }
  } catch (error) {
    if (error.name !== "AbortError") refuse(item, error);
  }
  if (previewing !== own) return;
  previewing = null;
  if (again) {
    again = false;
    preview();
  }
  show();
  convertLater();
}

/** Tell a wrong setting at its field, and what is wrong with a file in its own place. */
function refuse(item, error) {
  page.form.blame(error.setting ?? null);
  const crop = error.message.includes("the crop ");
  const words = page.form.blame(error.setting ?? (crop ? "crop" : null));
  page.wrong = words;
  if (!words) item.error = error.message;
  say(words ?? error.message);
}

function showPreview(item, made, values) {
  page.wrong = null;
  page.form.blame(null);
  page.form.follow(made.view.report.looks_mean);
  page.figures = previewRows(made, values, page.form.limit());
  const before = page.stageOf === item ? page.viewer : null;
  const known = before?.names?.[before.place];
  const middle = Math.floor(made.frames.length / 2); // a clip may begin with nothing
  const place = made.frames.includes(known) ? made.frames.indexOf(known) : middle;
  showStage(item, made.view, { names: made.frames, place });
}

function showStage(item, view, options) {
  const mode = page.viewer?.pictures.mode;
  page.viewer?.close();
  page.viewer = new Viewer(byId("stage"), readEntries(view), { mode, ...options });
  page.stageOf = item;
  byId("report").hidden = true;
  byId("report").open = false;
}

// All of it

let convertTimer = 0;

/** Convert what has changed once nothing changes any more: what is selected, then the others. */
function convertLater() {
  clearTimeout(convertTimer);
  convertTimer = setTimeout(attempt(async () => {
    if (previewing || page.wrong) return;
    const wanted = JSON.stringify(page.form.values());
    const others = page.items.filter((item) => item !== page.selected);
    for (const item of [page.selected, ...others]) {
      if (item?.mine && item.file && !item.error && item.wanted !== wanted) await convert(item);
    }
  }), SETTLED_MILLISECONDS);
}

async function convert(item) {
  const values = page.form.values();
  item.wanted = JSON.stringify(values);
  item.mine = true;
  item.error = null;
  await drop(item);
  item.job = await api.convert(item.file.id, values);
  show();
  poll();
}

/** Stop and forget the conversion of an item. */
async function drop(item) {
  const { job } = item;
  item.job = null;
  if (job) await api.removeJob(job.id).catch(() => null);
}

/** A setting has changed: nothing that was made with the others counts any more. */
const changed = attempt(async () => {
  clearTimeout(convertTimer);
  page.wrong = null;
  if (page.selected?.file) page.selected.mine = true;
  for (const item of page.items) if (item.mine) item.error = null;
  showEstimate();
  preview();
  for (const item of page.items.filter((one) => one.mine && one.job)) {
    item.wanted = null;
    await drop(item);
  }
  show();
});

const stop = attempt(async (item) => {
  item.job = await api.cancel(item.job.id);
  poll();
});

let polling = 0;
let polls = 0;

/** Ask how far the conversions are, until all have ended; only the newest answer counts. */
async function poll() {
  clearTimeout(polling);
  const number = ++polls;
  try {
    const jobs = new Map((await api.jobs()).map((job) => [job.id, job]));
    if (number !== polls) return;
    for (const item of page.items) if (item.job) follow(item, jobs.get(item.job.id));
    show();
  } catch (error) {
    if (number === polls) byId("alert").textContent = error.message;
  }
  if (number === polls && page.items.some(isOpen)) polling = setTimeout(poll, POLL_MILLISECONDS);
}

function follow(item, job) {
  const before = item.job;
  if (!job) return;
  item.job = job;
  if (job.stage !== before.stage || job.done < before.done) item.started = performance.now();
  if (before.state !== job.state && job.state === "done") {
    say(`${job.name} is done: ${sizeText(job.report.bytes)}`);
  }
  if (job.state === "failed") say(job.error);
}

/** Show the finished GIF of the selected item, once. */
const showDone = attempt(async (item) => {
  const { job } = item;
  page.shown = job.id;
  const view = await api.view(job.id);
  if (page.selected?.job?.id !== job.id) return;
  const whole = view.frames.length >= view.report.frames_source;
  showStage(item, view, { playing: whole && !stillness.matches });
  byId("report").hidden = false;
  page.form.follow(job.report.looks_mean);
  page.figures = doneRows(job.report, page.form.limit());
  showFigures(page.figures);
});

// What is seen

function show() {
  const item = page.selected;
  const any = page.items.length > 0;
  byId("work").hidden = !any;
  byId("tagline").hidden = any;
  placeDrop(any);
  page.list.show(page.items, item);
  if (!any) return;
  byId("show-title").textContent = item.name;
  const unread = Boolean(item.error && !item.file);
  byId("figures").hidden = byId("settings").hidden = unread;
  if (page.stageOf !== item) emptyStage(item);
  if (item.state === "done" && page.shown !== item.job.id) showDone(item);
  const busy = previewing !== null;
  showFigures(page.figures ?? [], busy);
  showAction(item);
}

/** Files are added in the middle of an empty page, and below the list of others. */
function placeDrop(small) {
  const [drop, picker] = [byId("drop"), byId("picker")];
  drop.querySelector("strong").textContent = small ? "Add files" : INVITATION;
  if (drop.classList.contains("small") === small) return;
  const focused = document.activeElement === picker;
  drop.classList.toggle("small", small);
  if (small) byId("zip").before(drop);
  else byId("work").before(drop);
  if (focused) picker.focus();
}

function emptyStage(item) {
  page.viewer?.close();
  page.viewer = null;
  page.figures = null;
  page.stageOf = null;
  byId("report").hidden = true;
  const words = item.file ? "Taking a quick look …" : "Reading the file …";
  byId("stage").replaceChildren(el("p", { class: "empty" }, item.error ? "There is nothing to show: see the list of files." : words));
}

/** While the slider moves, tell what lies between the previews that are known. */
function showEstimate() {
  const item = page.selected;
  const found = item?.file && page.estimates.at(item.file.id, page.form.values());
  if (!found || !page.figures) return;
  const { quality } = page.form.values();
  page.figures = [
    { ...sizeRow(found.bytes, page.form.limit(), true), words: "estimated" },
    { name: "Quality", figure: quality, words: qualityWords(quality) }, timeRow(found.seconds),
  ];
  showFigures(page.figures, true);
}

function showAction(item) {
  const { action } = page;
  const again = attempt(() => convert(item));
  const states = {
    reading: () => action.busy("Reading …", null, null),
    ready: () => action.busy("Taking a quick look …", null, null),
    waiting: () => action.busy("Waiting for the files before it", null, () => stop(item)),
    running: () => {
      const { share, words } = progressOf(item.job, item.started);
      action.busy(words, share, () => stop(item));
    },
    done: () => action.done(item.job),
    failed: () => (item.file ? action.offer("Try again", again, item.words) : action.tell(item.words)),
    cancelled: () => action.offer("Make the GIF", again),
  };
  if (page.wrong) action.tell(page.wrong);
  else states[item.state]();
}

// Beginning

function acceptDrops() {
  const place = byId("drop");
  byId("picker").addEventListener("change", (event) => {
    addFiles([...event.target.files]);
    event.target.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    addEventListener(name, (event) => { event.preventDefault(); place.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    addEventListener(name, (event) => { event.preventDefault(); place.classList.remove("over"); });
  }
  addEventListener("drop", (event) => addFiles([...event.dataTransfer.files]));
}

/** List the files that were there before, each with its newest conversion. */
async function listEarlier() {
  const [files, jobs] = [await api.files(), await api.jobs()];
  const known = new Set(page.items.map((item) => item.file?.id));
  const earlier = files.filter((file) => !known.has(file.id)).map((file) => {
    const item = new Item(file.name);
    item.file = file;
    item.job = jobs.findLast((job) => job.file === file.id) ?? null;
    return item;
  });
  page.items.unshift(...earlier);
  if (!page.selected && earlier.length) select(earlier[0]);
  show();
  if (page.items.some(isOpen)) poll();
}

const begin = attempt(async () => {
  page.list = new FileList({ choose: select, remove: removeItem });
  page.choices = await api.choices();
  page.form = new SettingsForm(page.choices, changed);
  byId("settings").addEventListener("submit", (event) => event.preventDefault());
  byId("report").addEventListener("toggle", () => {
    if (byId("report").open) byId("report-parts").replaceChildren(...reportSections(page.viewer));
  });
  acceptDrops();
  document.body.dataset.ready = "";
  await listEarlier();
});

begin();
