"""The test suite: as strict as production where that is cheap, and its own servers."""

import os

from config import embedded
from config.keys import demo_key
from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASE_URL, DATABASES, REDIS_URL

DEBUG = False
DEMO = False
SECRET_KEY = demo_key("tests").hex()
PUBLIC_URL = "https://assistance.example"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]

FIELD_KEYS = {"demo": demo_key("FIELD_KEYS")}
LOOKUP_KEY = demo_key("LOOKUP_KEY")
SECOND_FACTOR_REQUIRED = False

if not DATABASE_URL:
    # A second server beside the demo's: it may skip fsync (its data is thrown away), the demo's may not.
    DATABASES = {"default": embedded.postgres("test").django_settings()}
# The process id lets two test runs in one clone, or on one server, work side by side.
DATABASES["default"]["TEST"] = {"NAME": f"test_assistance_{os.getpid()}"}
# A browser keeps its connection to the live server, and the thread behind it would keep the database open
# when that is dropped at the end.
DATABASES["default"]["CONN_MAX_AGE"] = 0

if not REDIS_URL:
    REDIS_URL = embedded.valkey("test").url()
# Tasks go to a real broker, so that an argument which is not JSON fails here and not in production.
CELERY_BROKER_URL = REDIS_URL
# In memory: a cache shared between parallel workers would let one test see another's values.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Argon2 is slow on purpose; hundreds of test users need not pay for it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
