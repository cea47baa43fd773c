"""A notice must be able to print every name: 仿宋 for the text, other fonts for the characters it lacks."""

import subprocess

import pytest
from fontTools.ttLib import TTFont

RARE_CHARACTERS_IN_NAMES = "䶮㛃喆翀玥珺頔昇堃燊彧赟旻玚玙瑄頫㸆𫖯𬀩𬴊𬍛𪟝𨱍𫟼"


def families_with(character: str) -> str:
    pattern = f":charset={ord(character):x}"
    return subprocess.run(["fc-list", pattern, "family"], capture_output=True, text=True, check=True).stdout


def gb2312_ideographs() -> set[str]:
    rows, cells = range(0xB0, 0xF8), range(0xA1, 0xFF)
    # Five cells at the end of row 55 are empty.
    pairs = (bytes([row, cell]) for row in rows for cell in cells if not (row == 0xD7 and cell > 0xF9))
    return {pair.decode("gb2312") for pair in pairs}


def test_the_text_font_has_every_common_simplified_character():
    path = subprocess.run(
        ["fc-match", "--format", "%{file}", "FandolFang"], capture_output=True, text=True, check=True
    ).stdout
    assert "FandolFang" in path
    known = set(TTFont(path).getBestCmap())
    wanted = gb2312_ideographs()
    assert len(wanted) == 6763
    assert {character for character in wanted if ord(character) not in known} == set()


@pytest.mark.parametrize("character", RARE_CHARACTERS_IN_NAMES)
def test_rare_characters_are_in_some_font(character: str):
    assert families_with(character).strip()
