"""Django's settings, from the typed environment."""

from __future__ import annotations

import logging
from datetime import timedelta

import django_stubs_ext

from config import work
from config.deploy.connection import broker_settings, database_settings, mail_server
from config.environment import PROJECT, load
from config.logs import logging_by
from config.settings_browser import *  # noqa: F403 - Django reads one module; these are parts of it
from config.settings_language import *  # noqa: F403
from config.settings_sign_in import *  # noqa: F403
from config.settings_sign_in import SECRET_KEY, SECRET_KEY_FALLBACKS

# Lets classes such as ModelAdmin be subscripted at run time, as the type checker reads them.
django_stubs_ext.monkeypatch()

ENVIRONMENT = load()
BASE_DIR = PROJECT
VAR_DIR = ENVIRONMENT.var_dir
DEMO, DEBUG = ENVIRONMENT.demo, ENVIRONMENT.debug
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts) or ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = list(ENVIRONMENT.csrf_trusted_origins)
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "config.kernel.admin_apps.SetupConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "pghistory",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "config.kernel",
    "evidence",
    "approvals",
    "policies",
    "refunds",
    "analytics",
    *(["config.demo"] if DEMO else []),
    "guardian",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
    "django_filters",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "csp",
    "django_structlog",
]

MIDDLEWARE = [
    "config.front_gate.FrontGate",
    "django.middleware.security.SecurityMiddleware",
    "config.headers.Headers",
    "config.methods.Methods",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.kernel.sessions.SeenLately",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.languages.Speaks",
    "config.request_log.RequestLog",
    "config.pace_of_people.PaceOfPeople",
    "allauth.account.middleware.AccountMiddleware",
    "evidence.refused_actions.RefusedActions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.accounts.second_factor.SecondFactorWanted",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.frame",
                *(["config.demo.context.personas"] if DEMO else []),
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
            ],
            # Partials outside, the cache in the middle, cotton inside: the only order in which all three work.
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
        },
    }
]
COTTON_DIR = "components"

DATABASES = {"default": database_settings(ENVIRONMENT)}

# A code is good once, on whichever web process.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kernel_cache",
        # Django throws a third away beyond 300: a code that was used would be good again.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # What a process makes from its code alone, or has seen alone.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# Files: what ships with the code is public, what people upload is private and has no address.
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
PAGES_PER_MINUTE = ENVIRONMENT.pages_per_minute
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# The longest orders have over a thousand lines, and the intake form has three fields for each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_PERMISSIONS = 0o600

# Evidence: what may be uploaded, in files, pages, megabytes as they came, and millions of pixels
EVIDENCE_LIMITS = {
    "file_megabytes": ENVIRONMENT.evidence_file_megabytes,
    "file_megapixels": ENVIRONMENT.evidence_file_megapixels,
    "pdf_pages": ENVIRONMENT.evidence_pdf_pages,
    "files_per_subject": ENVIRONMENT.evidence_files_per_subject,
    "subject_megabytes": ENVIRONMENT.evidence_subject_megabytes,
    "team_day_files": ENVIRONMENT.evidence_team_day_files,
    "team_day_megabytes": ENVIRONMENT.evidence_team_day_megabytes,
    "person_day_files": ENVIRONMENT.evidence_person_day_files,
}
# What one person may upload of statements within 24 hours.
STATEMENT_DAY_FILES = ENVIRONMENT.statement_day_files
# The virus scanner, `host:port` or a path; empty, nothing is scanned. Addresses of files are good for some minutes.
CLAMD_ADDRESS = ENVIRONMENT.clamd_address
CLAMD_SECONDS = ENVIRONMENT.clamd_seconds
EVIDENCE_LINK_SECONDS = ENVIRONMENT.evidence_link_seconds

# Time
TIME_ZONE = "UTC"
USE_TZ = True

# The HTTP interface
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "config.kernel.bearer.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "config.kernel.pages.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "config.kernel.schema.ApiSchema",
    "DEFAULT_THROTTLE_CLASSES": ["config.kernel.bearer.SpeedOfToken"],
    "DEFAULT_THROTTLE_RATES": {"user": "1000/min"},
    "EXCEPTION_HANDLER": "config.kernel.problems.problem",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Redress",
    "DESCRIPTION": "Refund approvals: money leaves only when a policy, a person and a record agree.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.kernel.schema.allow_anything_once",
        "config.api_examples.add_examples",
    ],
    # A refund request knows two of the categories, a governed action all of them.
    "ENUM_NAME_OVERRIDES": {
        "ActionCategoryEnum": "approvals.vocabulary.Category",
        "MethodEnum": "refunds.vocabulary.Method",
        "NewRequestBodyCategoryEnum": "refunds.api.request_bodies.FILEABLE",
        "SampleMethodEnum": "analytics.sampling.vocabulary.Method",
    },
}
KNOX_TOKEN_MODEL = "kernel.ApiToken"  # noqa: S105 - the name of a model
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": timedelta(days=90),
    "TOKEN_MODEL": KNOX_TOKEN_MODEL,
}

DEPLOYMENT_CHECKS = ["config.deploy.ways.check_ways"]

# Background work
NEWS_SUBSCRIPTIONS = "config.subscriptions.SUBSCRIPTIONS"
NEWS_WITNESSES = "config.subscriptions.WITNESSES"

