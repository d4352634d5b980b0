"""What the admins of this site share: they delete nothing, and say why something can't be done."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from chat.errors import ChatError
from chat.languages import sentence_of

MOST_NAMED = 10

MOST_AT_ONCE = 1000
"""Rows that an action takes: each is a transaction of its own, and the page waits for them all."""


class KeptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The admin of rows that are kept for ever."""

    show_full_result_count = False
    lookups: tuple[str, ...] = ()
    """By what a list may be narrowed in its address: by anything, and what is hidden could be told
    from how many rows are left."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:  # noqa: ARG002
        return lookup in self.lookups

    def has_delete_permission(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: Model | None = None,  # noqa: ARG002
    ) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            return super().changelist_view(request, *args, **options)
        except ChatError as refusal:
            return self._refuse(request, sentence_of(refusal))

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **options)
        except ChatError as refusal:
            return self._refuse(request, sentence_of(refusal))
        except ValidationError as refusal:  # true only since the form was looked at
            return self._refuse(request, " ".join(refusal.messages))

    def do_to_each(
        self, request: HttpRequest, rows: QuerySet[Any], act: Callable[[Any], object]
    ) -> None:
        """Who it cannot be done to keeps nobody else from it, and is told with the reason."""
        done, refused = 0, defaultdict(list)
        for row in rows[:MOST_AT_ONCE]:
            try:
                act(row)
                done += 1
            except ChatError as refusal:
                refused[sentence_of(refusal)].append(str(row))
        if done:
            self.message_user(request, _("Done: %(number)d.") % {"number": done}, messages.SUCCESS)
        for why, those in refused.items():
            more = " …" if len(those) > MOST_NAMED else ""
            told = f"{', '.join(those[:MOST_NAMED])}{more}: {why}"
            self.message_user(request, told, messages.ERROR)

    def _refuse(self, request: HttpRequest, detail: str) -> HttpResponse:
        self.message_user(request, detail, messages.ERROR)
        return redirect(request.get_full_path())


class FoundAdmin(KeptAdmin):
    """Rows that are made in the chat, and only looked after here."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False


class ReadOnlyAdmin(FoundAdmin):
    """Rows that can be looked at, and changed by actions only."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None and super().has_change_permission(request)
