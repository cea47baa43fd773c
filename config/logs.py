"""Log lines that machines read and that name nobody."""

import datetime as dt
import json
import logging
import re

# ID numbers (18 or 15 digits), bank accounts (12 to 19), mobile numbers (11); dates and row ids are shorter.
PERSONAL_NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{11,19})(?!\d)")


def mask(text: str) -> str:
    return PERSONAL_NUMBER.sub("[已隐去]", text)


class MaskPersonalNumbers(logging.Filter):
    """A last net: code must not log personal numbers, but an exception's text may carry one."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = mask(record.exc_text)
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line, in UTC, so that a line break in a message cannot forge an entry."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if isinstance(status := getattr(record, "status_code", None), int):
            line["status"] = status
        if record.exc_text:
            line["trace"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)
