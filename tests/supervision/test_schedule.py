"""The draw is on the timetable, every day, and the worker knows it."""

import pytest

from config.celery import BEAT_SCHEDULE, app


@pytest.mark.clause("DT-1.3")
def test_the_draw_is_looked_at_every_night():
    entry = BEAT_SCHEDULE["draw-last-month"]
    app.loader.import_default_modules()
    assert entry["task"] in app.tasks
    schedule = entry["schedule"]
    assert (schedule.hour, schedule.minute) == ({2}, {10})
    assert len(schedule.day_of_month) == 31
