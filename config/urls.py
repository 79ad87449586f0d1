"""Every address, and who owns it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from config import api, headers, home, live, palette, preferences, step_up
from config.accounts import everybody_out, leaving, sign_ins
from config.agents import views as agents
from config.deploy import health
from config.watch import pages as watch

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("", include("config.accounts.library_urls")),
    path("step-up/", step_up.step_up, name="step_up"),
    path("step-up/passkey/", step_up.passkey_options, name="step_up_passkey"),
    path("logout/", leaving.SignOut.as_view(), name="logout"),
    path("account/", include("config.accounts.urls")),
    path("language/", set_language, name="set_language"),
    path("settings/", preferences.settings, name="settings"),
    path("live/", live.live, name="live"),
    path("live/poll/", live.live_poll, name="live_poll"),
    path("search/palette/", palette.palette, name="palette"),
    path("", include("approvals.urls")),
    path("", include("policies.urls")),
    path("", include("refunds.urls")),
    path("", include("evidence.urls")),
    path("", include("analytics.urls")),
    path("", include(api)),
    path("mcp", agents.Mcp.as_view(), name="mcp"),
    path(".well-known/agent.json", agents.agent_card, name="agent_card"),
    path("llms.txt", agents.llms_txt, name="llms_txt"),
    path("admin/", admin.site.urls),
    path("csp-reports", headers.csp_reports, name="csp_reports"),
    path("status/", watch.status, name="status"),
    path("status/news/<uuid:row_id>/", watch.mend_news, name="mend_news"),
    path("sign-ins/", sign_ins.sign_ins, name="sign_ins"),
    path("sign-ins/everybody-out/", everybody_out.everybody_out, name="everybody_out"),
    path("metrics", watch.metrics, name="metrics"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

if settings.DEMO:
    urlpatterns.append(path("demo/", include("config.demo.urls")))

handler400 = "config.api.unreadable"
handler500 = "config.api.crashed"
