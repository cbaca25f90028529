"""JOURNAL NAME: the study as JSON, as Optuna has loaded it; numbers of results as text, since JSON has no NaN."""

import json
import math
import sys
import warnings

warnings.simplefilter("error")

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend


def text(number):
    return "NaN" if math.isnan(number) else repr(float(number))


study = optuna.load_study(study_name=sys.argv[2], storage=JournalStorage(JournalFileBackend(sys.argv[1])))
trials = [
    {
        "number": trial.number,
        "state": trial.state.name,
        "values": [text(value) for value in trial.values or []],
        "params": trial.params,
        "distributions": {name: repr(distribution) for name, distribution in trial.distributions.items()},
        "contains": all(d._contains(d.to_internal_repr(trial.params[name])) for name, d in trial.distributions.items()),
        "curve": [[step, text(value)] for step, value in trial.intermediate_values.items()],
        "id": trial.user_attrs["trial_id"],
        "config": trial.user_attrs["config"],
        "constraints": list(trial.constraints.values()),
        "times": [trial.datetime_start is not None, trial.datetime_complete is not None],
    }
    for trial in study.get_trials()
]
for trial in study.get_trials(states=[optuna.trial.TrialState.COMPLETE]):
    study.add_trial(trial)  # which checks all of it
asked = study.ask()  # and goes on
best = [trial.number for trial in study.best_trials]
print(json.dumps({"directions": [d.name for d in study.directions], "trials": trials, "best": best, "asked": asked.number}))
