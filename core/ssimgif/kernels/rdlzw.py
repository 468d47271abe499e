"""Rate-distortion LZW: a GIF encoder that may change pixels where that saves bits.

A greedy LZW encoder emits the longest phrase of its dictionary that equals the coming pixels.
This one weighs every phrase of the dictionary by ``bits + lam * distortion`` and emits the one
whose cost per pixel is least. The dictionary is a trie; a beam search walks it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MAX_CODES = 4096
FORBIDDEN = np.float32(1e30)
FAR = np.float32(1e4)
LANES = 16
BINS = 32


@njit(cache=True, nogil=True)
def _drift_above(drift, at, columns, mean):
    """Weigh the drift of the three pixels above pixel ``at`` 1 : 2 : 1."""
    above = at - columns
    left = above - 1 if above % columns > 0 else above
    right = above + 1 if above % columns < columns - 1 else above
    for j in range(3):
        mean[j] = np.float32(0.25) * (drift[j, left] + drift[j, right]) + np.float32(0.5) * drift[j, above]


@njit(cache=True, nogil=True)
def _aim(at, source, luma_weight, chroma_weight, lam, drift, columns, feedback, chroma_feedback, mean, aim):
    """What pixel ``at`` should look like and what missing it costs: Y, Cb, Cr, luma, chroma."""
    mean[:] = 0
    if feedback > 0 and at >= columns:
        _drift_above(drift, at, columns, mean)
    aim[0] = source[0, at] - feedback * mean[0]
    aim[1] = source[1, at] - chroma_feedback * mean[1]
    aim[2] = source[2, at] - chroma_feedback * mean[2]
    aim[3] = lam * luma_weight[at]
    aim[4] = lam * chroma_weight[at]


@njit(cache=True, nogil=True)
def _set_hold(at, screen, hold_mode, transparent, bias, aim, colors):
    """Make the transparent entry of ``colors`` stand for what is on screen at pixel ``at``."""
    mode = hold_mode[at]
    if mode == 2:
        aim[0] = FAR
        aim[1] = FAR
        aim[2] = FAR
        aim[3] = FORBIDDEN
        aim[4] = FORBIDDEN
    for j in range(3):
        colors[transparent, j] = aim[j] if mode == 2 else screen[j, at]
    colors[transparent, 3] = bias if mode > 0 else FORBIDDEN


@njit(cache=True, nogil=True)
def _first_costs(aim, palette, costs, least):
    """Cost of each palette colour, and in ``least`` the minimum of every LANES-th one."""
    y = aim[0]
    cb = aim[1]
    cr = aim[2]
    luma = aim[3]
    chroma = aim[4]
    for s in range(costs.size):
        dy = y - palette[0, s]
        db = cb - palette[1, s]
        dr = cr - palette[2, s]
        costs[s] = luma * (dy * dy) + chroma * (db * db + dr * dr) + palette[3, s]
    for j in range(LANES):
        least[j] = costs[j]
    for block in range(LANES, costs.size, LANES):
        row = costs[block : block + LANES]
        for j in range(LANES):
            least[j] = row[j] if row[j] < least[j] else least[j]


@njit(cache=True, nogil=True)
def _keep_best(node, cost, count, beam, least, span, bins):
    """Move the ``beam`` cheapest of ``count`` candidates to the front; costs are sorted into bins."""
    if count <= beam:
        return count
    bins[:] = 0
    scale = np.float32((BINS - 1) / span)
    for i in range(count):
        bins[int((cost[i] - least) * scale)] += 1
    last = 0
    total = bins[0]
    while total <= beam and last < BINS - 1:
        last += 1
        total += bins[last]
    spare = beam - (total - bins[last])
    kept = 0
    for i in range(count):
        b = int((cost[i] - least) * scale)
        take = b < last
        if b == last and spare > 0:
            take = True
            spare -= 1
        if take:
            node[kept] = node[i]
            cost[kept] = cost[i]
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def _link(code, node, roots, child, sibling, parent, height):
    """Hang ``code`` below ``node`` and tell the nodes above how far down the trie now goes."""
    sibling[code] = child[node]
    child[node] = code
    h = 1
    while height[node] < h:
        height[node] = h
        if node < roots:
            break
        node = parent[node]
        h += 1


@njit(cache=True, nogil=True)
def _find_child(node, s, child, sibling, symbol):
    k = child[node]
    while k != 0 and symbol[k] != s:
        k = sibling[k]
    return k


@njit(cache=True, nogil=True)
def _put(code, width, codes, state):
    """Append ``width`` bits; ``state`` is bytes written, bits waiting, the waiting bits, all bits."""
    acc = state[2] | (code << state[1])
    n = state[1] + width
    out = state[0]
    while n >= 8:
        codes[out] = acc & 255
        out += 1
        acc >>= 8
        n -= 8
    state[0] = out
    state[1] = n
    state[2] = acc
    state[3] += width


@njit(cache=True, nogil=True)
def encode(
    source,
    luma_weight,
    chroma_weight,
    screen,
    hold_mode,
    palette,
    transparent,
    columns,
    feedback,
    chroma_feedback,
    decay,
    minimum_code_size,
    lam,
    hold_bias,
    beam,
    span,
    clear_at,
    mu,
    codes,
    indices,
    info,
):
    pixels = luma_weight.size
    n = palette.shape[1]
    clear = 1 << minimum_code_size
    child = np.zeros(MAX_CODES, np.uint16)
    sibling = np.zeros(MAX_CODES, np.uint16)
    parent = np.zeros(MAX_CODES, np.uint16)
    height = np.zeros(MAX_CODES, np.uint16)
    symbol = np.zeros(MAX_CODES, np.uint8)
    first = np.zeros(MAX_CODES, np.uint8)
    for s in range(n):
        symbol[s] = s
        first[s] = s
    # The palette twice: planes for the first pixel of a phrase, all colours at once,
    # and one colour after the other for the rest.
    planes = np.zeros((4, (n + LANES - 1) // LANES * LANES), np.float32)
    planes[3] = FORBIDDEN
    colors = np.zeros((256, 4), np.float32)
    for s in range(n):
        planes[3, s] = 0
        for j in range(3):
            planes[j, s] = palette[j, s]
            colors[s, j] = palette[j, s]
    costs = np.empty(planes.shape[1], np.float32)
    lane = np.empty(LANES, np.float32)
    node = np.empty((2, MAX_CODES + 256), np.uint16)
    cost = np.empty((2, MAX_CODES + 256), np.float32)
    bins = np.zeros(BINS, np.int64)
    drift = np.zeros((3, pixels), np.float32)
    aim = np.zeros(5, np.float32)
    mean = np.zeros(3, np.float32)
    feedback = np.float32(feedback)
    chroma_feedback = np.float32(chroma_feedback)
    decay = np.float32(decay)
    lam = np.float32(lam)
    span = np.float32(span)
    bias = np.float32(hold_bias)

    state = np.zeros(4, np.int64)
    width = minimum_code_size + 1
    _put(clear, width, codes, state)
    following = clear + 2
    previous = -1
    x = 0
    distortion = 0.0
    memory = 512.0
    spent = mu * memory
    seen = memory
    mu = np.float32(mu)
    fast = 0.0
    best_rate = 1e30
    clears = 0
    while x < pixels:
        # The entry that the next phrase completes can be used by that phrase itself
        # when both begin with the same colour.
        pending = previous >= 0 and following < MAX_CODES
        linked = False
        if pending:
            s = first[previous]
            symbol[following] = s
            first[following] = s
            parent[following] = previous
            child[following] = 0
            height[following] = 0
            linked = _find_child(previous, s, child, sibling, symbol) == 0
            if linked:
                _link(following, previous, clear, child, sibling, parent, height)
            if following == 1 << width and width < 12:
                width += 1

        price = np.float32(width)
        # first pixel: any colour
        _aim(x, source, luma_weight, chroma_weight, lam, drift, columns, feedback, chroma_feedback, mean, aim)
        if transparent >= 0:
            _set_hold(x, screen, hold_mode, transparent, bias, aim, colors)
            for j in range(4):
                planes[j, transparent] = colors[transparent, j]
        _first_costs(aim, planes, costs, lane)
        least = lane[0]
        for j in range(1, LANES):
            least = min(least, lane[j])
        threshold = least + span
        best_node = 0
        best_length = 1
        best_cost = least
        best_score = least + price - mu
        count = 0
        a = 0
        now_node = node[0]
        now_cost = cost[0]
        reach = best_score + mu - price
        for j in range(LANES):
            if lane[j] <= threshold:
                for s in range(j, n, LANES):
                    c = costs[s]
                    if c == least:
                        best_node = s
                    now_node[count] = s
                    now_cost[count] = c
                    count += (c <= threshold) & (c < reach + mu * np.float32(height[s])) & (height[s] > 0)
        count = _keep_best(now_node, now_cost, count, beam, least, span, bins)
        depth = 1
        while count > 0 and x + depth < pixels:
            at = x + depth
            depth += 1
            _aim(at, source, luma_weight, chroma_weight, lam, drift, columns, feedback, chroma_feedback, mean, aim)
            if transparent >= 0:
                _set_hold(at, screen, hold_mode, transparent, bias, aim, colors)
            y = aim[0]
            cb = aim[1]
            cr = aim[2]
            luma = aim[3]
            chroma = aim[4]
            now_node = node[a]
            now_cost = cost[a]
            a = 1 - a
            new_node = node[a]
            new_cost = cost[a]
            into = 0
            least = FORBIDDEN
            who = 0
            gain = mu * np.float32(depth)
            reach = best_score + gain - price
            for i in range(count):
                k = child[now_node[i]]
                base = now_cost[i]
                while k != 0:
                    s = symbol[k]
                    dy = y - colors[s, 0]
                    db = cb - colors[s, 1]
                    dr = cr - colors[s, 2]
                    c = base + (luma * (dy * dy) + chroma * (db * db + dr * dr) + colors[s, 3])
                    if c < least:
                        least = c
                        who = k
                    new_node[into] = k
                    new_cost[into] = c
                    h = height[k]
                    into += (h > 0) & (c <= least + span) & (c < reach + mu * np.float32(h))
                    k = sibling[k]
            score = least + price - gain
            if score < best_score:
                best_score = score
                best_node = who
                best_length = depth
                best_cost = least
                reach = best_score + gain - price
            threshold = least + span
            count = 0
            for i in range(into):
                k = new_node[i]
                c = new_cost[i]
                new_node[count] = k
                new_cost[count] = c
                count += (c <= threshold) & (c < reach + mu * np.float32(height[k]))
            count = _keep_best(new_node, new_cost, count, beam, least, span, bins)

        k = best_node
        for i in range(x + best_length - 1, x - 1, -1):
            indices[i] = symbol[k]
            k = parent[k]
        if feedback > 0:
            for at in range(x, x + best_length):
                mean[:] = 0
                if at >= columns:
                    _drift_above(drift, at, columns, mean)
                s = indices[at]
                for j in range(3):
                    if s != transparent:
                        e = palette[j, s] - source[j, at]
                    elif hold_mode[at] == 1:
                        e = screen[j, at] - source[j, at]
                    else:
                        e = np.float32(0)
                    drift[j, at] = decay * mean[j] + e
        s = indices[x]
        if pending:
            if s != symbol[following]:
                if linked:
                    child[previous] = sibling[following]
                symbol[following] = s
                if _find_child(previous, s, child, sibling, symbol) == 0:
                    _link(following, previous, clear, child, sibling, parent, height)
            following += 1
        _put(best_node, width, codes, state)
        x += best_length
        previous = best_node
        distortion += best_cost
        total = np.float64(best_cost) + width
        spent += total
        seen += best_length
        if seen > 16 * memory:
            spent *= 0.5
            seen *= 0.5
        mu = np.float32(spent / seen)
        if following == MAX_CODES:
            if fast == 0:
                fast = spent / seen
            else:
                fast += (total - fast * best_length) * min(1.0, best_length / 2000.0)
            best_rate = min(best_rate, fast)
            if fast > best_rate * (1 + clear_at):
                _put(clear, width, codes, state)
                child[:] = 0
                height[:] = 0
                following = clear + 2
                previous = -1
                width = minimum_code_size + 1
                fast = 0.0
                best_rate = 1e30
                clears += 1
    _put(clear + 1, width, codes, state)
    if state[1] > 0:
        _put(0, 8 - state[1], codes, state)
        state[3] -= 8 - state[1]
    info[0] = state[3]
    info[1] = distortion / lam
    info[2] = mu
    info[6] = clears
    return state[0]
