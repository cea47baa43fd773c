"""The one place that reads environment variables; `.env.example` explains each of them."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
# Everything this clone makes for itself (media, logs, server data when not root) and never commits.
LOCAL_DIR = BASE_DIR / ".local"

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")


def required(name: str, purpose: str) -> str:
    """A variable without which production must not start: a default secret is no secret."""
    value = env.str(name, default="").strip()
    if not value:
        raise ImproperlyConfigured(f"缺少环境变量 {name}（{purpose}），不能启动。请参照 .env.example 设置。")
    return value
