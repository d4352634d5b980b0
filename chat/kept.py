"""Rows that nobody deletes."""

from typing import Any, NoReturn

from django.db import models


class KeptForever(models.QuerySet[Any]):
    """Rows that nobody deletes: a hole in the log could never be filled again."""

    def delete(self) -> NoReturn:
        raise TypeError(
            f"{self.model.__name__} rows are never deleted: empty, archive or anonymise them"
            " through chat.actions"
        )


class KeptForeverModel(models.Model):
    class Meta:
        abstract = True

    def delete(self, *_args: object, **_options: object) -> NoReturn:
        KeptForever(type(self)).delete()
