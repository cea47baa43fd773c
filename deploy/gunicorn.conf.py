"""Gunicorn, in production and in the demo."""

import os

bind = os.environ.get("BIND", "0.0.0.0:8000")
workers = int(os.environ.get("WEB_WORKERS", "3"))
worker_class = "gthread"
threads = 4
# A page that takes longer belongs in a task.
timeout = 60
graceful_timeout = 15
# The heartbeat file on a disk that may stall would get healthy workers killed.
worker_tmp_dir = "/dev/shm"
# Afresh now and then, at different moments, so that a slow leak never becomes an outage.
max_requests = 2000
max_requests_jitter = 200
# No query strings: searches carry names. Off by default, the proxy in front keeps its own.
access_log_format = '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'
accesslog = "-" if os.environ.get("ACCESS_LOG", "").lower() in {"1", "true", "yes"} else None
errorlog = "-"
# At warnings: the demo prints the address itself, production wants events only.
loglevel = "warning"
