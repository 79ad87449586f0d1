"""The part of Django's settings that says in which languages pages speak."""

from __future__ import annotations

from django.conf.locale import LANG_INFO

from config.catalogues.compiling import compiled
from config.environment import load
from config.kernel.printing import PSEUDO
from config.language_names import LANGUAGE_INFO, offered
from config.settings_browser import IS_BEHIND_TLS

ENVIRONMENT = load()

USE_I18N = True
LANGUAGE_CODE = "en-gb"
# The one for trying pages out is for the demo alone.
LANGUAGES = offered(with_pseudo=ENVIRONMENT.demo)
LANGUAGES_BIDI = [PSEUDO]
LANG_INFO.update(LANGUAGE_INFO)
LOCALE_PATHS = [compiled(ENVIRONMENT.var_dir / "locale")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = IS_BEHIND_TLS
# What was done is said in the language of whoever did it.
MESSAGE_STORAGE = "config.kernel.spoken.ToldMessages"
