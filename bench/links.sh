#!/usr/bin/env bash
# Decoding over links that are not a loopback, with the shipped pair: two target shards, the draft on a worker of its own, greedy.
# Prints Markdown tables: speculation over none, drafting ahead over synchronous drafting, and prompts whose chunks follow each other. Usage: bench/links.sh [DELAY_MS] [RUNS] [TOKENS]
set -euo pipefail
cd "$(dirname "$0")/.."
delay=${1:-20} runs=${2:-7} tokens=${3:-48} shards=2
dotnet build src/Cli -c Release -v quiet -nologo
winnow() { dotnet run -c Release --no-build --project src/Cli -- "$@"; }

# All values of a number in bench's JSON: first without speculation, then with it.
values() { grep -o "\"$1\":[0-9.]*" <<<"$2" | cut -d: -f2 | paste -sd' '; }

# Milliseconds a token of one sequence took: row BATCH DRAFT_LENGTH FLAGS... prints a row.
row() {
  local batch=$1 draft=$2 json
  shift 2
  local flags=("$@")
  [[ $draft == adaptive ]] || flags+=(--draft-tokens "$draft")
  json=$(winnow bench --draft models/winnow-draft-q8_0.gguf --shards $shards --threads 1 --cluster --batch "$batch" --runs "$runs" --tokens "$tokens" --json "${flags[@]}" 2>/dev/null)
  read -r plain fast < <(values decode_tokens_per_second "$json")
  read -r _ length < <(values accept_length "$json")
  read -r _ acceptance < <(values acceptance "$json")
  awk -v where="${flags[1]:-}" -v batch="$batch" -v draft="$draft" -v plain="$plain" -v fast="$fast" -v length_="$length" -v acceptance="$acceptance" 'BEGIN {
    printf "| %s | %d | %s | %.1f | %.1f | %.2f | %.0f %% | %.2f |\n", where, batch, draft, 1000 * batch / plain, 1000 * batch / fast, length_, 100 * acceptance, fast / plain }'
}

echo "| one-way delay | batch | draft length | ms per token, no speculation | with speculation | accept length | acceptance | over none |"
echo "|--:|--:|---|--:|--:|--:|--:|--:|"
loopback=$(row 1 adaptive --link-delay 0ms)
echo "$loopback"
for draft in adaptive 4 8 16; do
  row 1 "$draft" --link-delay "${delay}ms"
done
for draft in adaptive 8; do
  row 10 "$draft" --link-delay "${delay}ms"
done
echo
echo "| one-way delay | batch | draft length | ms per token, synchronous | ahead | tokens/s, synchronous | ahead | ahead over synchronous |"
echo "|--:|--:|---|--:|--:|--:|--:|--:|"
for batch in 1 8 10; do
  for draft in 8 adaptive; do
    sync=$(WINNOW_Coordinator__DraftAhead=off row "$batch" "$draft" --link-delay "${delay}ms" --drafter draft_model)
    ahead=$(WINNOW_Coordinator__DraftAhead=auto row "$batch" "$draft" --link-delay "${delay}ms" --drafter draft_model)
    awk -F'|' '{ ms[NR] = $6; where = $2; batch = $3; draft = $4 } END { printf "|%s|%s|%s| %.1f | %.1f | %.0f | %.0f | %.2f |\n", where, batch, draft, ms[1], ms[2], 1000 * batch / ms[1], 1000 * batch / ms[2], ms[1] / ms[2] }' \
      <<<"$sync"$'\n'"$ahead"
  done
done

echo
echo "| one-way delay | prompt tokens | first token, one chunk at a time, ms | chunks following each other, ms |"
echo "|--:|--:|--:|--:|"
first() { winnow bench --shards $shards --threads 1 --cluster --runs "$runs" --tokens 4 --prompt-tokens "$1" --link-delay "${delay}ms" --json 2>/dev/null | grep -o '"time_to_first_token_ms":[0-9.]*' | cut -d: -f2; }
for prompt in 512 1000; do
  printf '| %sms | %d | %.0f | %.0f |\n' "$delay" "$prompt" "$(WINNOW_Coordinator__MaxStepsInFlight=1 first "$prompt")" "$(first "$prompt")"
done

awk -F'|' -v delay="$delay" -v shards=$shards '{ printf "\nGoal of plain decoding: (%d + 1) x %g ms + 15 %% + %.1f ms of compute = %.1f ms per token.\n", shards, delay, $5, 1.15 * (shards + 1) * delay + $5 }' <<<"$loopback"
