"""A short-tempered connection to the broker, for questions that must be answered at once."""

from functools import lru_cache

import redis
from django.conf import settings

HEARTBEAT_KEY = "assistance:worker-heartbeat"


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
