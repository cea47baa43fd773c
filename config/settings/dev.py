"""The demo and a developer's machine: no variable needed, synthetic data only."""

from config import embedded
from config.env import env
from config.keys import demo_key
from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASE_URL, PUBLIC_URL, REDIS_URL, cache_settings

DEBUG = env.bool("DEBUG", default=True)
DEMO = env.bool("DEMO", default=True)
# Printed by `manage.py demo`, so that nobody has to guess.
DEMO_ADDRESS = f"http://127.0.0.1:{env.int('PORT', default=8000)}/"
PUBLIC_URL = PUBLIC_URL or DEMO_ADDRESS
SECRET_KEY = demo_key("SECRET_KEY").hex()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

FIELD_KEYS = {"demo": demo_key("FIELD_KEYS")}
LOOKUP_KEY = demo_key("LOOKUP_KEY")
# People who only want to look round should not need a phone at hand.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=False)

if not DATABASE_URL:
    DATABASES = {"default": embedded.postgres("demo").django_settings()}
if not REDIS_URL:
    REDIS_URL = embedded.valkey("demo").url()
    CACHES = cache_settings(REDIS_URL)
CELERY_BROKER_URL = REDIS_URL

# The demo has no build step: the files come straight from static/ and the packages.
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None
