"""The texts of messages to customers in the admin site: drafts are written here, and published by somebody else."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import admin, messages
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.kernel.admin_pages import PortalAdmin, admin_page, answers_refusals, person_of
from config.kernel.people import User
from config.kernel.refusals import NotPermitted
from config.kernel.wording import said

from . import ledger
from .letters import editions
from .letters.composing import example_of
from .letters.differing import difference
from .letters.events import USABLE, WORDS, locked_lines
from .letters.forms import EditionForm
from .models import MessageTemplate
from .vocabulary import Channel, EditionState, Event, Language

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.forms import ModelForm
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

PAGES = "admin/evidence/messagetemplate"


class Verb(NamedTuple):
    """One thing that can be done with an edition: from which states, with which right, and what its page says."""

    words: str
    sentence: str
    done: str
    states: frozenset[EditionState]
    right: str
    command: Callable[..., MessageTemplate | None]


_IN_USE = frozenset({EditionState.PUBLISHED, EditionState.RETIRED})
_DRAFT = frozenset({EditionState.DRAFT})
_WAITS = frozenset({EditionState.IN_REVIEW})

VERBS = {
    "begin": Verb(
        said("Begin a new draft"),
        said(
            "A new draft begins with this text. Customers are told what is in use until a second person publishes it."
        ),
        said("The draft begins with that text."),
        _IN_USE,
        editions.WRITE,
        editions.begin_draft,
    ),
    "hand-in": Verb(
        said("Hand in to be read"),
        said("It cannot be edited while it waits. Somebody who wrote none of it reads and publishes it."),
        said("It waits for a second person."),
        _DRAFT,
        editions.WRITE,
        editions.hand_in_draft,
    ),
    "send-back": Verb(
        said("Make it a draft again"),
        said("It can be edited, and has to be handed in again."),
        said("It is a draft again."),
        _WAITS,
        editions.WRITE,
        editions.send_back_draft,
    ),
    "publish": Verb(
        said("Publish"),
        said("Every message written from now on has this text. The edition in use is retired; what was sent stays."),
        said("It is in use."),
        _WAITS,
        editions.PUBLISH,
        editions.publish_edition,
    ),
    "discard": Verb(
        said("Discard"),
        said("The draft goes. What is in use stays."),
        said("The draft is gone."),
        _DRAFT,
        editions.WRITE,
        editions.discard_draft,
    ),
}


@admin.register(MessageTemplate)
class MessageTemplateAdmin(PortalAdmin[MessageTemplate]):
    """Every edition of every text; one of each is in use."""

    form = EditionForm
    change_form_template = f"{PAGES}/change_form.html"
    list_display = ["about", "language", "channel", "number", "state", "what", "published_by", "published_at"]
    list_filter = ["state", "language", "event"]
    list_select_related = ["published_by"]
    fields = ["subject_line", "body", "what"]
    ordering = ["event", "language", "channel", "-number"]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Offer none: a draft begins from an edition."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: MessageTemplate | None = None) -> bool:
        """Open drafts alone."""
        return (obj is None or obj.state == EditionState.DRAFT) and super().has_change_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """Give each verb its own address."""
        own = [
            path(
                f"<uuid:template_id>/{name}/",
                self.admin_site.admin_view(partial(self.verb_page, name=name)),
                name=f"evidence_messagetemplate_{name.replace('-', '_')}",
            )
            for name in VERBS
        ]
        return [*own, *super().get_urls()]

    def save_model(
        self,
        request: HttpRequest,
        obj: MessageTemplate,
        form: ModelForm[MessageTemplate],
        change: bool,  # noqa: ARG002, FBT001 - Django's signature
    ) -> None:
        """Save through the command, which checks the text and records who wrote it."""
        typed = {name: form.cleaned_data[name] for name in ("subject_line", "body", "what")}
        editions.change_draft(template_id=obj.pk, **typed, actor=person_of(request), at=timezone.now())

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put the preview, the locked lines and what differs beside the form."""
        return super().render_change_form(request, {**context, **_about(request, kwargs["obj"])}, *args, **kwargs)

    @answers_refusals
    def verb_page(self, request: HttpRequest, template_id: UUID, name: str) -> HttpResponse:
        """Say what a verb does, and do it when the page is sent."""
        verb, person = VERBS[name], person_of(request)
        if not person.has_perm("evidence.view_messagetemplate"):
            raise NotPermitted("not_permitted", said("This needs the right “evidence.view_messagetemplate”."))
        found = MessageTemplate.objects.filter(pk=template_id).first()
        if found is None:
            raise Http404
        if request.method == "POST":
            seen = {"seen": request.POST.get("seen", "")} if name == "publish" else {}
            changed = verb.command(template_id=template_id, **seen, actor=person, at=timezone.now())
            self.message_user(request, verb.done, messages.SUCCESS)
            where = ("changelist", []) if changed is None else ("change", [changed.pk])
            return HttpResponseRedirect(reverse(f"admin:evidence_messagetemplate_{where[0]}", args=where[1]))
        context = {
            **_about(request, found),
            "title": f"{verb.words}: {found}",
            "verb": verb,
            "is_own": name == "publish" and person.pk in found.writer_ids,
            "seen": editions.digest_of(found),
        }
        return admin_page(self, request, f"{PAGES}/confirm.html", context)

    @admin.display(description=gettext_lazy("about"), ordering="event")
    def about(self, edition: MessageTemplate) -> str:
        """Say what it tells."""
        return Event(edition.event).label.capitalize()


def _about(request: HttpRequest, edition: MessageTemplate) -> dict[str, Any]:
    """Gather what every page about an edition shows. An edition as stored: a form writes onto its own copy."""
    stored = MessageTemplate.objects.get(pk=edition.pk)
    event, language = Event(stored.event), Language(stored.language)
    in_use = editions.edition_in_use(event, language, Channel(stored.channel))
    person = person_of(request)
    return {
        "edition": stored,
        "tools": [
            (verb.words, reverse(f"admin:evidence_messagetemplate_{name.replace('-', '_')}", args=[stored.pk]))
            for name, verb in VERBS.items()
            if stored.state in verb.states
            and person.has_perm(verb.right)
            and not (name == "publish" and person.pk in stored.writer_ids)
        ],
        "words": [(word, WORDS[word].meaning, WORDS[word].examples[language]) for word in USABLE[event]],
        "locked": locked_lines(event, language),
        "shown": example_of(stored),
        "in_use": in_use,
        "lines": difference(f"{in_use.subject_line}\n\n{in_use.body}", f"{stored.subject_line}\n\n{stored.body}"),
        "writers": [str(one) for one in User.objects.filter(pk__in=stored.writer_ids).order_by("pk")],
        "timeline": list(ledger.timeline_of(editions.subject_of(stored))),
    }
