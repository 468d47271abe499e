/* The form: presets fill it, and every change is told. */
"use strict";

class SettingsForm {
  constructor(holder, choices, changed) {
    this.choices = choices;
    this.changed = changed;
    this.inputs = {};
    this.touched = new Set(); // targets that are not the preset's
    holder.replaceChildren(...this.#fields());
    this.#followTarget();
  }

  /** The settings as the API takes them; what is left alone is left out. */
  values() {
    const out = {};
    for (const [name, input] of Object.entries(this.inputs)) {
      const value = input.type === "checkbox" ? input.checked : input.value.trim();
      if (value !== "" && value !== false) out[name] = value;
    }
    for (const name of ["ssim", "quality"]) if (!this.touched.has(name)) delete out[name];
    return out;
  }

  #fields() {
    const { presets, dithers } = this.choices;
    const presetNames = [["", "My own target"], ...Object.keys(presets).map((name) => [name, name])];
    return [
      this.#select("preset", "Preset", presetNames),
      this.#slider("ssim", "Least SSIM", 0.8, 0.99, 0.005, 3),
      this.#slider("quality", "Least quality (of 100)", 0, 100, 1, 0),
      this.#text("max_bytes", "Most bytes", "such as 2MB"),
      el("div", { class: "pair" },
        this.#text("width", "Width", "pixels"), this.#text("fps", "Frames a second", "as it is")),
      el("div", { class: "pair" },
        this.#text("start", "Start", "0:00"), this.#text("end", "End", "to the end")),
      this.#slider("colors", "Most colours", 2, 256, 1, 0, 256),
      this.#select("dither", "Dither", dithers.map((name) => [name === "auto" ? "" : name, name])),
      this.#slider("effort", "Effort", 1, 9, 1, 0, 5),
      el("div", { class: "pair" },
        this.#text("loop", "Plays", "as it is; 0 for ever"),
        this.#text("background", "Background", "#rrggbb")),
      this.#check("bounce", "Play forwards, then back"),
    ];
  }

  #label(text, input, extra = null) {
    return el("label", {}, el("span", {}, text, extra), input);
  }

  #select(name, text, options) {
    const input = el("select", { name, onchange: () => this.#touched(name) },
      options.map(([value, label]) => el("option", { value }, label)));
    this.inputs[name] = input;
    return this.#label(text, input);
  }

  #slider(name, text, min, max, step, digits, value = min) {
    const shown = el("span", {});
    const input = el("input", {
      type: "range", name, min, max, step, value, oninput: () => this.#touched(name),
    });
    input.tell = () => { shown.textContent = `: ${Number(input.value).toFixed(digits)}`; };
    input.tell();
    this.inputs[name] = input;
    return this.#label(text, input, shown);
  }

  #text(name, text, placeholder) {
    const input = el("input", {
      type: "text", name, placeholder, autocomplete: "off", oninput: () => this.#touched(name),
    });
    this.inputs[name] = input;
    return this.#label(text, input);
  }

  #check(name, text) {
    const input = el("input", { type: "checkbox", name, onchange: () => this.#touched(name) });
    this.inputs[name] = input;
    return el("label", { class: "check" }, input, text);
  }

  #touched(name) {
    this.touched.add(name);
    if (name === "ssim") {
      this.inputs.preset.value = "";
      this.touched.delete("quality");
    }
    if (name === "preset") {
      this.touched.clear();
      this.#followTarget();
    }
    this.inputs[name].tell?.();
    this.changed();
  }

  #followTarget() {
    const target = this.choices.presets[this.inputs.preset.value] ?? this.choices.default;
    this.inputs.ssim.value = target.mean;
    this.inputs.quality.value = target.looks;
    this.inputs.ssim.tell();
    this.inputs.quality.tell();
  }
}
