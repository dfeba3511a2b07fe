// Writes helm/winnow/dashboards/*.json from the descriptions in eng/dashboards/.
//   node eng/dashboards.mjs            writes the dashboards
//   node eng/dashboards.mjs --check    exits with 1 when one of them differs
import { emit } from "./generated.mjs";
import failures from "./dashboards/failures.mjs";
import kubernetes from "./dashboards/kubernetes.mjs";
import memory from "./dashboards/memory.mjs";
import overview from "./dashboards/overview.mjs";
import pipeline from "./dashboards/pipeline.mjs";
import speculation from "./dashboards/speculation.mjs";

const gridColumns = 24;
const panelHeight = 8;
const source = { type: "prometheus", uid: "${datasource}" };

/** A variable that holds the values of a label; "All" also means series without it. */
function labelVariable(name, metric, selector) {
  const query = `label_values(${metric}{${selector}}, ${name})`;
  return {
    name, label: name[0].toUpperCase() + name.slice(1), type: "query", datasource: source, definition: query, query: { query, refId: name },
    refresh: 2, sort: 1, multi: true, includeAll: true, allValue: ".*", current: { selected: true, text: ["All"], value: ["$__all"] }, options: [], regex: "", hide: 0,
  };
}

const datasourceVariable = {
  name: "datasource", label: "Data source", type: "datasource", query: "prometheus", refresh: 1, multi: false, includeAll: false, current: {}, options: [], regex: "", hide: 0,
};
const labelVariables = [
  labelVariable("namespace", "up", 'role=~"gateway|silo|worker"'),
  labelVariable("model", "winnow_silo_model_ready", 'namespace=~"$namespace"'),
  labelVariable("pool", "winnow_worker_memory_bytes", 'namespace=~"$namespace"'),
];

function timeSeries({ title, unit, description, queries, min = 0, max = null }, id, gridPos) {
  return {
    id, type: "timeseries", title, description, datasource: source, gridPos,
    fieldConfig: {
      defaults: {
        unit, ...(min === null ? {} : { min }), ...(max === null ? {} : { max }), color: { mode: "palette-classic" },
        custom: { drawStyle: "line", lineWidth: 1, fillOpacity: 10, showPoints: "never", spanNulls: false, axisPlacement: "auto" },
      },
      overrides: [],
    },
    options: { legend: { displayMode: "table", placement: "bottom", showLegend: true, calcs: ["lastNotNull", "max"] }, tooltip: { mode: "multi", sort: "desc" } },
    targets: queries.map(({ expr, legend }, index) => (
      { refId: String.fromCharCode("A".charCodeAt(0) + index), datasource: source, editorMode: "code", range: true, expr, legendFormat: legend })),
  };
}

/** Rows of panels, each row filled from left to right by panels of the same width. */
function layOut(rows) {
  const panels = [];
  let y = 0;
  for (const { title, panels: described } of rows) {
    panels.push({ id: panels.length + 1, type: "row", title, collapsed: false, gridPos: { x: 0, y: y++, w: gridColumns, h: 1 }, panels: [] });
    const width = gridColumns / Math.min(described.length, described.length === 4 ? 2 : 3);
    described.forEach((panel, index) => {
      const place = index * width;
      const line = Math.floor(place / gridColumns);
      panels.push(timeSeries(panel, panels.length + 1, { x: place % gridColumns, y: y + line * panelHeight, w: width, h: panelHeight }));
    });
    y += Math.ceil(described.length * width / gridColumns) * panelHeight;
  }
  return panels;
}

function dashboard({ name, title, description, rows }) {
  const panels = layOut(rows);
  const queries = JSON.stringify(panels);
  return {
    uid: `winnow-${name}`, title: `Winnow / ${title}`, description, tags: ["winnow"], schemaVersion: 41, version: 1, editable: true, graphTooltip: 1, timezone: "browser",
    refresh: "30s", time: { from: "now-1h", to: "now" }, timepicker: {}, fiscalYearStartMonth: 0, liveNow: false, preload: false, annotations: { list: [] },
    links: [{ title: "Winnow", type: "dashboards", tags: ["winnow"], asDropdown: true, includeVars: true, keepTime: true, targetBlank: false, icon: "external link", tooltip: "", url: "" }],
    templating: { list: [datasourceVariable, ...labelVariables.filter((variable) => queries.includes(`$${variable.name}`))] },
    panels,
  };
}

const made = [overview, speculation, pipeline, memory, failures, kubernetes]
  .map((described) => [`helm/winnow/dashboards/${described.name}.json`, `${JSON.stringify(dashboard(described), null, 2)}\n`]);
emit(Object.fromEntries(made), "eng/dashboards/ says; run 'node eng/dashboards.mjs'");
