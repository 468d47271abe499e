/* A GIF decoder: blocks, colour tables, indices and what is on screen after each block. */
"use strict";

class Gif {
  /** @param {Uint8Array} bytes a whole GIF file */
  constructor(bytes) {
    this.bytes = bytes;
    const word = (at) => bytes[at] | (bytes[at + 1] << 8);
    this.width = word(6);
    this.height = word(8);
    this.tables = []; // each Uint8Array of r, g, b
    this.blocks = [];
    let at = 13;
    let globalTable = -1;
    if (bytes[10] & 0x80) {
      globalTable = this.#table(at, bytes[10] & 7);
      at += this.tables[globalTable].length;
    }
    let control = { delay: 0, disposal: 0, transparent: -1 };
    let begin = at;
    while (at < bytes.length && bytes[at] !== 0x3b) {
      if (bytes[at] === 0x21) {
        if (bytes[at + 1] === 0xf9) {
          begin = at;
          const flags = bytes[at + 3];
          control = {
            delay: word(at + 4),
            disposal: (flags >> 2) & 7,
            transparent: flags & 1 ? bytes[at + 6] : -1,
          };
        }
        at = this.#afterSubBlocks(at + 2);
      } else if (bytes[at] === 0x2c) {
        const block = {
          ...control,
          left: word(at + 1),
          top: word(at + 3),
          width: word(at + 5),
          height: word(at + 7),
          interlaced: Boolean(bytes[at + 9] & 0x40),
          table: globalTable,
        };
        const flags = bytes[at + 9];
        at += 10;
        if (flags & 0x80) {
          block.table = this.#table(at, flags & 7);
          at += this.tables[block.table].length;
        }
        block.minimum = bytes[at];
        block.data = at + 1;
        at = this.#afterSubBlocks(at + 1);
        block.bytes = at - begin;
        this.blocks.push(block);
        begin = at;
        control = { delay: 0, disposal: 0, transparent: -1 };
      } else {
        throw new Error(`unknown block ${bytes[at]} at byte ${at}`);
      }
    }
    this.#keptEvery = Math.max(8, Math.ceil((this.blocks.length * this.width * this.height) / 16e6));
  }

  /** Seconds of one play. */
  seconds() {
    return this.blocks.reduce((sum, block) => sum + block.delay / 100, 0);
  }

  /** What is on screen once block `number` is drawn. */
  picture(number) {
    if (!this.#state || this.#state.number > number) this.#state = this.#nearestKept(number);
    while (this.#state.number < number) this.#advance();
    return new ImageData(
      new Uint8ClampedArray(this.#state.pixels), this.width, this.height);
  }

  /** Palette indices of block `number`, row by row. */
  indices(number) {
    const block = this.blocks[number];
    const pixels = unpack(this.#joined(block.data), block.minimum, block.width * block.height);
    return block.interlaced ? deinterlaced(pixels, block.width, block.height) : pixels;
  }

  #state = null;
  #kept = new Map();
  #keptEvery;

  #table(at, size) {
    this.tables.push(this.bytes.subarray(at, at + 3 * (2 << size)));
    return this.tables.length - 1;
  }

  #afterSubBlocks(at) {
    while (at < this.bytes.length && this.bytes[at]) at += this.bytes[at] + 1;
    return at + 1;
  }

  #joined(at) {
    const parts = [];
    let length = 0;
    for (let size; (size = this.bytes[at]); at += size + 1) {
      parts.push(this.bytes.subarray(at + 1, at + 1 + size));
      length += size;
    }
    const out = new Uint8Array(length);
    let filled = 0;
    for (const part of parts) {
      out.set(part, filled);
      filled += part.length;
    }
    return out;
  }

  #nearestKept(number) {
    let best = { number: -1, pixels: new Uint8ClampedArray(4 * this.width * this.height) };
    for (const kept of this.#kept.values()) {
      if (kept.number <= number && kept.number > best.number) best = kept;
    }
    return { ...best, pixels: best.pixels.slice() };
  }

  #advance() {
    const state = this.#state;
    if (state.number >= 0) this.#dispose(state);
    state.number += 1;
    const block = this.blocks[state.number];
    if (block.disposal === 3) state.before = state.pixels.slice();
    this.#draw(block, state);
    if (state.number % this.#keptEvery === 0 && !this.#kept.has(state.number)) {
      this.#kept.set(state.number, { ...state, pixels: state.pixels.slice() });
    }
  }

  #dispose(state) {
    const block = this.blocks[state.number];
    if (block.disposal === 3) state.pixels = state.before;
    if (block.disposal !== 2) return;
    for (let y = block.top; y < block.top + block.height; y += 1) {
      const at = 4 * (y * this.width + block.left);
      state.pixels.fill(0, at, at + 4 * block.width);
    }
  }

  #draw(block, state) {
    const table = this.tables[block.table];
    const indices = this.indices(state.number);
    const words = new Uint32Array(state.pixels.buffer);
    for (let y = 0, i = 0; y < block.height; y += 1) {
      let at = (block.top + y) * this.width + block.left;
      for (let x = 0; x < block.width; x += 1, i += 1, at += 1) {
        const index = indices[i];
        if (index === block.transparent) continue;
        const color = 3 * index;
        words[at] =
          (0xff000000 | (table[color + 2] << 16) | (table[color + 1] << 8) | table[color]) >>> 0;
      }
    }
  }
}

/** LZW as GIF has it: codes of growing width, least significant bit first. */
function unpack(data, minimum, count) {
  const clear = 1 << minimum;
  const end = clear + 1;
  const prefix = new Uint16Array(4096);
  const suffix = new Uint8Array(4096);
  const stack = new Uint8Array(4097);
  for (let code = 0; code < clear; code += 1) suffix[code] = code;
  const out = new Uint8Array(count);
  let width = minimum + 1;
  let next = end + 1;
  let previous = -1;
  let first = 0;
  let filled = 0;
  let bits = 0;
  let pending = 0;
  for (let at = 0; filled < count; ) {
    while (bits < width && at < data.length) {
      pending |= data[at] << bits;
      bits += 8;
      at += 1;
    }
    if (bits < width) break;
    const code = pending & ((1 << width) - 1);
    pending >>>= width;
    bits -= width;
    if (code === clear) {
      width = minimum + 1;
      next = end + 1;
      previous = -1;
      continue;
    }
    if (code === end) break;
    let depth = 0;
    let walk = code;
    if (code >= next) {
      stack[depth++] = first;
      walk = previous;
    }
    while (walk >= clear) {
      stack[depth++] = suffix[walk];
      walk = prefix[walk];
    }
    first = suffix[walk];
    stack[depth++] = first;
    while (depth && filled < count) out[filled++] = stack[--depth];
    if (previous >= 0 && next < 4096) {
      prefix[next] = previous;
      suffix[next] = first;
      next += 1;
      if (next === 1 << width && width < 12) width += 1;
    }
    previous = code;
  }
  return out;
}

function deinterlaced(pixels, width, height) {
  const out = new Uint8Array(pixels.length);
  let from = 0;
  for (const [start, step] of [[0, 8], [4, 8], [2, 4], [1, 2]]) {
    for (let y = start; y < height; y += step, from += width) {
      out.set(pixels.subarray(from, from + width), y * width);
    }
  }
  return out;
}
