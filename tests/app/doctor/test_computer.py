"""What the checks say of a computer: each fault once, with its way out."""

from __future__ import annotations

import math
import os
import pty
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from crampwatch.app.doctor import bluetooth, clock, disk, ports, sleep, sound
from crampwatch.app.doctor.bluetooth import Heard
from crampwatch.app.doctor.system import System
from crampwatch.app.record.checks import Verdict
from crampwatch.firmware_bridge.transports.ble_scan import Found
from crampwatch.firmware_bridge.transports.serial_ports import FoundPort

BAND = Found("C0:00:00:00:00:01", "Crampwatch1", -60, "open-sensor")
OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL


def verdicts(checks) -> list[Verdict]:
    return [check.verdict for check in checks]


# Bluetooth


def test_a_radio_that_is_switched_off_is_told_before_all_else(machine) -> None:
    machine.has("/sys/class/rfkill/rfkill0/type", "wlan\n")
    machine.has("/sys/class/rfkill/rfkill0/soft", "1\n")
    machine.has("/sys/class/rfkill/rfkill1/type", "bluetooth\n")
    machine.has("/sys/class/rfkill/rfkill1/hard", "0\n")
    soft = machine.has("/sys/class/rfkill/rfkill1/soft", "1\n")
    (check,) = bluetooth.bluetooth(machine.system(), Heard((BAND,)), needed=True)
    assert (check.verdict, "rfkill unblock" in check.words) == (FAIL, True)
    soft.write_text("0\n")
    (check,) = bluetooth.bluetooth(machine.system(), Heard((BAND,)), needed=True)
    assert (check.verdict, "Crampwatch1" in check.words) == (OK, True)


@pytest.mark.parametrize(("needed", "verdict"), [(True, FAIL), (False, WARN)])
def test_what_keeps_bluetooth_from_working_is_told(machine, needed, verdict) -> None:
    heard = Heard(trouble="there is no Bluetooth adapter: plug one in")
    (check,) = bluetooth.bluetooth(machine.system(), heard, needed=needed)
    assert (check.verdict, check.words) == (verdict, heard.trouble)


def test_an_adapter_that_only_the_kernel_knows_is_told(machine) -> None:
    machine.has("/sys/class/bluetooth/hci0/address")
    machine.has("/sys/class/bluetooth/hci0:64/address")
    (check,) = bluetooth.bluetooth(machine.system(), Heard(trouble="no service"), needed=True)
    assert check.words == "no service; the system has hci0"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("bluetoothctl: 5.48", FAIL), ("5.55", OK), ("bluetoothctl: 5.100", OK)],
)
def test_an_old_bluez_is_told(machine, said, verdict) -> None:
    machine.program("bluetoothctl", said)
    checks = bluetooth.bluetooth(machine.system(), Heard(()), needed=True)
    assert verdicts(checks) == [OK, verdict]


def test_no_time_to_listen_is_no_fault_of_the_adapter(machine) -> None:
    machine.has("/sys/class/bluetooth/hci0/address")
    (check,) = bluetooth.bluetooth(machine.system(), Heard(tried=False), needed=True)
    assert check.verdict is OK


# Serial ports


def port(place: Path, *, permitted: bool = True) -> FoundPort:
    name = str(place)
    return FoundPort(name, "FT231X", 0x0403, 0x6015, "D1", name, "cyton", permitted)


def test_no_port_is_no_fault(machine) -> None:
    assert verdicts(ports.ports(machine.system(), [])) == [OK]


def test_a_port_of_a_group_names_the_group(machine, tmp_path: Path) -> None:
    place = machine.has("/dev/ttyUSB0")
    group = place.stat().st_gid or 20
    if not place.stat().st_gid:
        os.chown(place, -1, group)
    found = port(Path("/dev/ttyUSB0"), permitted=False)
    machine.has("/etc/group", f"root:x:0:\nserial:x:{group}:bob\n")
    (check,) = ports.ports(machine.system(), [found], ["/dev/ttyUSB0"])
    assert (check.verdict, "usermod -aG serial" in check.words) == (FAIL, True)
    machine.has("/etc/group", f"root:x:0:\nserial:x:{group}:bob,ann\n")
    (check,) = ports.ports(machine.system(), [found])
    assert (check.verdict, "log out and in again" in check.words) == (WARN, True)
    assert "usermod" not in check.words


