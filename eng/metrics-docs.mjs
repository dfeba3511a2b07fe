// Writes docs/metrics.md's tables from the constants that name the metrics. A constant's summary begins with the type and the labels:
//   /// <summary>Counter by <c>model</c>, <c>drafter</c>: draft tokens verified.</summary>
//   node eng/metrics-docs.mjs            writes the page
//   node eng/metrics-docs.mjs --check    exits with 1 when it differs
import { between, emit, read, table } from "./generated.mjs";

const page = "docs/metrics.md";
const sources = {
  GatewayMetrics: "src/Gateway/GatewayMetrics.cs",
  FetchMetricNames: "src/Fetching/FetchMetricNames.cs",
  WorkerMetricNames: "src/GpuWorker/WorkerMetricNames.cs",
  SiloMetricNames: "src/Silo/SiloMetricNames.cs",
  HostingMetricNames: "src/Hosting/HostingMetricNames.cs",
};

/** The Markdown of an XML comment's lines. */
function text(comment) {
  return comment.replace(/^ *\/\/\/ ?/gm, "").replace(/\s+/g, " ").replace(/<\/?summary>/g, "").replace(/<\/?c>/g, "`")
    .replaceAll("&lt;", "<").replaceAll("&amp;", "&").trim();
}

function rowsOf(path) {
  return [...read(path).matchAll(/((?: *\/\/\/.*\n)+) *public const string \w+ = "(\w+)";/g)].map(([, comment, name]) => {
    const parts = /^(Counter|Gauge|Histogram)(?: by ([^:]+))?: (.*)\.$/.exec(text(comment));
    if (!parts) {
      throw new Error(`The summary of '${name}' in ${path} must begin with 'Counter', 'Gauge' or 'Histogram', its labels, and a colon, and end with a period.`);
    }
    return [`\`${name}\``, parts[1].toLowerCase(), parts[2] ?? "", parts[3]];
  });
}

const made = Object.entries(sources).reduce(
  (content, [mark, path]) => between(content, mark, table(["name", "type", "labels", "meaning"], rowsOf(path))), read(page));
emit({ [page]: made }, "the constants' summaries say; run 'node eng/metrics-docs.mjs'");
