"""Only for `collectstatic` while an image is built: no secret, no database, cannot serve a page."""

import secrets

from config.settings.base import *  # noqa: F403
from config.settings.static import HASHED_STATIC_FILES as STORAGES  # noqa: F401

DEMO = False
SECOND_FACTOR_REQUIRED = True
SECRET_KEY = secrets.token_hex(32)