def test_who_has_a_port_open_is_named(machine, tmp_path: Path) -> None:
    place = tmp_path / "ttyACM0"
    place.touch()
    machine.has("/proc/77/comm", "screen\n")
    machine.has("/proc/78/comm", "sh\n")
    handles = machine.root / "proc/77/fd"
    handles.mkdir()
    (handles / "5").symlink_to(place)
    (check,) = ports.ports(machine.system(), [port(place)], [str(place)])
    assert (check.verdict, "screen (process 77)" in check.words) == (FAIL, True)


def test_a_real_program_that_holds_a_port_is_found(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    name = os.ttyname(theirs)
    code = (
        f"import os; os.open({name!r}, os.O_RDWR | os.O_NOCTTY); print(1, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        held = ports.who_holds(System(), [name])
        holder.communicate(b"\n")
    os.close(ours)
    os.close(theirs)
    assert any(f"process {holder.pid}" in words for words in held[name])


def test_a_service_that_opens_new_ports_is_told(machine, tmp_path: Path) -> None:
    machine.has("/proc/9/comm", "ModemManager\n")
    checks = ports.ports(machine.system(), [port(tmp_path / "ttyUSB0")])
    assert [check.what for check in checks][1:] == ["ModemManager"]


# Power and sleep


def lid_of(machine, state: str = "open") -> None:
    machine.has("/proc/acpi/button/lid/LID0/state", f"state:      {state}\n")


def test_a_computer_without_a_lid_is_told_nothing_of_one(machine) -> None:
    assert sleep.lid(machine.system()) == []


def test_a_lid_puts_most_computers_to_sleep(machine) -> None:
    lid_of(machine)
    (check,) = sleep.lid(machine.system())
    assert (check.verdict, "leave it open" in check.words) == (OK, True)


def test_a_closed_lid_is_worth_a_look(machine) -> None:
    lid_of(machine, "closed")
    assert verdicts(sleep.lid(machine.system())) == [WARN]


def test_drop_ins_of_logind_hold_by_name_and_rank(machine) -> None:
    lid_of(machine)
    machine.has("/usr/lib/systemd/logind.conf", "[Login]\nHandleLidSwitch=poweroff\n")
    machine.has(
        "/etc/systemd/logind.conf", "[Login]\n#HandleLidSwitch=lock\nIdleAction=ignore\n"
    )
    assert sleep.logind(machine.system()) == {"IdleAction": "ignore"}
    machine.has("/usr/lib/systemd/logind.conf.d/50-a.conf", "[Login]\nHandleLidSwitch=lock\n")
    machine.has("/etc/systemd/logind.conf.d/50-a.conf", "[Login]\nHandleLidSwitch=ignore\n")
    machine.has("/run/systemd/logind.conf.d/10-b.conf", "[Login]\nHandleLidSwitch=halt\n")
    assert sleep.logind(machine.system())["HandleLidSwitch"] == "ignore"
    (check,) = sleep.lid(machine.system())
    assert check.words == "closing it does nothing"


def test_settings_that_are_none_are_passed_over(machine) -> None:
    machine.has("/etc/systemd/logind.conf", "no settings\n[[[\n\x00")
    assert sleep.logind(machine.system()) == {}


@pytest.mark.parametrize(("kept", "verdict"), [(True, OK), (False, WARN)])
def test_sleep_of_an_idle_desktop_is_told(machine, kept: bool, verdict) -> None:
    machine.program("gsettings", "")
    script = machine.bin / "gsettings"
    script.write_text(
        "#!/bin/sh\ncase $3 in\n*battery-type) echo \"'suspend'\";;\n"
        "*battery-timeout) echo 1200;;\n*) echo \"'nothing'\";;\nesac\n"
    )
    gnome = machine.system(environment={"XDG_CURRENT_DESKTOP": "ubuntu:GNOME"})
    (check,) = sleep.idle(gnome, kept_awake=kept)
    assert check.verdict is verdict
    assert check.words.startswith("sleeps when idle for 20 min on battery (GNOME)")
    assert sleep.idle(machine.system(), kept_awake=kept) == []


def test_plasma_and_logind_are_read_from_their_files(machine) -> None:
    machine.has(
        "/people/ann/.config/powerdevilrc", "[AC][SuspendAndShutdown]\nAutoSuspendAction=1\n"
    )
    machine.has(
        "/etc/systemd/logind.conf", "[Login]\nIdleAction=suspend\nIdleActionSec=10min\n"
    )
    plasma = machine.system(environment={"XDG_CURRENT_DESKTOP": "KDE", "HOME": "/people/ann"})
    (check,) = sleep.idle(plasma, kept_awake=False)
    assert "idle on mains (KDE)" in check.words
    assert "10min (logind)" in check.words


def test_macos_and_windows_tell_of_lid_and_idleness(machine) -> None:
    machine.program(
        "pmset", " standby              1\n sleep                10 (sleep prevented)"
    )
    mac = machine.system(platform="darwin")
    assert "10 min" in sleep.idle(mac, kept_awake=False)[0].words
    assert sleep.lid(mac)[0].verdict is OK
    machine.program("powercfg", "    Index: 0x00000001\n    Index: 0x00000000\n   0x00000000")
    windows = machine.system(platform="win32")
    assert sleep.lid(windows)[0].words == "closing it does nothing"


# The disk


MOUNTS = (
    "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
    "40 22 0:39 / {place} rw - {kind} nowhere rw\n"
)


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("ext4", OK), ("fuseblk", OK), ("nfs4", WARN), ("cifs", WARN), ("fuse.sshfs", WARN),
        ("vfat", WARN), ("tmpfs", FAIL),
    ],
)  # fmt: skip
def test_the_kind_of_the_file_system_is_told(machine, tmp_path: Path, kind, verdict) -> None:
    place = tmp_path / "my nights"
    place.mkdir()
    text = MOUNTS.format(place=str(place.resolve()).replace(" ", "\\040"), kind=kind)
    machine.has("/proc/self/mountinfo", text)
    (check,) = disk.kind(machine.system(), place)
    assert check.verdict is verdict
    assert disk.file_system(machine.system(), tmp_path) == "ext4"


