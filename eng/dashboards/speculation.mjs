import { ofModel, ofPool, panel, quantiles, rate, rateOf, ratio, tokensPerSecond } from "./queries.mjs";

const by = ["model", "drafter"];
const drafts = rateOf("winnow_spec_decode_num_drafts_total", ofModel, by);
const drafted = rateOf("winnow_spec_decode_num_draft_tokens_total", ofModel, by);
const accepted = rateOf("winnow_spec_decode_num_accepted_tokens_total", ofModel, by);
const acceptedAt = rateOf("winnow_spec_decode_num_accepted_tokens_per_pos_total", ofModel, [...by, "position"]);
const hits = rateOf("winnow_spec_decode_ahead_hits_total", ofModel, ["model"]);
const misses = rateOf("winnow_spec_decode_ahead_misses_total", ofModel, ["model"]);

export default {
  name: "speculation",
  title: "Speculation",
  description: "How many drafts the target accepts, what drafting costs, and what drafting ahead finds.",
  rows: [
    {
      title: "Acceptance",
      panels: [
        panel("Acceptance by drafter", "percentunit", "Draft tokens that the target accepted over those it verified.", [ratio(accepted, drafted, by)], { max: 1 }),
        panel("Accepted tokens of a draft", "short", "Draft tokens accepted in a step of a sequence that verified drafts. The step gives one token more, the target's own.",
          [ratio(accepted, drafts, by)]),
        panel("Length of a draft", "short", "Draft tokens verified in a step of a sequence that verified drafts.", [ratio(drafted, drafts, by)]),
      ],
    },
    {
      title: "Acceptance by position",
      panels: [
        panel("Drafts accepted up to a position", "percentunit",
          "Part of all drafts whose token at this position, from 0, was accepted. A draft that is shorter counts as one that was not, so the line of a position falls when drafts become shorter.",
          [{ expr: `${acceptedAt} / on (model, drafter) group_left () ${drafts} > 0`, legend: "{{model}} {{drafter}} {{position}}" }], { max: 1 }),
        panel("Verifying steps", "ops", "Steps of a sequence that verified drafts.", [rate("winnow_spec_decode_num_drafts_total", ofModel, by)]),
      ],
    },
    {
      title: "Goodput",
      panels: [
        panel("Token time against a step without drafts", "s",
          "Median time between two tokens, and what a step of one row took before the replica served (the fastest replica's). A lone sequence without speculation gets one token in such a step, "
          + "so a median below that line is faster than that. A median above it does not say that speculation costs: steps of many sequences take longer than steps of one row.",
          [quantiles("winnow_inter_token_latency_seconds", ofModel, ["model"], [0.5]),
            { expr: `min by (model) (winnow_calibration_step_seconds{${ofModel},rows="1"})`, legend: "{{model}} one row" }]),
        panel("Tokens of a step", "short", "Generated tokens over steps of the target, all sequences of the batch together. Rises with the batch and with what speculation adds.",
          [ratio(rateOf("winnow_generation_tokens_total", ofModel, ["model"]), rateOf("winnow_steps_total", ofModel, ["model"]), ["model"])]),
        panel("Rejected draft tokens", tokensPerSecond, "Draft tokens that the target verified in vain: work that gave no token.",
          [{ expr: `${drafted} - ${accepted}`, legend: "{{model}} {{drafter}}" }]),
      ],
    },
    {
      title: "Cost of drafting",
      panels: [
        panel("Time spent drafting", "percentunit",
          "Seconds of drafting in a second, in gateways, in the target's shards (eagle3, kangaroo) or from asking a draft model to its answer. Over 100% when several replicas draft at a time.",
          [rate("winnow_spec_decode_draft_seconds_total", ofModel, by)]),
        panel("Draft rounds on the device", "s", "Time of a round of a draft model on its worker, for all sequences of the round. Quantiles over rounds; of all models.",
          [quantiles("winnow_worker_draft_seconds", ofPool, ["pool"])]),
        panel("Why drafts are no longer", "ops", "Drafts of draft models by what ended them: 'limit' as long as asked for; 'table' and 'stop_head' expected that more would not be kept. Of all models.",
          [rate("winnow_worker_draft_stops_total", ofPool, ["pool", "reason"])]),
      ],
    },
    {
      title: "Drafting ahead (draft cache)",
      panels: [
        panel("Prepared drafts found", "percentunit", "Steps of a sequence that found drafts prepared by the draft model, over those that looked for some.",
          [{ expr: `${hits} / (${hits} + ${misses})`, legend: "{{model}}" }], { max: 1 }),
        panel("Found by the early exit alone", "percentunit", "Those of the found that were prepared only because the first shard's early exit had expected the outcome.",
          [ratio(rateOf("winnow_spec_decode_ahead_mirror_hits_total", ofModel, ["model"]), hits, ["model"])], { max: 1 }),
        panel("Branches", "suffix: branches/s", "Branches received from draft models, and those of them that came when their sequence had gone on.",
          [rate("winnow_spec_decode_ahead_branches_total", ofModel, ["model"], "{{model}} received"), rate("winnow_spec_decode_ahead_late_total", ofModel, ["model"], "{{model}} late")]),
      ],
    },
  ],
};
