/* The form: quality and a size limit in front, all else behind "More"; every change is told. */
"use strict";

const OTHER = "other";

class SettingsForm {
  constructor(choices, changed) {
    this.choices = choices;
    this.changed = changed;
    this.moved = false; // the quality, by hand
    this.fields = {};
    byId("main-fields").replaceChildren(this.#quality(), this.#limit());
    byId("more-fields").replaceChildren(...MORE_FIELDS.map(([title, specs]) =>
      el("fieldset", { class: "group" }, el("legend", {}, title), specs.map((spec) => {
        const field = new Field(spec, choices, () => this.#touched());
        this.fields[spec.name] = field;
        return field.element;
      }))), el("button", { type: "button", onclick: () => this.#reset() }, "Reset all"));
  }

  /** The settings as the API takes them; what is left alone is left out. */
  values() {
    const out = {};
    const place = this.places.value;
    if (place === OTHER) {
      if (this.fields.max_bytes.value) out.max_bytes = this.fields.max_bytes.value;
    } else if (place) Object.assign(out, this.choices.limits[Number(place)].settings);
    for (const [name, field] of Object.entries(this.fields)) {
      if (name !== "max_bytes" && field.value !== "") out[name] = field.value;
    }
    if (this.moved) out.quality = this.slider.value;
    return out;
  }

  /** The limit in bytes, or null where none is set or it can't be read. */
  limit() {
    const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kKmM]?)i?[bB]?\s*$/.exec(this.values().max_bytes ?? "") ?? [];
    return number ? Number(number) * { "": 1, k: 1e3, m: 1e6 }[unit.toLowerCase()] : null;
  }

  /** While nobody moved it, the slider shows what quality comes out. */
  follow(quality) {
    if (this.moved || quality === null) return;
    this.slider.value = Math.round(quality);
    this.#tell();
  }

  /** Mark the field that a setting belongs to, or none; return the words, if there is such a field. */
  blame(name) {
    for (const [own, field] of Object.entries(this.fields)) field.mark(own === name);
    const field = this.fields[name];
    if (!field) return null;
    if (name !== "max_bytes") byId("more").open = true;
    return field.words;
  }

  #quality() {
    this.shown = el("strong", {});
    this.slider = el("input", {
      type: "range", name: "quality", min: 1, max: 100, step: 1,
      value: this.choices.default.looks, "aria-label": "Quality",
      oninput: () => { this.moved = true; this.#touched(); },
    });
    this.#tell();
    return el("label", { class: "item" }, el("span", {}, "Quality ", this.shown), this.slider,
      el("span", { class: "ends", "aria-hidden": "true" },
        el("span", {}, "smaller"), el("span", {}, "like the source")));
  }

  #limit() {
    const places = this.choices.limits.map(({ name }, number) => [number, name]);
    this.places = el("select", { name: "place", onchange: () => this.#touched() },
      [["", "None"], ...places, [OTHER, "Another size …"]].map(([value, text]) =>
        el("option", { value }, text)));
    const field = new Field({
      name: "max_bytes", label: "At most", hint: "such as 2MB", wants: "a size such as 512KB or 2MB, of 100 bytes or more",
    }, this.choices, () => this.#touched());
    this.fields.max_bytes = field;
    field.element.hidden = true;
    return el("div", { class: "item" },
      el("label", {}, el("span", {}, "Size limit"), this.places), field.element);
  }

  #touched() {
    const { element, input } = this.fields.max_bytes;
    const hidden = this.places.value !== OTHER;
    if (element.hidden && !hidden) setTimeout(() => input.focus());
    element.hidden = hidden;
    this.#tell();
    this.blame(null);
    this.changed();
  }

  #tell() {
    const { value } = this.slider;
    this.shown.textContent = value;
    this.slider.setAttribute("aria-valuetext", `${value}: ${qualityWords(value)}`);
  }

  #reset() {
    for (const field of Object.values(this.fields)) field.value = "";
    this.places.value = "";
    this.moved = false;
    this.slider.value = this.choices.default.looks;
    this.#touched();
  }
}
