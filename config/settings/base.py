"""Settings common to every environment; what differs stands in dev, test and prod."""

from pathlib import Path

from common.spreadsheets.import_format import GuardedXLSX
from config.env import BASE_DIR, LOCAL_DIR, env
from config.settings.security import *  # noqa: F403

INSTALLED_APPS = [
    "common",
    "organisations",
    "policy",
    "cases",
    "publicity",
    "payments",
    "approvals",
    "supervision",
    "approvals.adjustments",
    "approvals.serving",
    "approvals.settling",
    "approvals.conferring",
    "approvals.rechecking",
    "approvals.changing",
    "approvals.relief",
    "approvals.recovering",
    "workbench",
    "organisations.admin_config.PostAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "import_export",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_htmx",
    "django_filters",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.HealthAsksNobody",
    "config.middleware.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "organisations.middleware.SessionLimitsMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "organisations.middleware.SecondFactorMiddleware",
    "organisations.middleware.OwnPasswordMiddleware",
    "config.middleware.NoNulInAddress",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Last, as django-axes asks: it answers a locked-out log-in in place of the view.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.deployment",
                "organisations.context.posting",
                "workbench.context.navigation",
            ],
        },
    }
]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# Shown to users as the name of the system, on every page and as issuer in authenticator apps.
SITE_NAME = env.str("SITE_NAME", default="乡镇社会救助管理系统")

# Where people outside reach the system: a QR code on papers. Each settings file has its own default.
PUBLIC_URL = env.str("PUBLIC_URL", default="")

DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASES: dict = {}
if DATABASE_URL:
    DATABASES["default"] = env.db_url_config(DATABASE_URL)
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env.str("REDIS_URL", default="")


def cache_settings(redis_url: str) -> dict:
    """Redis where there is one: log-in counters and imports must be seen by every web process."""
    if not redis_url:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": redis_url,
            "KEY_PREFIX": "assistance",
            "OPTIONS": {"socket_timeout": 5, "socket_connect_timeout": 5},
        }
    }


CACHES = cache_settings(REDIS_URL)
CELERY_BROKER_URL = REDIS_URL

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"

# Encrypted on disk: forms, bank files and whatever else is stored carry personal data.
STORAGES = {
    "default": {"BACKEND": "common.storage.PrivateStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Private: no URL leads here, views hand files out after asking who may see them.
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default="") or LOCAL_DIR / "media")
MEDIA_URL = ""
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# django-import-export: rule tables only, as .xlsx only, and only with a permission of its own.
# Its default lets every admin user import and export, in formats that browsers execute.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_FORMATS = [GuardedXLSX]
IMPORT_EXPORT_TMP_STORAGE_CLASS = "config.imports.ShortLivedStorage"
IMPORT_EXPORT_USE_TRANSACTIONS = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mask": {"()": "config.logs.MaskPersonalNumbers"}},
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "config.logs.JsonLines"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["mask"], "formatter": "plain"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Django's own handlers would print the same line a second time, unmasked.
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
