/* Requests to this machine: paths are relative, so that the token comes along. */
"use strict";

async function ask(method, path, { body, signal } = {}) {
  const binary = body instanceof Blob;
  const response = await fetch(path, {
    method,
    signal,
    headers: body && !binary ? { "content-type": "application/json" } : {},
    body: body && !binary ? JSON.stringify(body) : body,
  }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Error("ssimgif web does not answer; is it still running?");
  });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : null;
  if (!response.ok) {
    const error = new Error(answer?.error ?? `the server answers ${response.status}`);
    throw Object.assign(error, { setting: answer?.setting ?? null });
  }
  return answer;
}

const api = {
  choices: () => ask("GET", "api/choices"),
  files: () => ask("GET", "api/files"),
  jobs: () => ask("GET", "api/jobs"),
  upload: (file) => ask("POST", `api/files?name=${encodeURIComponent(file.name)}`, { body: file }),
  removeFile: (id) => ask("DELETE", `api/files/${id}`),
  preview: (file, settings, fine, signal) =>
    ask("POST", "api/preview", { body: { file, settings, fine }, signal }),
  convert: (file, settings) => ask("POST", "api/jobs", { body: { file, settings } }),
  cancel: (id) => ask("POST", `api/jobs/${id}/cancel`),
  removeJob: (id) => ask("DELETE", `api/jobs/${id}`),
  view: (id) => ask("GET", `api/jobs/${id}/view`),
};
