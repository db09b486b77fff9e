"""Messages through apprise, to a real server on this computer that behaves and misbehaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alerting import TEXT, alert
from servers import TOKEN, Server

from crampwatch.app.record.alerts.alert import Level
from crampwatch.app.record.alerts.settings import AlertSettings
from crampwatch.app.record.alerts.ways import open_ways
from crampwatch.app.record.alerts.ways.push import Push
from crampwatch.recording.errors import CrampwatchError

# apprise looks at more than a hundred plugins, and at what they would like to import
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def server():
    with Server.running() as made:
        yield made


def opened(address: str) -> Push:
    push = Push(address, "apprise-json")
    push.open()
    return push


@pytest.mark.parametrize(
    ("level", "kind"),
    [(Level.INFO, "info"), (Level.WARNING, "warning"), (Level.URGENT, "failure")],
)
def test_an_alert_arrives_with_its_level(server, level, kind) -> None:
    push = opened(server.address())
    push.tell(alert(level=level))
    push.close()
    (post,) = server.posts
    assert (post["title"], post["message"], post["type"]) == ("Crampwatch", TEXT, kind)
    assert server.paths == [f"/{TOKEN}-path"]


def test_nothing_but_title_and_text_is_sent(server) -> None:
    push = opened(server.address())
    push.tell(alert(sensor="left-calf"))
    assert set(server.posts[0]) == {"version", "title", "message", "attachments", "type"}


@pytest.mark.parametrize("answer", [400, 401, 404, 500, 503])
def test_a_service_that_refuses_is_one_line_without_a_token(server, capfd, answer) -> None:
    server.answers = [answer]
    push = opened(server.address())
    with pytest.raises(CrampwatchError) as caught:
        push.tell(alert())
    assert f"error={answer}" in str(caught.value)
    assert str(caught.value).startswith("not told: ")
    seen = str(caught.value) + "".join(capfd.readouterr())
    assert TOKEN not in seen
    push.tell(alert())


def test_a_server_that_is_not_there_is_one_line(server) -> None:
    address = server.address()
    push = opened(address.replace(str(server.server_port), "1"))
    with pytest.raises(CrampwatchError) as caught:
        push.tell(alert())
    assert "onnection error" in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None


CARELESS = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
from alerting import alert
from crampwatch.app.record.alerts.ways.push import Push
push = Push(sys.stdin.readline().strip(), "apprise-json")
for turn in range(2):
    try:
        push.open()
        push.tell(alert())
    except Exception:
        logging.exception("not told")
"""


def test_a_program_that_logs_everything_logs_no_token(server) -> None:
    server.answers = [500, 200]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CARELESS],
        input=server.address(),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )
    assert "error=500" in done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert len(server.posts) == 2


def test_a_server_that_never_answers_is_given_up(server) -> None:
    server.mute = True
    push = opened(server.address("?rto=0.2&cto=0.2"))
    with pytest.raises(CrampwatchError, match="not told"):
        push.tell(alert())
    assert len(server.posts) == 1


def test_one_service_that_fails_repeats_nothing_to_the_others(server) -> None:
    server.answers = [500, 200, 200]
    settings = AlertSettings.model_validate(
        {"bell": False, "apprise": [server.address(), server.address("2")]}
    )
    ways = open_ways(settings, print)
    for way in ways:
        way.open()
    with pytest.raises(CrampwatchError):
        ways[0].tell(alert())
    ways[1].tell(alert())
    ways[0].tell(alert())
    assert server.paths == [f"/{TOKEN}-path", f"/{TOKEN}-path2", f"/{TOKEN}-path"]


@pytest.mark.parametrize("address", [f"nonsense://{TOKEN}", f"tgram://{TOKEN}", "mailto://x"])
def test_an_address_that_apprise_cannot_read_is_said_without_it(address, capfd) -> None:
    with pytest.raises(CrampwatchError, match="cannot read this address") as caught:
        opened(address)
    seen = str(caught.value) + "".join(capfd.readouterr())
    assert TOKEN not in seen


def test_a_redirect_takes_no_alert_elsewhere(server) -> None:
    server.answers = [307]
    push = opened(server.address())
    with pytest.raises(CrampwatchError):
        push.tell(alert())
    assert len(server.posts) == 1
