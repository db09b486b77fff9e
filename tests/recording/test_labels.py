"""What the labels of the field mean."""

from __future__ import annotations

import pytest

from crampwatch.recording.labels import guess


@pytest.mark.parametrize(
    ("label", "canonical"),
    [
        ("EMG L GM", "EMG L GM"),
        ("LAT", "EMG L TA"),
        ("RAT", "EMG R TA"),
        ("Leg/L", "EMG L TA"),
        ("L Leg", "EMG L TA"),
        ("Leg R", "EMG R TA"),
        ("PLM l", "EMG L TA"),
        ("PLMl.", "EMG L TA"),
        ("PLMr.", "EMG R TA"),
        ("SX1-SX2", "EMG L TA"),
        ("DX1-DX2", "EMG R TA"),
        ("TIB Dx", "EMG R TA"),
        ("TIB Sin", "EMG L TA"),
        ("Lat Tib", "EMG L TA"),
        ("EMG TA left", "EMG L TA"),
        ("Tibialis R", "EMG R TA"),
        ("Right Tibialis Anterior", "EMG R TA"),
        ("LLEG-", "EMG L TA"),
        ("RLEG+", "EMG R TA"),
        ("Bein links", "EMG L TA"),
        ("Bein re", "EMG R TA"),
        ("jambe G", "EMG L TA"),
        ("jambe D", "EMG R TA"),
        ("tib ant dx", "EMG R TA"),
        ("gastroc", "EMG GAS"),
        ("Gastroc lat R", "EMG R GL"),
        ("emg_left_gastrocnemius_medialis", "EMG L GM"),
        ("Waden links", "EMG L GAS"),
        ("soleus", "EMG SOL"),
        ("EMG1", "EMG"),
        ("LEG1", "EMG TA"),
        ("EMG L vastus lateralis", "EMG L VL"),
        ("ACC L X", "ACC L X"),
        ("acc_x", "ACC X"),
        ("AccZ", "ACC Z"),
        ("ACC R shank Z", "ACC R shank Z"),
        ("gyro_l_y", "GYRO L Y"),
        ("EKG I", "ECG"),
    ],
)
def test_label_of_the_field_is_understood(label, canonical):
    assert guess(label).canonical == canonical


@pytest.mark.parametrize(
    "label",
    ["EMG Chin", "EMG submental", "chin 1", "Kinn", "EMG mento", "EMG Arm L", "masseter",
     "SpO2",
     "Flow", "EEG Fpz-Cz", "EOG horizontal", "C3-A2", "E1-M2", "ROC-LOC", "T3-T5", "Resp chest",
     "Snore", "Position", "Torque", "Status", "CH1", "A1", "O2", "Legend", "", "Ω", "x"],
)  # fmt: skip
def test_what_is_no_leg_is_never_scored_as_leg(label):
    assert guess(label).kind == "other"


@pytest.mark.parametrize("label", ["LEG1", "PLM l", "SX1-SX2", "Bein links"])
def test_leg_without_muscle_is_tibialis_by_convention_and_says_so(label):
    assert "custom" in guess(label).note


def test_both_sides_in_one_label_name_no_side():
    assert guess("EMG Leg L-R").side is None


@pytest.mark.parametrize("label", ["C3-A2", "EEG", "E1-M2", "Fp1", "Cz..", "ROC"])
def test_brain_and_eye_signals_mark_a_sleep_study(label):
    assert guess(label).brain


def test_canonical_labels_are_understood_as_themselves():
    for kind in ("EMG", "ACC", "GYRO"):
        for side in ("L", "R"):
            places = ("TA", "GM", "GL", "SOL", "GAS") if kind == "EMG" else ("shank", "foot")
            for place in places:
                assert guess(f"{kind} {side} {place}").canonical == f"{kind} {side} {place}"
