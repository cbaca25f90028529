"""pandas | tensorboard | ray EXPECTED: opens the trials that the file names, and says how many numbers it found where they have to be."""

import json
import math
import os
import sys

found = 0


def number(text):
    return float(text)  # 'NaN' and 'Infinity' too


def check(where, got, expected, tolerance=0.0):
    global found
    same = math.isclose(got, expected, rel_tol=tolerance, abs_tol=tolerance) or (math.isnan(got) and math.isnan(expected))
    if not same:
        sys.exit(f"{where}: expected {expected!r}, got {got!r}")
    found += 1


def flatten(value, prefix=""):
    flat = {}
    for key, inner in value.items():
        flat.update(flatten(inner, f"{prefix}{key}/") if isinstance(inner, dict) else {prefix + key: inner})
    return flat


def read_pandas(trial):
    import pandas

    path = trial["path"]
    rows = pandas.read_json(os.path.join(path, "result.json"), lines=True)
    table = pandas.read_csv(os.path.join(path, "progress.csv"), float_precision="round_trip")
    with open(os.path.join(path, "params.json")) as file:
        assert flatten(json.load(file)) == trial["config"]
    assert len(rows) == len(table) == len(trial["rows"]), path
    for i, row in enumerate(trial["rows"]):
        nested = flatten({key: value for key, value in rows.iloc[i].to_dict().items() if key != "config"})
        assert set(flatten(rows["config"][i])) == set(trial["config"])
        for key, text in row["numbers"].items():
            check(f"result.json {key!r}", nan_if_none(nested[key]), number(text), 1e-14)  # read_json keeps 15 digits behind the point
            check(f"progress.csv {key!r}", float(table[key][i]), number(text))
        for key, text in row["texts"].items():
            assert nested[key] == table[key][i] == text, (key, table[key][i])
        saved = table["checkpoint_dir_name"][i]
        assert (saved if isinstance(saved, str) else None) == row["checkpoint"]


def nan_if_none(value):
    return math.nan if value is None else float(value)


def read_tensorboard(trial):
    import numpy
    from tensorboard.backend.event_processing.event_accumulator import SCALARS, EventAccumulator

    log = EventAccumulator(trial["path"], size_guidance={SCALARS: 0})
    log.Reload()
    keys = {key for row in trial["rows"] for key in row["numbers"]} - {"training_iteration"}
    missing = keys - set(log.Tags()["scalars"])
    assert not missing, missing
    for key in keys:
        expected = [(row["step"], number(row["numbers"][key])) for row in trial["rows"] if key in row["numbers"]]
        scalars = log.Scalars(key)
        assert [step for step, _ in expected] == [scalar.step for scalar in scalars], key
        for scalar, (step, value) in zip(scalars, expected):
            with numpy.errstate(over="ignore"):
                check(f"{key!r} at {step}", scalar.value, float(numpy.float32(value)))


def read_hparams(experiment, trials):
    """What the HParams tab shows, by the code that makes it."""
    from tensorboard import context
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.plugins import base_plugin
    from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups

    runs = EventMultiplexer().AddRunsFromDirectory(experiment)
    runs.Reload()
    provider = MultiplexerDataProvider(runs, experiment)
    plugin = backend_context.Context(base_plugin.TBContext(logdir=experiment, data_provider=provider, multiplexer=runs))
    asked = context.RequestContext()
    data = plugin.hparams_from_data_provider(asked, "", None)
    shown = plugin.experiment_from_metadata(asked, "", True, plugin.hparams_metadata(asked, ""), data)
    assert {info.name for info in shown.hparam_infos} == set(trials[0]["config"]), shown.hparam_infos
    metrics = {info.name.tag for info in shown.metric_infos}
    assert {"loss", "eval/accuracy", "late", "time_total_s"} <= metrics, metrics
    request = api_pb2.ListSessionGroupsRequest(start_index=0, slice_size=100, allowed_statuses=[0, 1, 2, 3])
    groups = list_session_groups.Handler(asked, plugin, "", request).run().session_groups
    sessions = {group.sessions[0].name: (group.hparams, group.sessions[0].status) for group in groups}
    assert set(sessions) == {os.path.basename(trial["path"]) for trial in trials}
    for trial in trials:
        hparams, status = sessions[os.path.basename(trial["path"])]
        assert status == (api_pb2.STATUS_FAILURE if trial["status"] == "ERROR" else api_pb2.STATUS_SUCCESS)
        for key, value in trial["config"].items():
            got = getattr(hparams[key], hparams[key].WhichOneof("kind"))
            assert got == (json.dumps(value, separators=(",", ":")) if isinstance(value, list) else value), (key, got)


def read_ray(trial):
    from ray.tune import Result

    result = Result.from_path(trial["path"])
    assert flatten(result.config) == trial["config"]
    last = trial["rows"][-1]
    metrics = flatten({key: value for key, value in result.metrics.items() if key != "config"})
    for key, text in last["numbers"].items():
        check(f"metrics {key!r}", nan_if_none(metrics[key]), number(text))
    for i, row in enumerate(trial["rows"]):
        for key, text in row["numbers"].items():
            check(f"metrics_dataframe {key!r}", nan_if_none(result.metrics_dataframe[key][i]), number(text))
    saved = {row["checkpoint"]: row for row in trial["rows"] if row["checkpoint"]}
    assert [os.path.basename(checkpoint.path) for checkpoint, _ in result.best_checkpoints] == list(saved)
    for checkpoint, metrics in result.best_checkpoints:
        assert metrics["training_iteration"] == saved[os.path.basename(checkpoint.path)]["step"]
    with result.checkpoint.as_directory() as folder, open(os.path.join(folder, "state")) as state:
        check("the newest checkpoint", float(state.read()), saved[os.path.basename(result.checkpoint.path)]["step"])


with open(sys.argv[2]) as file:
    expected = json.load(file)
read = {"pandas": read_pandas, "tensorboard": read_tensorboard, "ray": read_ray}[sys.argv[1]]
for each in expected["trials"]:
    read(each)
if sys.argv[1] == "tensorboard":
    read_hparams(expected["experiment"], expected["trials"])
print(f"{found} numbers")
