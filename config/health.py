"""GET /healthz: is this installation able to work, and if not, which part fails."""

import logging
import time

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from config.broker import HEARTBEAT_KEY, client

logger = logging.getLogger(__name__)

# Two beats of 30 seconds may be missed, for instance while a worker restarts.
STALE_AFTER_SECONDS = 90
# Deadlines are counted by both clocks; more than this apart and they may disagree about a day.
CLOCK_TOLERANCE_SECONDS = 2


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        seconds = float(cursor.fetchone()[0])
    if abs(seconds - time.time()) > CLOCK_TOLERANCE_SECONDS:
        logger.error("数据库与应用服务器的时钟相差超过 %s 秒", CLOCK_TOLERANCE_SECONDS)
        return False
    return True


def broker() -> bool:
    return bool(client().ping())


def worker() -> bool:
    beat = client().get(HEARTBEAT_KEY)
    return beat is not None and time.time() - int(beat) < STALE_AFTER_SECONDS


PARTS = {"database": database, "broker": broker, "worker": worker}


def works(name: str) -> bool:
    # Whatever the reason, the answer is the same; the reason goes to the log, not to strangers.
    try:
        return PARTS[name]()
    except Exception:
        logger.exception("健康检查未通过：%s", name)
        return False


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    parts = {name: "ok" if works(name) else "failing" for name in PARTS}
    failing = [name for name, state in parts.items() if state != "ok"]
    answer = {"status": "failing" if failing else "ok", "failing": failing, "parts": parts}
    return JsonResponse(answer, status=503 if failing else 200, headers={"Cache-Control": "no-store"})