def test_a_disk_is_measured_and_nothing_stays(machine, tmp_path: Path) -> None:
    folder = tmp_path / "nights" / "of" / "mine"
    before = sorted(tmp_path.iterdir())
    checks = disk.folder_checks(machine.system(), folder, 1000.0, 3600.0)
    assert [check.what for check in checks] == ["disk", "writing"]
    assert checks[1].verdict in (OK, WARN)
    assert "kept for good within" in checks[1].words
    assert sorted(tmp_path.iterdir()) == before


def test_a_disk_without_room_or_rights_would_spoil_a_night(machine, tmp_path: Path) -> None:
    full = disk.folder_checks(machine.system(), tmp_path, 1e12, 36_000.0)
    assert full[0].verdict is FAIL
    place = tmp_path / "file"
    place.touch()
    (check,) = disk.folder_checks(machine.system(), place, 1.0, 1.0)
    assert (check.verdict, "is a file" in check.words) == (FAIL, True)


def test_a_folder_that_takes_no_file_would_spoil_a_night() -> None:
    check = disk.writing(Path("/proc"))
    assert (check.verdict, "cannot write" in check.words) == (FAIL, True)


def test_a_folder_that_a_cloud_copies_is_told(tmp_path: Path) -> None:
    assert disk.synced(tmp_path) == []
    assert verdicts(disk.synced(tmp_path / "Dropbox (Home)" / "nights")) == [WARN]


