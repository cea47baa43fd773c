"""Files at rest: scans, papers and bank files are encrypted on disk like the columns beside them."""

from io import BytesIO

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage

from common.fields import decrypt_bytes, encrypt_bytes


class PrivateStorage(FileSystemStorage):
    """Private storage outside every URL. Whole files go through memory: they are all bounded in size."""

    def _save(self, name: str, content: File) -> str:
        content.seek(0)
        return super()._save(name, ContentFile(encrypt_bytes(content.read())))

    def _open(self, name: str, mode: str = "rb") -> File:
        with super()._open(name, "rb") as stored:
            return File(BytesIO(decrypt_bytes(stored.read())), name=name)

    def url(self, name: str) -> str:
        raise ValueError("private files have no address; serve them through a view that checks permission")


def private_files() -> PrivateStorage:
    """For file columns: named by a function, so that no migration holds a path of some machine."""
    return PrivateStorage()
