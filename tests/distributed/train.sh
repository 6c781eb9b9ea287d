#!/usr/bin/env bash
# train.sh <mpirun> <distributed_autoencoder> <directory>: any number of ranks ends with the parameters of one; data that cannot
# be read are one line and exit status 1; of a rank that is killed the job ends, and resumed it ends with the same parameters.
set -euo pipefail
mpirun=$1 example=$2 directory=$3
# More ranks than cores, and as root, for Open MPI, whose ranks else are bound to a core each.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none
rm -rf "$directory"
mkdir -p "$directory"
cd "$directory"
arguments=(--batch-size 500 --output results)

fail() { echo "$1" >&2; cat log >&2; exit 1; }
train() { "$mpirun" -n "$1" "$example" "${arguments[@]}" "${@:2}" 2>log | tail -n 1; }

expected=$(train 1 --epochs 2 --threads 2)
[[ $expected =~ ^parameters\ [0-9a-f]{16}$ ]] || fail "the last line is: $expected"
for ranks in 2 3 4; do
  found=$(train $ranks --epochs 2 --threads 1)
  [ "$found" = "$expected" ] || fail "$ranks ranks end with $found, one with $expected"
  [ "$(grep -c "^Epoch " log)" -eq 2 ] || fail "$ranks ranks print more than one does"
done

status=0
"$mpirun" -n 3 "$example" --data nowhere >output 2>log || status=$?
[ $status -eq 1 ] && [ "$(grep -c "^error: " log)" -eq 1 ] || fail "exit status $status, expected 1 and one error"

"$mpirun" -n 2 "$example" "${arguments[@]}" --epochs 100000 --checkpoint run.safetensors >output 2>log &
job=$!
trap 'kill -KILL $job 2>/dev/null || true' EXIT
until grep -q "^Epoch 2/" log; do
  kill -0 $job || fail "the training ended by itself"
  sleep 0.05
done
# A rank of this very training, by its program and its folder.
for process in /proc/[0-9]*; do
  if [ "$process/exe" -ef "$example" ] && [ "$process/cwd" -ef . ]; then rank=${process#/proc/}; fi
done
kill -KILL "$rank"
start=$SECONDS status=0
wait $job || status=$?
[ $status -ne 0 ] || fail "the job ended well without a rank"
[ $((SECONDS - start)) -le 10 ] || fail "the job took $((SECONDS - start)) s to end"

epochs=$(($(grep -c "^Epoch " log) + 2))
resumed=$(train 4 --epochs $epochs --checkpoint run.safetensors --resume)
! grep -q "^Epoch 1/" log || fail "it started from the beginning"
whole=$(train 1 --epochs $epochs)
[ "$resumed" = "$whole" ] || fail "resumed, it ends with $resumed, expected $whole"
