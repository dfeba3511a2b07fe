#!/usr/bin/env bash
# Measures what docs/performance.md reports, on this machine, with the shipped pair; writes one JSON file per question into bench/results.
# Usage: bench/run.sh [OUTPUT_DIR]
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-bench/results}
mkdir -p "$out"
dotnet build src/Cli -c Release -v quiet
winnow() { dotnet run -c Release --no-build --project src/Cli -- "$@"; }
target=models/winnow-target-q8_0.gguf
draft=models/winnow-draft-q8_0.gguf

winnow bench --model $target --draft $draft --threads 1 --batch 1,4,16 --runs 7 --json >"$out/in-process-1-thread.json"
winnow bench --model $target --draft $draft --threads 2 --batch 1,4,16 --runs 7 --json >"$out/in-process-2-threads.json"
winnow bench --model $target --draft $draft --threads 1 --batch 1 --runs 7 --draft-tokens 4 --json >"$out/in-process-draft-4.json"
winnow bench --model $target --threads 2 --batch 1 --runs 7 --prompt-tokens 512 --tokens 16 --json >"$out/prefill-512.json"
winnow bench --model $target --draft $draft --shards 2 --threads 1 --batch 1,4,16 --runs 7 --cluster --json >"$out/cluster-2-shards.json"
winnow bench --model $target --draft $draft --shards 2 --threads 1 --batch 1 --runs 7 --draft-tokens 4 --cluster --json >"$out/cluster-draft-4.json"
