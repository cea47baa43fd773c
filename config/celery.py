"""Background work: one Celery application, with all its options and its whole timetable in this file."""

import os
from pathlib import Path

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")

LOCAL_DIR = Path(__file__).resolve().parent.parent / ".local"
# A task that takes longer than this has gone wrong; a monthly batch is cut into tasks of a few seconds.
TIME_LIMIT_SECONDS = 600

# A killed worker's tasks come back after about a minute. Three places, because the shortest on a broker wins
# and Celery reads each for another purpose; the restore pass otherwise runs only every tenth interval.
REDELIVERY = {
    "visibility_timeout": TIME_LIMIT_SECONDS + 60,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 30,
}

# Each entry may be skipped or fired twice: tasks work off "everything that is due and not done".
BEAT_SCHEDULE = {
    "heartbeat": {"task": "config.tasks.heartbeat", "schedule": 30.0, "options": {"expires": 60}},
    "close-expired-notices": {"task": "approvals.tasks.close_expired_notices", "schedule": 300.0},
    "mark-deadlines": {"task": "approvals.tasks.mark_deadlines", "schedule": 600.0},
    "prepare-due-months": {"task": "payments.tasks.prepare_due_months", "schedule": 3600.0},
    # Daily: a figure that was confirmed today is listed tomorrow at the latest, whoever forgets it.
    "propose-price-subsidies": {
        "task": "payments.tasks.propose_price_subsidies",
        "schedule": crontab(hour=5, minute=20),
    },
    "sweep-batches": {"task": "payments.tasks.sweep_batches", "schedule": 60.0},
    "sweep-document-batches": {"task": "approvals.documents.tasks.sweep_document_batches", "schedule": 300.0},
    "close-change-periods": {"task": "approvals.changing.tasks.close_periods", "schedule": 300.0},
    "follow-recoveries": {"task": "approvals.recovering.tasks.follow_recoveries", "schedule": 300.0},
    "recompute-relief-limits": {"task": "approvals.relief.tasks.recompute_limits", "schedule": 3600.0},
    "sweep-case-files": {"task": "approvals.documents.tasks.sweep_case_files", "schedule": 300.0},
    "end-payment-limits": {"task": "approvals.tasks.end_payment_limits", "schedule": 900.0},
    "recompute-deadlines": {"task": "approvals.tasks.recompute_provisional_deadlines", "schedule": 3600.0},
    # Daily for the same reason as the sample below; a board that hangs already is left alone.
    "refresh-standing-notices": {
        "task": "approvals.tasks.refresh_standing_notices",
        "schedule": crontab(hour=1, minute=30),
    },
    "lapse-settlements": {
        "task": "approvals.settling.tasks.lapse_settlements",
        "schedule": crontab(hour=0, minute=40),
    },
    "sweep-files": {"task": "config.tasks.sweep_files", "schedule": crontab(hour=3, minute=40)},
    "watch-rules": {"task": "policy.tasks.watch_rules", "schedule": crontab(hour=6, minute=30)},
    "sweep-adjustments": {"task": "approvals.adjustments.tasks.sweep_runs", "schedule": 120.0},
    # Daily, not only on the first: a month that was not drawn then is drawn on the next day with a worker.
    "draw-last-month": {"task": "supervision.tasks.draw_last_month", "schedule": crontab(hour=2, minute=10)},
}

app = Celery(
    "config",
    changes={
        "accept_content": ["json"],
        "task_serializer": "json",
        "result_serializer": "json",
        # Outcomes stand in the database, where they can be audited; a result backend would be a second truth.
        "task_ignore_result": True,
        # Acknowledged after the work, given back if the process dies: rather twice than not at all.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "task_time_limit": TIME_LIMIT_SECONDS,
        "task_soft_time_limit": TIME_LIMIT_SECONDS - 30,
        # PDF rendering holds on to memory (292 MB were measured for 3,000 rows): start afresh beyond that.
        "worker_max_memory_per_child": 300_000,
        "worker_hijack_root_logger": False,
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": REDELIVERY,
        "visibility_timeout": REDELIVERY["visibility_timeout"],
        "result_backend_transport_options": {"visibility_timeout": REDELIVERY["visibility_timeout"]},
        "timezone": "Asia/Shanghai",
        "beat_schedule": BEAT_SCHEDULE,
        "beat_schedule_filename": str(LOCAL_DIR / "beat-schedule"),
    },
)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["config"])
