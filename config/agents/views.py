"""What agents open: the MCP endpoint, and two pages that tell a machine what this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import async_to_sync
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from config.kernel.bearer import BearerAuthentication
from config.kernel.refusals import NotPermitted
from config.kernel.rest import ApiView

from .server import INSTRUCTIONS, serve
from .tools import TOOLS

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

HOP = {"content-length", "connection", "transfer-encoding"}


class Mcp(ApiView):
    """Model Context Protocol over streamable HTTP, one JSON answer to each message, for service accounts alone."""

    schema = None
    authentication_classes = [BearerAuthentication]
    # Each tool is a call of the API and is counted there.
    throttle_classes = []
    http_method_names = ["post"]

    def check_permissions(self, request: Request) -> None:
        """Let in service accounts; a person signs in and reads pages.

        :raises NotPermitted: for a token of a person
        """
        super().check_permissions(request)
        if not self.caller.is_service_account:
            raise NotPermitted("not_permitted", "Agents come in with the token of a service account.")

    def post(self, request: Request) -> HttpResponse:
        """Answer one message."""
        outer = request._request  # noqa: SLF001 - the framework has no other door to it
        status, headers, body = async_to_sync(serve)(outer, outer.body)
        answer = HttpResponse(body, status=status)
        for name, value in headers:
            if name.decode().lower() not in HOP:
                answer.headers[name.decode()] = value.decode("latin-1")
        return answer


@require_safe
def agent_card(request: HttpRequest) -> JsonResponse:
    """Tell a machine where the doors are and what it may do."""
    place = request.build_absolute_uri
    card = {
        "name": "Redress",
        "description": "Refund approvals: money leaves only when a policy, a person and a record agree.",
        "instructions": INSTRUCTIONS,
        "mcp": {"url": place(reverse("mcp")), "transport": "streamable-http", "authentication": "bearer"},
        "api": {"schema": place(reverse("schema")), "docs": place(reverse("api_docs"))},
        "tools": [{"name": tool.name, "description": tool.description} for tool in TOOLS.values()],
        "never": ["approve", "decline", "change a policy", "move money"],
    }
    return JsonResponse(card)


@require_safe
def llms_txt(request: HttpRequest) -> HttpResponse:
    """Say the same in Markdown, as language models read it (https://llmstxt.org)."""
    place = request.build_absolute_uri
    tools = "\n".join(f"- `{tool.name}`: {tool.description}" for tool in TOOLS.values())
    text = (
        f"# Redress\n\n> {INSTRUCTIONS}\n\n## Tools\n\nOver MCP at {place(reverse('mcp'))}, with the bearer token of a"
        f" service account:\n\n{tools}\n\n## API\n\n- [OpenAPI schema]({place(reverse('schema'))})\n"
        f"- [Documentation]({place(reverse('api_docs'))})\n"
    )
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")
