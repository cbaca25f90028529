"""Optuna's side of bench/search.ts: reads one job as JSON from standard input, writes its answer as JSON to standard output."""

import heapq
import json
import math
import random
import sys
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)

HARTMANN6_A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
HARTMANN6_P = [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
]
ORDERED = [1, 2, 5, 6, 8]


def floats(trial, count, low, high):
    return [trial.suggest_float(f"x{i}", low, high) for i in range(count)]


def sphere(trial):
    return sum(x * x for x in floats(trial, 5, -5, 5))


def rosenbrock(trial):
    x = floats(trial, 5, -5, 5)
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (x[i] - 1) ** 2 for i in range(4))


def branin(trial):
    x, y = trial.suggest_float("x0", -5, 10), trial.suggest_float("x1", 0, 15)
    bend = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def rastrigin(trial):
    return 50 + sum(x * x - 10 * math.cos(2 * math.pi * x) for x in floats(trial, 5, -5.12, 5.12))


def hartmann6(trial):
    x = floats(trial, 6, 0, 1)
    exponents = (sum(a * (v - 1e-4 * p) ** 2 for a, v, p in zip(As, x, Ps)) for As, Ps in zip(HARTMANN6_A, HARTMANN6_P))
    return -sum(weight * math.exp(-exponent) for weight, exponent in zip([1, 1.2, 3, 3.2], exponents))


def simple_kd(trial):
    x = trial.suggest_float("float", -1, 1)
    discrete = [1.2, 0.0, 0.6, 0.8, 1.0][ORDERED.index(trial.suggest_categorical("discrete", ORDERED))]
    whole = (trial.suggest_int("int", 1, 3) - 2.2) ** 2 / 2
    category = trial.suggest_categorical("category", ["corner", "center", "mixed"])
    term = min(1.6, -((x - 1) ** 2) if x > -0.8 else -(1.8**2) + 150 * (x + 0.8) ** 2)
    if category == "corner":
        return -(0.8 * term + discrete + whole)
    if category == "center":
        return term + discrete + whole
    return -(1.5 + 0.8 * term + discrete - whole)


def jenatton(trial):
    if trial.suggest_categorical("x1", [0, 1]) == 0:
        if trial.suggest_categorical("x2", [0, 1]) == 0:
            return trial.suggest_float("x4", 0, 1) ** 2 + 0.1 + trial.suggest_float("r8", 0, 1)
        return trial.suggest_float("x5", 0, 1) ** 2 + 0.2 + trial.suggest_float("r8", 0, 1)
    if trial.suggest_categorical("x3", [0, 1]) == 0:
        return trial.suggest_float("x6", 0, 1) ** 2 + 0.3 + trial.suggest_float("r9", 0, 1)
    return trial.suggest_float("x7", 0, 1) ** 2 + 0.4 + trial.suggest_float("r9", 0, 1)


def ten(trial):
    return sum(x * x for x in floats(trial, 10, -5, 5))


PROBLEMS = {
    "sphere-5": sphere,
    "rosenbrock-5": rosenbrock,
    "branin": branin,
    "rastrigin-5": rastrigin,
    "hartmann-6": hartmann6,
    "SimpleKD": simple_kd,
    "Jenatton": jenatton,
}


def sampler_of(name, seed):
    return optuna.samplers.RandomSampler(seed=seed) if name == "random" else optuna.samplers.TPESampler(seed=seed)


def study_of(name, seed):
    return optuna.create_study(sampler=sampler_of(name, seed))


def values(problem, sampler, seed, trials, workers):
    """The losses in the order in which trials ended; each takes 0.5 to 1.5 seconds of a virtual clock."""
    study, clock, running, found = study_of(sampler, seed), random.Random(seed), [], []
    for number in range(trials):
        if len(running) == workers:
            now, _, trial, loss = heapq.heappop(running)
            found.append(loss)
            study.tell(trial, loss)
        else:
            now = 0.0
        trial = study.ask()
        loss = PROBLEMS[problem](trial)
        heapq.heappush(running, (now + 0.5 + clock.random(), number, trial, loss))
    while running:
        _, _, trial, loss = heapq.heappop(running)
        found.append(loss)
        study.tell(trial, loss)
    return found


def quality(job):
    return [values(job["problem"], job["sampler"], seed, job["trials"], job["workers"]) for seed in job["seeds"]]


def at_points(job):
    """The losses of given configurations, to see that both sides have the same function."""
    return [PROBLEMS[job["problem"]](optuna.trial.FixedTrial(params)) for params in job["points"]]


def seconds(job):
    """What `trials` trials of ten floats take, after a hundred of another study."""

    def run(count):
        study = study_of(job["sampler"], 0)
        for _ in range(count):
            trial = study.ask()
            study.tell(trial, ten(trial))

    run(100)
    began = time.perf_counter()
    run(job["trials"])
    return time.perf_counter() - began


job = json.load(sys.stdin)
json.dump({"quality": quality, "points": at_points, "seconds": seconds}[job["kind"]](job), sys.stdout)
