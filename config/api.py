"""The root of the REST API: every app's addresses below `/api/v1/`, the schema, its documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csp.decorators import csp_update
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.kernel.jobs_api import OneJob
from config.kernel.problems import problem_page

if TYPE_CHECKING:
    from django.http import HttpRequest, JsonResponse

NOT_FOUND = 404

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


docs = csp_update(DOCS_NEED)(SpectacularSwaggerSplitView.as_view(url_name="schema"))

urlpatterns = [
    path("api/v1/", include("refunds.api.urls")),
    path("api/v1/", include("approvals.api.urls")),
    path("api/v1/", include("policies.api.urls")),
    path("api/v1/jobs/<uuid:job_id>", OneJob.as_view(), name="job"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", docs, name="api_docs"),
    re_path(r"^api/", nothing_here),
]
