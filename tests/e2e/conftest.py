from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.desk import Desk, at
from workbench.demo.staff import make_staff
from workbench.demo.world import load_ground


@pytest.fixture
def ground(transactional_db, clock):
    """Rules, places and the demo accounts as of an ordinary Monday."""
    clock.move_to(at(3, 2))
    load_ground()
    return make_staff()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "house.jpg"
    Image.new("RGB", (400, 300), (190, 200, 210)).save(path)
    return path


@pytest.fixture
def desk(page, ground) -> Desk:
    return Desk(page)
