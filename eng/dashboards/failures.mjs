import { max, ofAll, ofModel, ofPool, panel, quantiles, rate, recent } from "./queries.mjs";

const byModel = ["model"];

export default {
  name: "failures",
  title: "Failures",
  description: "What was lost, what took its place, and what is tried again or left alone.",
  rows: [
    {
      title: "Failovers",
      panels: [
        panel("Lost replicas", "short", "Replicas in five minutes that broke or were lost under a coordinator. Their requests go on at the next placement.",
          [recent("winnow_replicas_lost_total", ofModel, byModel)]),
        panel("Lost workers", "short", "Workers in five minutes that were lost without notice. Drained ones do not count.", [recent("winnow_silo_workers_lost_total", ofAll, [], "lost")]),
        panel("Requests that moved", "short", "Generations in five minutes that went on elsewhere, because the lease moved or a gateway was lost.",
          [recent("winnow_requests_moved_total", ofModel, byModel)]),
        panel("Placements", "short", "Placements of replicas in five minutes: made and failed.",
          [recent("winnow_silo_placements_total", ofModel, byModel, "{{model}} made"), recent("winnow_silo_placement_failures_total", ofModel, byModel, "{{model}} failed")]),
        panel("Time of a placement", "s", "From a plan until every shard is ready. Quantiles over placements; of all models.",
          [quantiles("winnow_silo_placement_seconds", ofAll, [], [0.5, 0.95])]),
        panel("Fencing epoch", "short", "Grows with every new placement or coordinator of a replica; processes of an older epoch are refused.",
          [max("winnow_silo_model_epoch", ofModel, ["model", "replica"])]),
      ],
    },
    {
      title: "Stalls and faults",
      panels: [
        panel("Faults of step streams", "short", "Streams of steps in five minutes that ended with a fault, by its type (docs/errors.md).",
          [recent("winnow_worker_step_failures_total", ofPool, ["pool", "type"])]),
        panel("Refused loads", "short", "Loads of shards or draft models in five minutes that were refused or failed, by type.", [recent("winnow_worker_load_failures_total", ofPool, ["pool", "type"])]),
        panel("Workers the silo does not know", "short", "Workers that run but are registered with no silo. What they hold goes on; they are given nothing new.",
          [{ expr: `sum by (pool) (1 - winnow_worker_registered{${ofPool}})`, legend: "{{pool}}" }]),
      ],
    },
    {
      title: "Calls between processes: retries and circuit breakers",
      panels: [
        panel("Calls tried again", "short", "In five minutes, by what was called.", [recent("winnow_call_retries_total", ofAll, ["role", "call"])]),
        panel("Calls not answered in time", "short", "In five minutes, by what was called.", [recent("winnow_call_timeouts_total", ofAll, ["role", "call"])]),
        panel("Open circuit breakers", "short", "Processes that refuse such calls at once, since those before were not answered. A breaker closes with the first call that is answered after its rest, so it stays open while nobody calls.",
          [{ expr: `sum by (role, call) (winnow_call_breaker_open{${ofAll}})`, legend: "{{role}} {{call}}" }]),
      ],
    },
    {
      title: "Sessions and state",
      panels: [
        panel("Checkpoints", "ops", "Checkpoints of streaming sessions: written, and attempts that failed, which are tried again.",
          [rate("winnow_checkpoints_total", ofAll, [], "written"), rate("winnow_checkpoint_failures_total", ofAll, [], "failed")]),
        panel("Time to make a record durable", "s", "Of a silo that keeps its state in files. Quantiles over writes.", [quantiles("winnow_silo_state_write_seconds", ofAll, [])]),
        panel("TLS certificate ends in", "s", "The first of a role's certificates that ends. Nothing where TLS is off.",
          [{ expr: `min by (role) (winnow_tls_certificate_expiry_timestamp_seconds{${ofAll}} > 0) - time()`, legend: "{{role}}" }], { min: null }),
      ],
    },
    {
      title: "Servers of models",
      panels: [
        panel("Failed requests", "short", "Requests for models in five minutes that failed, by server.", [recent("winnow_model_fetch_failures_total", ofAll, ["server"])]),
        panel("Retries and second mirrors", "short", "In five minutes: requests tried again, requests that a second mirror was asked for too.",
          [recent("winnow_model_fetch_retries_total", ofAll, [], "tried again"), recent("winnow_model_fetch_hedges_total", ofAll, [], "second mirror")]),
        panel("Servers left alone", "short", "Processes that leave a server alone, since requests to it failed. It is asked again with the first request after its rest.",
          [{ expr: `sum by (server) (winnow_model_fetch_breaker_open{${ofAll}})`, legend: "{{server}}" }]),
      ],
    },
  ],
};
