/* The report: answers, the compared frame, then maps and curves, then tables. */
"use strict";

/** Fill the report's page: with a report, or with the comparison of two GIFs. */
function showReport(root, data) {
  const entries = readEntries(data);
  const single = entries.length === 1;
  const stage = el("div", {});
  document.querySelector("h1").textContent = single
    ? entries[0].data.report.source.name
    : `${entries.map(({ name }) => name).join(" and ")}, made of ${entries[0].data.report.source.name}`;
  root.replaceChildren(
    el("div", { class: single ? "first" : "first wide" },
      single ? answers(entries[0]) : contrast(entries), stage));
  const viewer = new Viewer(stage, entries);
  root.append(...reportSections(viewer));
  return viewer;
}

/** What follows the answers; every part follows the viewer's frame. */
function reportSections(viewer) {
  const { entries } = viewer;
  const single = entries.length === 1;
  const { report } = entries[0].data;
  const choose = (index) => viewer.choose(index);
  const maps = entries.map((entry) => viewer.follow(new MapRow(entry, !single)));
  const charts = viewer.follow(new Charts(entries, choose));
  const strip = viewer.follow(new SceneStrip(entries, choose));
  const sections = [
    part("Where the shown frame differs", ...maps.map(({ element }) => element)),
    part("Frame by frame", charts.element),
    part("Scenes", strip.element),
    single && report.fit ? part("Limit of bytes", new FitPanel(report).element) : null,
    part("Details", ...entries.map((entry) => paletteFold(viewer, entry, !single)),
      single && Object.keys(report.settings).length ? fold("Candidates: which palettes were tried, and why one won",
        ...candidateTables(report)) : null,
      fold(single ? "Target, settings, times, versions" : "Versions", el("div", { class: "facts" }, factTables(report)))),
  ];
  return sections.filter(Boolean);
}

function part(title, ...children) {
  const id = freshId("section");
  return el("section", { "aria-labelledby": id }, el("h2", { id }, title), ...children);
}

function fold(title, ...children) {
  return el("details", { class: "fold" }, el("summary", {}, title), ...children);
}

/** Colour tables are counted when somebody wants to see them. */
function paletteFold(viewer, entry, named) {
  const count = plural(entry.gif.tables.length, "colour table");
  const details = fold(named ? `Colours of ${entry.name}: ${count}` : `Colours: ${count}`);
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return;
    const panel = viewer.follow(new PalettePanel(entry));
    details.append(panel.element);
    panel.countAll();
  });
  return details;
}
