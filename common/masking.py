"""One way to show a piece of personal data without giving it away: ID 6…4, phone 3…4, card last 4."""


def mask_id_number(number: str) -> str:
    """`330305198001010027` → `330305********0027`."""
    return (
        number[:6] + "*" * max(len(number) - 10, 0) + number[-4:] if len(number) > 10 else "*" * len(number)
    )


def mask_phone(number: str) -> str:
    """`13800001234` → `138****1234`."""
    return number[:3] + "*" * max(len(number) - 7, 0) + number[-4:] if len(number) > 7 else "*" * len(number)


def mask_account(number: str) -> str:
    """All but the last four digits."""
    return "*" * max(len(number) - 4, 0) + number[-4:] if len(number) > 4 else "*" * len(number)


def mask_name(name: str) -> str:
    """`林小花` → `林*花`, `林花` → `林*`: lists and boards of minors show this."""
    if len(name) <= 1:
        return name
    return name[0] + "*" if len(name) == 2 else name[0] + "*" * (len(name) - 2) + name[-1]
