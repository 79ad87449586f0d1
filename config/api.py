"""The root of the REST API: every app's addresses below `/api/v1/`, the schema, its documentation."""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING, Final

from csp.decorators import csp_update
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template import loader
from django.urls import include, path, re_path
from django.views import defaults
from django.views.decorators.cache import cache_page
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.kernel.jobs_api import OneJob
from config.kernel.problems import problem_page
from policies.api.templates import InstallTemplate, TypedTemplates

if TYPE_CHECKING:
    from django.http import HttpRequest, JsonResponse

BAD_REQUEST = 400
NOT_FOUND = 404
CRASHED = 500
NOT_NOW = 503
AGAIN_AFTER_SECONDS = 10
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
READ = ["get", "head"]
SCHEMA_IS_KEPT_FOR_SECONDS = 300

DOCS_NEED = {
    # The one inline style of the page, word for word, and the icons inside Swagger's stylesheet.
    "style-src": ["'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"],
    "img-src": ["data:"],
}
"""What the documentation needs beyond the policy of every page; nothing inline runs there either."""


@csrf_exempt
def nothing_here(request: HttpRequest, **_rest: str) -> JsonResponse:
    """Answer an address nobody owns as the API answers everything: with a problem."""
    return problem_page(request, NOT_FOUND, "There is no such address.")


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself could not read, an odd host name for instance."""
    if request.path_info.startswith("/api/"):
        return problem_page(request, BAD_REQUEST, "This request could not be read.")
    return defaults.bad_request(request, exception)


def crashed(request: HttpRequest) -> HttpResponse:
    """Answer a bug: the API gets a problem whose `request_id` finds the trace in our logs.

    A database that is away or too slow, and a full disk, are no bug: whoever asks again later gets his answer.
    """
    if is_out_of_service(sys.exc_info()[1]):
        return _not_now(request)
    if request.path_info.startswith("/api/"):
        return problem_page(request, CRASHED, "Something broke here. It is noted under this request id.")
    return defaults.server_error(request)


def is_out_of_service(error: BaseException | None) -> bool:
    """Tell whether the database or the disk, not our code, kept a request from being answered."""
    is_without_room = isinstance(error, OSError) and error.errno in NO_ROOM
    return isinstance(error, OperationalError | InterfaceError) or is_without_room


def _not_now(request: HttpRequest) -> HttpResponse:
    answer: HttpResponse
    if request.path_info.startswith("/api/"):
        answer = problem_page(request, NOT_NOW, "The portal cannot keep anything right now. Ask again in a moment.")
    else:
        answer = HttpResponse(loader.get_template("503.html").render(), status=NOT_NOW)
    answer.headers["Retry-After"] = str(AGAIN_AFTER_SECONDS)
    return answer


# Writing the document takes half a second and nothing changes it while this process lives. Neither is counted: what is
# the same for everybody is answered faster than a call is counted.
schema = cache_page(SCHEMA_IS_KEPT_FOR_SECONDS, cache="process")(
    SpectacularAPIView.as_view(throttle_classes=[], http_method_names=READ)
)
docs = csp_update(DOCS_NEED)(
    SpectacularSwaggerSplitView.as_view(
        url_name="schema", template_name="api_docs.html", throttle_classes=[], http_method_names=READ
    )
)

urlpatterns = [
    path("api/v1/", include("refunds.api.urls")),
    path("api/v1/", include("approvals.api.urls")),
    path("api/v1/", include("policies.api.urls")),
    path("api/v1/", include("evidence.api.urls")),
    path("api/v1/", include("analytics.api.urls")),
    # Where users of other policy engines look for them; the schema names each once.
    path("api/policies/typed-templates", TypedTemplates.as_view(schema=None), name="typed_templates"),
    path("api/policies/typed-templates/install", InstallTemplate.as_view(schema=None), name="install_template"),
    path("api/v1/jobs/<uuid:job_id>", OneJob.as_view(), name="job"),
    path("api/schema/", schema, name="schema"),
    path("api/docs/", docs, name="api_docs"),
    re_path(r"^api/", nothing_here),
]
