#!/usr/bin/env bash
# interrupt.sh <example> <directory>: an example that is interrupted by SIGINT ends with exit status 130 and says how to go on;
# resumed, it ends with the parameters of one that was not interrupted.
set -euo pipefail
example=$1 directory=$2
rm -rf "$directory"
mkdir -p "$directory"
cd "$directory"
arguments=(--epochs 8 --batch-size 500 --output results --checkpoint run.safetensors)

fail() { echo "$1" >&2; cat log >&2; exit 1; }

whole=$("$example" --epochs 8 --batch-size 500 --output results 2>log | tail -n 1)
[[ $whole =~ ^parameters\ [0-9a-f]{16}$ ]] || fail "the last line is: $whole"

"$example" "${arguments[@]}" >output 2>log &
process=$!
until grep -q "^Epoch 2/8" log; do kill -0 $process 2>/dev/null || break; done
kill -INT $process || fail "the training was over too soon"
status=0
wait $process || status=$?
[ $status -eq 130 ] || fail "exit status $status, expected 130"
grep -q -- "go on with the same arguments, --checkpoint run.safetensors and --resume" log || fail "it does not say how to resume"

resumed=$("$example" "${arguments[@]}" --resume 2>log | tail -n 1)
[ "$resumed" = "$whole" ] || fail "$resumed, expected $whole"
! grep -q "^Epoch 1/8" log || fail "it started from the beginning"
