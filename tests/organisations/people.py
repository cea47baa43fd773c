"""Plain builders for people and places of these tests."""

from datetime import date

from organisations.loading import load_areas
from organisations.models import Area, Posting, User

PASSWORD = "correct-horse-海边-77"
LONG_AGO = date(2020, 1, 1)


def area(code: str) -> Area:
    """An area of the official tree, which is loaded on first use."""
    if not Area.objects.exists():
        load_areas()
    return Area.objects.get(code=code)


def person(
    username: str, *held: tuple[str, str], since: date = LONG_AGO, until: date | None = None, **fields
) -> User:
    """A user with the password above and postings as (post, area code)."""
    user = User.objects.create_user(username, password=PASSWORD, name=fields.pop("name", username), **fields)
    for post, code in held:
        Posting.objects.create(user=user, post=post, area=area(code), valid_from=since, valid_to=until)
    return user
