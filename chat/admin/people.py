from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.accounts import tell_old_address
from chat.actions.addresses import address_of, check_is_free, set_address
from chat.actions.people import (
    anonymise_person,
    block_person,
    is_last_superuser,
    remove_second_step,
    unblock_person,
)
from chat.admin.kept import MOST_AT_ONCE, KeptAdmin
from chat.models import User
from chat.names import validate_username
from chat.requests import PersonRequest


class PersonForm(UserChangeForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if username := self.fields.get("username"):
            # Who has a name from before it would be refused is still to be looked after.
            username.validators = [
                each for each in username.validators if each is not validate_username
            ]

    def clean_username(self) -> str:
        """Raises ValidationError for a new name that would deceive."""
        username = str(self.cleaned_data["username"])
        if username != self.initial["username"]:
            validate_username(username)
        return username

    def clean_email(self) -> str:
        """Raises ValidationError where another has proven that it is theirs."""
        address = str(self.cleaned_data["email"]).lower()
        check_is_free(address, self.instance)
        return address

    def clean(self) -> dict[str, Any] | None:
        """Raises ValidationError where nobody would be left to look after the site."""
        cleaned = super().clean()
        if is_last_superuser(self.instance) and self._loses_power():
            raise ValidationError(_("This is the last superuser. Make another one first."))
        return cleaned

    def _loses_power(self) -> bool:
        return any(
            self.cleaned_data.get(field) is False
            for field in ("is_active", "is_staff", "is_superuser")
            if field in self.fields
        )


@admin.register(User)
class PersonAdmin(KeptAdmin, UserAdmin):  # type: ignore[type-arg]
    form = PersonForm
    list_display = ("username", "name", "email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("username", "name", "email")
    ordering = ("username",)
    readonly_fields = ("last_login", "date_joined", "claimed", "second_step")
    actions = ("block", "unblock", "anonymise", "remove_second_step")
    lookups = ("is_active__exact", "is_staff__exact", "is_superuser__exact")
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "email", "claimed", "second_step")}),
        (
            _("What they may do"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    _of_power = ("is_staff", "is_superuser", "groups", "user_permissions")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Who may edit people must not be able to make themselves a superuser by it.
        fixed = tuple(super().get_readonly_fields(request, obj))
        if obj == request.user or not settings.SITE_SENDS_MAIL:
            fixed += ("email",)
        return fixed if request.user.is_superuser else fixed + self._of_power

    @admin.display(description=_("address that is not proven"))
    def claimed(self, person: User) -> str:
        claims = EmailAddress.objects.filter(user=person, verified=False)
        return ", ".join(claims.values_list("email", flat=True)) or "-"

    @admin.display(description=_("second step"), boolean=True)
    def second_step(self, person: User) -> bool:
        return bool(Authenticator.objects.filter(user=person).exists())

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 - Django's name
        form_url: str = "",
    ) -> HttpResponse:
        """One's own asks for the old one."""
        if self.get_object(request, unquote(id)) == request.user:
            return redirect("account_change_password")
        return super().user_change_password(request, id, form_url)

    def has_change_permission(  # type: ignore[override]
        self, request: PersonRequest, obj: Model | None = None
    ) -> bool:
        allowed = super().has_change_permission(request, obj)
        managed = obj is None or (isinstance(obj, User) and access.may_manage(request.user, obj))
        return allowed and managed

    def save_model(  # type: ignore[override]
        self, request: PersonRequest, obj: User, form: Any, change: bool
    ) -> None:
        """A block goes the way of every block, so that it ends what is open; so does an address."""
        address = obj.email
        if change and "email" in form.changed_data:
            obj.email = form.initial["email"]
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            before = address_of(obj)
            set_address(request.user, obj, address)
            tell_old_address(request, obj, before)
        if change and "is_active" in form.changed_data:
            (unblock_person if obj.is_active else block_person)(request.user, obj)

    @admin.action(description=_("Block the selected people"), permissions=["change"])
    def block(self, request: PersonRequest, queryset: QuerySet[User]) -> None:
        self._act(request, queryset, block_person)

    @admin.action(description=_("Unblock the selected people"), permissions=["change"])
    def unblock(self, request: PersonRequest, queryset: QuerySet[User]) -> None:
        self._act(request, queryset, unblock_person)

    @admin.action(description=_("Make the selected people anonymous"), permissions=["change"])
    def anonymise(self, request: PersonRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        if "confirmed" not in request.POST:
            return self._ask_before_anonymising(request, queryset)
        self._act(request, queryset, anonymise_person)
        return None

    @admin.action(
        description=_("Remove the second step of the selected people"), permissions=["change"]
    )
    def remove_second_step(self, request: PersonRequest, queryset: QuerySet[User]) -> None:
        self._act(request, queryset, remove_second_step)

    def _act(
        self,
        request: PersonRequest,
        people: QuerySet[User],
        act: Callable[[User, User], None],
    ) -> None:
        self.do_to_each(request, people, lambda person: act(request.user, person))

    def _ask_before_anonymising(
        self, request: HttpRequest, people: QuerySet[User]
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Make people anonymous"),
            "opts": self.opts,
            "people": people[:MOST_AT_ONCE],
            "checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/chat/user/anonymise.html", context)
