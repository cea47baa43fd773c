"""Errors that reach a clerk: each carries one Chinese sentence that says what to do."""

from django.core.exceptions import ValidationError


class Refused(Exception):
    """The house says no: `message` is shown to the clerk as it stands.

    `field` names the form field that the sentence belongs beside (empty: the whole form);
    `clause` the clause that forbids it, where one does.
    """

    def __init__(self, message: str, *, field: str = "", clause: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.clause = clause

    def __str__(self) -> str:
        return f"{self.message}（{self.clause}）" if self.clause else self.message

    def add_to(self, form) -> None:
        """Put the sentence beside its field, or on top of the form when the form has no such field."""
        field = self.field if self.field in form.fields else None
        form.add_error(field, ValidationError(str(self)))
