import { max, ofAll, ofModel, ofPool, panel, quantiles, rate, rateOf, ratio, recent, sum, tokensPerSecond } from "./queries.mjs";

const worker = ["pool", "pod"];
const found = rateOf("winnow_prefix_cache_hits_total", ofModel, ["model"]);
const lookedUp = rateOf("winnow_prefix_cache_queries_total", ofModel, ["model"]);
const cached = rateOf("winnow_model_cache_hit_bytes_total", ofAll, ["role"]);
const fetched = rateOf("winnow_model_fetched_bytes_total", ofAll, ["role"]);

export default {
  name: "memory",
  title: "Memory",
  description: "KV cache, prefix cache, memory of workers and hosts, and models on disk.",
  rows: [
    {
      title: "KV cache",
      panels: [
        panel("Use of the KV cache", "percentunit", "Part of a replica's KV blocks that running sequences hold; blocks that only the prefix cache keeps are free for others and not in it.",
          [max("winnow_kv_cache_usage_ratio", ofModel, ["model", "replica"])], { max: 1 }),
        panel("Paused sequences", "short", "Times in five minutes that a sequence was paused because KV blocks ran short. It goes on when there are some, its prompt and tokens filled in anew.",
          [recent("winnow_num_preemptions_total", ofModel, ["model"])]),
        panel("KV blocks", "short", "Blocks that the shards and draft models loaded on a worker have, used or not.", [sum("winnow_worker_kv_blocks", ofPool, worker)]),
      ],
    },
    {
      title: "Prefix cache",
      panels: [
        panel("Prefix found", "percentunit", "Tokens found in the prefix cache over tokens looked up.", [ratio(found, lookedUp, ["model"])], { max: 1 }),
        panel("Tokens looked up and found", tokensPerSecond, "Found tokens need not be computed again.",
          [rate("winnow_prefix_cache_queries_total", ofModel, ["model"], "{{model}} looked up"), rate("winnow_prefix_cache_hits_total", ofModel, ["model"], "{{model}} found")]),
      ],
    },
    {
      title: "Workers",
      panels: [
        panel("Reserved memory", "bytes", "What a worker's loaded shards and draft models reserved of its budget: weights, KV cache and scratch together.",
          [sum("winnow_worker_memory_used_bytes", ofPool, worker)]),
        panel("Part of the budget", "percentunit", "Reserved memory over the worker's budget. A shard that does not fit is refused.",
          [ratio(`sum by (pool, pod) (winnow_worker_memory_used_bytes{${ofPool}})`, `sum by (pool, pod) (winnow_worker_memory_bytes{${ofPool}})`, worker)], { max: 1 }),
        panel("Time to load", "s", "From being asked to load a shard or a draft model until it is ready, waiting for another load included. Quantiles over loads.",
          [quantiles("winnow_worker_load_seconds", ofPool, ["pool"], [0.5, 0.95])]),
      ],
    },
    {
      title: "Processes",
      panels: [
        panel("Working set", "bytes", "Memory of a process that is in RAM.", [sum("process_working_set_bytes", `${ofAll},role=~"gateway|silo|worker"`, ["role", "pod"])]),
        panel("Managed memory", "bytes", "Memory that .NET's heap takes. Weights and KV caches of workers lie outside of it.",
          [sum("dotnet_total_memory_bytes", `${ofAll},role=~"gateway|silo|worker"`, ["role", "pod"])]),
      ],
    },
    {
      title: "Models on disk",
      panels: [
        panel("Cache of models", "bytes", "Bytes of models in the cache of a process, as last counted.", [sum("winnow_model_cache_bytes", ofAll, ["role", "pod"])]),
        panel("Found in the cache", "percentunit", "Bytes of models that were needed and in the cache, over those and the bytes that were fetched.",
          [{ expr: `${cached} / (${cached} + ${fetched})`, legend: "{{role}}" }], { max: 1 }),
        panel("Fetched", "Bps", "Bytes of models received from servers.", [rate("winnow_model_fetched_bytes_total", ofAll, ["role"])]),
      ],
    },
  ],
};
