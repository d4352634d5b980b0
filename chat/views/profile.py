"""What a person tells about themselves."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from chat.actions.people import rename_person
from chat.errors import RateLimited
from chat.forms import ProfileForm
from chat.languages import sentence_of
from chat.requests import PersonRequest


@login_required
def profile(request: PersonRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, initial={"name": request.user.name})
    if not form.is_valid():
        return render(request, "account/profile.html", {"form": form})
    try:
        rename_person(request.user, form.cleaned_data["name"])
    except RateLimited as refusal:
        form.add_error("name", sentence_of(refusal))
        return render(request, "account/profile.html", {"form": form}, status=429)
    messages.success(request, _("Saved."))
    return redirect("profile")
