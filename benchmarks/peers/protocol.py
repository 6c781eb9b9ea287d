"""The line protocol between `compare` and a contestant's process.

A request is `measure <train|infer> <variant> <model> <batch> <steps> <blocks>`: take `blocks` times `steps` steps, one
after the other on the batches of a set that lies in memory, and answer {"ms": [milliseconds a step, of each block]}. What
is needed for it (building, compiling, warming up) is done at the first such request and not measured. `memory` is answered
by {"peak_mb": …}. What a request raises is answered as {"error": …} and does not end the process.
"""

import json
import os
import sys
import time


def peak_memory_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1000


def serve(prepare):
    """Answer requests until the end of input.

    `prepare(what, variant, model, batch, steps)` returns a function of the number of the batch that takes one step.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a framework prints must not come between the answers
    prepared = {}
    for line in sys.stdin:
        command, *words = line.split()
        try:
            if command == "memory":
                answer = {"peak_mb": peak_memory_mb()}
            else:
                what, variant, model, *numbers = words
                batch, steps, blocks = map(int, numbers)
                key = what, variant, model, batch, steps
                if key not in prepared:
                    prepared[key] = prepare(*key)
                    for _ in range(1 + 5 // steps):
                        run(prepared[key], steps)
                answer = {"ms": [run(prepared[key], steps) for _ in range(blocks)]}
        except Exception as error:  # a contestant that cannot do a model must not end the others' race
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        print(json.dumps(answer), file=answers, flush=True)


def run(step, steps):
    """Milliseconds a step."""
    start = time.perf_counter()
    for number in range(steps):
        step(number)
    return 1000 * (time.perf_counter() - start) / steps
