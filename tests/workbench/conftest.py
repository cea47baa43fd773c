from tests.changing.conftest import shangyu

__all__ = ["shangyu"]
