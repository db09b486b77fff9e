"""The view in the terminal, driven by Textual's own pilot in 80 columns and 24 lines."""

from __future__ import annotations

import asyncio

from crampwatch.app.monitor.terminal_view import Monitor


def run(board, act):
    async def whole():
        app = Monitor(board, 30.0)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await act(app, pilot)

    asyncio.run(whole())


def text(app, name):
    return str(app.query_one(f"#{name}").render())


def test_signals_sensors_events_and_keys_in_80_by_24(night):
    band, _, board = night
    for number in range(band.halves):
        band.half(number)
    board.poll()

    async def act(app, pilot):
        assert "Being recorded" in text(app, "head")
        assert "SIMULATED" in text(app, "banners")
        assert "EMG L GM" in text(app, "name0")
        assert "█" in text(app, "line0")
        assert "left-calf: streams, good" in text(app, "sensors")
        table = app.query_one("#events")
        assert any("cramp" in str(table.get_row_at(n)[2]) for n in range(table.row_count))
        assert table.region.bottom <= 24
        assert table.region.height >= 4
        for key, span in (("plus", 10.0), ("minus", 30.0), ("minus", 60.0)):
            await pilot.press(key)
            assert app.span_s == span
        await pilot.press("space")
        assert "paused" in text(app, "head")
        await pilot.press("space", "n")
        assert "EMG L GM" in text(app, "name0")
        band.writer.close()
        board.poll()
        app.look()
        assert "The recording has ended" in text(app, "head")
        await pilot.press("q")

    run(board, act)
    assert not board.failed


def test_an_empty_night_waits(night):
    _, _, board = night

    async def act(app, pilot):
        assert "Waiting for the first samples" in text(app, "head")

    run(board, act)
