"""A model's file: the same bytes for the same model, and nothing in it is ever run."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crampwatch.models.artefact import files, load_model, save_model, shipped_model
from crampwatch.models.artefact.container import pack, unpack
from crampwatch.models.artefact.encode import encode
from crampwatch.models.artefact.files import model_bytes
from crampwatch.recording.errors import CrampwatchError


@pytest.fixture(scope="module")
def data(model):
    return model_bytes(model)


def refusal(path):
    with pytest.raises(CrampwatchError) as error:
        load_model(path)
    text = str(error.value)
    assert "\n" not in text
    assert path.name in text
    return text


def rezipped(data, change):
    """Return the archive with its parts changed by `change`, a dict to a dict."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in change(parts).items():
            archive.writestr(name, part)
    return out.getvalue()


def retold(model, **changes):
    text, arrays = encode(model)
    return pack(json.dumps({**json.loads(text), **changes}), arrays)


def test_what_is_read_judges_like_what_was_written(model, cramp, shift, tmp_path):
    save_model(model, tmp_path / "m.skops")
    read = load_model(tmp_path / "m.skops")
    for causal in (False, True):
        before = model.probabilities([cramp, shift], causal=causal)
        np.testing.assert_array_equal(before, read.probabilities([cramp, shift], causal=causal))
    assert read.name == "m.skops"
    assert (read.evidence, read.prevalence) == (model.evidence, model.prevalence)
    assert read.about == json.loads(json.dumps(model.about))


def test_a_model_read_and_written_again_has_the_same_bytes(data, tmp_path):
    (tmp_path / "m.skops").write_bytes(data)
    assert model_bytes(load_model(tmp_path / "m.skops")) == data


def test_the_file_is_one_that_skops_opens_without_trusting_anything(data):
    assert skops.io.get_untrusted_types(data=data) == []
    found = skops.io.loads(data)
    _, arrays = unpack(data, "m.skops")
    assert set(found["arrays"]) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found["arrays"][name], array)


def test_a_pickle_is_refused_unopened(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was opened",))

    (tmp_path / "m.skops").write_bytes(pickle.dumps(Bomb()))
    assert "pickle" in refusal(tmp_path / "m.skops")


@pytest.mark.parametrize(
    "thing", [np.random.default_rng(0), {"text": np.float64(1)}, {"text": "x", "f": np.sum}]
)
def test_other_types_in_a_skops_file_are_refused_by_name(thing, tmp_path):
    (tmp_path / "m.skops").write_bytes(skops.io.dumps(thing))
    assert "a type that a model of this program never has" in refusal(tmp_path / "m.skops")


def test_a_model_of_scikit_learn_is_not_ours(tmp_path):
    from sklearn.linear_model import LogisticRegression

    (tmp_path / "m.skops").write_bytes(skops.io.dumps(LogisticRegression()))
    assert "LogisticRegression" in refusal(tmp_path / "m.skops")


def test_a_type_hidden_deep_in_the_schema_is_found(data, tmp_path):
    def plant(parts):
        schema = json.loads(parts["schema.json"])
        schema["content"]["arrays"]["content"]["more"] = {
            "__class__": "system", "__module__": "posix", "__loader__": "FunctionNode",
            "content": {}, "__id__": 9,
        }  # fmt: skip
        return {**parts, "schema.json": json.dumps(schema).encode()}

    (tmp_path / "m.skops").write_bytes(rezipped(data, plant))
    assert "posix.system" in refusal(tmp_path / "m.skops")


def test_a_zip_bomb_is_refused_by_its_index(data, tmp_path):
    bomb = rezipped(data, lambda parts: {**parts, "bomb.npy": bytes(70 << 20)})
    assert len(bomb) < 1 << 20
    (tmp_path / "m.skops").write_bytes(bomb)
    assert "more than a model has" in refusal(tmp_path / "m.skops")


def test_an_array_that_claims_more_than_it_holds_takes_no_memory(data, tmp_path):
    def swell(parts):
        out = io.BytesIO()
        header = {"descr": "<f8", "fortran_order": False, "shape": (1 << 45,)}
        np.lib.format.write_array_header_1_0(out, header)
        return {**parts, "000.npy": out.getvalue() + bytes(64)}

    (tmp_path / "m.skops").write_bytes(rezipped(data, swell))
    refusal(tmp_path / "m.skops")


@pytest.fixture(scope="module")
def content(data):
    """Return what gives the file, in words short enough for an example."""
    return lambda: data


@hypothesis_settings(max_examples=40)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_a_damaged_file_gives_one_line(content, tmp_path_factory, share, flip):
    path = tmp_path_factory.getbasetemp() / "damaged.skops"
    data = content()
    place = int(share * len(data))
    broken = bytearray(data)
    broken[place] ^= flip
    for damaged in (data[:place], bytes(broken)):
        path.write_bytes(damaged)
        try:
            load_model(path)
        except CrampwatchError as error:
            said = str(error)
        else:
            said = ""
        assert "\n" not in said


@pytest.mark.parametrize("foreign", [b"", b"PK", b"no model", b"\x00" * 5000])
def test_a_foreign_file_gives_one_line(foreign, tmp_path):
    (tmp_path / "m.skops").write_bytes(foreign)
    assert "no model of this program" in refusal(tmp_path / "m.skops")


def test_a_missing_file_and_a_folder_give_one_line(tmp_path):
    assert "No such file" in refusal(tmp_path / "none.skops")
    assert "not a file" in refusal(tmp_path)


def test_a_model_of_another_format_says_so(model, tmp_path):
    (tmp_path / "m.skops").write_bytes(retold(model, version=99))
    assert "format 99" in refusal(tmp_path / "m.skops")


def test_a_model_of_other_features_says_so(model, tmp_path):
    (tmp_path / "m.skops").write_bytes(retold(model, catalogue="0" * 64))
    assert "other features" in refusal(tmp_path / "m.skops")


@pytest.mark.parametrize(
    "change",
    [
        {"prevalence": 2.0},
        {"evidence": "certain"},
        {"final": {}},
        {"settings": []},
        {"about": None},
    ],
)
def test_facts_that_cannot_be_are_refused(model, change, tmp_path):
    (tmp_path / "m.skops").write_bytes(retold(model, **change))
    assert "damaged" in refusal(tmp_path / "m.skops")


def test_arrays_that_lead_out_of_themselves_are_refused(model, tmp_path):
    text, arrays = encode(model)
    trees = [name for name in arrays if name.endswith(".left")]
    for name in trees or ["final.0.weights"]:
        bad = arrays[name].copy()
        bad[...] = 30_000 if trees else np.nan
        (tmp_path / "m.skops").write_bytes(pack(text, {**arrays, name: bad}))
        assert "damaged" in refusal(tmp_path / "m.skops")


def test_the_shipped_model_is_found_where_there_is_one(model, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "WEIGHTS", tmp_path)
    assert shipped_model() is None
    save_model(model, tmp_path / files.SHIPPED)
    assert shipped_model() == tmp_path / files.SHIPPED


def test_other_settings_of_the_detector_are_told(model):
    from crampwatch.detection.settings import CrampSettings, Settings

    assert model.differences(Settings()) == []
    other = Settings(cramp=CrampSettings(onset_ratio=9.0))
    assert model.differences(other) == ["cramp.onset_ratio"]


def test_a_model_of_simulation_gives_a_score(model):
    assert model.score_name == "score (simulated)"
    assert replace(model, evidence="real").score_name == "probability"
