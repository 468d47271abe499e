/* The answers first: how large, how good, what was hard, where the bytes went; two GIFs side by side. */
"use strict";

const LOCAL_WORDS = [[1, "hard to see"], [2, "slight"], [3, "plain"], [Infinity, "glaring"]];
const LITTLE_MISSED = 0.001;
const localWords = (local) => LOCAL_WORDS.find(([most]) => local <= most)[1];

/** What came out of a conversion, in four answers. */
function answers(entry) {
  const { report } = entry.data;
  const answer = (question, figure, ...lines) => el("div", {},
    el("h2", {}, question), el("p", { class: "figure" }, figure),
    lines.filter(Boolean).map((line) => (line instanceof Node ? line : el("p", {}, line))));
  return el("div", { class: "answers" },
    answer("How large?", sizeText(report.bytes), largeWords(report)),
    answer("How good?", ...goodWords(report)),
    answer("What was hard?", ...hardWords(report)),
    answer("Where did the bytes go?", ...bytesWords(entry)));
}

function largeWords(report) {
  const frame = sizeText(report.bytes / report.frames_source);
  return `${bytesText(report.bytes)}: ${frame} a frame, ${sizeText(report.bytes_per_second)} a second.`;
}

function goodWords(report) {
  const quality = report.looks_mean === null
    ? [`SSIM ${scoreText(report.score)}`, null]
    : [`${report.looks_mean.toFixed(0)} of 100`, `It ${lookWords(report.looks_mean)}.`];
  const asked = Object.keys(report.target).length > 0;
  const verdict = report.valid ? "The target is met." : `The target is missed: ${report.shortfalls.join("; ")}.`;
  return [
    ...quality,
    asked ? el("p", { class: report.valid ? "met" : "missed" }, verdict) : null,
    ...report.warnings.map((text) => el("p", { class: "missed" }, text)),
  ];
}

/** Quality in words, as the end of a sentence. */
function lookWords(quality) {
  const words = qualityWords(quality);
  return words.startsWith("looks") ? words : `is ${words}`;
}

function hardWords(report) {
  const place = (figures, best) => figures.indexOf(best);
  const least = Math.min(...report.ssim);
  const like = `Frame ${place(report.ssim, least) + 1} is the least like its source (SSIM ${scoreText(least)}).`;
  const missed = report.missed < LITTLE_MISSED
    ? "Strong changes arrive."
    : `${percentText(report.missed)} of the strong changes from frame to frame don't arrive.`;
  if (report.local_mean === null) return [`Frame ${place(report.ssim, least) + 1}`, like, missed];
  const most = Math.max(...report.local);
  const worst = place(report.local, most) + 1;
  return [
    `Frame ${worst}`,
    `Its worst places are ${localWords(most)}: ${most.toFixed(1)}, where 1 is hard to see and 2 is ` +
      `plain. The mean of all frames is ${report.local_mean.toFixed(1)}.`,
    like, missed,
  ];
}

function bytesWords({ data, gif }) {
  const { report } = data;
  const frames = bytesByFrame(data, gif);
  const order = frames.map((_, index) => index).sort((a, b) => frames[b] - frames[a] || a - b);
  let half = 0;
  let sum = 0;
  while (sum < report.bytes / 2 && half < order.length) sum += frames[order[half++]];
  const dearest = `Frame ${order[0] + 1} is the dearest: ${percentText(frames[order[0]] / report.bytes)}.`;
  const tables = gif.tables.reduce((total, one) => total + one.length, 0);
  const colors = `Colours take ${percentText(tables / report.bytes)}, in ` +
    `${plural(gif.tables.length, "table")}.`;
  const scene = report.scenes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  const scenes = report.scenes.length > 1
    ? `Scene ${report.scenes.indexOf(scene) + 1} of ${report.scenes.length} takes ` +
      `${percentText(scene.bytes / report.bytes)} for ` +
      `${percentText((scene.stop - scene.start) / report.frames_source)} of the frames.`
    : null;
  return [`Half in ${half} of ${plural(report.frames_source, "frame")}`, scenes, dearest, colors];
}

/** Two GIFs of one source: a sentence, and their figures side by side. */
function contrast(entries) {
  const [a, b] = entries;
  return el("div", { class: "contrast" }, el("p", { class: "figure" }, contrastWords(a, b)),
    table("Figures side by side", ["", a.name, b.name], contrastRows(entries)));
}

function contrastWords(a, b) {
  const [small, large] = a.data.report.bytes <= b.data.report.bytes ? [a, b] : [b, a];
  const share = 1 - small.data.report.bytes / large.data.report.bytes;
  const size = share < 0.005 ? "They are as large" : `${small.name} is ${percentText(share)} smaller`;
  const gain = small.data.report.looks_mean - large.data.report.looks_mean;
  if (Math.abs(gain) < 1) return `${size} and look${share < 0.005 ? "" : "s"} as good.`;
  const better = gain > 0 ? small : large;
  const [here, there] = [better, better === a ? b : a].map((one) => one.data.report.looks_mean.toFixed(0));
  const joint = better === small && share >= 0.005 ? "and looks better" : `; ${better.name} looks better`;
  return `${size}${joint.startsWith(";") ? "" : " "}${joint}: quality ${here} against ${there}.`;
}

/** Rows of texts; the better of two figures is marked. */
function contrastRows(entries) {
  const reports = entries.map(({ data }) => data.report);
  const row = (name, words, values, text, sign) => {
    const best = sign ? Math.min(...values.map((value) => sign * value)) : null;
    const equal = values.every((value) => text(value) === text(values[0]));
    const cells = values.map((value) => ({
      text: text(value), better: !equal && sign !== 0 && sign * value === best,
    }));
    return [{ text: name, words }, ...cells];
  };
  const of = (key) => reports.map((report) => report[key]);
  const fixed = (digits) => (value) => value.toFixed(digits);
  return [
    row("Size", "bytes of the file", of("bytes"), bytesText, 1),
    row("Quality", "90 looks like the source, 70 is good (SSIMULACRA2)", of("looks_mean"), fixed(1), -1),
    row("Worst places", "1 is hard to see, 2 is plain (butteraugli)", of("local_mean"), fixed(2), 1),
    row("Missed changes", "share of strong changes that don't arrive", of("missed"), percentText, 1),
    row("Colour difference", "2 is hard to see (CIEDE2000)", of("delta_e_mean"), fixed(2), 1),
    row("Structure", "mean SSIM of luma; 1 is the source", of("mean"), scoreText, -1),
    row("Worst frame", "least SSIM", reports.map(({ ssim }) => Math.min(...ssim)), scoreText, -1),
    row("Frames", `the source has ${reports[0].frames_source}`, of("frames_coded"), String, 0),
    row("Colour tables", "each takes up to 768 bytes", entries.map(({ gif }) => gif.tables.length), String, 0),
    row("Plays for", `the source for ${secondsText(reports[0].source.duration)}`,
      entries.map(({ gif }) => gif.seconds()), secondsText, 0),
  ];
}
