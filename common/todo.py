"""One line of 工作台: something a person can do next. Each room's `queries.tasks_for(user)` returns these."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Todo:
    """What to do, on what, until when.

    `level` is late, soon, info or done (the badge); `deadline` its words, such as 还剩 3 个工作日; `why` the
    sentences behind the date. `url` is where the one next action begins.
    """

    number: str
    name: str
    place: str
    matter: str
    stage: str
    action: str
    url: str
    due_at: datetime | None = None
    level: str = "info"
    deadline: str = ""
    why: Sequence[str] = ()
