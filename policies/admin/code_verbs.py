"""The verbs of a code: each has a page that says what it does, and moves only when that page is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone

from config.kernel.admin_pages import PortalAdmin, admin_page, answers_refusals, person_of
from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE
from config.kernel.wording import said
from evidence import ledger
from policies import cataloguing
from policies.forms.codes import MergeForm
from policies.permissions import versions_visible_to
from policies.vocabulary import CodeKind, CodeState, VersionState

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from policies.models import AnyCode, PolicyVersion

VERBS = {"activate": said("Activate"), "retire": said("Retire"), "merge": said("Merge into another")}


class CodeVerbs(PortalAdmin[Any]):
    """Activate, retire, merge."""

    def get_urls(self) -> list[URLPattern]:
        """Give each verb its own address."""
        pages = {"activate": self.activate_page, "retire": self.retire_page, "merge": self.merge_page}
        own = [
            path(f"<slug:code>/{word}/", self.admin_site.admin_view(page), name=self._name(word))
            for word, page in pages.items()
        ]
        return [*own, *super().get_urls()]

    @answers_refusals
    def activate_page(self, request: HttpRequest, code: str) -> HttpResponse:
        """Offer a code for new use."""
        found = self._asked_for(request, code, "activate")
        if request.method == "POST":
            cataloguing.activate(kind=found.kind, code=code, actor=person_of(request), at=timezone.now())
            return self._done(request, code, said("{code} is active: it is offered from now on.", code=code))
        sentence = said(
            "{code} is offered for new use from this moment. {owner} answers for it.", code=found, owner=found.owner
        )
        return self._confirm(request, found, "activate", sentence)

    @answers_refusals
    def retire_page(self, request: HttpRequest, code: str) -> HttpResponse:
        """Offer a code no more."""
        found = self._asked_for(request, code, "retire")
        if request.method == "POST":
            cataloguing.retire(kind=found.kind, code=code, actor=person_of(request), at=timezone.now())
            return self._done(
                request, code, said("{code} is retired. Everything that carries it stays as it is.", code=code)
            )
        sentence = said(
            "{code} is offered no more and refused for anything new. What carries it stays as it is.", code=found
        )
        return self._confirm(request, found, "retire", sentence)

    @answers_refusals
    def merge_page(self, request: HttpRequest, code: str) -> HttpResponse:
        """Let another code take over."""
        found = self._asked_for(request, code, "merge")
        form = MergeForm(found, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            into = form.cleaned_data["into"]
            try:
                cataloguing.merge_into(
                    kind=found.kind, code=code, into=into, actor=person_of(request), at=timezone.now()
                )
            except Refused as no:
                form.add_error("into", no.detail)
            else:
                return self._done(request, code, said("{code} was merged into {into}.", code=code, into=into))
        sentence = said(
            "Whoever names {code} from now on is told to use the other. This cannot be taken back.", code=code
        )
        status = UNPROCESSABLE if form.errors else 200
        return self._confirm(request, found, "merge", sentence, form=form, status=status)

    def standing(self, request: HttpRequest, code: AnyCode) -> dict[str, Any]:
        """Gather where a code stands, what may be done with it and what happened to it."""
        may_change = person_of(request).has_perm(f"policies.change_{self.opts.model_name}")
        return {
            "code": code,
            "tools": [
                (words, reverse(f"admin:{self._name(verb)}", args=[code.pk]))
                for verb, words in VERBS.items()
                if may_change and cataloguing.may_move(code, verb)
            ],
            "timeline": list(ledger.timeline_of(cataloguing.subject_of(code.kind, code.pk))),
        }

    def _name(self, word: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{word}"

    def _asked_for(self, request: HttpRequest, code: str, verb: str) -> AnyCode:
        cataloguing.check_right(person_of(request), "change", self.model.kind)
        found: AnyCode | None = self.model.objects.filter(pk=code).first()
        if found is None:
            raise Http404
        cataloguing.check_stands(found, verb)
        return found

    def _confirm(
        self,
        request: HttpRequest,
        code: AnyCode,
        verb: str,
        sentence: str,
        *,
        form: MergeForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **self.standing(request, code),
            "title": f"{VERBS[verb]}: {code}",
            "verb": VERBS[verb],
            "sentence": sentence,
            "form": form,
            "back_to": reverse(f"admin:{self._name('change')}", args=[code.pk]),
            "named_by": [] if verb == "activate" else _policies_naming(request, code),
        }
        return admin_page(self, request, "admin/policies/code/confirm.html", context, status=status)

    def _done(self, request: HttpRequest, code: str, sentence: str) -> HttpResponse:
        self.message_user(request, sentence, messages.SUCCESS)
        return HttpResponseRedirect(reverse(f"admin:{self._name('change')}", args=[code]))


def _policies_naming(request: HttpRequest, code: AnyCode) -> list[PolicyVersion]:
    """List the versions in force, of the viewer's teams, that let this exception code be granted."""
    if code.kind != CodeKind.EXCEPTION or code.state != CodeState.ACTIVE:
        return []
    in_force = versions_visible_to(person_of(request)).filter(state=VersionState.PUBLISHED).select_related("policy")
    return [
        version
        for version in in_force
        if any(code.pk in codes for codes in version.document.get("exception_codes", {}).values())
    ]
