"""Uploaded rule tables between preview and confirmation."""

from import_export.tmp_storages import CacheStorage


class ShortLivedStorage(CacheStorage):
    """The package's default leaves the file in the temporary folder for ever if nobody confirms."""

    CACHE_LIFETIME = 3600
