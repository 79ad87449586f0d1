"""The settings of a test run: the project's own, without the parts a test stands in for."""

from config.settings import *  # noqa: F403 - a settings module is all names
from config.settings import DATABASES as REAL_DATABASES
from config.settings import STORAGES as REAL_STORAGES
from config.settings import VAR_DIR

# A test that stops the database stops one of its own; the others need not wait for the disk.
DATABASES = {
    "default": REAL_DATABASES["default"]
    | {"OPTIONS": REAL_DATABASES["default"]["OPTIONS"] | {"options": "-c synchronous_commit=off"}}
}
OUTBOX_WAKES_WORKERS = False
# Tests that count queries count those of the page; the test of this limit sets it.
PAGES_PER_MINUTE = 0
BUNDLE_PATIENCE_SECONDS = 0.0
LIVE_HEARTBEAT_SECONDS = 0.3
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = VAR_DIR / "test-media"
STORAGES = REAL_STORAGES | {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": None, "file_permissions_mode": 0o600},
    },
    # Hashed names need a collected folder; tests read the sources.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# Each test that signs names a file of its own.
SIGNING_KEY_FILE = ""
SIGNING_KEY_IS_MADE = True
CHECKPOINT_EXPORT = ""
TIMESTAMP_URL = ""
TIMESTAMP_CA_FILE = None
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Nobody listens on the discard port: a portal that runs beside the tests must not answer them.
STRIPE_API_BASE = "http://127.0.0.1:9"
