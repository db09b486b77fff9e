"""How the output of ``decode`` is compared with a golden vector."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

DEVICES = Path(__file__).resolve().parents[1] / "data" / "devices"


def vectors(*drivers: str) -> list[Path]:
    return [
        path
        for path in sorted(DEVICES.glob("*/*.json"))
        if not drivers or json.loads(path.read_text())["driver"] in drivers
    ]


def read_table(path: Path) -> tuple[list[str], np.ndarray]:
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    values = np.array([[float(cell) for cell in row] for row in rows[1:]])
    return rows[0], values.reshape(len(rows) - 1, len(rows[0]))


def differences(expected: Path, out: Path) -> list[str]:
    """Return everything in which a decoded folder departs from a vector."""
    vector = json.loads(expected.read_text())
    summary = json.loads((out / "summary.json").read_text())
    faults = []
    low, high = vector["rejected_frames_accept"]
    if not low <= summary["rejected_frames"] <= high:
        faults.append(f"rejected {summary['rejected_frames']}, not {low} to {high}")
    for name, stream in vector["streams"].items():
        if name not in summary["streams"]:
            if not stream["optional"]:
                faults.append(f"no stream {name}")
            continue
        faults += [
            f"{name}: {fault}"
            for fault in _stream_faults(expected.parent, out, name, stream, summary["streams"])
        ]
    return faults


def _stream_faults(
    home: Path, out: Path, name: str, stream: dict[str, Any], summary: dict[str, Any]
) -> list[str]:
    faults = []
    mine = summary[name]
    if mine["samples"] != stream["samples"]:
        faults.append(f"{mine['samples']} samples, not {stream['samples']}")
    accept = stream["lost_accept"] or [stream["lost"], stream["lost"]]
    if stream["lost"] is not None and not accept[0] <= mine["lost"] <= accept[1]:
        faults.append(f"{mine['lost']} lost, not {accept}")
    if abs(mine["fs"] - stream["fs"]) > 1e-6 * stream["fs"]:
        faults.append(f"fs {mine['fs']}, not {stream['fs']}")
    header, table = read_table(out / f"{name}.csv")
    tables = [stream["csv"], *(other["csv"] for other in stream["alternates"])]
    reasons = [_table_faults(header, table, home / each, stream) for each in tables]
    if all(reasons):
        faults.append(reasons[0])
    return faults


def _table_faults(header: list[str], table: np.ndarray, path: Path, stream: Any) -> str:
    wanted, values = read_table(path)
    if header != wanted:
        return f"columns {header}"
    if table.shape != values.shape:
        return f"shape {table.shape}, not {values.shape}"
    if not len(values):
        return ""
    if not np.array_equal(table[:, 0], values[:, 0]):
        return "index differs"
    time = (table[:, 1] - table[0, 1]) - (values[:, 1] - values[0, 1])
    if np.abs(time).max() > stream["time_tol_s"]:
        return f"time differs by {np.abs(time).max()}"
    off = np.abs(table[:, 2:] - values[:, 2:]) > 1e-6 * np.abs(values[:, 2:]) + 5e-7
    return f"{off.sum()} values differ, first in row {off.any(axis=1).argmax()}" * bool(
        off.any()
    )
