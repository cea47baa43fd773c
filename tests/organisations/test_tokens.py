"""Tokens for other departments' scripts: who gives them out, for how long, and that they show once."""

from datetime import timedelta

import pytest
from django.urls import reverse

from common import clock as our_clock
from common.errors import Refused
from organisations.enums import AccountEventKind
from organisations.models import AccountEvent, ApiToken
from organisations.tokens import digest_of, end_token, issue_token, owner_of
from tests.organisations.people import person

pytestmark = pytest.mark.django_db
NEW = reverse("admin:organisations_apitoken_add")
LIST = reverse("admin:organisations_apitoken_changelist")


def in_days(days: int):
    return our_clock.today() + timedelta(days=days)


@pytest.fixture
def administrator(client, clock):
    user = person("admin", ("administrator", "330305"))
    client.force_login(user)
    return user


def test_the_token_shows_once_and_speaks_for_its_account(client, administrator) -> None:
    script = person("script", ("partner", "330305"))
    data = {"user": script.pk, "name": "教育局", "valid_to": in_days(30).isoformat()}
    page = client.post(NEW, data, follow=True).content.decode()
    clear = page.split("使用单位保存：")[1].split("<")[0].strip()
    assert owner_of(clear) == script
    assert ApiToken.objects.get().digest == digest_of(clear)
    assert clear not in client.get(LIST).content.decode()
    assert AccountEvent.objects.filter(user=script, kind=AccountEventKind.TOKEN_ISSUED).exists()


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_token_lasts_a_year_at_most(client, administrator, days: int) -> None:
    script = person("script", ("partner", "330305"))
    response = client.post(NEW, {"user": script.pk, "name": "x", "valid_to": in_days(days).isoformat()})
    assert "valid_to" in response.context["adminform"].form.errors
    with pytest.raises(Refused):
        issue_token(user=script, name="x", valid_to=in_days(days), actor=administrator)
    assert not ApiToken.objects.exists()


def test_no_token_for_posts_with_a_second_factor_nor_for_other_counties(client, administrator) -> None:
    approver, far = person("a", ("approver", "330305001")), person("f", ("partner", "330604"))
    for user in (approver, far):
        with pytest.raises(Refused) as refusal:
            issue_token(user=user, name="x", valid_to=in_days(3), actor=administrator)
        assert refusal.value.field == "user"


def test_a_token_dies_when_its_account_gets_such_a_post(administrator) -> None:
    script = person("script", ("partner", "330305"))
    _, clear = issue_token(user=script, name="x", valid_to=in_days(3), actor=administrator)
    script.postings.update(post="approver")
    assert owner_of(clear) is None


def test_the_administrator_ends_a_token(client, administrator) -> None:
    script = person("script", ("partner", "330305"))
    token, clear = issue_token(user=script, name="x", valid_to=in_days(3), actor=administrator)
    client.post(LIST, {"action": "end", "_selected_action": [token.pk]})
    assert owner_of(clear) is None
    events = AccountEvent.objects.filter(user=script, kind=AccountEventKind.TOKEN_ENDED)
    assert events.count() == 1
    end_token(token=token, actor=administrator)
    assert events.count() == 1, "what has ended does not end again"
