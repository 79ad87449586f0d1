"""The settings of a test run with files as production serves them, and pages packed as the shipped proxies do."""

import os
from pathlib import Path

from tests.settings import *  # noqa: F403 - a settings module is all names
from tests.settings import MIDDLEWARE, STORAGES

STATIC_ROOT = Path(os.environ["BENCH_STATIC"])
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
WHITENOISE_USE_FINDERS = False
WHITENOISE_AUTOREFRESH = False
MIDDLEWARE = ["tests.benchmarks.packing.PackPages", *MIDDLEWARE]
