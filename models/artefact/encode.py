"""A model as one text and plain arrays, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from .container import Arrays
from .curve import Curve
from .forest import Forest
from .linear import Linear, Scale
from .model import EVIDENCE_WORDS, Evidence, Model
from .scorer import Personal, Scorer

FORMAT = "crampwatch-model"
VERSION = 1
_NODES = ("feature", "threshold", "left", "right", "unknown_left", "value")


def encode(model: Model) -> tuple[str, dict[str, NDArray[Any]]]:
    """Return the text and the arrays of a model."""
    arrays: dict[str, NDArray[Any]] = {}
    text = {
        "format": FORMAT,
        "version": VERSION,
        "evidence": model.evidence,
        "prevalence": model.prevalence,
        "catalogue": model.catalogue,
        "settings": model.settings,
        "about": model.about,
        "final": _encode_scorer(model.final, "final", arrays),
        "causal": _encode_scorer(model.causal, "causal", arrays),
    }
    return json.dumps(text, allow_nan=False), arrays


def decode(text: str, arrays: Arrays) -> Model:
    """Return the model of a text and arrays.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError, IndexError
        They are not those of a model.
    """
    facts = json.loads(text)
    evidence = facts["evidence"]
    if evidence not in EVIDENCE_WORDS:
        raise ValueError("unknown evidence")
    for part in ("settings", "about"):
        if not isinstance(facts[part], dict):
            raise TypeError(part)
    return Model(
        final=_decode_scorer(facts["final"], "final", arrays),
        causal=_decode_scorer(facts["causal"], "causal", arrays),
        evidence=cast("Evidence", evidence),
        prevalence=_share(facts["prevalence"]),
        catalogue=str(facts["catalogue"]),
        settings=facts["settings"],
        about=facts["about"],
    )


def _encode_scorer(
    scorer: Scorer, place: str, arrays: dict[str, NDArray[Any]]
) -> dict[str, Any]:
    members = []
    for number, member in enumerate(scorer.members):
        at = f"{place}.{number}"
        if isinstance(member, Forest):
            members.append({"kind": "forest", "start": member.start, "depth": member.depth})
            arrays.update({f"{at}.{name}": getattr(member, name) for name in _NODES})
        else:
            members.append({"kind": "linear", "start": member.start})
            arrays[f"{at}.weights"] = member.weights
            arrays[f"{at}.missing"] = member.missing
            _encode_scale(member.scale, at, arrays)
    arrays[f"{place}.calibration.raw"] = scorer.calibration.raw
    arrays[f"{place}.calibration.calibrated"] = scorer.calibration.calibrated
    arrays[f"{place}.typical"] = scorer.typical
    personal = None
    if scorer.personal is not None:
        personal = {"slope": scorer.personal.slope, "offset": scorer.personal.offset}
        arrays[f"{place}.personal.weights"] = scorer.personal.weights
        _encode_scale(scorer.personal.scale, f"{place}.personal", arrays)
    return {
        "features": list(scorer.features),
        "members": members,
        "shares": list(scorer.shares),
        "slope": scorer.calibration.slope,
        "t_cramp": scorer.t_cramp,
        "t_possible": scorer.t_possible,
        "personal": personal,
    }


def _encode_scale(scale: Scale, place: str, arrays: dict[str, NDArray[Any]]) -> None:
    arrays[f"{place}.knots"] = scale.knots
    arrays[f"{place}.scores"] = scale.scores


def _decode_scorer(facts: Mapping[str, Any], place: str, arrays: Arrays) -> Scorer:
    features = tuple(str(name) for name in facts["features"])
    width = len(features)
    members = tuple(
        _member(member, f"{place}.{number}", arrays, width)
        for number, member in enumerate(facts["members"])
    )
    shares = tuple(_share(share) for share in facts["shares"])
    if not members or len(members) != len(shares) or len(set(features)) != width:
        raise ValueError("members")
    raw = _floats(arrays, f"{place}.calibration.raw", 1)
    calibrated = _floats(arrays, f"{place}.calibration.calibrated", 1, raw.shape)
    if not raw.size or np.any(np.diff(raw) <= 0) or np.any(np.diff(calibrated) < 0):
        raise ValueError("calibration")
    personal = None
    if facts["personal"] is not None:
        personal = Personal(
            _number(facts["personal"]["slope"]),
            _number(facts["personal"]["offset"]),
            _scale(arrays, f"{place}.personal", width),
            _floats(arrays, f"{place}.personal.weights", 1, (width,)),
        )
    return Scorer(
        features=features,
        members=members,
        shares=shares,
        calibration=Curve(raw, calibrated, _number(facts["slope"])),
        t_cramp=_share(facts["t_cramp"]),
        t_possible=_share(facts["t_possible"]),
        typical=_floats(arrays, f"{place}.typical", 1, (width,), known=False),
        personal=personal,
    )


def _member(facts: Mapping[str, Any], at: str, arrays: Arrays, width: int) -> Forest | Linear:
    if facts["kind"] == "linear":
        return Linear(
            _scale(arrays, at, width),
            _floats(arrays, f"{at}.weights", 1, (width,)),
            _floats(arrays, f"{at}.missing", 1, (width,)),
            _number(facts["start"]),
        )
    if facts["kind"] != "forest":
        raise ValueError("member")
    nodes = {name: arrays[f"{at}.{name}"] for name in _NODES}
    shape = nodes["feature"].shape
    if len(shape) != 2 or not all(shape) or any(a.shape != shape for a in nodes.values()):
        raise ValueError("trees")
    for name, limit in (("feature", width), ("left", shape[1]), ("right", shape[1])):
        least = -1 if name == "feature" else 0
        if nodes[name].dtype != np.int16 or not _within(nodes[name], least, limit):
            raise ValueError(name)
    if nodes["unknown_left"].dtype != np.bool_ or not np.isfinite(nodes["value"]).all():
        raise ValueError("trees")
    depth = facts["depth"]
    if not isinstance(depth, int) or not 0 <= depth <= 64:
        raise ValueError("depth")
    start = _number(facts["start"])
    return Forest(
        nodes["feature"],
        nodes["threshold"].astype(np.float64),
        nodes["left"],
        nodes["right"],
        nodes["unknown_left"],
        nodes["value"].astype(np.float64),
        start,
        depth,
    )


def _within(values: NDArray[Any], least: int, limit: int) -> bool:
    return bool(values.min() >= least and values.max() < limit)


def _scale(arrays: Arrays, place: str, width: int) -> Scale:
    scores = _floats(arrays, f"{place}.scores", 1)
    knots = _floats(arrays, f"{place}.knots", 2, (width, scores.size))
    if scores.size < 2 or np.any(np.diff(scores) <= 0) or np.any(np.diff(knots, axis=1) < 0):
        raise ValueError("scale")
    return Scale(knots, scores)


def _floats(
    arrays: Arrays,
    name: str,
    dimensions: int,
    shape: tuple[int, ...] | None = None,
    *,
    known: bool = True,
) -> NDArray[np.float64]:
    array = arrays[name]
    if array.ndim != dimensions or (shape is not None and array.shape != shape):
        raise ValueError(name)
    values = array.astype(np.float64)
    if known and not np.isfinite(values).all():
        raise ValueError(name)
    return values


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        raise TypeError("no number")
    return float(value)


def _share(value: Any) -> float:
    number = _number(value)
    if not 0.0 <= number <= 1.0:
        raise ValueError("no share")
    return number
