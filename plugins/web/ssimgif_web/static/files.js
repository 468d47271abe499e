/* The list of files, each with one state. */
"use strict";

const STATE_WORDS = {
  reading: "reading …",
  ready: "ready",
  waiting: "waiting",
  cancelled: "stopped",
};

/** A file on the page: what it is, and the newest conversion of it. */
class Item {
  constructor(name) {
    this.key = freshId("file");
    this.name = name;
    this.file = null; // as the server tells it, once it was read
    this.job = null;
    this.wanted = null; // the settings, as text, that its conversion was last asked for with
    this.mine = false; // whether this tab converts it by itself
    this.error = null;
    this.started = 0; // when encoding began
  }

  get state() {
    if (this.error) return "failed";
    if (!this.file) return "reading";
    return this.job?.state ?? "ready";
  }

  get words() {
    const { job, state } = this;
    if (state === "failed") return this.error ?? job.error;
    if (state === "running") {
      return job.stage === "encoding" ? percentText(job.done / job.total) : "working …";
    }
    if (state === "done") return `done, ${sizeText(job.report.bytes)}`;
    return STATE_WORDS[state];
  }
}

class FileList {
  /** @param choose, remove called with an item */
  constructor({ choose, remove }) {
    this.choose = choose;
    this.remove = remove;
    this.rows = new Map();
  }

  show(items, selected) {
    for (const [key, row] of this.rows) {
      if (!items.some((item) => item.key === key)) {
        row.remove();
        this.rows.delete(key);
      }
    }
    for (const item of items) this.#row(item, item === selected);
    const done = items.filter((item) => item.state === "done");
    byId("zip").hidden = done.length < 2;
    byId("zip").href = `api/zip?${done.map((item) => `job=${item.job.id}`).join("&")}`;
  }

  #row(item, selected) {
    const row = this.rows.get(item.key) ?? this.#made(item);
    const [button, state] = [row.querySelector(".name"), row.querySelector(".state")];
    if (selected) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    button.disabled = !item.file;
    row.dataset.state = item.state;
    if (state.textContent !== item.words) state.textContent = item.words;
  }

  #made(item) {
    const row = el("li", {},
      el("button", { type: "button", class: "name", onclick: () => this.choose(item) }, item.name),
      el("span", { class: "state" }),
      el("button", { type: "button", class: "remove", "aria-label": `Remove ${item.name}`,
        title: "Remove", onclick: () => this.remove(item) }, "✕"));
    byId("files").append(row);
    this.rows.set(item.key, row);
    return row;
  }
}
