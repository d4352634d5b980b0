"""Where browsers tell what the Content-Security-Policy kept from happening."""

from time import monotonic

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chat import metrics

MOST_A_SECOND = 10
"""Reports that are counted, in each process: whoever sends more makes the figure no higher."""

_due = 0.0


@csrf_exempt
@require_POST
def count(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Counts, and that is all: anybody may send anything, so it is neither read nor logged."""
    global _due  # noqa: PLW0603 - one number for the process
    now = monotonic()
    if _due <= now:
        _due = now + 1 / MOST_A_SECOND
        metrics.policy_violations.inc()
    return HttpResponse(status=204)
