/* What previews found, to tell a size while the slider moves and the next preview is on its way. */
"use strict";

class Estimates {
  #found = new Map(); // of a file and its other settings: quality -> {bytes, seconds}

  /** Keep what a preview of a file found. */
  keep(file, values, { predicted_bytes: bytes, seconds }) {
    if (bytes === null || values.quality === undefined) return;
    const key = this.#key(file, values);
    if (!this.#found.has(key)) this.#found.set(key, new Map());
    this.#found.get(key).set(Number(values.quality), { bytes, seconds });
  }

  /** Return {bytes, seconds} between the two nearest qualities that are known, or null. */
  at(file, values) {
    const known = this.#found.get(this.#key(file, values));
    const quality = Number(values.quality);
    if (!known || Number.isNaN(quality)) return null;
    const all = [...known.keys()].sort((a, b) => a - b);
    const low = all.findLast((one) => one <= quality);
    const high = all.find((one) => one >= quality);
    if (low === undefined || high === undefined) return null;
    const share = high === low ? 0 : (quality - low) / (high - low);
    const between = (key) => Math.exp(
      (1 - share) * Math.log(known.get(low)[key]) + share * Math.log(known.get(high)[key]));
    return { bytes: between("bytes"), seconds: between("seconds") };
  }

  #key(file, values) {
    return JSON.stringify([file, { ...values, quality: null }]);
  }
}
