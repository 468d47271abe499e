/* What was decided and why: candidates, settings, versions. */
"use strict";

/** All palettes that were tried for each scene, and what made one of them win. */
function candidateTables(report) {
  const tried = report.scenes.filter((scene) => scene.candidates.length);
  if (!tried.length) return [el("p", {}, "The source's own images and colours are kept.")];
  return report.scenes.map((scene, number) => {
    const rows = scene.candidates.map((one) => [
      one.strategy,
      one.colors,
      one.score === null ? "not scored" : scoreText(one.score),
      one.bytes === null ? "not coded" : one.bytes.toLocaleString("en"),
      one.verdict,
    ]);
    const caption = `Scene ${number + 1}, ${frameRange(scene)}`;
    const headings = ["Palette", "Colours", "SSIM in nearest colours", "Estimated bytes", "Verdict"];
    const won = (row) => scene.candidates[row].verdict === "chosen";
    return el("details", {},
      el("summary", {}, `${caption}: ${scene.strategy}, ${scene.colors} colours`),
      el("p", {}, whyItWon(scene)),
      rows.length ? table(caption, headings, rows, { chosen: won }) : null);
  });
}

/** Frames of a scene, counted from 1. */
const frameRange = ({ start, stop }) => `frames ${start + 1}–${stop}`;

function whyItWon(scene) {
  const winner = scene.candidates.find((one) => one.verdict === "chosen");
  if (!winner) return `This scene uses “${scene.strategy}”; no candidate of its own was chosen.`;
  const name = (one) => `“${one.strategy}” with ${one.colors} colours`;
  const others = scene.candidates.filter((one) => one !== winner && one.bytes !== null);
  if (winner.bytes === null || !others.length) return `${name(winner)} was chosen.`;
  const next = others.reduce((a, b) => (b.bytes < a.bytes ? b : a));
  const percent = (100 * (next.bytes / winner.bytes - 1)).toFixed(1);
  const then = next.bytes >= winner.bytes
    ? `the best of the others, ${name(next)}, needs ${percent} % more`
    : `${name(next)} needs less but is ${next.verdict}`;
  return `${name(winner)} won: with it the scene takes about ` +
    `${bytesText(winner.bytes)} at the target; ${then}.`;
}

/** What was asked, what was used, and how long it took. */
function factTables(report) {
  const text = (value) => {
    if (value === null) return "not set";
    if (typeof value === "number") return Number(value.toPrecision(5));
    return Array.isArray(value) ? value.join(", ") : value;
  };
  const rows = (facts) => Object.entries(facts).map(([name, value]) => [
    name.replaceAll("_", " "), text(value)]);
  const seconds = Object.fromEntries(
    Object.entries(report.seconds).map(([stage, time]) => [stage, secondsText(time)]));
  const tables = { Target: report.target, Settings: report.settings, "Seconds by stage": seconds,
    Versions: report.versions };
  return Object.entries(tables).filter(([, facts]) => Object.keys(facts).length)
    .map(([title, facts]) => table(title, [], rows(facts)));
}
