"""The part of Django's settings that says who comes in, with what, and what seals her secrets."""

from __future__ import annotations

from config.accounts.password_words import words_of
from config.deploy.connection import oidc_settings
from config.environment import kept_secret, load

ENVIRONMENT = load()
DEMO, DEBUG = ENVIRONMENT.demo, ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key or kept_secret(ENVIRONMENT.var_dir / "secret_key")
# They still open and prove what the key before sealed and signed.
SECRET_KEY_FALLBACKS = list(ENVIRONMENT.secret_key_fallbacks)

AUTH_USER_MODEL = "kernel.User"
AUTHENTICATION_BACKENDS = [
    "config.kernel.backend.PeopleBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
# Nobody of the demo has a password: its front door is the chooser.
LOGIN_URL = "demo:chooser" if DEMO else "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = LOGIN_URL
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {
        "NAME": "django.contrib.auth.password_validation.CommonPasswordValidator",
        # A list of leaked passwords of one's own, one a line, instead of Django's twenty thousand.
        "OPTIONS": {"password_list_path": ENVIRONMENT.password_list_file} if ENVIRONMENT.password_list_file else {},
    },
    {
        "NAME": "config.accounts.password_words.ContextWords",
        "OPTIONS": {"words": words_of(ENVIRONMENT.allowed_hosts, ENVIRONMENT.password_words)},
    },
]

# Signing in goes through django-allauth; nobody signs herself up, and names are not mail addresses.
ACCOUNT_ADAPTER = "config.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
# Tries at secrets are counted by ours, which is exact for any number of processes; these stand behind it.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "300/m/ip,20/15m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = 0 if DEMO or DEBUG else ENVIRONMENT.proxy_count
MFA_ADAPTER = "config.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "config.accounts.forms.CodeForm",
    "reauthenticate": "config.accounts.forms.CodeAgainForm",
    "login_webauthn": "config.accounts.passkeys.LoginForm",
    "authenticate_webauthn": "config.accounts.passkeys.SecondStepForm",
    "reauthenticate_webauthn": "config.accounts.passkeys.AgainForm",
    "add_webauthn": "config.accounts.passkeys.AddForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "preferred"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO or DEBUG
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Redress"
# The company's own sign-in (OpenID Connect), where there is one.
OIDC_URL = ENVIRONMENT.oidc_url
OIDC_NAME = ENVIRONMENT.oidc_name
OIDC_IS_SECOND_FACTOR = ENVIRONMENT.oidc_is_second_factor
# What its token says (`acr`, `amr`) of a sign-in that asked for two things.
OIDC_STRONG = frozenset(ENVIRONMENT.oidc_strong)
SOCIALACCOUNT_ADAPTER = "config.accounts.company.CompanyAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS = oidc_settings(ENVIRONMENT)
# Who decides about money, rules or people shows two things to come in. Nobody of the demo has a password.
SECOND_FACTOR_ROLES = "approvals.roles.DECIDING_ROLES"
SECOND_FACTOR_WANTED = not DEMO
# In a currency for which nobody set a step-up limit every approval asks for a fresh sign-in.
STEP_UP_WITHOUT_LIMIT = not DEMO
# How long it is kept who came in, from where, and who tried to.
SESSIONS_AT_ONCE = ENVIRONMENT.sessions_at_once
SIGN_IN_KEEP_DAYS = ENVIRONMENT.sign_in_keep_days
SIGN_IN_KEYS = list(ENVIRONMENT.sign_in_keys) or [SECRET_KEY, *SECRET_KEY_FALLBACKS]
