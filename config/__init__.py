# Imported here so that every `@shared_task` finds this application, whichever process loads it first.
from config.celery import app as celery_app

__all__ = ["celery_app"]
