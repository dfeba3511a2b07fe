import { max, ofAll, ofModel, ofPool, panel, quantiles, rate, rateOf, sum } from "./queries.mjs";

const shard = ["pool", "pod"];
const busy = rateOf("winnow_worker_step_seconds_sum", ofPool, shard);
const stepping = rateOf("winnow_worker_steps_total", ofPool, shard);

export default {
  name: "pipeline",
  title: "Pipeline",
  description: "Steps through the shards of a target: how long each takes, how long each waits, and what passes between them.",
  rows: [
    {
      title: "Whole steps",
      panels: [
        panel("Time of a step", "s", "From sending a step to the first shard to its result from the last, as the coordinator sees it: all shards and all ways between. Quantiles over steps.",
          [quantiles("winnow_step_duration_seconds", ofModel, ["model"])]),
        panel("Steps", "ops", "Steps sent to the target, of all replicas.", [rate("winnow_steps_total", ofModel, ["model"])]),
        panel("Step by rows before serving", "s", "Time of a step of so many rows before a replica's first request, of its slowest replica: what a step costs when nothing else runs.",
          [max("winnow_calibration_step_seconds", ofModel, ["model", "rows"])]),
      ],
    },
    {
      title: "Shards",
      panels: [
        panel("Time of a step on a shard", "s", "Time of a step on the device of a worker. Shards of one target should take about the same. Quantiles over steps.",
          [quantiles("winnow_worker_step_seconds", ofPool, shard, [0.5, 0.95])]),
        panel("Busy time", "percentunit", "Part of the time in which a worker ran steps of target shards; over 100% when it runs several shards at a time. Draft rounds are not in it.",
          [{ expr: busy, legend: "{{pool}} {{pod}}" }]),
        panel("Time without a step", "percentunit",
          "Rest of the time of workers that ran steps: what they waited for other shards, links and drafts (bubbles), and for requests when there were none. Bubbles alone while 'running' of the Overview is above 0 all the time.",
          [{ expr: `clamp_min(1 - ${busy}, 0) and ${stepping} > 0`, legend: "{{pool}} {{pod}}" }], { max: 1 }),
        panel("Rows", "suffix: rows/s", "Rows that a worker's shards ran.", [rate("winnow_worker_rows_total", ofPool, shard)]),
        panel("Rows of a step on a shard", "short", "Rows of a step on a worker. Quantiles over steps.", [quantiles("winnow_worker_step_rows", ofPool, shard, [0.5, 0.95])]),
        panel("Open sequences", "short", "Sequences open on the shard of a worker that ran last.", [sum("winnow_worker_open_sequences", ofPool, shard)]),
      ],
    },
    {
      title: "Links",
      panels: [
        panel("Handed to the next shard", "Bps", "Bytes of hidden states that a worker sent to the worker with the next shard.", [rate("winnow_worker_handed_on_bytes_total", ofPool, shard)]),
        panel("From device to host", "Bps", "Bytes that a worker's device sent to its host in steps: what was drawn, hidden states for the next shard, rows that are drawn at the host. 0 on CPU workers.",
          [rate("winnow_worker_device_to_host_bytes_total", ofPool, shard)]),
        panel("Attempts to reach the next shard", "ops", "Calls of workers to the worker with the next shard, and of coordinators to a replica, that were tried again.",
          [rate("winnow_call_retries_total", `${ofAll},call=~"next_shard|replica"`, ["call"])]),
      ],
    },
  ],
};
