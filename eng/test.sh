#!/usr/bin/env bash
# Builds and tests everything, from a fresh clone on a bare machine with the .NET 10 SDK: installs what the tests use, fails on any
# warning, any failed test and any format drift, and ends with "N passed, N failed, N skipped" counted from the test results.
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
results=artifacts/test-results
configuration=Release

install_tools() {
    local missing=()
    command -v promtool >/dev/null || missing+=(prometheus)
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
    if [ ${#missing[@]} -gt 0 ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        echo "== installing ${missing[*]}"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    fi
    local folder
    while IFS= read -r -d '' folder; do
        echo "== npm ci in $(dirname "$folder")"
        (cd "$(dirname "$folder")" && npm ci --ignore-scripts --no-audit --no-fund --silent)
    done < <(find tests -name package-lock.json -not -path '*/node_modules/*' -print0)
}

count() { # sum of one counter over all result files
    cat "$results"/*.trx 2>/dev/null | tr '\n' ' ' | grep -o '<Counters [^>]*' | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" | awk '{ n += $1 } END { print n + 0 }'
}

install_tools
echo "== build"
dotnet build Winnow.slnx -c "$configuration" -v quiet
echo "== format"
dotnet format Winnow.slnx --verify-no-changes --no-restore
echo "== test"
rm -rf "$results"
mkdir -p "$results"
status=0
run_tests() { # edition, configuration, test projects
    local edition=$1 built=$2 name
    shift 2
    for name in "$@"; do
        dotnet test "artifacts/$edition/bin/$name/$built/Winnow.$name.dll" --logger "trx;LogFileName=$edition-$built-$name.trx" \
            --results-directory "$results" --verbosity quiet || status=$?
    done
}
mapfile -t projects < <(find tests -maxdepth 1 -name '*.Tests' -printf '%f\n' | sort)
run_tests lite release "${projects[@]}"

echo "== debug build, which asserts the invariants"
invariants=(Gateway.Tests Law.Tests)
for name in "${invariants[@]}"; do
    dotnet build "tests/$name" -c Debug --no-restore -v quiet
done
run_tests lite debug "${invariants[@]}"

echo "== full build"
full=(-p:Lite=false)
[ -z "${WINNOW_FULL_FEED:-}" ] || full+=("-p:FullFeed=$WINNOW_FULL_FEED")
if dotnet restore Winnow.slnx "${full[@]}" >"$results/full-restore.log" 2>&1; then
    dotnet build Winnow.slnx -c "$configuration" --no-restore -v quiet "${full[@]}"
    run_tests full release Contract.Grpc.Tests Contract.Ilgpu.Tests Contract.Orleans.Tests Contract.Prometheus.Tests \
        KernelBench.Tests Kernels.Cpu.Tests Kernels.Ptx.Tests Kernels.Rules.Tests Silo.Tests
else
    echo "skipped: its packages cannot be restored here ($results/full-restore.log); WINNOW_FULL_FEED names a folder that has them"
fi

# Each failed test with its message once more, where a long log is read first: at its end.
awk '/<UnitTestResult / { failed = /outcome="Failed"/; match($0, /testName="[^"]*"/); name = substr($0, RSTART + 10, RLENGTH - 11) }
    failed && /<Message>/ { sub(/.*<Message>/, ""); sub(/<\/Message>.*/, ""); print "FAILED " name ": " $0; failed = 0 }' "$results"/*.trx

passed=$(count passed)
failed=$(count failed)
skipped=$(($(count total) - passed - failed))
[ "$passed" -gt 0 ] || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
