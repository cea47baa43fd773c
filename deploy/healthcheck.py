"""Asks the web server in its own container whether it is healthy."""

import os
import sys
import urllib.request

# Under a name that it serves, or it would answer 400.
host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip().lstrip(".")
request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
try:
    urllib.request.urlopen(request, timeout=8)
except OSError as error:
    sys.exit(f"unhealthy: {error}")
