#!/usr/bin/env bash
# interrupt.sh <example> <directory>: an example that is interrupted by SIGINT ends with exit status 130 and says how to go on;
# resumed, it ends with the parameters of one that was not interrupted.
set -euo pipefail
example=$1 directory=$2
rm -rf "$directory"
mkdir -p "$directory"
cd "$directory"
# Long, so that it is not over before it is interrupted.
arguments=(--batch-size 500 --output results --checkpoint run.safetensors)

fail() { echo "$1" >&2; cat log >&2; exit 1; }

"$example" --epochs 100000 "${arguments[@]}" >output 2>log &
process=$!
trap 'kill -KILL $process 2>/dev/null || true' EXIT
until grep -q "^Epoch 2/" log; do
  kill -0 $process || fail "the training ended by itself"
  sleep 0.05
done
kill -INT $process
status=0
wait $process || status=$?
[ $status -eq 130 ] || fail "exit status $status, expected 130"
grep -q -- "go on with the same arguments, --checkpoint run.safetensors and --resume" log || fail "it does not say how to resume"

epochs=$(($(grep -c "^Epoch " log) + 2))
resumed=$("$example" --epochs $epochs "${arguments[@]}" --resume 2>log | tail -n 1)
! grep -q "^Epoch 1/" log || fail "it started from the beginning"
whole=$("$example" --epochs $epochs --batch-size 500 --output results 2>log | tail -n 1)
[[ $whole =~ ^parameters\ [0-9a-f]{16}$ ]] || fail "the last line is: $whole"
[ "$resumed" = "$whole" ] || fail "$resumed, expected $whole"
