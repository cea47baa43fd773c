"""Production: refuses to start without its secrets, and speaks HTTPS only."""

from config.env import env, required
from config.keys import parse_field_keys, parse_lookup_key

# Asked for first, before anything connects anywhere.
SECRET_KEY = required("SECRET_KEY", "会话与表单签名密钥，至少 50 个随机字符")
required("DATABASE_URL", "PostgreSQL 连接地址")
required("REDIS_URL", "Redis 连接地址，带密码")
FIELD_KEYS = parse_field_keys(required("FIELD_KEYS", "敏感字段加密密钥"))
LOOKUP_KEY = parse_lookup_key(required("LOOKUP_KEY", "敏感字段检索密钥"))
required("ALLOWED_HOSTS", "对外域名")

from config.settings.base import *  # noqa: E402, F403
from config.settings.base import LOGGING, TRUSTED_PROXY_COUNT  # noqa: E402
from config.settings.static import HASHED_STATIC_FILES as STORAGES  # noqa: E402, F401

DEBUG = False
DEMO = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
PUBLIC_URL = PUBLIC_URL or f"https://{ALLOWED_HOSTS[0]}"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[f"https://{host}" for host in ALLOWED_HOSTS])
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=True)

SECURE_SSL_REDIRECT = True
# The container's own health check speaks plain HTTP on loopback.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The __Host- prefix makes browsers refuse the cookie from a sibling domain or over plain HTTP.
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True

LOGGING["handlers"]["console"]["formatter"] = "json"
