// Queries that many panels have in common. Series of gateways and of silos' replicas have the label `model`, those of workers `pool`.

/** Selects series that have a model. */
export const ofModel = 'namespace=~"$namespace",model=~"$model"';

/** Selects series of workers. */
export const ofPool = 'namespace=~"$namespace",pool=~"$pool"';

/** Selects series that have neither. */
export const ofAll = 'namespace=~"$namespace"';

/** One panel: what it shows, in which unit, what that means, and its queries. */
export const panel = (title, unit, description, queries, more = {}) => ({ title, unit, description, queries: queries.flat(), ...more });

const legendOf = (labels) => labels.map((label) => `{{${label}}}`).join(" ");

/** A sum over everything but some labels. */
const summed = (labels, inner) => (labels.length > 0 ? `sum by (${labels.join(", ")}) (${inner})` : `sum(${inner})`);

/** What a counter grows by in a second. */
export const rateOf = (metric, selector, labels = []) => summed(labels, `rate(${metric}{${selector}}[$__rate_interval])`);

/** That as a query. */
export const rate = (metric, selector, labels, legend = legendOf(labels)) => ({ expr: rateOf(metric, selector, labels), legend });

/** What a counter grew by in five minutes; for what is rare. */
export const recent = (metric, selector, labels, legend = legendOf(labels)) => ({ expr: summed(labels, `increase(${metric}{${selector}}[5m])`), legend });

/** One counter's growth over another's. */
export const ratio = (part, whole, labels, legend = legendOf(labels)) => ({ expr: `${part} / ${whole}`, legend });

/** The sum of a gauge. */
export const sum = (metric, selector, labels, legend = legendOf(labels)) => ({ expr: summed(labels, `${metric}{${selector}}`), legend });

/** The largest of a gauge, where each process that tells it tells the same thing. */
export const max = (metric, selector, labels, legend = legendOf(labels)) => ({ expr: `max by (${labels.join(", ")}) (${metric}{${selector}})`, legend });

/** Quantiles of a histogram. */
export const quantiles = (metric, selector, labels, wanted = [0.5, 0.95, 0.99]) => wanted.map((quantile) => ({
  expr: `histogram_quantile(${quantile}, sum by (${["le", ...labels].join(", ")}) (rate(${metric}_bucket{${selector}}[$__rate_interval])))`,
  legend: `${legendOf(labels)} p${quantile * 100}`.trim(),
}));

/** The unit of tokens in a second. */
export const tokensPerSecond = "suffix: tokens/s";
