import hashlib
from datetime import datetime
from pathlib import Path

import numpy as np

from crampwatch.app.jsontext import to_json
from crampwatch.app.provenance import provenance
from crampwatch.detection.settings import Settings
from crampwatch.recording.model import ArraySource, Night, Segment, Stream


def stream():
    return Stream(
        "EMG L TA",
        "emg",
        1000.0,
        "uV",
        (Segment(0.0, ArraySource(np.zeros((10, 1), np.int16))),),
        np.ones(1),
        np.zeros(1),
        source_labels=("Leg/L",),
        source_unit="mV",
    )


def test_input_versions_settings_and_mapping_are_kept(tmp_path):
    file = tmp_path / "night.edf"
    content = np.random.default_rng(0).bytes(3_000_000)
    file.write_bytes(content)
    night = Night((stream(),), format="EDF", source=file)
    found = provenance(file, night, Settings(rules="aasm"), {"verb": "score"})
    assert found["input"]["files"] == [
        {
            "name": "night.edf",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    ]
    assert found["settings"]["rules"] == "aasm"
    assert found["channels"][0]["source_labels"] == ["Leg/L"]
    assert found["channels"][0]["source_unit"] == "mV"
    assert {"numpy", "scipy"} <= set(found["libraries"])
    assert datetime.fromisoformat(found["scored_at"]).tzinfo is not None


def test_no_folder_of_the_user_is_told(tmp_path):
    file = tmp_path / "night.edf"
    file.write_bytes(b"x")
    night = Night((), source=file)
    assert str(tmp_path) not in to_json(provenance(file, night, Settings(), {}))
    assert str(Path.home()) not in to_json(provenance(file, night, Settings(), {}))


def test_of_a_folder_the_recording_is_hashed(tmp_path):
    file = tmp_path / "night.edf"
    file.write_bytes(b"x")
    (tmp_path / "notes.txt").write_text("mine")
    found = provenance(tmp_path, Night((), source=file), Settings(), {})
    assert [entry["name"] for entry in found["input"]["files"]] == ["night.edf"]
    assert found["input"]["name"] == tmp_path.name
