"""The part of Django's settings that says what a browser may do: what a page loads, cookies, TLS."""

from __future__ import annotations

from datetime import timedelta

from csp.constants import NONE, SELF

from config.environment import load

ENVIRONMENT = load()
DEMO, DEBUG = ENVIRONMENT.demo, ENVIRONMENT.debug

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "report-uri": "/csp-reports",
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "config.kernel.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
IS_BEHIND_TLS = not DEMO and not DEBUG
# Whoever connects could send it: where no proxy of ours overwrites it, it is not believed.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_BEHIND_TLS and ENVIRONMENT.proxy_count else None
SECURE_SSL_REDIRECT = IS_BEHIND_TLS
# Load balancers ask for health without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SESSION_COOKIE_SECURE = IS_BEHIND_TLS
CSRF_COOKIE_SECURE = IS_BEHIND_TLS
# Browsers take such a name from this very host alone, encrypted and for all its paths: no neighbour can plant one.
SESSION_COOKIE_NAME = "__Host-sessionid" if IS_BEHIND_TLS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_BEHIND_TLS else "csrftoken"
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if IS_BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_BEHIND_TLS
SECURE_HSTS_PRELOAD = IS_BEHIND_TLS
