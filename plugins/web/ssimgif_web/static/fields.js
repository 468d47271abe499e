/* The fields of the form, each with what it takes, in the page's own words. */
"use strict";

const WHOLE = (least, most) => `a whole number from ${least} to ${most.toLocaleString("en")}`;
const PIXELS = WHOLE(1, 65535);
const TIME = "seconds, such as 2.5, or minutes and seconds, such as 1:30";

/** Fields behind "More", in groups. */
const MORE_FIELDS = [
  ["Picture", [
    { name: "width", label: "Width", hint: "pixels", wants: PIXELS },
    { name: "height", label: "Height", hint: "pixels", wants: PIXELS },
    { name: "crop", label: "Crop", hint: "320x180+0+40", wants: "width x height + left + top in pixels, such as 320x180+0+40, inside the picture" },
    { name: "background", label: "Background", hint: "as it is", wants: "a colour such as #ff8800 or white" },
  ]],
  ["Time", [
    { name: "start", label: "Start", hint: "0:00", wants: TIME },
    { name: "end", label: "End", hint: "to the end", wants: `${TIME}, later than the start` },
    { name: "speed", label: "Speed", hint: "1", wants: "how many times as fast, from 0.01 to 100" },
    { name: "fps", label: "Frames a second", hint: "as it is", wants: "a number from 0.001 to 1,000" },
    { name: "loop", label: "Plays (0: for ever)", hint: "as it is", wants: WHOLE(0, 65535) },
    { name: "reverse", label: "Play backwards", kind: "check" },
    { name: "bounce", label: "Play forwards, then back", kind: "check" },
  ]],
  ["Coding", [
    { name: "preset", label: "Target by name", kind: "select", choices: ({ presets }) => [["", "none"], ...Object.keys(presets).map((name) => [name, name])], wants: "none, where a least structure is given" },
    { name: "ssim", label: "Least structure (SSIM)", hint: "0.95", wants: "a number from 0.5 to 0.9999, without a target by name" },
    { name: "colors", label: "Most colours", hint: "256", wants: WHOLE(2, 256) },
    { name: "dither", label: "Dither", kind: "select", choices: ({ dithers }) => dithers.map((name) => [name === "auto" ? "" : name, name]), wants: "one of the list" },
    { name: "effort", label: "Effort, 1 to 9", hint: "5", wants: WHOLE(1, 9) },
  ]],
];

/** One labelled input with room for what is wrong with it; `changed` is told of every change. */
class Field {
  constructor(spec, choices, changed) {
    this.spec = spec;
    this.wrong = el("span", { class: "wrong", id: freshId("wrong") });
    const changes = { name: spec.name, "aria-describedby": this.wrong.id };
    if (spec.kind === "select") {
      this.input = el("select", { ...changes, onchange: () => changed(spec.name) },
        spec.choices(choices).map(([value, text]) => el("option", { value }, text)));
    } else {
      this.input = el("input", {
        ...changes, type: spec.kind === "check" ? "checkbox" : "text", placeholder: spec.hint,
        autocomplete: "off", oninput: () => changed(spec.name),
      });
    }
    const check = spec.kind === "check";
    this.element = el("div", { class: check ? "item check" : "item" },
      el("label", {}, check ? [this.input, spec.label] : [el("span", {}, spec.label), this.input]), this.wrong);
  }

  get value() {
    return this.spec.kind === "check" ? this.input.checked || "" : this.input.value.trim();
  }

  set value(value) {
    if (this.spec.kind === "check") this.input.checked = Boolean(value);
    else this.input.value = value;
  }

  /** Mark the field, or take the mark away. */
  mark(wrong) {
    if (wrong) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
    this.wrong.textContent = wrong ? `Takes ${this.spec.wants}.` : "";
  }

  get words() {
    return `${this.spec.label} takes ${this.spec.wants}.`;
  }
}
