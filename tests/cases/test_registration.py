"""Drafts: numbers without gaps, people known once, what is thrown away."""

import threading

import pytest
from django.db import connection

from cases.models import Application, DiscardedNumber, Person, PersonCorrection
from cases.services import discard_draft, next_number, register_application, remember_person, update_draft
from common import clock as house_clock
from common.errors import Refused
from organisations.enums import Post
from tests.cases.builders import (
    build_places,
    declaration,
    draft_application,
    member_line,
    person_with,
    synthetic_id,
)

pytestmark = pytest.mark.django_db


def test_numbers_run_on_within_a_county_and_year(clock):
    places = build_places()
    first, second = (
        draft_application(places),
        draft_application(places, village=places.other_township_village),
    )
    elsewhere = draft_application(places, village=places.other_county_village)
    assert [first.number, second.number, elsewhere.number] == [
        "DT-2026-000001",
        "DT-2026-000002",
        "SY-2026-000001",
    ]
