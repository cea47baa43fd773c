"""How production stores files: static ones with their hash in the name, so browsers may keep them."""

HASHED_STATIC_FILES = {
    "default": {"BACKEND": "common.storage.PrivateStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
