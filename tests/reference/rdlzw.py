"""The rate-distortion LZW encoder once more, with phrases as tuples in a dictionary.

It follows the rules of ``ssimgif.kernels.rdlzw`` without a limit on the partial phrases: no
beam, no span. Numbers are float32 in the same order, so that the choices are equal.
"""

from __future__ import annotations

import numpy as np

f32 = np.float32
INFINITE = f32(1e30)
MEMORY, WINDOW, INVESTMENT, LEARNING, LOCAL = 2048.0, 2000.0, 1.3, f32(0.15), f32(0.75)


class Encoder:
    """Codes one picture; ``codes`` and ``indices`` hold the result of `run`."""

    def __init__(self, picture, palette, transparent, minimum_code_size, tuning, limit=4096):
        self.picture, self.palette, self.transparent = picture, palette, transparent
        self.tuning, self.limit = tuning, limit
        self.clear = 1 << minimum_code_size
        self.drift = np.zeros((len(picture.source), 3), np.float32)
        self.codes, self.indices = [self.clear], []

    def forget(self):
        self.phrases = {(s,): s for s in range(self.palette.shape[1])}
        self.height = dict.fromkeys(self.phrases, 0)
        self.following, self.previous = self.clear + 2, None

    def enter(self, phrase, code):
        """Add a phrase, unless there is one; tell whether it was new."""
        if phrase in self.phrases:
            return False
        self.phrases[phrase] = code
        self.height[phrase] = 0
        for n in range(1, len(phrase)):
            self.height[phrase[:n]] = max(self.height[phrase[:n]], len(phrase) - n)
        return True

    def pixel_cost(self, at, s):
        t = self.tuning
        source, (luma, chroma, _, mode) = self.split(at)
        if mode == 2 or (s == self.transparent and mode == 0):
            return f32(0) if mode == 2 and s == self.transparent else INFINITE
        shares = np.array([t.feedback, t.chroma_feedback, t.chroma_feedback], np.float32)
        aim = source - shares * self.drift[at]
        shown = self.picture.screen[at, :3] if s == self.transparent else self.palette[:, s]
        e = (aim - shown) * (aim - shown)
        cost = t.lam * luma * e[0] + t.lam * chroma * (e[1] + e[2])
        return cost + (t.hold_bias if s == self.transparent else f32(0))

    def split(self, at):
        """Return a pixel's Y, Cb, Cr, and its weights, least error and whether it may be held."""
        row = self.picture.source[at]
        return row[:3], (*row[3:], self.picture.screen[at, 3])

    def search(self, x, price, mean, value):
        """Walk all phrases by length; return (phrase, cost, score) of the best of each length."""
        columns, pixels = self.picture.columns, len(self.picture.source)
        colors = range(self.palette.shape[1])
        alive, gain, found, best = {(): f32(0)}, f32(0), [], INFINITE
        while alive and x + len(found) < pixels:
            at = x + len(found)
            worth = mean + LOCAL * (value[at % columns] - mean)
            gain = gain + worth
            costs = [self.pixel_cost(at, s) for s in colors]
            floor = self.tuning.lam * self.split(at)[1][2]
            grown = {
                (*phrase, s): (cost - floor) + costs[s]
                for phrase, cost in alive.items()
                for s in colors
                if (*phrase, s) in self.phrases
            }
            phrase = min(grown, key=grown.__getitem__)
            score = grown[phrase] + price - gain
            found.append((phrase, grown[phrase], score))
            best = min(best, score)
            reach = best + gain - price
            alive = {
                phrase: cost
                for phrase, cost in grown.items()
                if self.height[phrase] > 0 and cost < reach + worth * f32(self.height[phrase])
            }
        return found

    def choose(self, x, price, mean, value):
        found = self.search(x, price, mean, value)
        ranked = sorted(found, key=lambda entry: entry[2])
        if self.tuning.look_ahead < 2:
            return ranked[0]

        def with_next(entry):
            after = x + len(entry[0])
            if after == len(self.picture.source):
                return entry[2]
            return entry[2] + min(e[2] for e in self.search(after, price, mean, value))

        return min(ranked[: self.tuning.look_ahead], key=with_next)

    def show(self, at, s):
        """Hand the error down: a quarter to either side of the pixel below, half to itself."""
        source, (_, _, _, mode) = self.split(at)
        shown = source
        if s != self.transparent:
            shown = self.palette[:, s]
        elif mode == 1:
            shown = self.picture.screen[at, :3]
        error = self.tuning.decay * self.drift[at] + (shown - source)
        columns, column = self.picture.columns, at % self.picture.columns
        below = at + columns
        if below < len(self.drift):
            self.drift[below - (column > 0)] += f32(0.25) * error
            self.drift[below] += f32(0.5) * error
            self.drift[below + (column < columns - 1)] += f32(0.25) * error

    def run(self, rate):
        columns, pixels = self.picture.columns, len(self.picture.source)
        self.forget()
        width = self.clear.bit_length()
        seen, mean = MEMORY / 8, f32(INVESTMENT * rate)
        value = np.full(columns, mean, np.float32)
        recent = least = 0.0
        x = 0
        while x < pixels:
            pending, trial, new = (
                self.previous is not None and self.following < self.limit,
                (),
                False,
            )
            if pending:
                trial = (*self.previous, self.previous[0])
                new = self.enter(trial, self.following)
                if self.following == 1 << width and width < 12:
                    width += 1
            phrase, cost, _ = self.choose(x, f32(width), mean, value)
            code = self.phrases[phrase]
            if pending:
                if phrase[0] != trial[-1]:
                    if new:
                        del self.phrases[trial], self.height[trial]
                    self.enter((*self.previous, phrase[0]), self.following)
                self.following += 1
            self.codes.append(code)
            self.indices.extend(phrase)
            self.previous = phrase
            for i, s in enumerate(phrase):
                self.show(x + i, s)
            total = width + float(cost)
            seen += len(phrase)
            rate += (total - rate * len(phrase)) / seen
            seen = seen if seen <= 2 * MEMORY else seen / 2
            mean = f32(INVESTMENT * rate)
            own = f32(INVESTMENT * total / len(phrase))
            for j in range(x, x + len(phrase)):
                value[j % columns] += LEARNING * (own - value[j % columns])
            x += len(phrase)
            if self.following == self.limit:
                if recent == 0:
                    recent = least = rate
                recent += (total - recent * len(phrase)) / max(WINDOW, len(phrase))
                least = min(least, recent)
                if recent > least * (1 + self.tuning.clear_at):
                    self.codes.append(self.clear)
                    self.forget()
                    width, recent = self.clear.bit_length(), 0.0
        self.codes.append(self.clear + 1)
        return self