# The clock


@pytest.fixture
def in_zone(monkeypatch):
    def set_zone(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_zone
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("day", "words"),
    [("2026-10-24T21:10Z", "back at 02:00"), ("2026-03-28T22:59Z", "ahead at 03:00"),
     ("2026-11-22T22:00Z", "")],
)  # fmt: skip
def test_a_change_of_the_hour_tonight_is_told(in_zone, day: str, words: str) -> None:
    in_zone("Europe/Berlin")
    evening = datetime.fromisoformat(day).timestamp()
    checks = clock.change_of_hour(evening, 10 * 3600.0)
    assert [words in check.words for check in checks] == [True] * bool(words)


@pytest.mark.parametrize("moment", [math.nan, 1e30, -1e30])
def test_a_clock_that_shows_no_time_is_told_once(machine, moment: float) -> None:
    checks = clock.clock_checks(machine.system(now_s=moment), 36_000.0)
    assert verdicts(checks) == [WARN, OK]


@pytest.mark.parametrize(
    ("said", "verdict", "words"),
    [
        ("NTP=yes\nNTPSynchronized=yes", OK, "set by one"),
        ("NTP=no\nNTPSynchronized=no", WARN, "set-ntp true"),
        ("NTP=yes\nNTPSynchronized=no", WARN, "timesync-status"),
    ],
)
def test_whether_a_server_sets_the_clock_is_told(machine, said, verdict, words) -> None:
    machine.program("timedatectl", said)
    (check,) = clock.synchronised(machine.system())
    assert (check.verdict, words in check.words) == (verdict, True)


@pytest.mark.parametrize(
    ("off_s", "told"), [(0, 0), (3600, 0), (-7200, 0), (1000, 1), (1e8, 1)]
)
def test_a_clock_on_the_board_may_be_off_by_its_zone_only(machine, off_s, told) -> None:
    now_s = machine.system().now_s
    machine.has("/sys/class/rtc/rtc0/since_epoch", f"{int(now_s + off_s)}\n")
    assert len(clock.hardware(machine.system())) == told


# Sound


@pytest.mark.parametrize(("needed", "verdict"), [(True, WARN), (False, OK)])
def test_a_computer_that_cannot_be_heard_is_told(machine, needed: bool, verdict) -> None:
    (check,) = sound.speaker(machine.system(), needed=needed)
    assert (check.verdict, "nothing here plays" in check.words) == (verdict, True)
    machine.program("aplay")
    (check,) = sound.speaker(machine.system(), needed=needed)
    assert (check.verdict, "no sound card" in check.words) == (verdict, True)


@pytest.mark.parametrize(
    ("said", "verdict", "words"),
    [
        ("Volume: 0.60", OK, "at 60 %"),
        ("Volume: 0.60 [MUTED]", WARN, "muted"),
        ("Volume: 0.05", WARN, "at 5 %"),
    ],
)
def test_a_muted_speaker_is_told(machine, said: str, verdict, words: str) -> None:
    machine.program("pw-play")
    machine.program("wpctl", said)
    (check,) = sound.speaker(machine.system(), needed=True)
    assert (check.verdict, words in check.words) == (verdict, True)


def test_pulseaudio_and_macos_are_understood(machine) -> None:
    machine.program("paplay")
    machine.program("pactl", "Volume: front-left: 26214 /  40% / -23.88 dB")
    assert "at 40 %" in sound.speaker(machine.system(), needed=True)[0].words
    machine.program("afplay")
    machine.program("osascript", "output volume:50, input volume:60, output muted:true")
    assert "muted" in sound.speaker(machine.system(platform="darwin"), needed=True)[0].words


# Programs


def test_a_program_that_fails_or_is_not_there_says_nothing(machine) -> None:
    machine.program("fails", "words", code=3)
    machine.program("works", "words")
    system = machine.system()
    assert [system.run(name) for name in ("fails", "none", "works")] == [None, None, "words\n"]
