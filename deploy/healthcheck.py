"""Asks the web server in its own container whether it is healthy; the host name must be one that it serves."""

import os
import sys
import urllib.request

host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip().lstrip(".")
request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
try:
    urllib.request.urlopen(request, timeout=8)
except OSError as error:
    sys.exit(f"unhealthy: {error}")
