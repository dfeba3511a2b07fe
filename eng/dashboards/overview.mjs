import { max, ofAll, ofModel, ofPool, panel, quantiles, rate, rateOf, ratio, sum, tokensPerSecond } from "./queries.mjs";

const aborted = rateOf("winnow_request_success_total", `${ofModel},finished_reason="abort"`, ["model"]);
const ended = rateOf("winnow_request_success_total", ofModel, ["model"]);

export default {
  name: "overview",
  title: "Overview",
  description: "What clients see: latency, throughput, errors and queue of every model.",
  rows: [
    {
      title: "Service level",
      panels: [
        panel("Time to first token", "s", "From a request's arrival at a gateway to its first token, waiting and prompt included. Quantiles over requests.",
          [quantiles("winnow_time_to_first_token_seconds", ofModel, ["model"])]),
        panel("Time per output token", "s", "Between two tokens of a choice; tokens that come with one step share its time. Quantiles over tokens.",
          [quantiles("winnow_inter_token_latency_seconds", ofModel, ["model"])]),
        panel("Time of a request", "s", "From a request's arrival at a gateway to the end of its answer, however it ended. Quantiles over requests; long answers take long.",
          [quantiles("winnow_e2e_request_latency_seconds", ofModel, ["model"])]),
      ],
    },
    {
      title: "Throughput",
      panels: [
        panel("Generated tokens", tokensPerSecond, "Tokens that gateways sent to clients.", [rate("winnow_generation_tokens_total", ofModel, ["model"])]),
        panel("Prompt tokens", tokensPerSecond, "Prompt tokens of requests whose answer began, those found in the prefix cache included.", [rate("winnow_prompt_tokens_total", ofModel, ["model"])]),
        panel("Tokens by API key", tokensPerSecond, "Prompt and generated tokens of requests that were let in, by the name of the API key; of all models. 'anonymous' where no keys are asked for.",
          [rate("winnow_key_tokens_total", ofAll, ["key", "kind"])]),
      ],
    },
    {
      title: "Errors and limits",
      panels: [
        panel("Choices that ended", "reqps", "By why: 'stop' and 'length' are whole answers; 'abort' had no end, since the client left or generating failed.",
          [rate("winnow_request_success_total", ofModel, ["model", "finished_reason"])]),
        panel("Part of choices without an end", "percentunit", "Choices that ended by 'abort' over all that ended: clients that left, and generations that failed.",
          [ratio(aborted, ended, ["model"])], { max: 1 }),
        panel("Refused requests", "reqps", "Refused or ended by a limit, by which: of a key (concurrency, requests, tokens), of an address (address, connections), or the request's own deadline. Of all models.",
          [rate("winnow_requests_refused_total", ofAll, ["reason"])]),
      ],
    },
    {
      title: "Queue and batch",
      panels: [
        panel("Running and waiting", "short", "Sequences with a place on the shards, and sequences that wait for one.",
          [sum("winnow_num_requests_running", ofModel, ["model"], "{{model}} running"), sum("winnow_num_requests_waiting", ofModel, ["model"], "{{model}} waiting")]),
        panel("Rows of a step", "short", "Rows that a step takes through the target: decodes, drafts and prompt chunks together. Quantiles over steps.",
          [quantiles("winnow_step_rows", ofModel, ["model"])]),
        panel("Use of the KV cache", "percentunit", "Part of a replica's KV blocks that running sequences hold. Sequences are paused when it reaches 100%.",
          [max("winnow_kv_cache_usage_ratio", ofModel, ["model", "replica"])], { max: 1 }),
      ],
    },
    {
      title: "Cluster",
      panels: [
        panel("Ready replicas", "short", "Replicas of a model that are placed and loaded.", [sum("winnow_silo_model_ready", ofModel, ["model"])]),
        panel("Workers by health", "short", "As the silo counts them that keeps the list of workers: alive, suspect (beats are missing), draining, dead.",
          [max("winnow_silo_workers", ofAll, ["health"])]),
        panel("Rows run by workers", "suffix: rows/s", "Rows that the shards of a pool ran. A row counts once for each shard it passes.",
          [rate("winnow_worker_rows_total", ofPool, ["pool"])]),
      ],
    },
  ],
};