# Which roles exclude each other, which wait for a second person, and who writes down that roles or a password were
# given: above the kernel, so named here.
ROLE_CONFLICTS = "approvals.conflicts.sentences_of"
ROLES_GUARDED = "approvals.roles.GUARDED_ROLES"
ROLES_AWAITED = "approvals.services.granting.waits_for_role"
ROLES_WITHHELD = "approvals.services.granting.withhold_roles"
ROLES_RECORDED = "approvals.services.roles.record_roles"
CREDENTIAL_RECORDED = "approvals.services.roles.record_password"
TOKEN_RECORDED = "approvals.services.roles.record_token"  # noqa: S105 - the name of a function
MEANS_RECORDED = "approvals.services.roles.record_means"
LINKS_SENT = "config.accounts.links.send_links"
# Off under test, where the outbox is drained by hand.
OUTBOX_WAKES_WORKERS = True
CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = broker_settings(ENVIRONMENT)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Once more over a new connection, then no more: whoever waits for a page has saved it, and a sweep wakes the worker.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 15 * 60
CELERY_TASK_DEFAULT_QUEUE = work.DEFAULT_QUEUE
CELERY_TASK_QUEUES = work.QUEUES
CELERY_TASK_ROUTES = work.ROUTES
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
# Its queue names are longer than PGMQ allows; and nothing here is steered by hand.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
# Any number may be started: one rules, the others stand by.
CELERY_BEAT_SCHEDULER = "config.scheduler:StandingByScheduler"
CELERY_BEAT_SCHEDULE = work.SCHEDULE

# How long texts, letters and files are kept after a request has ended, by team, with the law that says so.
RETENTION = {team: rule.model_dump() for team, rule in ENVIRONMENT.retention_rules.items()}

# How long the API waits for the bundle of one request before it says where to ask for it.
BUNDLE_PATIENCE_SECONDS = 20.0

# The live stream: a quiet one says that it is still there, and so learns that nobody reads it any more.
LIVE_HEARTBEAT_SECONDS = 20.0

# Mail: the demo writes to made-up people, so what it writes is kept and shown, never sent.
MAIL_IS_KEPT = DEMO
MAIL_SERVER = mail_server(ENVIRONMENT)
EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.host, MAIL_SERVER.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.user, MAIL_SERVER.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_SERVER.starts_tls, MAIL_SERVER.is_tls
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from
# Where links in mail lead.
PORTAL_URL = ENVIRONMENT.portal_address

# Money out
STRIPE_API_KEY = ENVIRONMENT.stripe_api_key or "sk_test_sandbox"
STRIPE_API_BASE = ENVIRONMENT.gateway_address
STRIPE_WEBHOOK_SECRETS = list(ENVIRONMENT.stripe_webhook_secrets) or ["whsec_demo"]
SANDBOX = ENVIRONMENT.starts_sandbox
SANDBOX_PORT = ENVIRONMENT.sandbox_port
# Only what people approve waits; what the policy approves by itself leaves at once.
RECALL_SECONDS = ENVIRONMENT.recall_window_seconds

# The ledger's checkpoints. Whoever serves pages never opens the file of the key.
SIGNING_KEY_FILE = ENVIRONMENT.signing_key_path
SIGNING_KEY_IS_MADE = DEMO
LEDGER_ORIGIN = ENVIRONMENT.origin_of_ledger
CHECKPOINT_EXPORT = ENVIRONMENT.checkpoint_copies
TIMESTAMP_URL = ENVIRONMENT.timestamp_url
TIMESTAMP_CA_FILE = ENVIRONMENT.timestamp_ca_file

# Webhooks out. Secrets of endpoints are sealed with the first key and read with any; without keys, SECRET_KEY seals.
# From which account of ours bank transfers leave, by currency.
PAYOUT_ACCOUNTS = {currency: account.model_dump() for currency, account in ENVIRONMENT.accounts_by_currency.items()}
# In which days and months are cut in the books.
ORGANISATION_TIME_ZONE = ENVIRONMENT.organisation_time_zone
PAYEE_KEYS = list(ENVIRONMENT.payee_keys) or [SECRET_KEY, *SECRET_KEY_FALLBACKS]
WEBHOOK_KEYS = list(ENVIRONMENT.webhook_keys) or [SECRET_KEY, *SECRET_KEY_FALLBACKS]
# Every sealed column with its keys, for `manage.py reseal`.
SEALED_COLUMNS = ["config.accounts.sealed.COLUMNS", "refunds.sealed.COLUMNS"]
WEBHOOK_ALLOWED = list(ENVIRONMENT.webhooks_allowed_to)
WEBHOOK_PORTS = frozenset(ENVIRONMENT.webhook_ports)
WEBHOOK_ALLOWS_HTTP = DEMO or DEBUG
WEBHOOK_CA_FILE = ENVIRONMENT.webhook_ca_file
WEBHOOK_DISABLE_AFTER_DAYS = ENVIRONMENT.webhook_disable_after_days
WEBHOOK_KEEP_DAYS = ENVIRONMENT.webhook_keep_days

# A language model that may propose words to whoever decides; without an address nothing is asked.
MODEL_URL = ENVIRONMENT.model_url.rstrip("/")
MODEL_NAME = ENVIRONMENT.model_name
MODEL_KEY = ENVIRONMENT.model_key
MODEL_SECONDS = ENVIRONMENT.model_seconds
MODEL_DAY_CALLS = ENVIRONMENT.model_day_calls
MODEL_DAY_TOKENS = ENVIRONMENT.model_day_tokens
MODEL_ALLOWED = list(ENVIRONMENT.model_allowed)

# Logs: lines for people in the demo, JSON for machines elsewhere.
METRICS_TOKEN = ENVIRONMENT.metrics_token
# Every line of a request, and of the work it set off, carries its id; nobody's address, name or search is in one.
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOGGING = logging_by(level=ENVIRONMENT.log_level, is_for_people=DEMO or DEBUG)
